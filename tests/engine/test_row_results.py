"""Each row of a table with its part, its prediction and its loss."""

import math

import numpy as np
import pytest

from engine.data import DataSettings, prepare
from engine.data.columns.preview import cell_texts
from engine.experiment import Experiment
from engine.insight import row_results as module
from engine.insight.row_results import row_results
from engine.layers.dense import Dense
from engine.training.trainer import Trainer


def trained(steps: int, **data) -> tuple[Trainer, object]:
    settings = DataSettings.model_validate(data)
    experiment = Experiment(data=settings, layers=(Dense(units=4),))
    table = settings.load()
    trainer = Trainer(experiment, prepare(settings, table, experiment.dtype))
    running = trainer.run()
    while trainer.step < steps:
        next(running)
    return trainer, table


def test_before_training_each_row_has_its_part_alone():
    trainer, table = trained(0, source="iris")
    found = row_results(trainer, table.rows)
    texts = cell_texts(found.part, slice(0, 150))
    for name in ("training", "validation", "test"):
        rows = trainer.dataset.part(name).rows
        assert {texts[row] for row in rows} == {name}
        assert texts.count(name) == len(rows)
    assert (found.predictions, found.loss) == ((), None)


def test_losses_of_rows_have_the_mean_that_is_scored():
    trainer, table = trained(5, source="iris")
    found = row_results(trainer, table.rows)
    predicted = cell_texts(found.predictions[0], slice(0, 150))
    true = cell_texts(table.column("species"), slice(0, 150))
    for name in ("training", "validation", "test"):
        rows, scores = trainer.dataset.part(name).rows, trainer.evaluate(name)
        assert found.loss.values[rows].mean() == pytest.approx(scores.loss, rel=1e-5)
        right = sum(predicted[row] == true[row] for row in rows)
        assert right / len(rows) == pytest.approx(scores.metrics["accuracy"])


def test_numbers_are_predicted_in_their_own_units():
    trainer, table = trained(5, source="diabetes")
    found = row_results(trainer, table.rows)
    rows, scores = trainer.dataset.test.rows, trainer.evaluate("test")
    np.testing.assert_allclose(found.predictions[0].values[rows], scores.predicted[:, 0], rtol=1e-4)


def test_rows_in_no_part_have_neither_prediction_nor_loss(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,y\n" + "".join(f"{n},{'' if n == 7 else n % 2}\n" for n in range(60)))
    trainer, table = trained(2, source={"kind": "csv", "path": str(path)}, target="y")
    found = row_results(trainer, table.rows)
    assert cell_texts(found.part, np.array([7])) == [None]
    assert cell_texts(found.predictions[0], np.array([7])) == [None]
    assert math.isnan(found.loss.values[7])
    assert np.isfinite(np.delete(found.loss.values, 7)).all()


def test_of_several_targets_each_has_a_column(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,y,z\n" + "".join(f"{n},{2 * n + n % 3},{n * n}\n" for n in range(60)))
    source = {"kind": "csv", "path": str(path)}
    trainer, table = trained(3, source=source, target="y", further_targets=("z",))
    found = row_results(trainer, table.rows)
    assert [column.name for column in found.predictions] == ["prediction y", "prediction z"]
    rows, scores = trainer.dataset.test.rows, trainer.evaluate("test")
    for place, column in enumerate(found.predictions):
        np.testing.assert_allclose(column.values[rows], scores.predicted[:, place], rtol=1e-4)


def test_of_a_great_many_rows_only_some_have_a_loss(monkeypatch):
    monkeypatch.setattr(module, "MOST_LOSSES", 100)
    trainer, table = trained(1, source="iris")
    found = row_results(trainer, table.rows)
    assert np.isfinite(found.loss.values).sum() == 100
    assert found.losses_left_out == 50
    beside = found.beside(table)
    assert [column.name for column in beside.columns[-3:]] == ["part", "prediction", "loss"]
