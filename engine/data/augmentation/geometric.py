"""Augmentations that move pixels: each sample is seen through an affine map of its own."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.arrays import Array, Shape, Targets
from engine.data.augmentation.base import Augmentation, Bench
from engine.data.augmentation.samples import SampleKind
from engine.data.augmentation.warp import Outside
from engine.losses.class_numbers import number_rows
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
        """A map for each of the rows, drawn anew; shape (height, width, channels)."""

    def apply(self, inputs: Array, targets: Targets, generator: np.random.Generator, bench: Bench) -> None:
        warp_through((self,), inputs, targets, generator, bench)


def warp_through(
    chain: Sequence[Geometric],
    inputs: Array,
    targets: Targets,
    generator: np.random.Generator,
    bench: Bench,
) -> None:
    """Resample images once, through the maps of several augmentations that follow one another.

    Where an image is to be reconstructed, it is the moved one: how far it was moved, nobody could know.
    """
    maps = chain[0].maps(generator, len(inputs), inputs.shape[1:])
    for following in chain[1:]:
        # From the new image back to the old one, the last one is met first.
        maps = maps @ following.maps(generator, len(inputs), inputs.shape[1:])
    outside: Outside = next((one.looks_outside for one in chain if one.looks_outside), "edge")
    bench.warp.apply(inputs, maps, outside)
    if bench.samples.reconstructed:
        bench.warp.apply(number_rows(targets).reshape(inputs.shape), maps, outside)


def identity(rows: int) -> Maps:
    """Maps that change nothing, to be filled in."""
    maps = np.zeros((rows, 3, 3))
    maps[:, (0, 1, 2), (0, 1, 2)] = 1
    return maps
