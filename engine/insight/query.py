"""Queries: what a panel wants to see of a run. Each is answered at a step boundary, and changes nothing."""

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from engine.training.trainer import Trainer

Result = TypeVar("Result", covariant=True)


class Query(ABC, Generic[Result]):
    """A question about a run. Subclasses are frozen dataclasses, so that equal questions are equal keys.

    `answer` is called between two steps, on the thread that trains. It must not change anything of the run
    (weights, gradients, buffers, random generators, history): forward passes write to arrays of their own.
    What it gives must not change later: copies, read-only where they are arrays.

    It may raise UserError or MemoryError: the panel that asked shows the sentence. Any other exception is a
    fault of the program. In either case the query is not tried again in that run.

    Attributes
    ----------
    constant : whether the answer follows from the query and the data alone, so that it is the same at each
        step of a run: it is then computed once.

    Example
    -------
    ::

        @dataclass(frozen=True)
        class BiasQuery(Query[Array]):
            layer: int

            def answer(self, trainer: Trainer) -> Array:
                return frozen(trainer.network.parameter_views[self.layer]["bias"])
    """

    constant: ClassVar[bool] = False

    @abstractmethod
    def answer(self, trainer: Trainer) -> Result:
        """What the run is like now."""
