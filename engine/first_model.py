"""The first model that is offered for a person's own data: an experiment that can be trained as it is."""

from collections.abc import Sequence
from pathlib import Path

from engine.data.sources.csv_file import CSVFile
from engine.experiment import Experiment
from engine.layers.dense import Dense
from engine.optimizers.adam import Adam
from engine.settings import kind_of, read
from engine.training_settings import EarlyStopping, Training


def first_experiment(
    path: Path, target: str | None = None, ignored: Sequence[str] = (), name: str = "Table"
) -> Experiment:
    """An experiment on a table: one hidden layer, Adam, early stopping.

    target : the column to predict; None for the last one that suits. ignored : columns that are no inputs.
    name : of the experiment, where the file has none.
    Raises UserError for a path that cannot be written down in an experiment.
    """
    data = {
        "source": {"kind": kind_of(CSVFile), "path": str(path.absolute())},
        "target": target,
        "ignored": tuple(ignored),
    }
    values = {
        "name": path.stem[:100] or name,
        "data": data,
        "layers": [Dense(units=32)],
        "training": Training(epochs=100, optimizer=Adam(learning_rate=0.003), early_stopping=EarlyStopping()),
    }
    return read(Experiment, values, path.name)
