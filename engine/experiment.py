"""The Experiment: everything that defines a training run, in one frozen model with JSON out and in."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.data import DataSettings
from engine.errors import UserError, excerpt
from engine.initializers import AnyInitializer
from engine.initializers.fixed_scale import Zeros
from engine.input_files import EXPERIMENT_FILE, read_input
from engine.layers import AnyLayer
from engine.progress import Progress
from engine.settings import JSONFault, Settings, hints, number_text, read, read_json
from engine.settings.renamed_fields import renamed_fields
from engine.training_settings import Training

SCHEMA_VERSION = 4

MOST_LAYERS = 500


class Head(Settings):
    """The output layer: as many units as the task needs, and an activation that fits it."""

    heading: ClassVar[str] = "Output"
    sections: ClassVar[tuple[str, ...]] = ("More",)

    activation: Literal["automatic", "softmax", "sigmoid", "linear", "tanh"] = Field(
        "automatic",
        title="Activation",
        description="Automatic: softmax for classes, sigmoid for yes or no, linear for numbers or the input.",
    )
    initializer: AnyInitializer | None = Field(
        None,
        title="Initializer",
        description="How the weights of the output layer start.",
        json_schema_extra=hints(none_title="Fits the activation"),
    )
    bias_initializer: AnyInitializer = Field(
        Zeros(),
        title="Bias initializer",
        description="How the biases of the output layer start.",
        json_schema_extra=hints(section="More"),
    )
    l1: float | None = Field(
        None,
        ge=0,
        le=10,
        title="L1",
        description="Pulls the output layer's weights towards exactly 0; empty takes the network's value.",
        json_schema_extra=hints(live=True, none_title="Same as network", section="More"),
    )
    l2: float | None = Field(
        None,
        ge=0,
        le=10,
        title="L2",
        description="Keeps the output layer's weights small; empty takes the network's value.",
        json_schema_extra=hints(live=True, none_title="Same as network"),
    )


class Experiment(Settings):
    """The whole specification of a run: data, layers, output and training."""

    heading: ClassVar[str] = "Experiment"

    schema_version: Literal[4] = 4
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
        (), max_length=MOST_LAYERS, title="Network", description="The layers between input and output."
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
        values = read_json(text)
    except JSONFault as fault:
        raise UserError(
            where if fault.line is None else f"{where}, line {fault.line}",
            expected="an experiment in JSON",
            got=str(fault),
            help="Open a file that Gradwright or `gradwright train` wrote"
            + (", or correct this line." if fault.line else ", or correct it."),
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
    """Migrate the JSON form of an older version; raises UserError for a newer or unknown version."""
    version = values.get("schema_version", SCHEMA_VERSION)
    if type(version) is not int or not 1 <= version <= SCHEMA_VERSION:
        newer = type(version) is int and version > SCHEMA_VERSION
        raise UserError(
            where,
            expected=f"schema version {SCHEMA_VERSION} at most",
            got=f"version {number_text(version) if newer else excerpt(version)}",
            help="The file was made by a newer Gradwright: update the program." if newer else "Correct it.",
        )
    for step in range(version, SCHEMA_VERSION):
        values = {**_MIGRATIONS[step](values), "schema_version": step + 1}
    return values


def _from_version_1(values: dict[str, Any]) -> dict[str, Any]:
    """In version 1, L1 always acted by its gradient."""
    training, layers = values.get("training", {}), values.get("layers", [])
    if not isinstance(training, dict) or not isinstance(layers, list):
        return values
    strengths = [part.get("l1") for part in (training, values.get("head"), *layers) if isinstance(part, dict)]
    return {**values, "training": {"l1_step": "gradient"} | training} if any(strengths) else values


def _from_version_2(values: dict[str, Any]) -> dict[str, Any]:
    """Fields got the names that textbooks and other libraries use."""
    return renamed_fields(values)


def _from_version_3(values: dict[str, Any]) -> dict[str, Any]:
    """Types, preparation and roles of columns, several targets and more sources came; nothing changed."""
    return values


_MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    1: _from_version_1,
    2: _from_version_2,
    3: _from_version_3,
}
"""For each version but the present one, the step to the next: JSON form in, JSON form out."""


def read_experiment(path: Path, progress: Progress | None = None) -> Experiment:
    """Read an Experiment from a file (.json); raises UserError if that fails."""
    data = read_input(path, EXPERIMENT_FILE, progress)
    try:
        # Some editors put a byte order mark in front, which JSON does not know.
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(
            str(path),
            expected="a readable text file",
            got="bytes that are no text in UTF-8",
            help="Check the file.",
        ) from None
    return from_json(text, path.name)
