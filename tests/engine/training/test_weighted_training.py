"""Runs with sample weights: a weight of 2 is a doubled row, 0 a removed one, and saved runs go on."""

from pathlib import Path

import numpy as np
import pytest

from engine.data import Column, DataSettings, Table, prepare
from engine.errors import UserError
from engine.files.run_file import load, resume, save, saved_run
from engine.insight.finite_differences import CheckedNetwork
from engine.training.trainer import Trainer
from tests.engine.data.tables import numbers, table, texts
from tests.engine.training.runs import bits, dense, experiment, finish, take

TASKS = {"classification": "kind", "regression": "size", "binary": "yes"}


def rows(weights: np.ndarray, repeats: np.ndarray) -> Table:
    """Sixty rows with weights, some several times or not at all; the last twenty are for validation."""
    draws = np.random.default_rng(5)
    x, y = draws.normal(size=60), draws.normal(size=60)
    # Whatever is left out, the first rows are there: the scale of the target is that of any of these tables.
    columns = table(
        numbers("x", x.tolist()),
        numbers("y", y.tolist()),
        texts("kind", [("a", "b", "c")[int(one)] for one in draws.integers(0, 3, 60)]),
        texts("yes", [("n", "y")[int(one)] for one in draws.integers(0, 2, 60)]),
        numbers("size", (x + y**2).tolist()),
        numbers("weight", weights.tolist()),
        texts("part", ["train"] * 40 + ["val"] * 20),
    )
    return columns.take(np.repeat(np.arange(60), repeats))


def run_on(data: Table, task: str, weight: str | None = "weight", **changes) -> Trainer:
    others = [name for name in TASKS.values() if name != TASKS[task]]
    ignored = (*others, *(() if weight else ("weight",)))
    settings = experiment(
        layers=[dense(6)],
        epochs=8,
        **{
            "precision": "float64",
            "batch_size": 500,
            "shuffle": False,
            "optimizer": {"kind": "sgd", "learning_rate": 0.3},
            **changes,
        },
    )
    settings = settings.replace(
        data=DataSettings(
            target=TASKS[task],
            task=task,
            ignored=ignored,
            weight=weight,
            part="part",
            scaling="none",
            split={"validation": 0, "test": 0},
        )
    )
    return Trainer(settings, prepare(settings.data, data, settings.dtype))


WEIGHTS = np.resize([2.0, 1.0, 3.0, 0.0, 1.0], 60)
ONCE = np.ones(60, int)


@pytest.mark.parametrize("task", ["classification", "binary"])
def test_whole_weights_train_and_score_as_repeated_rows_do(task):
    weighted = finish(run_on(rows(WEIGHTS, ONCE), task))
    repeated = finish(run_on(rows(WEIGHTS, WEIGHTS.astype(int)), task, weight=None))
    np.testing.assert_allclose(
        weighted.network.parameters, repeated.network.parameters, rtol=1e-9, atol=1e-12
    )
    for part in ("training", "validation"):
        scores, others = weighted.evaluate(part), repeated.evaluate(part)
        assert scores.loss == pytest.approx(others.loss, rel=1e-10)
        assert scores.metrics == pytest.approx(others.metrics, rel=1e-9, nan_ok=True)
        # The matrix counts the examples that there are.
        assert scores.confusion is not None
        assert scores.confusion.sum() == {"training": 40, "validation": 20}[part]
    for name in ("training_loss", "validation_loss"):
        one, other = (run.history.epochs.read(name) for run in (weighted, repeated))
        np.testing.assert_allclose(one, other, rtol=1e-10)


def test_a_weight_of_0_is_a_removed_row_in_the_scores_of_numbers():
    weights = np.where(np.arange(60) % 3 == 0, 0.0, 1.0)
    # Validation alone has weights: the target is scaled by all rows of the training part.
    weights[:40] = 1.0
    weighted = finish(run_on(rows(weights, ONCE), "regression"))
    removed = finish(run_on(rows(weights, weights.astype(int)), "regression", weight=None))
    scores, others = weighted.evaluate("validation"), removed.evaluate("validation")
    assert scores.loss == pytest.approx(others.loss, rel=1e-12)
    largest = {"max_error": others.metrics["max_error"]}
    assert scores.metrics | largest == pytest.approx(others.metrics, rel=1e-12)


