"""Laws of all metrics: scikit-learn's values, chunks as the whole, what is not defined, JSON."""

import itertools
import math
import warnings

import numpy as np
import pytest
from sklearn import metrics as sk

from engine.metrics import METRICS, USUAL, Measurement, metrics_for
from engine.metrics.classification import TopKAccuracy
from engine.metrics.statistics import ConfusionCounts
from engine.settings import kind_of

CASES = 120


def binary(metric_of):
    return lambda y, p, w: metric_of(y, (p[:, 0] >= 0.5).astype(int), w)


def of_classes(metric_of):
    def value(y, p, w):
        return metric_of(y, p.argmax(axis=1) if p.shape[1] > 1 else (p[:, 0] >= 0.5).astype(int), w)

    return value


def averaged(metric_of, averaging):
    return of_classes(lambda y, c, w: metric_of(y, c, average=averaging, sample_weight=w, zero_division=0))


def one_against_rest(metric_of):
    """The mean over the classes that occur, each against all others."""

    def value(y, p, w):
        if p.shape[1] == 1:
            return metric_of(y, p[:, 0], sample_weight=w) if len(set(y)) == 2 else math.nan
        each = [
            metric_of(y == label, p[:, label], sample_weight=w)
            for label in range(p.shape[1])
            if 0 < (y == label).sum() < len(y)
        ]
        return np.mean(each) if each else math.nan

    return value


def brier(y, p, w):
    one_hot = np.eye(p.shape[1])[y] if p.shape[1] > 1 else y[:, np.newaxis]
    return np.average(((p - one_hot) ** 2).sum(axis=1), weights=w)


def log_loss(y, p, w):
    both = np.column_stack([1 - p, p]) if p.shape[1] == 1 else p
    return sk.log_loss(y, both, sample_weight=w, labels=np.arange(both.shape[1]))


def matthews(y, c, w):
    return sk.matthews_corrcoef(y, c, sample_weight=w)


OF_CLASSES = {
    "accuracy": of_classes(lambda y, c, w: sk.accuracy_score(y, c, sample_weight=w)),
    "balanced_accuracy": of_classes(lambda y, c, w: sk.balanced_accuracy_score(y, c, sample_weight=w)),
    "cohen_kappa": of_classes(lambda y, c, w: sk.cohen_kappa_score(y, c, sample_weight=w)),
    "matthews_correlation": of_classes(matthews),
    "log_loss": log_loss,
    "brier_score": brier,
    "roc_auc": one_against_rest(sk.roc_auc_score),
    "average_precision": one_against_rest(sk.average_precision_score),
    "top_5_accuracy": lambda y, p, w: sk.top_k_accuracy_score(
        y, p, k=5, sample_weight=w, labels=np.arange(p.shape[1])
    ),
} | {
    f"{name}_{averaging}": averaged(metric_of, averaging)
    for name, metric_of in (
        ("precision", sk.precision_score),
        ("recall", sk.recall_score),
        ("f1", sk.f1_score),
    )
    for averaging in ("macro", "weighted", "binary")
}


def of_numbers(metric_of, **more):
    return lambda y, p, w: metric_of(y, p, sample_weight=w, **more)


OF_NUMBERS = {
    "r2": of_numbers(sk.r2_score),
    "rmse": of_numbers(sk.root_mean_squared_error),
    "mae": of_numbers(sk.mean_absolute_error),
    "median_absolute_error": of_numbers(sk.median_absolute_error),
    "mape": of_numbers(sk.mean_absolute_percentage_error),
    "max_error": lambda y, p, w: np.abs(y - p).max(),
    "explained_variance_score": of_numbers(sk.explained_variance_score),
}

OF_RECONSTRUCTIONS = {
    "variance_explained": lambda y, p, w: sk.r2_score(y, p, sample_weight=w, multioutput="variance_weighted"),
    "mse": lambda y, p, w: sk.mean_squared_error(y, p, sample_weight=w),
}
PEERS = {
    "classification": OF_CLASSES,
    "binary": OF_CLASSES,
    "regression": OF_NUMBERS,
    "reconstruction": OF_RECONSTRUCTIONS,
}


def case(task, seed):
    """Targets, predictions and weights or None; with ties, rare classes and few rows among them."""
    random = np.random.default_rng(seed)
    rows = int(random.choice([1, 2, 3, 10, 200]))
    weights = random.choice([0.25, 1.0, 3.0], rows) if random.random() < 0.4 else None
    if task == "classification":
        classes = int(random.choice([3, 6, 12]))
        targets = random.integers(0, int(random.integers(1, classes + 1)), rows)
        raw = random.random((rows, classes)) + 1e-3
        if random.random() < 0.5:
            raw = np.round(raw, 1) + 0.1
        return targets, raw / raw.sum(axis=1, keepdims=True), weights
    if task == "binary":
        yes = random.random((rows, 1))
        return random.integers(0, 2, rows), np.round(yes, 1) if random.random() < 0.5 else yes, weights
    outputs = int(random.choice([1, 3])) if task == "regression" else 5
    scale = float(random.choice([1e-3, 1.0, 1e6]))
    targets = scale * random.normal(3.0, 1.0, (rows, outputs))
    if random.random() < 0.1:
        targets[:] = targets[0]
    return targets, targets + scale * random.normal(0.2, 0.5, (rows, outputs)), weights


