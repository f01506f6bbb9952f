"""Augmentations that change values in place: brightness, erased patches and noise."""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from engine.arrays import Array, Targets
from engine.data.augmentation.base import (
    Augmentation,
    AugmentationWorkspace,
    SampleKind,
    Samples,
    random_sides,
)
from engine.errors import UserError
from engine.losses import Loss
from engine.settings import hints


class Brightness(Augmentation):
    """Makes each image lighter or darker, and its contrast stronger or weaker: y = m + c (x − m) + b R.

    m is the mean of the image's pixels and R the range of pixels in the training images; b from
    U(−brightness, brightness), c from U(1 − contrast, 1 + contrast). y is clipped to that range.
    Reference: Krizhevsky, Sutskever & Hinton 2012, ImageNet classification with deep convolutional neural
    networks, for illumination; Howard 2013, Some improvements on deep convolutional neural network based
    image classification, for brightness and contrast.
    """

    heading: ClassVar[str] = "Brightness"
    icon: ClassVar[str] = "sun"
    kinds: ClassVar[frozenset[SampleKind]] = frozenset({"image"})
    kind: Literal["brightness"] = "brightness"

    brightness: float = Field(
        0.2,
        ge=0,
        le=1,
        title="Brightness",
        description="Most that an image gets lighter or darker, as a share of the range from black to white.",
        json_schema_extra=hints(live=True, slider=True),
    )
    contrast: float = Field(
        0.2,
        ge=0,
        le=1,
        title="Contrast",
        description="Most that the contrast grows or shrinks, as a share of what it is.",
        json_schema_extra=hints(live=True, slider=True),
    )

    def apply(
        self,
        inputs: Array,
        targets: Targets,
        generator: np.random.Generator,
        workspace: AugmentationWorkspace,
    ) -> None:
        low, high = workspace.samples.lowest, workspace.samples.highest
        lighter, contrast = generator.uniform(-1, 1, (2, len(inputs)))
        contrast = 1 + self.contrast * contrast
        # As c x + ((1 − c) m + b R), where no change of light changes no bit.
        offset = (1 - contrast) * inputs.mean(axis=(1, 2, 3)) + self.brightness * lighter * (high - low)
        np.multiply(inputs, _each(contrast, inputs), inputs)
        np.add(inputs, _each(offset, inputs), inputs)
        np.clip(inputs, low, high, out=inputs)


def _each(values: Array, images: Array) -> Array:
    """One number an image, to be joined with all its pixels."""
    return values.astype(images.dtype)[:, None, None, None]


LARGEST_STRETCH = 3.3
"""Largest ratio of an erased part's sides against those of the image, about 1 / 0.3 as in the paper."""


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

    def apply(
        self,
        inputs: Array,
        targets: Targets,
        generator: np.random.Generator,
        workspace: AugmentationWorkspace,
    ) -> None:
        rows, height, width, _ = inputs.shape
        hit = np.less(generator.random(rows), self.probability)
        heights, widths = random_sides(generator, rows, self.smallest, self.largest, LARGEST_STRETCH)
        down = _intervals(heights, height, generator)
        across = _intervals(widths, width, generator)
        down &= hit[:, None]
        hidden = workspace.array("hidden", rows, (height, width, 1), np.dtype(bool))
        np.logical_and(down[:, :, None, None], across[:, None, :, None], hidden)
        np.copyto(inputs, self._filling(inputs, generator, workspace), where=hidden)

    def _filling(
        self, inputs: Array, generator: np.random.Generator, workspace: AugmentationWorkspace
    ) -> Array:
        samples = workspace.samples
        if self.fill == "background":
            return samples.background
        noise = workspace.array("filling", len(inputs), inputs.shape[1:], inputs.dtype)
        generator.random(out=noise, dtype=inputs.dtype)
        np.multiply(noise, samples.highest - samples.lowest, noise)
        np.add(noise, samples.lowest, noise)
        return noise


def _intervals(
    fractions: NDArray[np.float64], length: int, generator: np.random.Generator
) -> NDArray[np.bool_]:
    """For each fraction of a length, as many pixels in a random place: (rows, length), True inside."""
    sizes = np.clip(np.rint(fractions * length), 1, length)[:, None]
    starts = np.floor(generator.random((len(fractions), 1)) * (length - sizes + 1))
    pixels = np.arange(length)
    inside: NDArray[np.bool_] = (pixels >= starts) & (pixels < starts + sizes)
    return inside


class Noise(Augmentation):
    """Adds normal noise to number columns and to pixels, y = x + std · n, n from N(0, 1).

    In prepared units, so that standardized columns all get the same share of their own deviation. Yes or no,
    categories and codes stay as they are: there is nothing between them.
    Reference: Bishop 1995, Training with noise is equivalent to Tikhonov regularization.
    """

    heading: ClassVar[str] = "Noise"
    icon: ClassVar[str] = "dots-nine"
    kinds: ClassVar[frozenset[SampleKind]] = frozenset({"table", "image"})
    kind: Literal["noise"] = "noise"

    std: float = Field(
        0.1,
        ge=0,
        le=10,
        title="Standard deviation",
        description="Standard deviation of the noise; standardized columns have 1 themselves.",
        json_schema_extra=hints(live=True),
    )

    def check(self, samples: Samples, loss: Loss | None, where: str) -> None:
        super().check(samples, loss, where)
        if samples.kind == "table" and not len(samples.numbers):
            raise UserError(
                where,
                expected="number columns, which noise is for",
                got="only categories, codes and yes or no",
                help="Remove this augmentation, or use columns of numbers.",
            )

    def apply(
        self,
        inputs: Array,
        targets: Targets,
        generator: np.random.Generator,
        workspace: AugmentationWorkspace,
    ) -> None:
        rows, shape, numbers = len(inputs), inputs.shape[1:], workspace.samples.numbers
        all_numbers = workspace.samples.kind == "image" or len(numbers) == shape[0]
        noise = workspace.array("noise", rows, shape if all_numbers else numbers.shape, inputs.dtype)
        generator.standard_normal(dtype=inputs.dtype, out=noise)
        np.multiply(noise, self.std, noise)
        if all_numbers:
            np.add(inputs, noise, inputs)
        else:
            inputs[:, numbers] += noise