@pytest.mark.parametrize(
    "changes", [{}, {"batch_size": 7, "shuffle": True}, {"accumulate_batches": 3, "batch_size": 5}]
)
def test_weights_of_one_size_are_no_weights(changes):
    weighted = finish(run_on(rows(np.full(60, 4.0), ONCE), "classification", **changes))
    plain = finish(run_on(rows(WEIGHTS, ONCE), "classification", weight=None, **changes))
    np.testing.assert_allclose(weighted.network.parameters, plain.network.parameters, rtol=1e-9, atol=1e-12)


def test_very_large_and_very_small_weights_are_compared_with_each_other_alone():
    found = []
    for factor in (1.0, 2.0**90, 2.0**-90):
        run = run_on(rows(WEIGHTS * factor, ONCE), "classification", batch_size=8, precision="float32")
        found.append(finish(run).network.parameters.copy())
    assert np.array_equal(found[1], found[2])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-4, atol=1e-6)


def test_full_batch_optimizers_take_weights(tmp_path: Path):
    changes = {"optimizer": {"kind": "lbfgs"}}
    weighted = finish(run_on(rows(WEIGHTS, ONCE), "classification", **changes))
    repeated = finish(run_on(rows(WEIGHTS, WEIGHTS.astype(int)), "classification", weight=None, **changes))
    np.testing.assert_allclose(weighted.network.parameters, repeated.network.parameters, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("changes", [{}, {"augmentation": [{"kind": "mixup"}]}])
def test_a_saved_run_with_weights_goes_on_bit_for_bit(tmp_path: Path, changes):
    data = rows(WEIGHTS, ONCE)
    changes = {"batch_size": 7, "shuffle": True, "optimizer": {"kind": "adam"}, **changes}
    whole = finish(run_on(data, "classification", **changes))
    half = take(run_on(data, "classification", **changes), 20)
    save(tmp_path / "run.gradwright", saved_run(half))
    stored = load(tmp_path / "run.gradwright")
    dataset = prepare(stored.experiment.data, data, stored.experiment.dtype)
    second = finish(resume(stored, dataset, "run.gradwright"))
    assert bits(saved_run(second).state) == bits(saved_run(whole).state)


def test_parts_of_a_batch_give_the_gradient_of_the_whole(monkeypatch):
    run = run_on(rows(WEIGHTS, ONCE), "classification")
    whole = CheckedNetwork(run, 40)
    whole.backpropagate()
    # Rows of the second half alone have no weight: a part that counts nothing.
    monkeypatch.setattr(Trainer, "parts", property(lambda self: 3))
    parts = CheckedNetwork(run, 40)
    parts.backpropagate()
    np.testing.assert_allclose(parts.network.gradients, whole.network.gradients, rtol=1e-11, atol=1e-15)
    assert parts.value() == pytest.approx(whole.value(), rel=1e-13)
    step = 1e-6
    numeric = []
    for index in range(5):
        sides = []
        for sign in (1, -1):
            parts.network.parameters[index] += sign * step
            sides.append(parts.value())
            parts.network.parameters[index] -= sign * step
        numeric.append((sides[0] - sides[1]) / (2 * step))
    np.testing.assert_allclose(parts.network.gradients[:5], numeric, rtol=1e-6, atol=1e-9)
    parts.shutdown()
    whole.shutdown()


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        (numbers("w", [1, -2, *[1] * 38]), "expected a number of at least 0 in every row"),
        (numbers("w", [1, None, None, *[1] * 37]), "found none in row 2, and 1 more rows like it"),
        (Column("w", "number", np.array([np.inf] + [1.0] * 39)), "found inf in row 1"),
        (texts("w", ["heavy", "light"] * 20), "found text such as “heavy”"),
        (numbers("w", [0] * 40), "expected a weight above 0 in a row of the training part"),
    ],
)
def test_what_is_no_weight_is_refused_with_a_sentence(column, sentence):
    data = table(column, numbers("x", range(40)), texts("y", ["a", "b"] * 20))
    with pytest.raises(UserError, match=sentence) as caught:
        prepare(DataSettings(target="y", weight="w"), data)
    assert caught.value.place == ("data", "weight")


def test_weights_whose_sum_is_infinite_are_compared_like_others():
    data = table(numbers("w", [1.7e308, 0.85e308] * 20), numbers("x", range(40)), texts("y", ["a", "b"] * 20))
    weights = prepare(DataSettings(target="y", weight="w"), data).training.weights
    assert weights is not None
    assert weights.max() == 2 * weights.min() > 0
    assert 0.5 < weights.mean() < 2


def test_a_validation_part_in_which_nothing_counts_has_no_loss():
    weights = np.where(np.arange(60) < 40, 1.0, 0.0)
    run = finish(run_on(rows(weights, ONCE), "classification"))
    assert np.isnan(run.evaluate("validation").loss)
