"""Kaiming He's scale: keeps the variance of signals through rectifiers, which drop half of it."""

from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array
from engine.initializers.base import Initializer


class HeUniform(Initializer):
    """Uniform in ±√(6 / fan_in).

    Reference: He, Zhang, Ren & Sun 2015, Delving deep into rectifiers.
    """

    heading: ClassVar[str] = "He, uniform"
    kind: Literal["he_uniform"] = "he_uniform"

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        limit = np.sqrt(6 / fan_in)
        array[...] = generator.uniform(-limit, limit, array.shape)


class HeNormal(Initializer):
    """Normal around 0 with variance 2 / fan_in.

    Reference: He, Zhang, Ren & Sun 2015, Delving deep into rectifiers.
    """

    heading: ClassVar[str] = "He, normal"
    kind: Literal["he_normal"] = "he_normal"

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        array[...] = generator.normal(0.0, np.sqrt(2 / fan_in), array.shape)
