"""The identity: the output is the pre-activation itself."""

from typing import ClassVar, Literal

from engine.activations.base import ActivationFunction
from engine.arrays import Array


class Linear(ActivationFunction):
    """y = z.

    For outputs that are numbers, and for logits.
    """

    heading: ClassVar[str] = "Linear"
    identity: ClassVar[bool] = True
    kind: Literal["linear"] = "linear"

    def forward(self, z: Array, y: Array) -> None:
        if y is not z:
            y[...] = z

    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        dz[...] = dy
