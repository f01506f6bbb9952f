"""What every activation function is: a function of the pre-activation and, beside it, its derivative."""

import math
from abc import abstractmethod
from typing import Any, ClassVar

from engine.arrays import Array
from engine.settings import Settings, withdraw_overridden


class ActivationFunction(Settings):
    """y = f(z), element by element (softmax: row by row).

    The derivative takes the *output* y wherever that suffices, so that the pre-activation z need not be
    stored: functions that need z declare `keeps_input = True`.
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
    identity: ClassVar[bool] = False
    """True for y = z, which may be skipped. Not inherited by a class with methods of its own."""
    monotone: ClassVar[bool] = False
    """True where y never decreases in z, and `in_place`: then a maximum may be taken before the function.
    Not inherited by a class with methods of its own."""

    bounds: ClassVar[tuple[float, float]] = (-math.inf, math.inf)
    """Between which numbers every y lies, where that is known. Not inherited by a class with methods of its
    own."""

    flat_below_zero: ClassVar[bool] = False
    """True where y and its derivative are 0 for every z below 0: a unit that is never above may be dead. Not
    inherited by a class with methods of its own."""

    derivative: ClassVar[str] = ""
    """The derivative in plain characters, of the output {y}; "" where that is no short text. Not inherited by
    a class with methods of its own."""

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        withdraw_overridden(
            cls, ActivationFunction, ("identity", "monotone", "bounds", "flat_below_zero", "derivative")
        )

    @abstractmethod
    def forward(self, z: Array, y: Array) -> None:
        """Write f(z) into y, (batch, ...). y may be z itself unless `keeps_input`."""

    @abstractmethod
    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        """Write dy · f'(z) into dz; z is only read where `keeps_input`.

        dz is none of the other arrays, except that it may be dy where `in_place`.
        """
