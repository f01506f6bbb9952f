"""Yann LeCun's scale: unit variance from unit-variance inputs."""

from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array
from engine.initializers.base import Initializer


class LeCunUniform(Initializer):
    """Uniform in ±√(3 / fan_in).

    Reference: LeCun, Bottou, Orr & Müller 1998, Efficient BackProp.
    """

    heading: ClassVar[str] = "LeCun, uniform"
    kind: Literal["lecun_uniform"] = "lecun_uniform"

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        limit = np.sqrt(3 / fan_in)
        array[...] = generator.uniform(-limit, limit, array.shape)


class LeCunNormal(Initializer):
    """Normal around 0 with variance 1 / fan_in.

    Reference: LeCun, Bottou, Orr & Müller 1998, Efficient BackProp.
    """

    heading: ClassVar[str] = "LeCun, normal"
    kind: Literal["lecun_normal"] = "lecun_normal"

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        array[...] = generator.normal(0.0, np.sqrt(1 / fan_in), array.shape)
