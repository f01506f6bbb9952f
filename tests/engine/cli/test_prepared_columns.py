"""A model with every preparation, saved and opened again, predicts raw rows as it did before."""

import numpy as np

from engine.cli.prediction_input import rows_to_predict
from engine.data import DataSettings, prepare
from engine.data.columns.settings import ColumnSettings
from engine.data.encoders import PREPARATIONS
from engine.data.encoders.categories import EmbeddingCode
from engine.data.sources.csv_file import CSVFile
from engine.experiment import Experiment
from engine.files.run_file import load, save, saved_run
from engine.layers.dense import Dense
from engine.model import Model
from engine.training.trainer import Trainer

TYPES = {"number": "number", "category": "category", "date": "date"}
RNG = np.random.default_rng(3)


def written(path):
    """A table with a column for each preparation, missing cells among them, and one that never changes."""
    rows = 80
    values = {
        "number": [f"{value:.4g}".replace(".", ",") for value in RNG.lognormal(1, 1, rows)],
        "category": RNG.choice(["low", "middle", "high", "odd one"], rows, p=[0.4, 0.3, 0.2, 0.1]).tolist(),
        "date": [f"{1 + row % 28}/{1 + row % 12}/20{10 + row % 9}" for row in range(rows)],
    }
    columns = {kind.__name__: list(values[kind.kinds[0]]) for kind in PREPARATIONS}
    for place, column in enumerate(columns.values()):
        column[5 + place] = ""
    columns["same"] = ["5"] * rows
    columns["y"] = [f"{value:.4g}".replace(".", ",") for value in RNG.normal(1000, 50, rows)]
    lines = [";".join(columns), *(";".join(cells) for cells in zip(*columns.values(), strict=True))]
    path.write_text("\n".join(lines))
    return path


def experiment_on(path):
    data = DataSettings(source=CSVFile(path=str(path)), target="y", task="regression")
    for kind in PREPARATIONS:
        settings = ColumnSettings(
            name=kind.__name__, type=TYPES[kind.kinds[0]], preparation=kind(), was_missing=True
        )
        data = data.with_column(settings)
    return Experiment(data=data, layers=(Dense(units=6),))


def test_raw_rows_are_predicted_as_before(tmp_path):
    path = written(tmp_path / "t.csv")
    experiment = experiment_on(path)
    dataset = prepare(experiment.data, experiment.data.load(), experiment.dtype)
    assert any(isinstance(kind(), EmbeddingCode) for kind in PREPARATIONS)
    trainer = Trainer(experiment, dataset)
    steps = trainer.run()
    for _ in range(30):
        next(steps)
    before = trainer.model.predict(rows_to_predict(trainer.model, str(path)).table).values
    save(tmp_path / "m.gradwright", saved_run(trainer))
    run = load(tmp_path / "m.gradwright")
    assert run.preparation == dataset.preparation
    model = Model.from_state(run.experiment, run.preparation, run.state.model)
    # Another file of the same rows, in which nothing but the model says how it is to be read.
    lines = path.read_text().splitlines()
    new = [lines[0], *(line.replace(";5;", ";-1000;") for line in lines[1:4])]
    (tmp_path / "new.csv").write_text("\n".join(new))
    found = model.predict(rows_to_predict(model, str(tmp_path / "new.csv")).table).values
    assert found.tobytes() == before[:3].tobytes()
    assert np.ptp(before) > 0
