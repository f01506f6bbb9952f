"""Several target columns: numbers together, or several times yes or no, from the table to the prediction."""

import csv
import json

import numpy as np
import pytest

from engine.data import DataSettings, Preparation, prepare
from engine.data.sources import CSVFile
from engine.errors import UserError
from engine.experiment import Experiment
from engine.files.run_file import load, save, saved_run
from engine.model import Model
from engine.settings import read
from engine.training.trainer import Trainer
from tests.engine.commands import gradwright

ROWS = 90


def table_of(folder, rows=ROWS):
    """Two inputs; two numbers of very different size and two answers that follow from them."""
    generator = np.random.default_rng(3)
    x = generator.normal(size=(rows, 2))
    small, large = x @ [0.5, -0.2], 40_000 + 9_000 * x[:, 0]
    path = folder / "several.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["a", "b", "small", "large", "warm", "wet"])
        for (a, b), one, other in zip(x, small, large, strict=True):
            answers = ["yes" if a > 0 else "no", "true" if b > 0.3 else "false"]
            writer.writerow([repr(float(a)), repr(float(b)), repr(float(one)), repr(float(other)), *answers])
    return path


def settings(path, target, further, ignored, **more):
    data = {"target": target, "further_targets": further, "ignored": ignored, **more}
    return DataSettings(source=CSVFile(path=str(path)), **data)


NUMBERS = ("small", ("large",), ("warm", "wet"))
ANSWERS = ("warm", ("wet",), ("small", "large"))


def experiment(data, epochs=30, **training):
    values = {"name": "Several", "data": data, "layers": [{"kind": "dense", "units": 8}]}
    return read(Experiment, values | {"training": {"epochs": epochs, **training}}, "test")


def trained(path, columns, epochs=30, **training):
    chosen = experiment(settings(path, *columns), epochs, **training)
    run = Trainer(chosen, prepare(chosen.data, chosen.data.load(), chosen.dtype))
    for _ in run.run():
        pass
    return run


def test_numbers_are_standardized_one_by_one_and_come_back_in_their_own_units(tmp_path):
    data = settings(table_of(tmp_path), *NUMBERS)
    table = data.load()
    found = prepare(data, table, np.float64)
    own = np.column_stack([table.column(name).values for name in ("small", "large")])[found.training.rows]
    assert (found.task, found.outputs, found.targets, found.classes) == (
        "regression",
        2,
        ("small", "large"),
        (),
    )
    assert found.preparation.columns == ("a", "b")
    assert found.training.targets == pytest.approx((own - own.mean(axis=0)) / own.std(axis=0))
    assert found.in_target_units(found.training.targets) == pytest.approx(own)


def test_answers_are_columns_of_zero_and_one(tmp_path):
    data = settings(table_of(tmp_path), *ANSWERS)
    table = data.load()
    found = prepare(data, table)
    own = np.column_stack([table.column(name).values for name in ("warm", "wet")])[found.training.rows]
    assert (found.task, found.outputs, found.targets) == ("multilabel", 2, ("warm", "wet"))
    assert np.array_equal(found.training.targets, own)


@pytest.mark.parametrize("columns", [NUMBERS, ANSWERS])
def test_a_step_follows_the_gradient_of_all_outputs(tmp_path, columns):
    chosen = experiment(
        settings(table_of(tmp_path), *columns),
        optimizer={"kind": "sgd", "learning_rate": 0.3},
        batch_size=1000,
        precision="float64",
    )
    run = Trainer(chosen, prepare(chosen.data, chosen.data.load(), chosen.dtype))
    weights = {name: array.copy() for name, array in run.model.state_dict().items()}
    inputs, targets = run.dataset.training.inputs, run.dataset.training.targets
    next(run.run())
    hidden = np.maximum(inputs @ weights["Dense.weight"] + weights["Dense.bias"], 0)
    scores = hidden @ weights["Output.weight"] + weights["Output.bias"]
    # Of the mean over rows and outputs, of squares or of cross-entropies of a sigmoid.
    errors = 2 * (scores - targets) if columns == NUMBERS else 1 / (1 + np.exp(-scores)) - targets
    errors /= errors.size
    back = errors @ weights["Output.weight"].T * (hidden > 0)
    gradients = {
        "Dense.weight": inputs.T @ back,
        "Dense.bias": back.sum(axis=0),
        "Output.weight": hidden.T @ errors,
        "Output.bias": errors.sum(axis=0),
    }
    for name, array in run.model.state_dict().items():
        assert array == pytest.approx(weights[name] - 0.3 * gradients[name], abs=1e-12)


