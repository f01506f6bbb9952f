"""Images moved up and down, left and right."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Shape
from engine.data.augmentation.geometric import Geometric, Maps, identity, outside_field
from engine.data.augmentation.warp import Outside
from engine.settings import hints


class Shift(Geometric):
    """Moves each image by up to a share of its size, y = x moved by (a H, b W) pixels.

    a from U(−height, height), b from U(−width, width); with whole pixels, a H and b W are rounded. Padding
    an image and cropping it at random is the same thing.
    Reference: Simard, Steinkraus & Platt 2003, Best practices for convolutional neural networks; He, Zhang,
    Ren & Sun 2016, Deep residual learning, pads by 4 pixels of 32.
    """

    heading: ClassVar[str] = "Shift"
    icon: ClassVar[str] = "arrows-out-cardinal"
    kind: Literal["shift"] = "shift"

    height: float = Field(
        0.1,
        ge=0,
        le=1,
        title="Up and down",
        description="Farthest way up or down, as a share of the image's height.",
        json_schema_extra=hints(live=True, slider=True),
    )
    width: float = Field(
        0.1,
        ge=0,
        le=1,
        title="Left and right",
        description="Farthest way to the left or right, as a share of the image's width.",
        json_schema_extra=hints(live=True, slider=True),
    )
    whole_pixels: bool = Field(
        True,
        title="Whole pixels",
        description="Move by whole pixels only, which keeps images sharp.",
        json_schema_extra=hints(live=True),
    )
    outside: Outside = outside_field()

    def maps(self, generator: np.random.Generator, rows: int, shape: Shape) -> Maps:
        farthest = np.array([self.height * shape[0], self.width * shape[1]])
        moves = generator.uniform(-1, 1, (rows, 2)) * farthest
        maps = identity(rows)
        # What is seen at a place lay before the move where the move came from.
        maps[:, :2, 2] = -(np.rint(moves) if self.whole_pixels else moves)
        return maps
