"""Images turned about their centre."""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.arrays import Shape
from engine.data.augmentation.geometric import Geometric, Maps, identity, outside_field
from engine.data.augmentation.warp import Outside
from engine.settings import hints


class Rotate(Geometric):
    """Turns each image about its centre by an angle from U(−degrees, degrees).

    The pixel at (y, x) from the centre is taken from (y cos θ + x sin θ, x cos θ − y sin θ), between pixels
    bilinear; positive angles turn counterclockwise.
    Reference: Simard, Steinkraus & Platt 2003, Best practices for convolutional neural networks.
    """

    heading: ClassVar[str] = "Rotate"
    icon: ClassVar[str] = "arrow-clockwise"
    kind: Literal["rotate"] = "rotate"

    degrees: float = Field(
        10.0,
        ge=0,
        le=180,
        title="Angle",
        description="Largest turn to either side; beyond some 20 degrees digits begin to change meaning.",
        json_schema_extra=hints(live=True, slider=True, unit="°"),
    )
    outside: Outside = outside_field()

    def maps(self, generator: np.random.Generator, rows: int, shape: Shape) -> Maps:
        return rotations(np.radians(self.degrees) * generator.uniform(-1, 1, rows))


def rotations(radians: NDArray[np.float64]) -> Maps:
    """Maps that turn images counterclockwise by these angles (rows,)."""
    maps = identity(len(radians))
    maps[:, 0, 0] = maps[:, 1, 1] = np.cos(radians)
    maps[:, 0, 1] = np.sin(radians)
    maps[:, 1, 0] = -maps[:, 0, 1]
    return maps
