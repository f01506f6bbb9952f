"""Initializers that keep the variance of signals from layer to layer: Glorot, He and LeCun."""

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
