"""Whether the parts of a saved run belong together: checked before any of it is used."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Shape
from engine.data import Preparation
from engine.errors import UserError, excerpt
from engine.experiment import Experiment
from engine.files.archive import DAMAGED_HELP
from engine.network import count_parameters
from engine.network_assembly import Architecture
from engine.training.checkpoint import BEST, LAST, OPTIMIZER, TRAINED, TrainerState, holds, prefixed
from engine.training.history import History
from engine.training.rng import Generators

GENERATOR_WORDS = 6
"""Four words of SFC64's state, the flag of its buffered half word, and that half word."""

MOST_SIDES = 8
"""Sides of an array that are written out."""

Arrays = Mapping[str, NDArray[Any]]
Layout = dict[str, tuple[Shape, np.dtype[Any]]]
"""Shape and type of each array by its name."""


class Checks:
    """What experiment and preparation ask of the arrays in a file called `name`.

    `architecture` : the network that they describe. Raises UserError where network and preparation do not fit
    together.
    """

    def __init__(self, experiment: Experiment, preparation: Preparation, name: str) -> None:
        self._name, self._experiment = name, experiment
        self._dtype = np.dtype(experiment.dtype)
        try:
            self.architecture = Architecture.of(experiment, preparation)
        except UserError as error:
            raise UserError(
                f"{name}, experiment.json, {error.where}",
                expected=error.expected,
                got=error.got,
                help=DAMAGED_HELP,
            ) from None
        self._parameters = self._layout(self.architecture.parameter_shapes)
        self._statistics = self._layout(self.architecture.statistics_shapes)
        stages = zip(self.architecture.layers, self.architecture.shapes, strict=False)
        trained = {
            index: self.architecture.names[index]
            for index, (layer, before) in enumerate(stages)
            if count_parameters(layer, before)
        }
        self._trained, self.task = trained, preparation.task

    def _layout(self, shapes: Mapping[str, Shape]) -> Layout:
        return {name: (shape, self._dtype) for name, shape in shapes.items()}

    def check_model(self, arrays: Arrays) -> None:
        """Raises UserError unless there is what the network needs and no more, and what is trained finite."""
        where = f"{self._name}, parameters.safetensors"
        self._check_layout(arrays, self._parameters | self._statistics, where)
        _check_finite(arrays, tuple(self._parameters), where)
        _check_numbers(arrays, tuple(self._statistics), where)

    def check_state(self, state: TrainerState) -> None:
        """Raises UserError unless optimizer and generators have the state that they need."""
        where = f"{self._name}, state.safetensors"
        words = ((GENERATOR_WORDS,), np.dtype(np.uint64))
        slots: Layout = {}
        for slot in self._experiment.training.optimizer.slots:
            slots |= prefixed(f"{OPTIMIZER}/{slot}", self._parameters)
        streams = (*Generators._fields, "epoch") if state.numbers["in_epoch"] else Generators._fields
        generators: Layout = {f"generator/{name}": words for name in streams}
        # The best and the last weights are there only where early stopping keeps the best ones.
        beside = [which for which in (BEST, LAST) if holds(which, state.arrays)]
        if self._experiment.training.weight_averaging is not None:
            beside.append(TRAINED)
        weights: Layout = {}
        statistics: Layout = {}
        for which in beside:
            weights |= prefixed(which, self._parameters)
            statistics |= prefixed(which, self._statistics)
        self._check_layout(state.arrays, slots | generators | weights | statistics, where)
        _check_finite(state.arrays, tuple(weights), where)
        _check_numbers(state.arrays, (*slots, *statistics), where)
        for name in generators:
            *_, flag, half = state.arrays[name].tolist()
            if flag > 1 or half >= 2**32:
                raise _unusable(where, name, "the state of a random generator", "other numbers")

    def check_schedule(self, memory: tuple[float, ...]) -> None:
        """Raises UserError unless the schedule can go on with what it is said to remember."""
        schedule = self._experiment.training.schedule
        try:
            fits = math.isfinite(schedule.reached(memory)) and len(schedule.observe(memory, 1.0)) >= len(
                memory
            )
        except (ValueError, IndexError):
            fits = False
        if not fits:
            raise UserError(
                f"{self._name}, manifest.json, state, schedule memory",
                expected=f"what the schedule “{schedule.heading.lower()}” remembers",
                got=f"{len(memory)} numbers",
                help=DAMAGED_HELP,
            )

    def check_history(self, arrays: Arrays, steps: int, epochs: int) -> None:
        """Raises UserError unless the record has all columns, a row per step and one per epoch.

        Metrics may be any: those that were recorded when the file was saved.
        """
        where = f"{self._name}, history.npz"
        number = np.dtype(np.float64)
        history = History(self._trained, History.metrics_in(arrays))
        layout: Layout = {f"steps/{column}": ((steps,), number) for column in history.steps.columns}
        layout |= {f"epochs/{column}": ((epochs,), number) for column in history.epochs.columns}
        texts = arrays.get("marks/text", np.empty(0))
        if texts.dtype.kind != "U" or texts.ndim != 1:
            raise _unusable(where, "marks/text", "a list of texts", _described(texts.shape, texts.dtype))
        marks = (len(texts),)
        layout |= {
            "marks/step": (marks, np.dtype(np.int64)),
            "marks/epoch": (marks, number),
            "marks/text": (marks, texts.dtype),
        }
        self._check_layout(arrays, layout, where)
        _check_finite(arrays, ("marks/epoch",), where)
        try:
            texts.tolist()
        except (ValueError, SystemError):
            raise _unusable(where, "marks/text", "texts", "codes of no letter") from None

    def _check_layout(self, arrays: Arrays, layout: Layout, where: str) -> None:
        for name, (shape, dtype) in layout.items():
            if name not in arrays:
                raise UserError(
                    where, expected=f"an array '{name}'{_meaning(name)}", got="none", help=DAMAGED_HELP
                )
            array = arrays[name]
            if array.shape != shape or array.dtype != dtype:
                expected = _described(shape, dtype)
                raise _unusable(where, name, expected, _described(array.shape, array.dtype))
        strangers = sorted(set(arrays) - set(layout))
        if strangers:
            raise UserError(
                where,
                expected="only arrays that belong to this network",
                got=f"'{excerpt(strangers[0])}'{self._strangeness(strangers[0])}",
                help=DAMAGED_HELP,
            )

    def _strangeness(self, name: str) -> str:
        """What is strange about an array of a parameter that the network does not have, as a clause."""
        layer, dot, parameter = name.rpartition("/")[2].partition(".")
        if not dot:
            return ""
        if layer in self.architecture.names:
            return f": {layer} has no “{excerpt(parameter)}”"
        return f": it has no layer {excerpt(layer)}"


