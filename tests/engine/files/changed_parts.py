"""Ways to change one part of a .gradwright file, for tests of what is then said."""

from collections.abc import Callable

import numpy as np
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from tests.engine.files.archives import (
    columns,
    edit_json,
    npz,
    without,
)

Parts = dict[str, bytes]


def manifest(**changes) -> Callable[[Parts], Parts]:
    return lambda parts: parts | {"manifest.json": edit_json(parts["manifest.json"], **changes)}


def state(**changes) -> Callable[[Parts], Parts]:
    return manifest(**{f"state__{name}": value for name, value in changes.items()})


def lacking(part: str, place: str) -> Callable[[Parts], Parts]:
    return lambda parts: parts | {part: without(parts[part], place)}


def json_of(part: str, **changes) -> Callable[[Parts], Parts]:
    return lambda parts: parts | {part: edit_json(parts[part], **changes)}


def text_of(part: str, old: str, new: str) -> Callable[[Parts], Parts]:
    def change(parts: Parts) -> Parts:
        assert old.encode() in parts[part]
        return parts | {part: parts[part].replace(old.encode(), new.encode())}

    return change


def tensors(part: str, **changes: Callable[[np.ndarray], np.ndarray] | None) -> Callable[[Parts], Parts]:
    """Arrays by name (__ for /) changed by a function, or left out by None."""

    def change(parts: Parts) -> Parts:
        arrays = {name: array.copy() for name, array in load_tensors(parts[f"{part}.safetensors"]).items()}
        return parts | {f"{part}.safetensors": save_tensors(_changed(arrays, changes))}

    return change


def history(**changes: Callable[[np.ndarray], np.ndarray] | None) -> Callable[[Parts], Parts]:
    return lambda parts: parts | {"history.npz": npz(_changed(columns(parts["history.npz"]), changes))}


def _changed(arrays, changes):
    for key, function in changes.items():
        name = key.replace("__", "/")
        if function is None:
            del arrays[name]
        else:
            arrays[name] = function(arrays.get(name))
    return arrays


def with_value(value, index: int = 0) -> Callable[[np.ndarray], np.ndarray]:
    def change(array: np.ndarray) -> np.ndarray:
        array.flat[index] = value
        return array

    return change


def letters(array: np.ndarray) -> np.ndarray:
    return np.full(1, 0x7FFFFFFF, np.uint32).view("<U1")
