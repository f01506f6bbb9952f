"""Images in another light."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, Targets
from engine.data.augmentation.base import Augmentation, Bench
from engine.data.augmentation.samples import SampleKind
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

    def apply(self, inputs: Array, targets: Targets, generator: np.random.Generator, bench: Bench) -> None:
        low, high = bench.samples.lowest, bench.samples.highest
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