@pytest.mark.parametrize(("columns", "metric"), [(NUMBERS, "r2"), (ANSWERS, "label_accuracy")])
def test_it_learns_and_predicts_the_same_after_it_was_saved(tmp_path, columns, metric):
    run = trained(table_of(tmp_path), columns, 150, optimizer={"kind": "adam", "learning_rate": 0.02})
    assert run.model.evaluate(run.dataset, "test").metrics[metric] > 0.9
    save(tmp_path / "several.gradwright", saved_run(run))
    stored = load(tmp_path / "several.gradwright")
    table = run.experiment.data.load()
    model = Model.from_state(stored.experiment, stored.preparation, stored.state.model)
    before, after = run.model.predict(table), model.predict(table)
    assert after.targets == (columns[0], *columns[1])
    assert after.values.shape == (ROWS, 2)
    assert np.array_equal(before.values, after.values)
    if columns == ANSWERS:
        assert set(after.values[:, 0]) == {"no", "yes"}
        assert set(after.values[:, 1]) == {"false", "true"}
        assert np.array_equal(after.values[:, 0] == "yes", after.probabilities[:, 0] >= 0.5)


def test_a_preparation_of_several_targets_comes_back_from_json(tmp_path):
    fitted = prepare(
        settings(table_of(tmp_path), *NUMBERS),
        settings(tmp_path, *NUMBERS).replace(source=CSVFile(path=str(tmp_path / "several.csv"))).load(),
    ).preparation
    assert Preparation.from_json(fitted.to_json(), "test") == fitted


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (("small", ("warm",), ()), "all numbers, or all yes/no"),
        (("small", ("nothing",), ()), "one of the columns"),
        (("warm", ("wet",), (), {"task": "binary"}), "one target, for yes or no"),
        (("warm", (), (), {"task": "multilabel"}), "two targets or more"),
    ],
)
def test_targets_that_do_not_go_together_are_told(tmp_path, data, expected):
    target, further, ignored, *more = data
    chosen = settings(table_of(tmp_path), target, further, ignored, **(more[0] if more else {}))
    with pytest.raises(UserError) as error:
        prepare(chosen, chosen.load())
    assert expected in str(error.value)


def test_rows_without_one_of_the_targets_are_left_out(tmp_path):
    path = tmp_path / "gaps.csv"
    rows = [f"{n},{n % 7},{n * 2},{n % 3}" for n in range(30)]
    rows[4], rows[9] = "4,4,,1", "9,2,18,"
    path.write_text("a,b,y,z\n" + "\n".join(rows) + "\n")
    found = prepare(chosen := settings(path, "y", ("z",), (), task="regression"), chosen.load())
    used = np.concatenate([found.part(name).rows for name in ("training", "validation", "test")])
    assert sorted(used) == [n for n in range(30) if n not in (4, 9)]
    assert found.notes == (
        "1 row was left out, because “y” is missing there.",
        "1 row was left out, because “z” is missing there.",
    )


def test_the_command_line_trains_on_several_targets_and_predicts_them(tmp_path):
    path, out = table_of(tmp_path), tmp_path / "several.gradwright"
    command = ["train", str(path), "--target", "small,large", "--ignore", "warm,wet", "--json"]
    shown = json.loads(gradwright(*command, "--out", str(out)).stdout)
    assert shown["test"]["r2"] > 0.5
    gradwright("predict", str(out), "--data", str(path), "--out", str(tmp_path / "predicted.csv"))
    with (tmp_path / "predicted.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == ROWS
    large = np.array([float(row["prediction large"]) for row in rows])
    assert np.corrcoef(large, [float(row["large"]) for row in rows])[0, 1] > 0.8
