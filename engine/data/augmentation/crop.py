"""Parts of images, brought back to the size of the whole."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Shape
from engine.data.augmentation.geometric import Geometric, Maps, identity
from engine.settings import hints


class Crop(Geometric):
    """Takes a random rectangle of each image and scales it to the size of the whole ("random resized crop").

    Its area is a share s from U(smallest, 1) of the image; ln r from U(−ln stretch, ln stretch) makes it
    higher or wider: height √(s r) H and width √(s / r) W, at most H and W. Its place is uniform, and it
    never reaches beyond the image. The other thing called random crop, padding and cropping to the same
    size, is `Shift`.
    Reference: Szegedy et al. 2015, Going deeper with convolutions.
    """

    heading: ClassVar[str] = "Crop"
    icon: ClassVar[str] = "crop"
    kind: Literal["crop"] = "crop"

    smallest: float = Field(
        0.7,
        ge=0.05,
        le=1,
        title="Smallest part",
        description="Least share of the image's area that is kept.",
        json_schema_extra=hints(live=True, slider=True),
    )
    stretch: float = Field(
        1.0,
        ge=1,
        le=3,
        title="Stretch",
        description="Most that height may grow against width, or width against height.",
        json_schema_extra=hints(live=True, unit="×"),
    )

    def maps(self, generator: np.random.Generator, rows: int, shape: Shape) -> Maps:
        area = generator.uniform(self.smallest, 1, rows)
        slant = np.exp(np.log(self.stretch) * generator.uniform(-1, 1, rows))
        scales = np.minimum(np.sqrt([area * slant, area / slant]).T, 1)
        # From the outermost pixel to the other: so far the centre may move without looking outside.
        room = (1 - scales) * (np.array(shape[:2]) - 1) / 2
        maps = identity(rows)
        maps[:, (0, 1), (0, 1)] = scales
        maps[:, :2, 2] = room * generator.uniform(-1, 1, (rows, 2))
        return maps
