"""Noise on numbers."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, Targets
from engine.data.augmentation.base import Augmentation, Bench
from engine.data.augmentation.samples import SampleKind, Samples
from engine.errors import UserError
from engine.losses import Loss
from engine.settings import hints


class Noise(Augmentation):
    """Adds normal noise to number columns and to pixels, y = x + deviation · n, n from N(0, 1).

    In prepared units, so that standardized columns all get the same share of their own deviation. Yes or no,
    categories and codes stay as they are: there is nothing between them.
    Reference: Bishop 1995, Training with noise is equivalent to Tikhonov regularization.
    """

    heading: ClassVar[str] = "Noise"
    icon: ClassVar[str] = "dots-nine"
    kinds: ClassVar[frozenset[SampleKind]] = frozenset({"table", "image"})
    kind: Literal["noise"] = "noise"

    deviation: float = Field(
        0.1,
        ge=0,
        le=10,
        title="Deviation",
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

    def apply(self, inputs: Array, targets: Targets, generator: np.random.Generator, bench: Bench) -> None:
        rows, shape, numbers = len(inputs), inputs.shape[1:], bench.samples.numbers
        all_numbers = bench.samples.kind == "image" or len(numbers) == shape[0]
        noise = bench.array("noise", rows, shape if all_numbers else numbers.shape, inputs.dtype)
        generator.standard_normal(dtype=inputs.dtype, out=noise)
        np.multiply(noise, self.deviation, noise)
        if all_numbers:
            np.add(inputs, noise, inputs)
        else:
            inputs[:, numbers] += noise
