"""What every activation function is: a function of the pre-activation and, beside it, its derivative."""

from abc import abstractmethod
from typing import ClassVar

from engine.arrays import Array
from engine.settings import Settings


class ActivationFunction(Settings):
    """y = f(z), element by element (softmax: row by row).

    The derivative takes the *output* y wherever that suffices, so the pre-activation z need not be kept:
    those that do need z say `keeps_input = True`.
    """

    kind: str
    heading: ClassVar[str]
    keeps_input: ClassVar[bool] = False
    in_place: ClassVar[bool] = False
    """True where `backward` may write over dy: dz may be dy itself."""
    elementwise: ClassVar[bool] = True
    """False where a number's value depends on its neighbours in the row (softmax)."""
    rectifier: ClassVar[bool] = False
    """True for the ReLU family, whose weights want He's initial scale rather than Glorot's."""

    @abstractmethod
    def forward(self, z: Array, y: Array) -> None:
        """Write f(z) into y, (batch, ...). y may be z itself unless `keeps_input`."""

    @abstractmethod
    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        """Write dy · f'(z) into dz; z is only read where `keeps_input`.

        dz is no other of these arrays, but where `in_place` allows it to be dy.
        """
