"""Checkpoints: the state of a run as arrays and plain numbers, from which it continues bit for bit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.errors import UserError
from engine.training.history import History, Mark
from engine.training.rng import generator_state, restore_generator
from engine.training.stopping import StopReason
from engine.training.trainer import Trainer

BEST, LAST, TRAINED = "best", "last", "trained"
"""Weights other than those in use: of the best epoch; the ones that they have replaced, where the best are in
use; and the trained ones, where an average is in use."""


@dataclass(frozen=True)
class TrainerState:
    """Copies of everything that changes while training.

    parameters : the flat vector in use.
    arrays : optimizer slots ("optimizer/…"), generators ("generator/…"), running statistics ("layer/2/mean"),
        and other weights with their running statistics ("best/parameters", "best/layer/2/mean", "last/…",
        "trained/…").
    numbers : JSON values.
    """

    parameters: Array
    arrays: dict[str, NDArray[Any]]
    numbers: dict[str, Any]


def capture(trainer: Trainer) -> TrainerState:
    """A copy of a trainer's state, between two steps."""
    arrays = {name: array.copy() for name, array in _live_arrays(trainer).items()}
    arrays |= _generator_states(trainer)
    if trainer.in_epoch:
        # The order of the current epoch is drawn again from this; between two epochs there is none.
        arrays["generator/epoch"] = trainer.batches.state().copy()
    weights = trainer.weights
    numbers = {
        "step": trainer.step,
        "epoch": trainer.epoch,
        "seconds": trainer.seconds,
        "in_epoch": trainer.in_epoch,
        "position": trainer.batches.position if trainer.in_epoch else 0,
        "shuffled": trainer.in_epoch and trainer.batches.shuffled,
        "loss_sum": trainer.loss_sum,
        "weight_sum": trainer.weight_sum,
        "schedule_memory": list(trainer.schedule_memory),
        "optimizer_steps": trainer.updater.steps,
        "average_steps": weights.average.steps if weights.average is not None else 0,
        "best_loss": trainer.best.loss if trainer.best.epoch else None,
        "best_epoch": trainer.best.epoch,
        "waiting_since": trainer.best.waiting_since,
        "warmup_epochs": trainer.warmup_epochs,
        "divides_by_row": trainer.divides_by_row,
        "stop_kind": trainer.stop_reason.kind if trainer.stop_reason else None,
        "stop_sentence": trainer.stop_reason.sentence if trainer.stop_reason else None,
    }
    return TrainerState(trainer.network.parameters.copy(), arrays, numbers)


def restore(trainer: Trainer, state: TrainerState, where: str) -> None:
    """Put a fresh trainer of the same Experiment and data into a captured state.

    Raises UserError where the state belongs to another network; the trainer is then not to be used.
    """
    expected = trainer.network.parameters
    if state.parameters.shape != expected.shape:
        raise UserError(
            where,
            expected=f"{expected.size} parameters, as the network has",
            got=str(state.parameters.size),
            help="The file's parts do not belong together; use a backup.",
        )
    if not state.numbers["divides_by_row"]:
        trainer.divide(by_row=False)
    _allocate_other_weights(trainer, state)
    live, generators = _live_arrays(trainer), _generator_states(trainer)
    for name, array in (live | generators).items():
        found = _stored(state, name)
        if found is None or found.shape != array.shape:
            raise UserError(
                where,
                expected=f"the array '{name}' of shape {array.shape}",
                got="nothing" if found is None else f"shape {found.shape}",
                help="The file is damaged; use a backup.",
            )
        if name in live:
            array[...] = found
    expected[...] = state.parameters
    _restore_generators(trainer, state)
    _restore_numbers(trainer, state)


def _live_arrays(trainer: Trainer) -> dict[str, NDArray[Any]]:
    """The arrays that a state copies, by name; without the parameters in use and the generators."""
    network, weights = trainer.network, trainer.weights
    arrays: dict[str, NDArray[Any]] = {
        f"optimizer/{name}": vector for name, vector in trainer.updater.slots.items()
    }
    arrays |= _by_name(network.statistics_views)
    trained = weights.trained.state_vectors if weights.average is not None else None
    for which, learned in ((BEST, trainer.best.weights), (LAST, weights.displaced), (TRAINED, trained)):
        if learned is not None:
            arrays[f"{which}/parameters"] = learned.parameters
            statistics = _by_name(network.views_of_statistics(learned.running_statistics))
            arrays |= {f"{which}/{name}": array for name, array in statistics.items()}
    return arrays


