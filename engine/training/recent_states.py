"""States of the last steps of a run, to which it can be rewound after a number was not finite."""

import weakref
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.experiment import Experiment
from engine.network import StateVectors
from engine.schedules import Memory
from engine.training.rng import generator_state, restore_generator
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
    """What decides how training goes on after a step.

    vectors : parameters and running statistics, those of the average, and the optimizer's slots, by name.
    order : the generator's state before the order of the epoch was drawn.
    displaced : the weights that the best ones have replaced, where a run had ended with these.
    """

    step: int
    experiment: Experiment
    vectors: dict[str, Array]
    generators: tuple[NDArray[np.uint64], ...]
    order: NDArray[np.uint64]
    in_epoch: bool
    position: int
    shuffled: bool
    loss_sum: float
    weight_sum: float
    schedule_state: Memory
    optimizer_steps: int
    average_steps: int
    displaced: StateVectors | None

    @classmethod
    def of(cls, trainer: Trainer, reused: "RecentState | None" = None) -> "RecentState":
        """A copy, between two steps; reused : one that nobody needs any more, whose arrays are taken."""
        live, batches, weights = _vectors(trainer), trainer.batches, trainer.weights
        copies = {} if reused is None else reused.vectors
        if copies.keys() == live.keys():
            # New memory would take longer than copying does.
            for name, vector in live.items():
                copies[name][...] = vector
        else:
            copies = {name: vector.copy() for name, vector in live.items()}
        return cls(
            trainer.step,
            trainer.experiment,
            copies,
            tuple(map(generator_state, trainer.generators)),
            batches.state(),
            trainer.in_epoch,
            batches.position,
            batches.shuffled,
            trainer.loss_sum,
            trainer.weight_sum,
            trainer.schedule_state,
            trainer.updater.steps,
            weights.average.steps if weights.average is not None else 0,
            weights.displaced.copy() if weights.displaced is not None else None,
        )

    def restore(self, trainer: Trainer) -> None:
        """Put a run back into this state; its record, its settings and the counts of steps and epochs stay.

        Where the settings are those of then, and no epoch's end lies between or the learning rate does not
        follow the epochs, training on takes the same steps again, bit for bit. The optimizer's slots are
        cleared where they belong to another rule.
        """
        weights, updater, batches = trainer.weights, trainer.updater, trainer.batches
        fits = self._fits_optimizer(trainer.experiment)
        for name, vector in _vectors(trainer).items():
            if name in self.vectors and (fits or not name.startswith(SLOT)):
                vector[...] = self.vectors[name]
        updater.steps = self.optimizer_steps
        if not fits:
            updater.reset()
        weights.displaced = self.displaced.copy() if self.displaced is not None else None
        if weights.average is not None:
            weights.average.steps = self.average_steps
            if MEAN not in self.vectors:
                weights.start_from(weights.trained.state_vectors.copy())
        if self.in_epoch:
            batches.restore(self.order, self.position, self.shuffled)
        for generator, state in zip(trainer.generators, self.generators, strict=True):
            restore_generator(generator, state)
        trainer.in_epoch, trainer.schedule_state = self.in_epoch, self.schedule_state
        trainer.loss_sum, trainer.weight_sum = self.loss_sum, self.weight_sum
        trainer.edits += 1
        if trainer.stepper is not None:
            # It was found of the weights before.
            trainer.stepper.convergence_reason = ""

    def _fits_optimizer(self, now: Experiment) -> bool:
        """Whether the slots are of use under these settings."""
        if self.experiment.training == now.training:
            return True
        before, rule = self.experiment.training.optimizer, now.training.optimizer
        same = type(before) is type(rule) and before.replace(learning_rate=rule.learning_rate) == rule
        # Those of a full batch belong to its loss and penalty, which other settings may change.
        return same and not rule.needs_full_batch


MEAN, SLOT = "mean parameters", "slot "


def _vectors(trainer: Trainer) -> dict[str, Array]:
    """The flat vectors that training changes, by name."""
    weights = trainer.weights
    trained = weights.trained.state_vectors
    found = {"parameters": trained.parameters, "statistics": trained.running_statistics}
    if weights.average is not None:
        mean = weights.in_use.state_vectors
        found |= {MEAN: mean.parameters, "mean statistics": mean.running_statistics}
    return found | {f"{SLOT}{name}": vector for name, vector in trainer.updater.slots.items()}


_states: "weakref.WeakKeyDictionary[Trainer, deque[RecentState]]" = weakref.WeakKeyDictionary()


def keeping_states(trainer: Trainer) -> Iterator[Event]:
    """`trainer.run()`, with a copy of its state now and every 20 steps; the last three are kept.

    Of a network that is too large for that, none is.
    """
    if KEPT * sum(vector.nbytes for vector in _vectors(trainer).values()) > MOST_BYTES:
        _states.pop(trainer, None)
        yield from trainer.run()
        return
    kept = _states.setdefault(trainer, deque())
    _keep(trainer, kept)
    for event in trainer.run():
        if not kept or trainer.step >= kept[-1].step + KEEP_EVERY:
            _keep(trainer, kept)
        yield event


def _keep(trainer: Trainer, kept: deque[RecentState]) -> None:
    reused = None
    if kept and kept[-1].step == trainer.step:
        reused = kept.pop()
    elif len(kept) == KEPT:
        reused = kept.popleft()
    kept.append(RecentState.of(trainer, reused))


def state_to_rewind_to(trainer: Trainer) -> RecentState | None:
    """The newest state that is at least 20 steps old; the oldest where none is; None where none is kept."""
    kept = _states.get(trainer, ())
    old = [state for state in kept if state.step <= trainer.step - REWIND_STEPS]
    return old[-1] if old else kept[0] if kept else None


def rewind(trainer: Trainer, text: str) -> RecentState | None:
    """Go back between two steps, with a mark in the history; None where no state is kept.

    Returns the state before, to which `put_back` returns. A run that has ended may go on.
    """
    state = state_to_rewind_to(trainer)
    if state is None:
        return None
    before = RecentState.of(trainer)
    put_back(trainer, state, text)
    trainer.stop_reason = None
    return before


def put_back(trainer: Trainer, state: RecentState, text: str) -> None:
    """Put a run into a state that it was in, with a mark in the history."""
    trainer.history.mark(trainer.step, trainer.position, text)
    state.restore(trainer)
    kept = _states.get(trainer)
    while kept and kept[-1].step > state.step:
        # The run no longer comes from there: it would be rewound to weights that have gone astray.
        kept.pop()
