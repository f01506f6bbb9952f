"""Two round clouds of points."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.data.sources.formula import Points, TwoClasses
from engine.settings import hints

CENTRE = 2.0


class Gaussians(TwoClasses):
    """A around (−2, −2) and B around (2, 2), normally distributed: a straight line does as well as anything.

    At the standard deviation 1 the best possible line is right for 99.8 % of the points.
    """

    heading: ClassVar[str] = "Two Gaussians"
    icon: ClassVar[str] = "circles-three"
    kind: Literal["gaussians"] = "gaussians"

    noise: float = Field(
        1.0,
        ge=0,
        le=2,
        title="Noise",
        description="Standard deviation of each cloud; the centres are 5.7 apart.",
        json_schema_extra=hints(slider=True),
    )

    def classes(self, generator: np.random.Generator) -> tuple[Points, Points]:
        a, b = self.halves()
        return np.full((a, 2), -CENTRE), np.full((b, 2), CENTRE)
