"""Arrays and preparation of a run that an earlier version has saved, with the names of the present one."""

import math
import re
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from engine.errors import UserError, excerpt
from engine.files.archive import DAMAGED_HELP
from engine.network_assembly import Architecture
from engine.training.checkpoint import BEST, LAST, OPTIMIZER, TRAINED, holds, prefixed

NAMED_BY_LAYER = 3
"""The schema version from which on arrays carry the names of their layers."""

TEXTBOOK_NAMES = 3
"""The schema version from which on fields have the names that textbooks use."""

_PAIR = re.compile(r"\A(step|bend)_(?=\d+\Z)")
_LETTERS = {"step": "s", "bend": "y"}

_PREPARATION_FIELDS = {"deviation": "std", "fill": "missing_value"}
_PREPARATION_KINDS = {"classes": "multiclass", "code": "integer", "yes_no": "binary"}

Arrays = Mapping[str, NDArray[Any]]


def migrate_arrays(
    model: Arrays, arrays: Arrays, version: int, architecture: Architecture, where: str
) -> tuple[Arrays, Arrays]:
    """The model and the other arrays of a run that was saved by this version, named as in a `TrainerState`.

    They are views of what comes in. What is not right in it stays as it is, or raises UserError where it
    cannot be divided among the layers; the file is called `where` then.
    """
    if version >= NAMED_BY_LAYER:
        return model, arrays
    step = _FlatVectors(architecture, where)
    return step.model(model, arrays), step.others(arrays)


def migrate_preparation(values: Any, version: int) -> Any:
    """The JSON form of a preparation of this version with the present names; what is damaged stays so."""
    if version >= TEXTBOOK_NAMES or not isinstance(values, dict):
        return values
    values = {("inputs" if name == "inputs_fitted" else name): value for name, value in values.items()}
    if isinstance(values.get("inputs"), list):
        values["inputs"] = [_fitted(entry) for entry in values["inputs"]]
    if "target" in values:
        values["target"] = _fitted(values["target"])
    return values


def _fitted(values: Any) -> Any:
    """What was fitted on one column, with the present names."""
    if not isinstance(values, dict):
        return values
    found = {_PREPARATION_FIELDS.get(name, name): value for name, value in values.items()}
    if isinstance(kind := found.get("kind"), str):
        found["kind"] = _PREPARATION_KINDS.get(kind, kind)
    return found


class _FlatVectors:
    """Version 2 and before: one vector for all parameters, running statistics by the index of their layer.

    "parameters" becomes "Dense 1.weight" and so on, "optimizer/mean" becomes "optimizer/mean/Dense 1.weight",
    "best/parameters" becomes "best/Dense 1.weight", and "layer/2/mean" becomes "Batch normalization.mean".
    The pairs of L-BFGS get their letters: "optimizer/step_0" becomes "optimizer/s_0/Dense 1.weight".
    """

    def __init__(self, architecture: Architecture, where: str) -> None:
        self._where, self._shapes = where, architecture.parameter_shapes
        self._size = sum(math.prod(shape) for shape in self._shapes.values())
        stages = zip(architecture.layers, architecture.names, architecture.shapes, strict=False)
        self._statistics = {
            f"layer/{index}/{statistic}": f"{name}.{statistic}"
            for index, (layer, name, before) in enumerate(stages)
            for statistic in layer.statistics_shapes(before)
        }

    def model(self, model: Arrays, arrays: Arrays) -> Arrays:
        """Parameters, and the running statistics, which were saved among the other arrays."""
        found: dict[str, NDArray[Any]] = {}
        for name, array in model.items():
            if name == "parameters":
                found |= self._divided(name, array, "parameters.safetensors")
            else:
                found[name] = array
        return found | self._renamed("", arrays)

    def others(self, arrays: Arrays) -> Arrays:
        """All but the running statistics in use."""
        found: dict[str, NDArray[Any]] = {}
        for name, array in arrays.items():
            which, _, rest = name.partition("/")
            if which == OPTIMIZER:
                slot = _PAIR.sub(lambda pair: f"{_LETTERS[pair[1]]}_", rest)
                found |= prefixed(f"{which}/{slot}", self._divided(name, array, "state.safetensors"))
            elif rest == "parameters":
                found |= prefixed(which, self._divided(name, array, "state.safetensors"))
            elif not {name, rest} & self._statistics.keys():
                found[name] = array
        for which in (BEST, LAST, TRAINED):
            if holds(which, found):
                # Early files have running statistics only of the weights in use.
                statistics = self._renamed(f"{which}/", arrays) or self._renamed("", arrays)
                found |= prefixed(which, statistics)
        return found

    def _renamed(self, start: str, arrays: Arrays) -> dict[str, NDArray[Any]]:
        """The running statistics of some weights, as far as they are there."""
        return {new: arrays[start + old] for old, new in self._statistics.items() if start + old in arrays}

    def _divided(self, name: str, vector: NDArray[Any], part: str) -> dict[str, NDArray[Any]]:
        """Views of a vector, one for each parameter."""
        if vector.shape != (self._size,):
            raise UserError(
                f"{self._where}, {part}, {name}",
                expected=f"{self._size} numbers, one for each parameter of the network",
                got=excerpt(" × ".join(map(str, vector.shape)) or "1"),
                help=DAMAGED_HELP,
            )
        found, start = {}, 0
        for parameter, shape in self._shapes.items():
            stop = start + math.prod(shape)
            found[parameter] = vector[start:stop].reshape(shape)
            start = stop
        return found
