"""Images with a part hidden."""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from engine.arrays import Array, Targets
from engine.data.augmentation.base import Augmentation, Bench
from engine.data.augmentation.samples import SampleKind
from engine.settings import hints


class Erase(Augmentation):
    """Hides a random rectangle of an image, with a certain probability ("random erasing").

    Its area is a share s from U(smallest, largest) of the image; ln r from U(−ln 3.3, ln 3.3) makes it
    higher or wider: height √(s r) H and width √(s / r) W, rounded, at least one pixel, at most H and W. Its
    place is uniform. It is filled with noise from U(least, greatest pixel of the training images), or with
    the background.
    Reference: Zhong, Zheng, Kang, Li & Yang 2020, Random erasing data augmentation.
    """

    heading: ClassVar[str] = "Erase"
    icon: ClassVar[str] = "eraser"
    kinds: ClassVar[frozenset[SampleKind]] = frozenset({"image"})
    kind: Literal["erase"] = "erase"

    SLANT: ClassVar[float] = 3.3
    """Largest ratio of the sides against those of the image, about 1 / 0.3 as in the paper."""

    probability: float = Field(
        0.5,
        ge=0,
        le=1,
        title="Probability",
        description="Share of the images that lose a part.",
        json_schema_extra=hints(live=True, slider=True),
    )
    smallest: float = Field(
        0.02,
        ge=0,
        le=1,
        title="Smallest part",
        description="Least share of the image's area that is hidden.",
        json_schema_extra=hints(live=True, slider=True),
    )
    largest: float = Field(
        0.2,
        ge=0,
        le=1,
        title="Largest part",
        description="Greatest share of the image's area that is hidden.",
        json_schema_extra=hints(live=True, slider=True),
    )
    fill: Literal["noise", "background"] = Field(
        "noise",
        title="Filled with",
        description="What stands in the place of the hidden part.",
        json_schema_extra=hints(live=True, choices={"noise": "Noise", "background": "Background"}),
    )

    @model_validator(mode="after")
    def _in_order(self) -> "Erase":
        if self.smallest > self.largest:
            raise ValueError("a smallest part that is not above the largest")
        return self

    def apply(self, inputs: Array, targets: Targets, generator: np.random.Generator, bench: Bench) -> None:
        rows, height, width, _ = inputs.shape
        hit = np.less(generator.random(rows), self.probability)
        area = generator.uniform(self.smallest, self.largest, rows)
        slant = np.exp(np.log(self.SLANT) * generator.uniform(-1, 1, rows))
        down = _stretches(np.sqrt(area * slant), height, generator)
        across = _stretches(np.sqrt(area / slant), width, generator)
        down &= hit[:, None]
        hidden = bench.array("hidden", rows, (height, width, 1), np.dtype(bool))
        np.logical_and(down[:, :, None, None], across[:, None, :, None], hidden)
        np.copyto(inputs, self._filling(inputs, generator, bench), where=hidden)

    def _filling(self, inputs: Array, generator: np.random.Generator, bench: Bench) -> Array:
        samples = bench.samples
        if self.fill == "background":
            return samples.background
        noise = bench.array("filling", len(inputs), inputs.shape[1:], inputs.dtype)
        generator.random(out=noise, dtype=inputs.dtype)
        np.multiply(noise, samples.highest - samples.lowest, noise)
        np.add(noise, samples.lowest, noise)
        return noise


def _stretches(shares: Array, length: int, generator: np.random.Generator) -> NDArray[np.bool_]:
    """For each share of a length, a stretch of pixels in a random place: (rows, length), True inside."""
    sizes = np.clip(np.rint(shares * length), 1, length)[:, None]
    starts = np.floor(generator.random((len(shares), 1)) * (length - sizes + 1))
    places = np.arange(length)
    inside: NDArray[np.bool_] = (places >= starts) & (places < starts + sizes)
    return inside
