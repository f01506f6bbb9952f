"""Two spiral arms around each other."""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.data.sources.formula import SIDE, Points, TwoClasses
from engine.settings import hints


class Spiral(TwoClasses):
    """Two arms that start at the middle, half a turn apart; the radius grows evenly with the angle."""

    heading: ClassVar[str] = "Spiral"
    icon: ClassVar[str] = "spinner"
    kind: Literal["spiral"] = "spiral"

    turns: float = Field(
        1.5,
        ge=0.25,
        le=5,
        title="Turns",
        description="How often each arm winds around the middle; more turns need a larger network.",
        json_schema_extra=hints(slider=True),
    )
    noise: float = Field(
        0.1,
        ge=0,
        le=2,
        title="Noise",
        description="Standard deviation of the random shift of each point; the points span about −6 to 6.",
        json_schema_extra=hints(slider=True),
    )

    def classes(self, generator: np.random.Generator) -> tuple[Points, Points]:
        a, b = self.halves()
        return self._arm(a, 0.0), self._arm(b, np.pi)

    def _arm(self, count: int, start: float) -> Points:
        # The first point stands a little off the middle, where the arms would meet.
        along: NDArray[np.float64] = np.linspace(0.06, 1.0, count)
        angle = start + 2 * np.pi * self.turns * along
        points: Points = SIDE * along[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
        return points
