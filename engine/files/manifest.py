"""The manifest of a .gradwright file: who wrote it, what data it belongs to, and the numbers of the run."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

import engine
from engine.data import Dataset
from engine.errors import UserError, excerpt
from engine.experiment import SCHEMA_VERSION
from engine.files.archive import DAMAGED_HELP, damaged
from engine.settings import number_text, read
from engine.tasks import Task
from engine.training.stopping import StopKind

MANIFEST = "manifest.json"
"""What the part is called."""

MOST_STEPS = 2**40
"""More than a century of training at the speed of the smallest networks: a larger number is damaged."""

PARTS = ("training", "validation", "test")


class Strict(BaseModel):
    """Takes nothing for something else, no true for 1 and no "3" for 3; passes over the unknown."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", allow_inf_nan=False)


class RunNumbers(Strict):
    """The plain numbers of a run's state: where it is, and why it stopped."""

    step: int = Field(ge=0, le=MOST_STEPS)
    epoch: int = Field(ge=0, le=MOST_STEPS)
    seconds: float = Field(ge=0)
    in_epoch: bool
    position: int = Field(ge=0, le=MOST_STEPS)
    shuffled: bool
    loss_sum: float | None
    """None: a sum beyond the largest number, in a run that is about to stop."""
    weight_sum: float | None = Field(None, ge=0)
    """None: a file from before examples could count unequally; then it is the number of examples."""
    schedule_state: list[float] = Field([], max_length=16)
    optimizer_steps: int = Field(ge=0, le=MOST_STEPS)
    average_steps: int = Field(0, ge=0, le=MOST_STEPS)
    """Steps in the average of the weights; none in a file from before there was one."""
    best_loss: float | None
    best_epoch: int = Field(ge=0, le=MOST_STEPS)
    patience_epoch: int | None = Field(None, ge=0)
    """None: a file from before patience was counted apart; then it counts from the best epoch."""
    warmup_epochs: float | None = Field(None, ge=0)
    """None: a file from before batches of another size kept the warm-up; then it follows from its steps."""
    random_by_row: bool = False
    """False: a file from before parts of a batch, and what is drawn for them, were the same on any cores."""
    stop_kind: StopKind | None
    stop_reason: str | None

    @model_validator(mode="after")
    def _agree(self) -> "RunNumbers":
        if (self.stop_kind is None) != (self.stop_reason is None):
            raise ValueError("a stop reason with kind and sentence, or none")
        if (self.best_loss is None) != (self.best_epoch == 0) or self.best_epoch > self.epoch:
            raise ValueError("a best epoch among those done, with its loss, or none")
        if self.patience_epoch is not None and not self.best_epoch <= self.patience_epoch <= self.epoch:
            raise ValueError("patience that counts from the best epoch on, or from a later one done")
        if max(self.optimizer_steps, self.average_steps) > self.step:
            raise ValueError("no more steps of the optimizer, or in the average, than of the run")
        return self

    @classmethod
    def of(cls, numbers: dict[str, Any]) -> "RunNumbers":
        """From the numbers of a TrainerState; ValueError where there is one that no file would keep."""
        unknown = numbers.keys() - cls.model_fields.keys()
        if unknown:
            raise ValueError(f"numbers of a run that are not saved: {sorted(unknown)}")
        loss_sum = numbers["loss_sum"]
        return cls(**(numbers | {"loss_sum": loss_sum if math.isfinite(loss_sum) else None}))

    def numbers(self) -> dict[str, Any]:
        """The numbers of a TrainerState."""
        return self.model_dump() | {
            "loss_sum": math.inf if self.loss_sum is None else self.loss_sum,
            "weight_sum": float(self.position) if self.weight_sum is None else self.weight_sum,
        }


