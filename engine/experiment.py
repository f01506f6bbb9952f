"""The Experiment: everything that defines a training run, in one frozen model with JSON out and in."""

import json
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from engine.data import DataSettings
from engine.errors import UserError
from engine.initializers import AnyInitializer
from engine.initializers.zeros import Zeros
from engine.layers import AnyLayer
from engine.losses import AnyLoss
from engine.optimizers import AnyOptimizer
from engine.optimizers.adam import Adam
from engine.schedules import AnySchedule
from engine.schedules.constant import Constant
from engine.settings import Settings, hints, read

SCHEMA_VERSION = 1


class Head(Settings):
    """The output layer: as many units as the task needs, and an activation that fits it."""

    heading: ClassVar[str] = "Output"

    activation: Literal["automatic", "softmax", "sigmoid", "linear", "tanh"] = Field(
        "automatic",
        title="Activation",
        description="Automatic: softmax for classes, sigmoid for yes or no, linear for a number.",
    )
    initializer: AnyInitializer | None = Field(
        None,
        title="Initializer",
        description="How the weights of the output layer start.",
        json_schema_extra=hints(none_title="Fits the activation"),
    )
    bias_initializer: AnyInitializer = Field(
        Zeros(), title="Bias initializer", description="How the biases of the output layer start."
    )
    l1: float | None = Field(
        None,
        ge=0,
        le=10,
        title="L1",
        description="Pulls the output layer's weights towards exactly 0; empty takes the network's value.",
        json_schema_extra=hints(live=True, none_title="As the network"),
    )
    l2: float | None = Field(
        None,
        ge=0,
        le=10,
        title="L2",
        description="Keeps the output layer's weights small; empty takes the network's value.",
        json_schema_extra=hints(live=True, none_title="As the network"),
    )


class EarlyStopping(Settings):
    """Stop when the validation loss (training loss, where nothing is held out) no longer falls."""

    heading: ClassVar[str] = "Early stopping"

    patience: int = Field(
        20,
        ge=1,
        le=100_000,
        title="Patience",
        description="Epochs without improvement before the run stops.",
        json_schema_extra=hints(live=True, unit="epochs"),
    )
    min_change: float = Field(
        0.0,
        ge=0,
        le=1e6,
        title="Minimum change",
        description="A fall of the loss by no more than this does not count as an improvement.",
        json_schema_extra=hints(live=True),
    )
    keep_best: bool = Field(
        True,
        title="Keep the best weights",
        description="When the run ends, go back to the weights of the epoch with the lowest loss.",
        json_schema_extra=hints(live=True),
    )


class Training(Settings):
    """How the network learns."""

    heading: ClassVar[str] = "Training"

    loss: AnyLoss | None = Field(
        None,
        title="Loss",
        description="What training makes small: how far the outputs are from the targets.",
        json_schema_extra=hints(none_title="Fits the task"),
    )
    optimizer: AnyOptimizer = Field(
        Adam(),
        title="Optimizer",
        description="The rule that turns gradients into changes of the weights.",
        json_schema_extra=hints(live=True),
    )
    schedule: AnySchedule = Field(
        Constant(),
        title="Schedule",
        description="How the learning rate changes in the course of training.",
        json_schema_extra=hints(live=True),
    )
    warmup_steps: int = Field(
        0,
        ge=0,
        le=1_000_000,
        title="Warm-up",
        description="Steps over which the learning rate rises from near 0 to its value.",
        json_schema_extra=hints(unit="steps"),
    )
    batch_size: int = Field(
        32,
        ge=1,
        le=1_000_000,
        title="Batch",
        description="Examples per step: small batches take quick, noisy steps, large ones slow, calm ones.",
        json_schema_extra=hints(live=True),
    )
    epochs: int = Field(
        50,
        ge=1,
        le=10_000_000,
        title="Epochs",
        description="How often training goes through all training examples.",
        json_schema_extra=hints(live=True),
    )
    l1: float = Field(
        0.0,
        ge=0,
        le=10,
        title="L1",
        description="Penalty on the size of the weights, Σ |w|: drives unneeded ones towards 0.",
        json_schema_extra=hints(live=True),
    )
    l2: float = Field(
        0.0,
        ge=0,
        le=10,
        title="L2",
        description="Penalty on the squared weights, ½ Σ w²: keeps all of them small.",
        json_schema_extra=hints(live=True),
    )
    clip_norm: float | None = Field(
        None,
        gt=0,
        le=1e6,
        title="Clip norm",
        description="Longest gradient a step may use; a longer one is shortened to this.",
        json_schema_extra=hints(live=True, none_title="Off"),
    )
    early_stopping: EarlyStopping | None = Field(
        None,
        title="Early stopping",
        description="Ends the run when the validation loss no longer falls.",
        json_schema_extra=hints(live=True, none_title="Off"),
    )
    stop_below: float | None = Field(
        None,
        ge=0,
        le=1e9,
        title="Stop at loss",
        description="Ends the run when the training loss of an epoch falls to this or below.",
        json_schema_extra=hints(live=True, none_title="Off"),
    )
    shuffle: bool = Field(
        True,
        title="Shuffle",
        description="Go through the training examples in a new order in each epoch.",
        json_schema_extra=hints(live=True),
    )
    precision: Literal["float32", "float64"] = Field(
        "float32",
        title="Precision",
        description="float32 is fast and usual; float64 has twice as many digits.",
    )
    seed: int = Field(
        1,
        ge=0,
        le=2**32 - 1,
        title="Seed",
        description="The same seed gives the same starting weights, order and dropout, so the same run.",
    )

    @model_validator(mode="after")
    def _searches_need_the_true_gradient(self) -> "Training":
        if self.optimizer.whole and self.clip_norm is not None:
            raise ValueError("no clip norm, as a line search needs the true gradient")
        return self


