"""Models of houses, trained once, and a working directory of its own for each test."""

import random

import pytest

from engine.data import prepare
from engine.experiment import Experiment
from engine.files.run_file import save, saved_run
from engine.settings import read
from engine.training.trainer import Trainer
from tests.engine.predict.houses import HEADER, house


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table, and models trained on it for each kind of task."""
    place = tmp_path_factory.mktemp("houses")
    generator = random.Random(1)
    rows = [",".join(house(row, generator)) for row in range(160)]
    (place / "t.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    targets = {"number": "price", "classes": "zone", "yesno": "garden"}
    for name, target in targets.items():
        values = {
            "data": {
                "source": {"kind": "csv", "path": str(place / "t.csv")},
                "target": target,
                "ignored": ["id", "note"],
            },
            "layers": [{"kind": "dense", "units": 12, "activation": "relu"}],
            "training": {"epochs": 60, "optimizer": {"kind": "adam", "learning_rate": 0.01}},
        }
        experiment = read(Experiment, values, name)
        run = Trainer(experiment, prepare(experiment.data, experiment.data.load(), experiment.dtype))
        for _ in run.run():
            pass
        save(place / f"{name}.gradwright", saved_run(run))
    return place


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