class SplitDigest(Strict):
    """Which rows of the table the parts got: how many, and a digest of their numbers."""

    training: int = Field(ge=1)
    validation: int = Field(ge=0)
    test: int = Field(ge=0)
    rows: str

    @classmethod
    def of(cls, dataset: Dataset) -> "SplitDigest":
        """What a dataset's parts got."""
        counts = {name: dataset.part(name).rows_count for name in PARTS}
        return cls(rows=dataset.rows_digest, **counts)


class Manifest(Strict):
    """What manifest.json holds. Before training there are neither data nor state to be told of."""

    schema_version: int = Field(ge=1, le=SCHEMA_VERSION)
    program: Literal["Gradwright"]
    program_version: str
    fingerprint: str
    """Of the table that was trained on."""
    split: SplitDigest | None
    state: RunNumbers | None

    @classmethod
    def written_now(
        cls, fingerprint: str = "", split: SplitDigest | None = None, state: RunNumbers | None = None
    ) -> "Manifest":
        """A manifest of this program's version."""
        return cls(
            schema_version=SCHEMA_VERSION,
            program="Gradwright",
            program_version=engine.__version__,
            fingerprint=fingerprint,
            split=split,
            state=state,
        )

    @model_validator(mode="after")
    def _agree(self) -> "Manifest":
        if self.state is not None and (self.split is None or not self.fingerprint):
            raise ValueError("fingerprint and split of the data beside the state of a run")
        return self


def read_manifest(values: Any, where: str) -> Manifest:
    """A manifest from its JSON values; raises UserError for a damaged one and for one of a newer program."""
    if not isinstance(values, dict):
        raise damaged(where, "a group of fields")
    version = values.get("schema_version")
    if type(version) is int and version > SCHEMA_VERSION:
        program = values.get("program_version", "")
        raise UserError(
            where,
            expected=f"schema version {SCHEMA_VERSION} at most",
            got=f"version {number_text(version)}, of Gradwright {excerpt(program, 20)}".rstrip(),
            help="The file was made by a newer Gradwright: update the program.",
        )
    try:
        return read(Manifest, _with_present_names(values), where)
    except UserError as error:
        raise UserError(error.where, expected=error.expected, got=error.got, help=DAMAGED_HELP) from None


def _with_present_names(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a manifest with the names of version 3; what is not right in it stays as it is."""
    version, state = values.get("schema_version"), values.get("state")
    if type(version) is not int or version >= 3 or not isinstance(state, dict):
        return values
    return values | {"state": {_STATE_NAMES.get(name, name): value for name, value in state.items()}}


_STATE_NAMES = {
    "divides_by_row": "random_by_row",
    "schedule_memory": "schedule_state",
    "stop_sentence": "stop_reason",
    "waiting_since": "patience_epoch",
}
"""Of version 2 and before."""

Columns = dict[str, NDArray[Any]]


def migrate_history(columns: Columns, version: int, task: Task) -> Columns:
    """Bring the record of a file of this version up to date; what is not right in it stays as it is."""
    for step in range(version, SCHEMA_VERSION):
        # Between some versions the record is the same.
        if step in _MIGRATIONS:
            columns = _MIGRATIONS[step](columns, task)
    return columns


def _from_version_1(columns: Columns, task: Task) -> Columns:
    """Nobody counted weights of 0: NaN."""
    steps = columns.get("steps/epoch", np.empty(0))
    return {"steps/zero_weights": np.full(steps.shape, np.nan)} | columns


def _from_version_2(columns: Columns, task: Task) -> Columns:
    """Names of metrics got their averaging, and the variance-weighted R² is called explained no longer."""
    names = {
        "f1": "f1_binary" if task == "binary" else "f1_macro",
        "explained_variance": "variance_explained",
    }
    renamed = {
        f"epochs/{part}_{old}": f"epochs/{part}_{new}"
        for old, new in names.items()
        for part in ("training", "validation")
    }
    return {renamed.get(name, name): column for name, column in columns.items()}


_MIGRATIONS: Mapping[int, Callable[[Columns, Task], Columns]] = {1: _from_version_1, 2: _from_version_2}
"""For each version after which the record has changed, the step to the next."""
