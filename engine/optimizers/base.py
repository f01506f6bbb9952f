"""What every optimizer is: a rule that turns gradients into changes of the parameters, block by block."""

from abc import abstractmethod
from typing import ClassVar

from engine.arrays import Array
from engine.optimizers.fields import rate_field
from engine.settings import Settings


class Optimizer(Settings):
    """An update rule. The trainer owns the arrays and calls `update` for one cache-sized block at a time.

    A block is a slice of the flat vectors, so a rule must act element by element; the exception is a rule
    with `whole`. Fields that may change in mid-run carry the hint `live`; those that decide which slots
    there are cannot.
    """

    kind: str
    heading: ClassVar[str]
    whole: ClassVar[bool] = False
    """True where the rule needs whole vectors in one block, and gradients of all training examples."""

    learning_rate: float = rate_field(0.01)

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the state vectors that the rule keeps (moments, velocities), saved with a run.

        They start at zero. A class attribute does where they do not depend on the settings.
        """
        return ()

    @abstractmethod
    def update(
        self,
        gradient: Array,
        parameters: Array,
        slots: tuple[Array, ...],
        change: Array,
        scratch: Array,
        rate: float,
        step: int,
    ) -> None:
        """Write into `change` what is to be subtracted from the parameters.

        All arrays are one-dimensional blocks of one length. gradient and parameters are only read; slots
        are updated in place; scratch is free to use; rate is the learning rate after its schedule; step
        counts from 1.
        """

    def adopt(self, slots: tuple[Array, ...], earlier: "Optimizer") -> None:
        """Fit slots that were kept under `earlier` settings, of the same class, to these settings.

        To be called when a live field changes: rules keep their running means scaled by such fields, to
        save passes over memory. slots are whole vectors, rewritten in place.
        """
