"""Xavier Glorot's scale: keeps the variance of signals and of gradients, for tanh and sigmoid."""

from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array
from engine.initializers.base import Initializer


class GlorotUniform(Initializer):
    """Uniform in ±√(6 / (fan_in + fan_out)).

    Reference: Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward networks.
    """

    heading: ClassVar[str] = "Xavier, uniform"
    kind: Literal["glorot_uniform"] = "glorot_uniform"

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        limit = np.sqrt(6 / (fan_in + fan_out))
        array[...] = generator.uniform(-limit, limit, array.shape)


class GlorotNormal(Initializer):
    """Normal around 0 with variance 2 / (fan_in + fan_out).

    Reference: Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward networks.
    """

    heading: ClassVar[str] = "Xavier, normal"
    kind: Literal["glorot_normal"] = "glorot_normal"

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        array[...] = generator.normal(0.0, np.sqrt(2 / (fan_in + fan_out)), array.shape)
