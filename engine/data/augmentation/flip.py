"""Images in the mirror."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Shape
from engine.data.augmentation.geometric import Geometric, Maps, identity
from engine.settings import hints


class Flip(Geometric):
    """Mirrors each image with a certain probability: left and right change places, or top and bottom.

    For things that look the same in a mirror, such as most of what is photographed; not for writing.
    Reference: Krizhevsky, Sutskever & Hinton 2012, ImageNet classification with deep convolutional neural
    networks.
    """

    heading: ClassVar[str] = "Flip"
    icon: ClassVar[str] = "arrows-left-right"
    kind: Literal["flip"] = "flip"

    horizontal: float = Field(
        0.5,
        ge=0,
        le=1,
        title="Left and right",
        description="Probability that left and right change places.",
        json_schema_extra=hints(live=True, slider=True),
    )
    vertical: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Top and bottom",
        description="Probability that top and bottom change places.",
        json_schema_extra=hints(live=True, slider=True),
    )

    def maps(self, generator: np.random.Generator, rows: int, shape: Shape) -> Maps:
        maps = identity(rows)
        mirrored = generator.random((rows, 2)) < (self.vertical, self.horizontal)
        maps[:, (0, 1), (0, 1)] = np.where(mirrored, -1.0, 1.0)
        return maps
