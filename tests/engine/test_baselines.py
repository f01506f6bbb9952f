"""Simple models beside the network, against scikit-learn on the same arrays; and doubtful labels."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from engine.data import DataSettings, prepare
from engine.data.settings import Split
from engine.data.sources.bundled import Diabetes, Iris
from engine.errors import UserError
from engine.experiment import Experiment
from engine.insight import baselines
from engine.insight.baselines import NetworkComparison, compare
from engine.insight.comparison import Baseline, Comparison
from engine.insight.wrong_labels import WrongLabels
from engine.progress import Cancelled, Progress
from engine.training.trainer import Trainer
from tests.engine.data.tables import numbers, table, texts

IRIS, DIABETES = DataSettings(source=Iris()), DataSettings(source=Diabetes())


def dataset_of(settings):
    return prepare(settings, settings.load())


def by_kind(comparison):
    return {one.kind: one.score for one in comparison.baselines}


def test_scores_of_classes_are_those_of_scikit_learn():
    dataset = dataset_of(IRIS)
    found = compare(dataset)
    training, checked = dataset.training, dataset.validation
    models = {
        "straight_line": LogisticRegression(max_iter=500),
        "neighbours": KNeighborsClassifier(15),
        "boosted_trees": HistGradientBoostingClassifier(early_stopping=False, random_state=0),
    }
    x, y = training.inputs.astype(float), training.targets
    expected = {
        kind: model.fit(x, y).score(checked.inputs.astype(float), checked.targets)
        for kind, model in models.items()
    }
    usual = np.bincount(training.targets).argmax()
    expected["always_same"] = (checked.targets == usual).mean()
    assert by_kind(found) == pytest.approx(expected)
    assert (found.part, found.rows, found.training_rows, found.network) == ("validation", 23, 104, None)
    assert found.baselines[0].title.startswith("Always saying “")
    assert found.notes == ()


def test_scores_of_numbers_are_r2_on_the_same_rows():
    dataset = dataset_of(DIABETES)
    found = by_kind(compare(dataset))
    training, checked = dataset.training, dataset.validation
    x, y = training.inputs.astype(float), training.targets[:, 0].astype(float)
    for kind, model in (("straight_line", Ridge()), ("neighbours", KNeighborsRegressor(15))):
        predicted = model.fit(x, y).predict(checked.inputs.astype(float))
        assert found[kind] == pytest.approx(r2_score(checked.targets[:, 0], predicted), abs=1e-6)
    assert found["always_same"] == pytest.approx(0, abs=0.05)


def test_codes_become_columns_of_their_own():
    """Category 3 is not three times category 1: with codes as numbers a straight line could not tell them."""
    kinds = [f"k{number % 5}" for number in range(200)]
    target = ["yes" if kind in ("k1", "k3") else "no" for kind in kinds]
    data = table(
        texts("kind", kinds), numbers("x", np.random.default_rng(0).normal(size=200)), texts("t", target)
    )
    settings = DataSettings(target="t", categories="integer")
    assert by_kind(compare(prepare(settings, data)))["straight_line"] == 1.0


def test_large_tables_are_sampled_and_it_is_said(monkeypatch):
    monkeypatch.setattr(baselines, "MOST_ROWS", dict.fromkeys(baselines.MOST_ROWS, 50))
    monkeypatch.setattr(baselines, "MOST_CHECKED", 20)
    found = compare(dataset_of(IRIS))
    assert [one.rows for one in found.baselines] == [104, 50, 50, 50]
    assert "Straight-line model: learned from 50 of 104 rows." in found.notes
    assert found.notes[-1] == "Scored on 20 of 23 validation rows."


def test_models_that_go_on_for_long_are_cut_short(monkeypatch):
    monkeypatch.setattr(baselines, "SECONDS", 1e-9)
    found = compare(dataset_of(IRIS))
    assert found.baselines[-1].cut_short
    assert any(note.startswith("Boosted trees: cut short after") for note in found.notes)


def test_it_is_cancelled():
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        compare(dataset_of(IRIS), progress=progress)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (IRIS.replace(task="reconstruction"), "a target that is predicted"),
        (IRIS.replace(split=Split(validation=0.0)), "rows in the validation part"),
    ],
)
def test_where_nothing_can_be_compared(settings, words):
    with pytest.raises(UserError, match=words):
        compare(dataset_of(settings))


def test_the_network_beside_them_has_the_score_of_its_evaluation():
    experiment = Experiment(data=IRIS)
    trainer = Trainer(experiment, dataset_of(IRIS))
    steps = trainer.run()
    next(steps)
    check = NetworkComparison(trainer)
    assert list(check)[-1] == check.steps
    result = check.result()
    assert result.network == trainer.evaluate("validation").metrics["accuracy"]
    assert f"The network has {result.network:.1%}." in result.sentence


def scores(constant, linear, neighbours, trees):
    kinds = ("always_same", "straight_line", "neighbours", "boosted_trees")
    values = (constant, linear, neighbours, trees)
    return tuple(Baseline(kind, kind, score, 100, 0.1) for kind, score in zip(kinds, values, strict=True))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((0.5, 0.5, 0.49, 0.5), "there may be nothing to learn"),
        ((0.5, 0.97, 0.9, 0.97), "The straight-line model is as good as any"),
        ((0.5, 0.6, 0.9, 0.97), "Straight lines are not enough"),
    ],
)
def test_how_hard_it_is_in_words(values, words):
    comparison = Comparison("classification", "validation", 1000, 1000, 100, scores(*values))
    assert words in comparison.verdict
    # p = (1000 best + 2) / 1004, √(p (1 − p) / 1004)
    best = (1000 * max(values) + 2) / 1004
    assert comparison.error == pytest.approx((best * (1 - best) / 1004) ** 0.5)


def blobs(wrong=(), distance=6.0):
    draws = np.random.default_rng(3)
    classes = draws.integers(0, 2, 400)
    points = draws.normal(size=(400, 2)) + distance * classes[:, np.newaxis]
    labels = ["ab"[one] for one in classes]
    for row in wrong:
        labels[row] = {"a": "b", "b": "a"}[labels[row]]
    data = table(numbers("x", points[:, 0]), numbers("y", points[:, 1]), texts("t", labels))
    return prepare(DataSettings(target="t"), data)


def doubted(dataset):
    search = WrongLabels(dataset)
    done = list(search)
    assert done == sorted(done)
    return search.result()


def test_labels_that_were_exchanged_are_found():
    wrong = (7, 33, 150, 290, 391)
    finding = doubted(blobs(wrong))
    assert (finding.rows, finding.count, finding.kind) == (wrong, 5, "wrong_labels")
    assert finding.remedies[0].apply(DataSettings()).left_out == wrong
    assert "5 rows whose nearest 15 rows nearly all have another class: “a” among “b” (" in finding.sentence


@pytest.mark.parametrize("distance", [6.0, 1.0, 0.0], ids=["apart", "mixed", "nothing to learn"])
def test_labels_that_are_right_are_not_doubted(distance):
    assert doubted(blobs(distance=distance)) is None


def test_numbers_have_no_labels():
    with pytest.raises(UserError, match="a target with classes"):
        WrongLabels(dataset_of(DIABETES))
