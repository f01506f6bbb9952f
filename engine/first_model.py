"""The first model that is offered for a person's own data: an experiment that can be trained as it is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.data.settings import DataSettings, Split
from engine.data.sources import FileSource, HandMade, source_for
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.drawn_points import DrawnPoints
from engine.experiment import Experiment
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense
from engine.layers.pooling import MaxPool
from engine.layers.reshape import Flatten
from engine.optimizers.adam import Adam
from engine.settings import Settings, kind_of, read
from engine.training_settings import EarlyStopping, Training


def first_experiment(
    path: Path,
    target: str | None = None,
    ignored: Sequence[str] = (),
    name: str = "Table",
    further_targets: Sequence[str] = (),
) -> Experiment:
    """An experiment on a file or folder: a small network, Adam, early stopping.

    target : the column to predict; None for the last one that suits. ignored : columns that are no inputs.
    further_targets : more columns to predict. name : of the experiment, where the file has none.
    Raises UserError for a path that cannot be written down in an experiment.
    """
    kind = source_for(path) or CSVFile
    data: dict[str, Any] = {
        "source": {"kind": kind_of(kind), "path": str(path.absolute())},
        "target": target,
        "further_targets": tuple(further_targets),
        "ignored": tuple(ignored),
    }
    values = {
        "name": (path.name if kind.of_images else path.stem)[:100] or name,
        "data": data,
        "layers": first_layers(kind),
        "training": Training(epochs=100, optimizer=Adam(learning_rate=0.003), early_stopping=EarlyStopping()),
    }
    return read(Experiment, values, path.name)


def experiment_by_hand(source: HandMade, target: str | None = None) -> Experiment:
    """An experiment on drawn points or a typed table, none of which is held out: there are few of them."""
    drawn = isinstance(source, DrawnPoints)
    layers = (
        [Dense(units=8, activation="tanh"), Dense(units=8, activation="tanh")] if drawn else [Dense(units=16)]
    )
    return Experiment(
        name=source.heading,
        data=DataSettings(source=source, target=target, split=Split(validation=0, test=0)),
        layers=layers,
        training=Training(epochs=1000, optimizer=Adam(learning_rate=0.02)),
    )


def first_layers(kind: type[FileSource]) -> list[Settings]:
    """The hidden layers: two convolutions and one dense layer for images, one dense layer for columns."""
    if not kind.of_images:
        return [Dense(units=32)]
    return [
        Conv2D(filters=16, padding="same"),
        MaxPool(),
        Conv2D(filters=32, padding="same"),
        MaxPool(),
        Flatten(),
        Dense(units=64),
    ]
