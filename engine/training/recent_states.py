"""Weights of the last steps of a run, to which it can be rewound after a number was not finite."""

import weakref
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.arrays import Array
from engine.training.parameter_edits import ParameterEdit
from engine.training.stopping import Event
from engine.training.trainer import Trainer

KEEP_EVERY = 20
"""Steps between two copies: copying takes a hundredth of what so many updates take."""
KEPT = 3
MOST_BYTES = 2**29
REWIND_STEPS = 20
"""A run goes back by at least so many steps, where it has them: the last ones have gone astray already."""


@dataclass(frozen=True, eq=False)
class RecentState:
    """Trained parameters after a step, as one vector."""

    step: int
    parameters: Array


_states: "weakref.WeakKeyDictionary[Trainer, deque[RecentState]]" = weakref.WeakKeyDictionary()


def keeping_states(trainer: Trainer) -> Iterator[Event]:
    """`trainer.run()`, with a copy of the parameters now and every 20 steps; the last three are kept.

    Of a network that is too large for that, none is.
    """
    if KEPT * trainer.weights.trained.parameters.nbytes > MOST_BYTES:
        yield from trainer.run()
        return
    kept = _states.setdefault(trainer, deque(maxlen=KEPT))
    _keep(trainer, kept)
    for event in trainer.run():
        if trainer.step >= kept[-1].step + KEEP_EVERY:
            _keep(trainer, kept)
        yield event


def _keep(trainer: Trainer, kept: deque[RecentState]) -> None:
    if kept and kept[-1].step == trainer.step:
        kept.pop()
    kept.append(RecentState(trainer.step, trainer.weights.trained.parameters.copy()))


def state_to_rewind_to(trainer: Trainer) -> RecentState | None:
    """The newest state that is at least 20 steps old; the oldest where none is; None where none is kept."""
    kept = _states.get(trainer, ())
    old = [state for state in kept if state.step <= trainer.step - REWIND_STEPS]
    return old[-1] if old else kept[0] if kept else None


def rewind_edits(trainer: Trainer) -> Sequence[ParameterEdit]:
    """The edits that set all parameters to what they were; none where no state is kept."""
    state = state_to_rewind_to(trainer)
    if state is None:
        return ()
    views = trainer.weights.trained.views(state.parameters)
    return [
        ParameterEdit(layer, name, values=array)
        for layer, arrays in enumerate(views)
        for name, array in arrays.items()
    ]
