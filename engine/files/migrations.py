"""The arrays of a run that an earlier version has saved, brought to the names of the present one."""

import math
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from engine.errors import UserError, excerpt
from engine.files.archive import DAMAGED_HELP
from engine.network_assembly import Architecture
from engine.training.checkpoint import BEST, LAST, OPTIMIZER, TRAINED, holds, prefixed

NAMED_BY_LAYER = 3
"""The schema version from which on arrays carry the names of their layers."""

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


class _FlatVectors:
    """Version 2 and before: one vector for all parameters, running statistics by the index of their layer.

    "parameters" becomes "Dense 1.weight" and so on, "optimizer/mean" becomes "optimizer/mean/Dense 1.weight",
    "best/parameters" becomes "best/Dense 1.weight", and "layer/2/mean" becomes "Batch normalization.mean".
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
                found |= prefixed(name, self._divided(name, array, "state.safetensors"))
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