class Experiment(Settings):
    """The whole specification of a run: data, layers, output and training."""

    heading: ClassVar[str] = "Experiment"

    schema_version: Literal[1] = 1
    name: str = Field(
        "Untitled",
        max_length=200,
        title="Name",
        description="What the experiment is called.",
        json_schema_extra=hints(live=True),
    )
    description: str = Field(
        "",
        max_length=2000,
        title="Description",
        description="One or two sentences on what it shows.",
        json_schema_extra=hints(live=True),
    )
    data: DataSettings = Field(DataSettings(), title="Data", description="What to learn from.")
    layers: tuple[AnyLayer, ...] = Field(
        (), max_length=500, title="Network", description="The layers between input and output."
    )
    head: Head = Field(Head(), title="Output", description="The last layer.")
    training: Training = Field(Training(), title="Training", description="How to learn.")

    def to_json(self) -> str:
        """Text that `from_json` reads back to an equal Experiment."""
        return json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"

    @property
    def dtype(self) -> type[np.floating[Any]]:
        return np.float64 if self.training.precision == "float64" else np.float32


def from_json(text: str, where: str) -> Experiment:
    """Read an Experiment; raises UserError that says where in the file what is wrong."""
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(
            f"{where}, line {error.lineno}",
            expected="an experiment in JSON",
            got=f"text that is none ({error.msg.lower()})",
            help="Open a file that Gradwright or `gradwright train` wrote, or correct this line.",
        ) from None
    except (ValueError, RecursionError):
        raise UserError(
            where,
            expected="an experiment in JSON",
            got="numbers too long or groups too deep to be one",
            help="Open a file that Gradwright or `gradwright train` wrote.",
        ) from None
    if not isinstance(values, dict):
        raise UserError(
            where,
            expected="an experiment in JSON, a group of fields",
            got="a list" if isinstance(values, list) else "a single value",
            help="Open a file that Gradwright or `gradwright train` wrote.",
        )
    return read(Experiment, migrate(values, where), where)


def migrate(values: dict[str, Any], where: str) -> dict[str, Any]:
    """Bring the JSON form of an older version up to date; raises UserError for a newer or foreign one."""
    version = values.get("schema_version", SCHEMA_VERSION)
    if type(version) is not int or not 1 <= version <= SCHEMA_VERSION:
        newer = type(version) is int and version > SCHEMA_VERSION
        raise UserError(
            where,
            expected=f"schema version {SCHEMA_VERSION} at most",
            got=f"version {str(version)[:60]}",
            help="The file was made by a newer Gradwright: update the program." if newer else "Correct it.",
        )
    return values


def read_text(path: Path) -> str:
    """A file as text; raises UserError where that cannot be."""
    try:
        # Some editors put a byte order mark in front, which JSON does not know.
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(
            str(path), expected="an existing file", got="nothing at this path", help="Check the path."
        ) from None
    except IsADirectoryError:
        raise UserError(str(path), expected="a file", got="a folder", help="Name a file inside it.") from None
    except (OSError, ValueError) as error:
        got = (error.strerror or "").lower() if isinstance(error, OSError) else ""
        raise UserError(
            str(path),
            expected="a readable text file",
            got=got or "bytes that are no text in UTF-8",
            help="Check the file.",
        ) from None
