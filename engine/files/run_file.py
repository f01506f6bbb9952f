"""The .gradwright file: an Experiment, and where training has begun, the whole state of the run."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from numpy.typing import NDArray

from engine.data import Dataset, Preparation
from engine.data.sources.base import FileSource
from engine.data.sources.two_dimensional import Formula
from engine.errors import UserError
from engine.experiment import Experiment, from_json
from engine.files.archive import (
    DAMAGED_HELP,
    damaged,
    pack_columns,
    pack_json,
    pack_tensors,
    read_archive,
    unpack_columns,
    unpack_json,
    unpack_tensors,
)
from engine.files.atomic import FileState, write_atomically
from engine.files.manifest import MANIFEST, Manifest, RunNumbers, SplitDigest, migrate_history, read_manifest
from engine.files.migrations import migrate_arrays, migrate_preparation
from engine.files.validation import Checks
from engine.progress import Progress
from engine.settings import read
from engine.training.checkpoint import TrainerState, capture, opened_history, restore, restore_history
from engine.training.history import HistoryRows
from engine.training.trainer import Trainer

SUFFIX = ".gradwright"

PARTS_OF_AN_EXPERIMENT = (MANIFEST, "experiment.json")
PARTS_OF_A_RUN = ("parameters.safetensors", "state.safetensors", "history.npz", "preparation.json")


@dataclass(frozen=True)
class SavedRun:
    """What a .gradwright file holds. Without training so far, everything but the experiment is None."""

    experiment: Experiment
    state: TrainerState | None = None
    preparation: Preparation | None = None
    history: dict[str, NDArray[Any]] = field(default_factory=dict)
    fingerprint: str = ""
    """Of the table that was trained on."""
    split: SplitDigest | None = None
    """Which of its rows went to training, validation and test."""


def saved_run(trainer: Trainer) -> SavedRun:
    """Copies of all that is to be saved, made at a step boundary; writing them can then take its time."""
    return replace(captured_run(trainer), history=HistoryRows.of(trainer.history).arrays())


def captured_run(trainer: Trainer) -> SavedRun:
    """As `saved_run`, without the history, whose rows do not change and can be copied later."""
    return SavedRun(
        trainer.experiment,
        capture(trainer),
        trainer.dataset.preparation,
        {},
        trainer.dataset.fingerprint,
        SplitDigest.of(trainer.dataset),
    )


def save(path: Path, run: SavedRun) -> FileState:
    """Write the file in one piece or not at all; raises UserError where that cannot be.

    Returns what was written, so that it can be told from what others write there later.
    """
    parts: dict[str, bytes | memoryview] = {"experiment.json": run.experiment.to_json().encode()}
    manifest = Manifest.written_now()
    if run.state is not None and run.preparation is not None:
        numbers = RunNumbers.of(run.state.numbers)
        manifest = Manifest.written_now(run.fingerprint, run.split, numbers)
        parts["parameters.safetensors"] = pack_tensors(run.state.model)
        parts["state.safetensors"] = pack_tensors(run.state.arrays)
        parts["history.npz"] = pack_columns(run.history)
        parts["preparation.json"] = run.preparation.to_json().encode()
    parts[MANIFEST] = pack_json(manifest.model_dump(mode="json"))

    def write(stream: IO[bytes]) -> None:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in parts.items():
                # Weights hardly shrink; storing them keeps saving fast.
                stored = zipfile.ZIP_STORED if name.endswith((".safetensors", ".npz")) else None
                archive.writestr(name, data, stored)

    written = write_atomically(path, write)
    if manifest.state is None:
        return FileState.of(written, "experiment")
    return FileState.of(written, "run", manifest.state.step)


def load(path: Path, progress: Progress | None = None) -> SavedRun:
    """Read a file back; raises UserError that says what is wrong with which part."""
    name, progress = path.name, progress or Progress()
    parts = read_archive(path, PARTS_OF_AN_EXPERIMENT + PARTS_OF_A_RUN, progress)
    progress.check()
    _require(parts, PARTS_OF_AN_EXPERIMENT, name)
    where = f"{name}, {MANIFEST}"
    manifest = read_manifest(unpack_json(parts[MANIFEST], where), where)
    experiment = anchored(_experiment(parts["experiment.json"], f"{name}, experiment.json"), path.parent)
    if manifest.state is None:
        return SavedRun(experiment)
    _require(parts, PARTS_OF_A_RUN, name)
    preparation = unpack_preparation(
        parts["preparation.json"], manifest.schema_version, f"{name}, preparation.json"
    )
    progress.check()
    model = unpack_tensors(parts["parameters.safetensors"], f"{name}, parameters.safetensors")
    arrays = unpack_tensors(parts["state.safetensors"], f"{name}, state.safetensors")
    history = unpack_columns(parts["history.npz"], f"{name}, history.npz")
    return checked_run(experiment, manifest, preparation, model, arrays, history, name)


def checked_run(
    experiment: Experiment,
    manifest: Manifest,
    preparation: Preparation,
    model: Mapping[str, NDArray[Any]],
    arrays: Mapping[str, NDArray[Any]],
    history: dict[str, NDArray[Any]],
    name: str,
) -> SavedRun:
    """A run from its parts, where they belong together; raises UserError, in which it is called `name`.

    The manifest names the version that they are of.
    """
    if manifest.state is None:
        raise damaged(f"{name}, manifest.json", "the numbers of a run")
    checks = Checks(experiment, preparation, name)
    version = manifest.schema_version
    model, arrays = migrate_arrays(model, arrays, version, checks.architecture, name)
    checks.check_model(model)
    state = TrainerState(dict(model), dict(arrays), manifest.state.numbers())
    checks.check_state(state)
    checks.check_schedule(tuple(state.numbers["schedule_state"]))
    history = migrate_history(history, version, checks.task)
    checks.check_history(history, manifest.state.step, manifest.state.epoch)
    return SavedRun(experiment, state, preparation, history, manifest.fingerprint, manifest.split)


def resume(run: SavedRun, dataset: Dataset, where: str) -> Trainer:
    """A trainer that goes on exactly where the saved run was.

    Raises UserError where the data is not what the run was trained on.
    """
    trainer = Trainer(run.experiment, dataset)
    if run.state is None:
        return trainer
    _check_data(run, dataset, where)
    position = run.state.numbers["position"]
    if position > dataset.training.rows_count:
        raise UserError(
            f"{where}, manifest.json, state, position",
            expected=f"at most {dataset.training.rows_count}, the number of training examples",
            got=str(position),
            help=DAMAGED_HELP,
        )
    restore(trainer, run.state, where)
    trainer.history = opened_history(trainer.history, run.history)
    restore_history(trainer.history, run.history, where)
    return trainer


def _check_data(run: SavedRun, dataset: Dataset, where: str) -> None:
    # A formula's points follow from its settings. Their last bits differ between processors, which compute
    # sine and its kin in their own ways: that must not keep a run from being opened on another machine.
    made = isinstance(run.experiment.data.source, Formula)
    if not made and run.fingerprint != dataset.fingerprint:
        raise UserError(
            f"{where}, data",
            expected="the data that the run was trained on",
            got="other data at the same place",
            help=f"Bring the old data back, or {_restart_help(where)}",
        )
    if run.split != SplitDigest.of(dataset):
        raise UserError(
            f"{where}, data",
            expected="the split into training, validation and test that the run was trained with",
            got="another one",
            help="Going on would train on rows that the model is to be checked with: " + _restart_help(where),
        )


def _restart_help(where: str) -> str:
    """What can still be done where a run cannot be continued."""
    return (
        f"train from the start on the data as it is now: gradwright train {where} --restart. "
        "In the window, open the experiment without its weights."
    )


def _require(parts: dict[str, bytes], names: tuple[str, ...], name: str) -> None:
    for part in names:
        if part not in parts:
            raise UserError(name, expected=f"a part '{part}'", got="none", help=DAMAGED_HELP)


def _experiment(data: bytes, where: str) -> Experiment:
    try:
        return from_json(data.decode(), where)
    except UnicodeDecodeError:
        raise damaged(where, "text in JSON") from None


def unpack_preparation(data: bytes, version: int, where: str) -> Preparation:
    """The preparation that a part of a file of this version holds; raises UserError where it is damaged."""
    try:
        return read(Preparation, migrate_preparation(unpack_json(data, where), version), where)
    except UserError as error:
        raise UserError(error.where, expected=error.expected, got=error.got, help=DAMAGED_HELP) from None


def anchored(experiment: Experiment, folder: Path) -> Experiment:
    """The experiment with its data's path made absolute, if there is something.

    A relative path is looked for in the folder of the file that names it, then in the current one. Data
    that is not where it was is taken from that folder, if something of its name lies there: so model and
    data can be moved together.
    """
    source = experiment.data.source
    if not isinstance(source, FileSource) or not source.path:
        return experiment
    try:
        named = Path(source.path).expanduser()
        candidates = [named, folder / named.name] if named.is_absolute() else [folder / named, named]
        found = next((candidate for candidate in candidates if candidate.exists()), None)
    except (OSError, ValueError, RuntimeError):
        # No name that a file could have, or a home folder of nobody: loading the data will say so.
        return experiment
    if found is None or source.path == str(found.absolute()):
        return experiment
    moved = source.replace(path=str(found.absolute()))
    return experiment.replace(data=experiment.data.replace(source=moved))
