"""The first model that is offered for a person's own data: an experiment that can be trained as it is."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.data.sources import FileSource, Source, source_for
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.table_file import TableFile
from engine.errors import UserError
from engine.experiment import Experiment
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense
from engine.layers.pooling import MaxPool
from engine.layers.reshape import Flatten
from engine.optimizers.adam import Adam
from engine.settings import Settings, read
from engine.training_settings import EarlyStopping, Training


def first_experiment(
    path: Path,
    target: str | None = None,
    ignored: Sequence[str] = (),
    name: str = "Table",
    further_targets: Sequence[str] = (),
    part: str | None = None,
) -> Experiment:
    """An experiment on a file or folder: a small network, Adam, early stopping.

    target : the column to predict; None for the last one that suits. ignored : columns that are no inputs.
    further_targets : more columns to predict. name : of the experiment, where the file has none.
    part : which table of the file, such as a sheet.
    What the file itself says of the roles of its columns is taken over, where nothing else is asked for.
    Raises UserError for a path that cannot be written down in an experiment.
    """
    kind = source_for(path) or CSVFile
    source = read(kind, {"path": str(path.absolute())}, path.name)
    if part is not None:
        source = _with_part(source, part)
    roles: Mapping[str, str] = {}
    if isinstance(source, TableFile):
        # What is wrong with the file is told when it is loaded.
        with suppress(UserError):
            source, roles = source.fixed(), source.roles()
    named = (path.name if kind.of_images else path.stem)[:100] or name
    return experiment_on(source, target, ignored, named, further_targets, roles)


def experiment_on(
    source: Source,
    target: str | None = None,
    ignored: Sequence[str] = (),
    name: str = "Table",
    further_targets: Sequence[str] = (),
    roles: Mapping[str, str] = MappingProxyType({}),
) -> Experiment:
    """An experiment on any source; see `first_experiment`. roles : what the source says of its columns."""
    of_file: dict[str, list[str]] = {}
    for column, role in roles.items():
        if column not in (target, *ignored, *further_targets):
            of_file.setdefault(role, []).append(column)
    said = of_file.get("ignored", [])
    if target is None and "target" in of_file:
        target = of_file["target"][0]
    data: dict[str, Any] = {
        "source": source,
        "target": target,
        "further_targets": tuple(further_targets),
        "ignored": (*ignored, *said),
        "group": next(iter(of_file.get("group", [])), None),
    }
    values = {
        "name": name,
        "data": data,
        "layers": first_layers(images=isinstance(source, FileSource) and source.of_images),
        "training": Training(epochs=100, optimizer=Adam(learning_rate=0.003), early_stopping=EarlyStopping()),
    }
    return read(Experiment, values, name)


def _with_part(source: FileSource, part: str) -> FileSource:
    if isinstance(source, TableFile):
        return source.with_part(part)
    raise UserError(
        source.heading, expected="a file with several tables", got="none", help="Leave the name of it out."
    )


def first_layers(images: bool) -> list[Settings]:
    """The hidden layers: two convolutions and one dense layer for images, one dense layer for columns."""
    if not images:
        return [Dense(units=32)]
    return [
        Conv2D(filters=16, padding="same"),
        MaxPool(),
        Conv2D(filters=32, padding="same"),
        MaxPool(),
        Flatten(),
        Dense(units=64),
    ]
