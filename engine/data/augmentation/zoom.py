"""Images made larger or smaller."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Shape
from engine.data.augmentation.geometric import Geometric, Maps, identity, outside_field
from engine.data.augmentation.warp import Outside
from engine.settings import hints


class Zoom(Geometric):
    """Magnifies each image about its centre by a factor f from U(smallest, largest).

    The pixel at (y, x) from the centre is taken from (y / f, x / f), between pixels bilinear.
    Reference: Ciresan, Meier, Gambardella & Schmidhuber 2010, Deep, big, simple neural nets for handwritten
    digit recognition.
    """

    heading: ClassVar[str] = "Zoom"
    icon: ClassVar[str] = "magnifying-glass-plus"
    kind: Literal["zoom"] = "zoom"

    smallest: float = Field(
        0.9,
        ge=0.2,
        le=1,
        title="Smallest",
        description="Least factor: below 1 the image shrinks and its surroundings come into sight.",
        json_schema_extra=hints(live=True, slider=True, unit="×"),
    )
    largest: float = Field(
        1.1,
        ge=1,
        le=5,
        title="Largest",
        description="Greatest factor: above 1 the image grows and its edges fall out of sight.",
        json_schema_extra=hints(live=True, slider=True, unit="×"),
    )
    outside: Outside = outside_field()

    def maps(self, generator: np.random.Generator, rows: int, shape: Shape) -> Maps:
        maps = identity(rows)
        factors = generator.uniform(self.smallest, self.largest, rows)
        maps[:, (0, 1), (0, 1)] = 1 / factors[:, None]
        return maps
