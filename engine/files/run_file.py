"""The .gradwright file: an Experiment, and where training has begun, the whole state of the run."""

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from numpy.typing import NDArray

import engine
from engine.data import Dataset, Preparation
from engine.errors import UserError
from engine.experiment import SCHEMA_VERSION, Experiment, from_json, migrate
from engine.files.archive import (
    damaged,
    pack_columns,
    pack_json,
    pack_tensors,
    read_parts,
    unpack_columns,
    unpack_json,
    unpack_tensors,
)
from engine.files.atomic import write_atomically
from engine.settings import read
from engine.training.state import TrainerState, capture, history_arrays, restore, restore_history
from engine.training.trainer import Trainer

SUFFIX = ".gradwright"


@dataclass(frozen=True)
class SavedRun:
    """What a .gradwright file holds. Without training so far, everything but the experiment is None."""

    experiment: Experiment
    state: TrainerState | None = None
    preparation: Preparation | None = None
    history: dict[str, NDArray[Any]] = field(default_factory=dict)
    fingerprint: str = ""
    """Of the table that was trained on."""


def saved_run(trainer: Trainer) -> SavedRun:
    """Copies of all that is to be saved, made at a step boundary; writing them can then take its time."""
    return SavedRun(
        trainer.experiment,
        capture(trainer),
        trainer.dataset.preparation,
        history_arrays(trainer.history),
        trainer.dataset.fingerprint,
    )


def save(path: Path, run: SavedRun) -> None:
    """Write the file in one piece or not at all; raises UserError where that cannot be."""
    parts = {"experiment.json": run.experiment.to_json().encode()}
    manifest: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "program": "Gradwright",
        "program_version": engine.__version__,
        "fingerprint": run.fingerprint,
    }
    if run.state is not None and run.preparation is not None:
        manifest["state"] = run.state.numbers
        parts["parameters.safetensors"] = pack_tensors({"parameters": run.state.parameters})
        parts["state.safetensors"] = pack_tensors(run.state.arrays)
        parts["history.npz"] = pack_columns(run.history)
        parts["preparation.json"] = run.preparation.model_dump_json(indent=2).encode()
    parts["manifest.json"] = pack_json(manifest)

    def write(stream: IO[bytes]) -> None:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in parts.items():
                # Weights hardly shrink; storing them keeps saving fast.
                stored = zipfile.ZIP_STORED if name.endswith((".safetensors", ".npz")) else None
                archive.writestr(name, data, stored)

    write_atomically(path, write)


def load(path: Path) -> SavedRun:
    """Read a file back; raises UserError that says what is wrong with which part."""
    parts = read_parts(path)
    for name in ("manifest.json", "experiment.json"):
        if name not in parts:
            raise UserError(
                path.name,
                expected=f"a part '{name}'",
                got="an archive without it",
                help="The file was not made by Gradwright.",
            )
    where = f"{path.name}, manifest.json"
    manifest = unpack_json(parts["manifest.json"], where)
    if not isinstance(manifest, dict):
        raise damaged(where, "a group of fields")
    migrate(manifest, where)
    experiment = _experiment(parts["experiment.json"], f"{path.name}, experiment.json")
    if "state" not in manifest:
        return SavedRun(experiment)
    for name in ("parameters.safetensors", "state.safetensors", "history.npz", "preparation.json"):
        if name not in parts:
            raise UserError(
                path.name,
                expected=f"a part '{name}'",
                got="an archive without it",
                help="The file is damaged; use a backup.",
            )
    return SavedRun(
        experiment,
        _state(path.name, parts, manifest["state"]),
        _preparation(parts["preparation.json"], f"{path.name}, preparation.json"),
        unpack_columns(parts["history.npz"], f"{path.name}, history.npz"),
        str(manifest.get("fingerprint", "")),
    )


def resume(run: SavedRun, dataset: Dataset, where: str) -> Trainer:
    """A trainer that goes on exactly where the saved run was.

    Raises UserError where the data is not what the run was trained on.
    """
    trainer = Trainer(run.experiment, dataset)
    if run.state is None:
        return trainer
    if run.fingerprint != dataset.fingerprint:
        raise UserError(
            f"{where}, data",
            expected="the data that the run was trained on",
            got="other data at the same place",
            help="Bring the old data back, or reset and train anew on the data as it is now.",
        )
    restore(trainer, run.state, where)
    restore_history(trainer.history, run.history, where)
    return trainer


def _experiment(data: bytes, where: str) -> Experiment:
    try:
        return from_json(data.decode(), where)
    except UnicodeDecodeError:
        raise damaged(where, "text in JSON") from None


def _preparation(data: bytes, where: str) -> Preparation:
    return read(Preparation, unpack_json(data, where), where)


def _state(name: str, parts: dict[str, bytes], numbers: Any) -> TrainerState:
    where = f"{name}, parameters.safetensors"
    tensors = unpack_tensors(parts["parameters.safetensors"], where)
    if set(tensors) != {"parameters"}:
        raise damaged(where, "one array named 'parameters'")
    arrays = unpack_tensors(parts["state.safetensors"], f"{name}, state.safetensors")
    return TrainerState(tensors["parameters"], arrays, _numbers(numbers, f"{name}, manifest.json"))


def _numbers(numbers: Any, where: str) -> dict[str, Any]:
    """The plain numbers of a state, each of the type it must have."""
    kinds: dict[str, tuple[type, ...]] = {
        "step": (int,),
        "epoch": (int,),
        "seconds": (int, float),
        "in_epoch": (bool,),
        "position": (int,),
        "shuffled": (bool,),
        "loss_sum": (int, float),
        "optimizer_steps": (int,),
        "best_loss": (int, float, type(None)),
        "best_epoch": (int,),
        "stop_kind": (str, type(None)),
        "stop_sentence": (str, type(None)),
    }
    if not isinstance(numbers, dict):
        raise damaged(where, "the numbers of a run")
    for key, allowed in kinds.items():
        if key not in numbers or not isinstance(numbers[key], allowed):
            raise UserError(
                where,
                expected=f"a value for '{key}'",
                got=str(numbers.get(key, "nothing")),
                help="The file is damaged; use a backup.",
            )
    return numbers