def _meaning(name: str) -> str:
    """Which parameter of which layer an array is of, as a clause; empty where it is of none."""
    layer, dot, parameter = name.rpartition("/")[2].partition(".")
    return f", for “{parameter}” of {layer}" if dot else ""


def _check_numbers(arrays: Arrays, names: tuple[str, ...], where: str) -> None:
    for name in names:
        # A sum of squares may have become infinite and still be of use; NaN never is.
        if np.isnan(arrays[name]).any():
            raise _unusable(where, name, "numbers", "NaN")


def _check_finite(arrays: Arrays, names: tuple[str, ...], where: str) -> None:
    for name in names:
        if not np.isfinite(arrays[name]).all():
            raise _unusable(where, name, "finite numbers", "NaN or infinity")


def _described(shape: Shape, dtype: np.dtype[Any]) -> str:
    # From what it says of itself: a shape that is asked for may be beyond what an array can have.
    sides = " × ".join(map(excerpt, shape[:MOST_SIDES])) or "1"
    more = " × …" if len(shape) > MOST_SIDES else ""
    return f"{sides}{more} {'texts' if dtype.kind == 'U' else excerpt(dtype.name)}"


def _unusable(where: str, name: str, expected: str, got: str) -> UserError:
    return UserError(f"{where}, {name}", expected=expected, got=got, help=DAMAGED_HELP)
