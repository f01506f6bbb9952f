"""Augmentations that move pixels: crop, flip, rotate, shift and zoom."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.arrays import Array, Shape, Targets
from engine.data.augmentation.base import Augmentation, AugmentationWorkspace, SampleKind, random_sides
from engine.data.augmentation.warp import Outside
from engine.losses.base import real_rows
from engine.settings import hints

Maps = NDArray[np.float64]
"""(rows, 3, 3): a place (y, x, 1) in the new image, in pixels from its centre, times its map is the place in
the old one."""


def outside_field() -> Any:
    """What comes into sight from beyond the image."""
    return Field(
        "background",
        title="Outside",
        description="What comes into sight from beyond the image: the usual colour of the edges of the "
        "training images, or its own edge drawn out.",
        json_schema_extra=hints(live=True, choices={"background": "Background", "edge": "Edge drawn out"}),
    )


class Geometric(Augmentation):
    """An augmentation of images that is an affine map.

    Neighbours in the list are joined into one map, so that pixels are interpolated once and what one of
    them moved out of sight the next may bring back.
    """

    kinds: ClassVar[frozenset[SampleKind]] = frozenset({"image"})

    @property
    def looks_outside(self) -> Outside | None:
        """What it shows from beyond the image; None where it never looks there."""
        return getattr(self, "outside", None)

    @abstractmethod
    def maps(self, generator: np.random.Generator, rows: int, shape: Shape) -> Maps:
        """A map for each of the rows, drawn at random; shape (height, width, channels)."""

    def apply(
        self,
        inputs: Array,
        targets: Targets,
        generator: np.random.Generator,
        workspace: AugmentationWorkspace,
    ) -> None:
        warp_through((self,), inputs, targets, generator, workspace)


def warp_through(
    chain: Sequence[Geometric],
    inputs: Array,
    targets: Targets,
    generator: np.random.Generator,
    workspace: AugmentationWorkspace,
) -> None:
    """Resample images once, through the maps of several augmentations that follow one another.

    Where an image is to be reconstructed, it is the moved one: how far it was moved, nobody could know.
    """
    maps = chain[0].maps(generator, len(inputs), inputs.shape[1:])
    for following in chain[1:]:
        # From the new image back to the old one, the last one is met first.
        maps = maps @ following.maps(generator, len(inputs), inputs.shape[1:])
    outside: Outside = next((one.looks_outside for one in chain if one.looks_outside), "edge")
    workspace.warp.apply(inputs, maps, outside)
    if workspace.samples.reconstructed:
        workspace.warp.apply(real_rows(targets).reshape(inputs.shape), maps, outside)


def identity(rows: int) -> Maps:
    """Maps that change nothing, to be filled in."""
    maps = np.zeros((rows, 3, 3))
    maps[:, (0, 1, 2), (0, 1, 2)] = 1
    return maps


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
        sides = random_sides(generator, rows, self.smallest, 1, self.stretch)
        scales = np.minimum(np.stack(sides, axis=1), 1)
        # From the outermost pixel to the other: so far the centre may move without looking outside.
        room = (1 - scales) * (np.array(shape[:2]) - 1) / 2
        maps = identity(rows)
        maps[:, (0, 1), (0, 1)] = scales
        maps[:, :2, 2] = room * generator.uniform(-1, 1, (rows, 2))
        return maps


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
