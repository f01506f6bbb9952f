"""Checkpoints: the state of a run as arrays and plain numbers, from which it continues bit for bit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.errors import UserError
from engine.model import named_arrays
from engine.network_assembly import full_names
from engine.training.history import History, Mark
from engine.training.rng import generator_state, restore_generator
from engine.training.stopping import StopReason
from engine.training.trainer import Trainer

BEST, LAST, TRAINED = "best", "last", "trained"
"""Weights other than those in use: of the best epoch; the ones that they have replaced, where the best are in
use; and the trained ones, where an average is in use."""

OPTIMIZER = "optimizer"
"""What belongs to the optimizer's slots."""

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class TrainerState:
    """Copies of everything that changes while training.

    model : parameters and running statistics in use, by the names of `Model.state_dict`. arrays : optimizer
    slots, with an array for each parameter ("optimizer/mean/Dense 1.weight"), generators ("generator/…"), and
    where there are weights beside those in use, all that belongs to these ("best/Dense 1.weight", "last/…",
    "trained/…"). numbers : JSON values.
    """

    model: dict[str, Array]
    arrays: dict[str, NDArray[Any]]
    numbers: dict[str, Any]


def capture(trainer: Trainer) -> TrainerState:
    """A copy of a trainer's state, at a step boundary."""
    model = {name: array.copy() for name, array in trainer.model.state_dict().items()}
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
        "schedule_state": list(trainer.schedule_state),
        "optimizer_steps": trainer.updater.steps,
        "average_steps": weights.average.steps if weights.average is not None else 0,
        "best_loss": trainer.best.value if trainer.best.epoch else None,
        "best_epoch": trainer.best.epoch,
        "patience_epoch": trainer.best.patience_epoch,
        "warmup_epochs": trainer.warmup_epochs,
        "random_by_row": trainer.random_by_row,
        "stop_kind": trainer.stop_reason.kind if trainer.stop_reason else None,
        "stop_reason": trainer.stop_reason.sentence if trainer.stop_reason else None,
    }
    return TrainerState(model, arrays, numbers)


def restore(trainer: Trainer, state: TrainerState, where: str) -> None:
    """Put a fresh trainer of the same Experiment and data into a captured state.

    Raises UserError where the state belongs to another network; the trainer is then not to be used.
    """
    if not state.numbers["random_by_row"]:
        trainer.set_random_by_row(False)
    _make_room(trainer, state)
    model, live = trainer.model.state_dict(), _live_arrays(trainer)
    _check_shapes(model, state.model, where)
    _check_shapes(live | _generator_states(trainer), state.arrays, where)
    for arrays, found in ((model, state.model), (live, state.arrays)):
        for name, array in arrays.items():
            array[...] = found[name]
    _restore_generators(trainer, state)
    _restore_numbers(trainer, state)


def _check_shapes(
    expected: Mapping[str, NDArray[Any]], arrays: Mapping[str, NDArray[Any]], where: str
) -> None:
    for name, array in expected.items():
        found = arrays.get(name)
        if found is None or found.shape != array.shape:
            raise UserError(
                where,
                expected=f"the array '{name}' of shape {array.shape}",
                got="nothing" if found is None else f"shape {found.shape}",
                help="The file's parts do not belong together; use a backup.",
            )


def _live_arrays(trainer: Trainer) -> dict[str, NDArray[Any]]:
    """What a state has copies of beside the model and the generators, by its names in it."""
    network, weights = trainer.network, trainer.weights
    arrays: dict[str, NDArray[Any]] = {}
    for slot, vector in trainer.updater.slots.items():
        arrays |= prefixed(f"{OPTIMIZER}/{slot}", full_names(network.names, network.views(vector)))
    trained = weights.trained.state_vectors if weights.average is not None else None
    for which, learned in ((BEST, trainer.best.weights), (LAST, weights.displaced), (TRAINED, trained)):
        if learned is not None:
            arrays |= prefixed(which, named_arrays(network, learned))
    return arrays


def prefixed(start: str, things: Mapping[str, Thing]) -> dict[str, Thing]:
    """Arrays, or what is known of them, with what they belong to in front: "best/Dense 1.weight"."""
    return {f"{start}/{name}": thing for name, thing in things.items()}


def holds(which: str, names: Iterable[str]) -> bool:
    """Whether anything among the arrays of a state belongs to these weights ("best")."""
    return any(name.startswith(f"{which}/") for name in names)


def _generator_states(trainer: Trainer) -> dict[str, NDArray[np.uint64]]:
    return {f"generator/{name}": generator_state(each) for name, each in trainer.generators._asdict().items()}


def _make_room(trainer: Trainer, state: TrainerState) -> None:
    """Give a fresh trainer arrays for the weights beside those in use, where the state has some."""
    if holds(LAST, state.arrays):
        trainer.weights.displaced = trainer.network.state_vectors.copy()
    rule = trainer.experiment.training.early_stopping
    if rule is not None and rule.restore_best_weights and holds(BEST, state.arrays):
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
    trainer.schedule_state = tuple(numbers["schedule_state"])
    trainer.in_epoch = numbers["in_epoch"]
    trainer.updater.steps = numbers["optimizer_steps"]
    if trainer.weights.average is not None:
        trainer.weights.average.steps = numbers["average_steps"]
    _restore_best(trainer, state)
    if numbers["warmup_epochs"] not in (None, trainer.warmup_epochs):
        trainer.resume_warmup(numbers["warmup_epochs"])
    if numbers["stop_kind"] is not None:
        trainer.stop_reason = StopReason(numbers["stop_kind"], numbers["stop_reason"])


def _restore_best(trainer: Trainer, state: TrainerState) -> None:
    """The best epoch, if the state has all that belongs to it; early files may have only some of it."""
    numbers, rule, best = state.numbers, trainer.experiment.training.early_stopping, trainer.best
    since, keeps = numbers["patience_epoch"], rule is not None and rule.restore_best_weights
    if numbers["best_loss"] is None or (keeps and best.weights is None):
        best.begin(numbers["epoch"] if since is None else since)
        return
    best.value, best.epoch = numbers["best_loss"], numbers["best_epoch"]
    best.patience_epoch = best.epoch if since is None else since


def opened_history(history: History, arrays: Mapping[str, NDArray[Any]]) -> History:
    """An empty history for what a run records now and for what was recorded when it was saved."""
    saved = [name for name in History.metrics_in(arrays) if name not in history.metrics]
    return History(history.layer_names, (*history.metrics, *saved)) if saved else history


def restore_history(history: History, arrays: dict[str, NDArray[Any]], where: str) -> None:
    """Fill a fresh history; raises UserError where columns are missing or of unequal length.

    Metrics that were not recorded yet when the run was saved are NaN in the epochs up to then.
    """
    rows = arrays["epochs/epoch"].shape
    unknown = [f"epochs/{part}_{name}" for name in history.metrics for part in ("training", "validation")]
    arrays = {name: np.full(rows, np.nan) for name in unknown} | arrays
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
    history.reached = float(np.max(arrays["steps/epoch"], initial=0.0))
    marks = zip(arrays["marks/step"], arrays["marks/epoch"], arrays["marks/text"], strict=True)
    history.marks.extend(Mark(int(step), float(epoch), str(text)) for step, epoch, text in marks)
