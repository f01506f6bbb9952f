"""Initializers that do not depend on the layer's size: one value for all, random values of a chosen scale,
and orthogonal matrices.
"""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array
from engine.initializers.base import Initializer


class Zeros(Initializer):
    """Every value 0."""

    heading: ClassVar[str] = "Zeros"
    kind: Literal["zeros"] = "zeros"

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        array[...] = 0.0


class Constant(Initializer):
    """Every value the same."""

    heading: ClassVar[str] = "Constant"
    kind: Literal["constant"] = "constant"
    value: float = Field(0.1, ge=-1000, le=1000, title="Value", description="What every number starts at.")

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        array[...] = self.value


class Normal(Initializer):
    """Normal around 0 with a chosen standard deviation."""

    heading: ClassVar[str] = "Normal"
    kind: Literal["normal"] = "normal"
    std: float = Field(1.0, ge=0, le=100, title="σ", description="Standard deviation of the starting values.")

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        array[...] = generator.normal(0.0, self.std, array.shape)


class Uniform(Initializer):
    """Uniform between −limit and limit."""

    heading: ClassVar[str] = "Uniform"
    kind: Literal["uniform"] = "uniform"
    limit: float = Field(
        0.05, ge=0, le=100, title="Limit", description="Starting values lie between minus and plus this."
    )

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        array[...] = generator.uniform(-self.limit, self.limit, array.shape)


class Orthogonal(Initializer):
    """A random matrix with orthonormal columns, or rows where there are fewer of them, times a gain.

    All axes but the last count as rows. It comes from the QR decomposition of normal numbers; the signs of
    R's diagonal go to the columns of Q, without which some rotations would come more often than others.
    References: Saxe, McClelland & Ganguli 2014, Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks; Mezzadri 2007, How to generate random matrices from the classical compact groups.
    """

    heading: ClassVar[str] = "Orthogonal"
    kind: Literal["orthogonal"] = "orthogonal"

    gain: float = Field(
        1.0,
        ge=0,
        le=10,
        title="Gain",
        description="By how much the matrix lengthens every vector; 1 keeps its length.",
    )

    def fill(self, array: Array, fan_in: int, fan_out: int, generator: np.random.Generator) -> None:
        columns = array.shape[-1]
        drawn = generator.normal(size=(array.size // columns, columns))
        tall = drawn if len(drawn) >= columns else drawn.T
        q, r = np.linalg.qr(tall)
        q *= np.where(np.diagonal(r) < 0, -self.gain, self.gain)
        array[...] = (q if tall is drawn else q.T).reshape(array.shape)