def measured(task, targets, predictions, weights, cuts=()):
    measurement = Measurement(metrics_for(task), predictions.shape[1])
    starts = [0, *cuts, len(targets)]
    for start, stop in itertools.pairwise(starts):
        rows = slice(start, stop)
        measurement.update(predictions[rows], targets[rows], None if weights is None else weights[rows])
    return measurement.result()


def test_every_metric_has_a_peer():
    for task, peers in PEERS.items():
        assert {metric.name for metric in metrics_for(task)} <= set(peers)


@pytest.mark.parametrize("task", PEERS)
def test_values_are_scikit_learns(task):
    for seed in range(CASES):
        targets, predictions, weights = case(task, seed)
        found = measured(task, targets, predictions, weights)
        for name, value in found.items():
            with warnings.catch_warnings():
                # Of what is not defined scikit-learn warns.
                warnings.simplefilter("ignore")
                expected = PEERS[task][name](targets, predictions, weights)
            if math.isnan(value):
                # Where nothing varies scikit-learn has a convention, 0 or 1; here there is no value.
                assert math.isnan(expected) or not undefined(task, name, targets, predictions), (name, seed)
            else:
                assert value == pytest.approx(expected, rel=1e-12, abs=1e-13), (name, seed)


def undefined(task, name, targets, predictions):
    """Whether a value is expected here all the same."""
    if name in ("r2", "explained_variance_score", "variance_explained"):
        return bool((targets.max(axis=0) > targets.min(axis=0)).any())
    return name not in ("roc_auc", "average_precision", "cohen_kappa")


@pytest.mark.parametrize("task", PEERS)
def test_pieces_give_what_the_whole_gives(task):
    for seed in range(30):
        targets, predictions, weights = case(task, seed)
        cuts = sorted(np.random.default_rng(seed).integers(0, len(targets) + 1, 3))
        whole = measured(task, targets, predictions, weights)
        pieces = measured(task, targets, predictions, weights, cuts)
        assert pieces == pytest.approx(whole, rel=1e-12, abs=1e-14, nan_ok=True), seed


@pytest.mark.parametrize("task", PEERS)
def test_no_row_and_numbers_that_are_not_finite_give_no_warning(task):
    outputs = {"classification": 4, "binary": 1, "regression": 1, "reconstruction": 3}[task]
    empty = Measurement(metrics_for(task), outputs)
    assert all(math.isnan(value) for value in empty.result().values())
    targets = np.zeros((3, outputs)) if task in ("regression", "reconstruction") else np.array([0, 1, 1])
    found = measured(task, targets, np.full((3, outputs), math.nan), None)
    assert set(found) == {metric.name for metric in metrics_for(task)}


@pytest.mark.parametrize("task", PEERS)
def test_inputs_stay_as_they_are(task):
    targets, predictions, weights = case(task, 4)
    before = targets.copy(), predictions.copy()
    measured(task, targets, predictions, weights)
    assert np.array_equal(targets, before[0])
    assert np.array_equal(predictions, before[1])


@pytest.mark.parametrize("kind", METRICS, ids=kind_of)
def test_what_it_declares(kind):
    for metric in kind.variants():
        assert kind.model_validate_json(metric.model_dump_json()) == metric
        assert metric.title
        assert metric.explanation.endswith(".")
        assert metric.better in ("up", "down")
        assert metric.improves(1.0, math.nan)
        assert not metric.improves(math.nan, 1.0)
        assert metric.improves(2.0, 1.0) == (metric.better == "up")
        assert any(metric.suits(task) for task in USUAL)


def test_names_are_unique():
    for task in USUAL:
        names = [metric.name for metric in metrics_for(task)]
        assert len(names) == len(set(names))
        assert names[: len(USUAL[task])] == [metric.name for metric in USUAL[task]]


def test_perfect_predictions_are_best():
    """In the direction that a metric declares nothing is better than the truth."""
    random = np.random.default_rng(0)
    for task in USUAL:
        targets, predictions, _ = case(task, 9)
        perfect = targets
        if task == "classification":
            perfect = np.eye(predictions.shape[1])[targets]
        elif task == "binary":
            perfect = targets[:, np.newaxis].astype(float)
        best = measured(task, targets, perfect, None)
        worse = measured(task, targets, predictions[random.permutation(len(targets))], None)
        for metric in metrics_for(task):
            value = best[metric.name]
            assert math.isnan(value) or not metric.improves(worse[metric.name], value), metric.name


def test_a_probability_that_is_nan_is_among_no_top_k():
    probabilities = np.array([[0.5, 0.3, 0.2], [math.nan] * 3])
    found = Measurement([TopKAccuracy(k=2)], 3)
    found.update(probabilities, np.array([0, 0]), None)
    assert found.result() == {"top_2_accuracy": 0.5}


@pytest.mark.parametrize("outputs", [1, 3])
def test_a_prediction_that_is_no_number_is_of_no_class(outputs):
    shares = np.full((6, outputs), 1 / (outputs + 1))
    measurement = Measurement(metrics_for("binary" if outputs == 1 else "classification"), outputs)
    shares[4] = np.nan
    measurement.update(shares, np.array([0, 1, 0, 1, 0, 1]))
    found = measurement.result()
    assert math.isnan(found["accuracy"])
    assert math.isnan(found["balanced_accuracy"])
    (counts,) = (one.counts for kind, one in measurement.statistics.items() if kind is ConfusionCounts)
    assert counts.sum() == 5
