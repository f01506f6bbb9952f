"""Saved runs to be taken apart and put together again wrongly."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from engine.errors import UserError
from engine.files.run_file import load, resume, save, saved_run
from tests.engine.training.runs import dataset, dense, experiment, take, trainer

SETTINGS = experiment(
    [dense(5), {"kind": "dropout", "rate": 0.2}, dense(4)],
    optimizer={"kind": "adam", "learning_rate": 0.01},
    early_stopping={"patience": 50},
)


def write_run(path: Path, steps: int = 15) -> Path:
    """A run that has been saved in the middle of its third epoch, with a mark."""
    run = take(trainer(SETTINGS), steps)
    run.history.mark(run.step, run.position, "learning rate 0.1 → 0.01")
    save(path, saved_run(run))
    return path


def open_and_resume(path: Path):
    """All that opening a file does, up to a trainer that could go on."""
    run = load(path)
    return resume(run, dataset(run.experiment.data, run.experiment.dtype), path.name)


def refused(path: Path) -> str:
    """What is said of a file that cannot be opened: a sentence that names it, and what to do."""
    with pytest.raises(UserError) as caught:
        open_and_resume(path)
    sentence = str(caught.value)
    assert path.name in sentence
    assert caught.value.help
    assert "\n" not in sentence
    return sentence


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_parts(path: Path, parts: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def edit_json(data: bytes, **changes) -> bytes:
    """Values by their place: state__step=3 sets ["state"]["step"]."""
    values = json.loads(data)
    for place, value in changes.items():
        *groups, last = place.split("__")
        inner = values
        for group in groups:
            inner = inner[group]
        inner[last] = value
    return json.dumps(values).encode()


def without(data: bytes, place: str) -> bytes:
    """JSON lacking the value at "state__step"."""
    values = json.loads(data)
    *groups, last = place.split("__")
    inner = values
    for group in groups:
        inner = inner[group]
    del inner[last]
    return json.dumps(values).encode()


def npz(arrays: dict[str, np.ndarray], pickled: bool = False) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=pickled, **arrays)
    return stream.getvalue()


def columns(data: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(data)) as loaded:
        return {name: loaded[name] for name in loaded.files}