def _by_name(statistics: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    """Running statistics by their names in a state: "layer/2/mean"."""
    return {
        f"layer/{index}/{name}": array
        for index, named in enumerate(statistics)
        for name, array in named.items()
    }


def _generator_states(trainer: Trainer) -> dict[str, NDArray[np.uint64]]:
    return {f"generator/{name}": generator_state(each) for name, each in trainer.generators._asdict().items()}


def _stored(state: TrainerState, name: str) -> NDArray[Any] | None:
    """An array of a state. In early files all weights share the running statistics of those in use."""
    _, beside, rest = name.partition("/layer/")
    return state.arrays.get(name, state.arrays.get(f"layer/{rest}") if beside else None)


def _allocate_other_weights(trainer: Trainer, state: TrainerState) -> None:
    """Allocate in a fresh trainer the weights other than those in use that the state has."""
    if f"{LAST}/parameters" in state.arrays:
        trainer.weights.displaced = trainer.network.state_vectors.copy()
    rule = trainer.experiment.training.early_stopping
    if rule is not None and rule.keep_best and f"{BEST}/parameters" in state.arrays:
        trainer.best.weights = trainer.network.state_vectors.copy()


def _restore_generators(trainer: Trainer, state: TrainerState) -> None:
    arrays, numbers = state.arrays, state.numbers
    if numbers["in_epoch"]:
        trainer.batches.restore(arrays["generator/epoch"], numbers["position"], numbers["shuffled"])
    for name, generator in trainer.generators._asdict().items():
        restore_generator(generator, arrays[f"generator/{name}"])


def _restore_numbers(trainer: Trainer, state: TrainerState) -> None:
    numbers = state.numbers
    trainer.step, trainer.epoch = numbers["step"], numbers["epoch"]
    trainer.seconds, trainer.loss_sum = numbers["seconds"], numbers["loss_sum"]
    trainer.weight_sum = numbers["weight_sum"]
    trainer.schedule_memory = tuple(numbers["schedule_memory"])
    trainer.in_epoch = numbers["in_epoch"]
    trainer.updater.steps = numbers["optimizer_steps"]
    if trainer.weights.average is not None:
        trainer.weights.average.steps = numbers["average_steps"]
    _restore_best(trainer, state)
    if numbers["warmup_epochs"] not in (None, trainer.warmup_epochs):
        trainer.resume_warmup(numbers["warmup_epochs"])
    if numbers["stop_kind"] is not None:
        trainer.stop_reason = StopReason(numbers["stop_kind"], numbers["stop_sentence"])


def _restore_best(trainer: Trainer, state: TrainerState) -> None:
    """The best epoch, if the state has all that belongs to it; early files may have only some of it."""
    numbers, rule, best = state.numbers, trainer.experiment.training.early_stopping, trainer.best
    since, keeps = numbers["waiting_since"], rule is not None and rule.keep_best
    if numbers["best_loss"] is None or (keeps and best.weights is None):
        best.begin(numbers["epoch"] if since is None else since)
        return
    best.loss, best.epoch = numbers["best_loss"], numbers["best_epoch"]
    best.waiting_since = best.epoch if since is None else since


def restore_history(history: History, arrays: dict[str, NDArray[Any]], where: str) -> None:
    """Fill a fresh history; raises UserError where columns are missing or of unequal length."""
    for part, record in (("steps", history.steps), ("epochs", history.epochs)):
        names = [f"{part}/{column}" for column in record.columns]
        missing = [name for name in names if name not in arrays or arrays[name].ndim != 1]
        lengths = {len(arrays[name]) for name in names if name not in missing}
        if missing or len(lengths) > 1:
            raise UserError(
                where,
                expected=f"columns of equal length for {', '.join(record.columns)}",
                got=f"no {missing[0]}" if missing else f"lengths {sorted(lengths)}",
                help="The file is damaged; use a backup.",
            )
        record.extend([arrays[name] for name in names])
    marks = zip(arrays["marks/step"], arrays["marks/epoch"], arrays["marks/text"], strict=True)
    history.marks.extend(Mark(int(step), float(epoch), str(text)) for step, epoch, text in marks)
