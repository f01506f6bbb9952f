"""A batch in parts: the gradients of the whole, whatever the layers, the loss and the sizes."""

import threading

import numpy as np
import pytest

from engine.layers import LAYERS
from engine.layers.activation import PReLU
from engine.layers.batch_norm import BatchNorm
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.layers.lstm import LSTM
from engine.layers.reshape import Flatten
from engine.layers.residual import Residual
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.network import Network
from engine.training import batch_parts, evaluator, scoring
from engine.training.data_parallel import DataParallelGradient
from engine.training.gradient import BatchGradient
from engine.training.stopping import Event
from engine.training.worker_pool import WorkerPool
from tests.engine.sample_shapes import fitting_shapes
from tests.engine.training.runs import dense, experiment, finish, take, trainer
from tests.engine.training.test_continuation import reopened
from tests.engine.variants import variants

ROWS = 13
CLASSES = 3


CASES = [
    pytest.param(layer, shape, id=f"{layer.kind}-{number}-{'x'.join(map(str, shape))}")
    for cls in LAYERS
    for number, layer in enumerate(variants(cls))
    for shape in fitting_shapes(layer)[:1]
    if not layer.random
]

WITH_LAYERS_INSIDE = Residual.model_validate(
    {
        "layers": [
            {"kind": "dense", "units": 5},
            {"kind": "residual", "layers": [{"kind": "batch_norm"}, {"kind": "dense", "units": 5}]},
            {"kind": "batch_norm"},
        ]
    }
)
"""It counts as random, but draws for nothing at rate 0."""


def network_of(layer, shape) -> Network:
    """The layer between others, so that it has a gradient to pass on, under outputs for three classes."""
    network = Network(
        [PReLU(), layer, Flatten(), Dense(units=CLASSES, activation="linear")], shape, np.float64
    )
    draws = np.random.default_rng(1)
    network.initialize(draws)
    network.parameters += 0.1 * draws.normal(size=network.parameters.size)
    return network


def begun_since(before: set[threading.Thread]) -> set[threading.Thread]:
    """Threads that were not there before. Nobody counts them all: those of an earlier test may yet end."""
    return set(threading.enumerate()) - before


def batch(shape, rows=ROWS):
    draws = np.random.default_rng(2)
    return draws.normal(size=(rows, *shape)), np.eye(CLASSES)[draws.integers(0, CLASSES, rows)]


@pytest.fixture(scope="module")
def pool():
    pool = WorkerPool(3)
    yield pool
    pool.shutdown()


@pytest.mark.parametrize(("layer", "shape"), [*CASES, (WITH_LAYERS_INSIDE, (4,))])
def test_parts_give_the_gradients_of_the_whole(layer, shape, pool):
    x, target = batch(shape)
    loss = SoftmaxCrossEntropy(class_weights=(1.0, 2.0, 0.5))
    results = []
    for split in (False, True):
        network = network_of(layer, shape)
        generator = np.random.default_rng(3)
        gradient = (
            DataParallelGradient(network, loss, ROWS, generator, pool)
            if split
            else BatchGradient(network, loss, ROWS, generator)
        )
        value, weight = gradient.evaluate(x, target)
        kept = [array.copy() for state in network.statistics_views for array in state.values()]
        results.append((value, weight, network.gradients.copy(), kept))
    (value, weight, gradients, kept), split_result = results
    assert split_result[0] == pytest.approx(value, rel=1e-12)
    assert split_result[1] == pytest.approx(weight, rel=1e-12)
    np.testing.assert_allclose(split_result[2], gradients, rtol=1e-9, atol=1e-12)
    for one, other in zip(kept, split_result[3], strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-12, atol=1e-14)


CONV = [
    {"kind": "reshape", "target_shape": "image", "height": 2, "width": 1, "channels": 1},
    {"kind": "conv2d", "filters": 4, "height": 2, "width": 1, "activation": "linear"},
    {"kind": "batch_norm"},
    {"kind": "activation", "activation": "relu"},
    {"kind": "flatten"},
    {"kind": "dropout", "rate": 0.3},
    dense(8),
]


@pytest.fixture
def always_split(monkeypatch):
    monkeypatch.setattr(batch_parts, "NUMBERS_WORTH_SPLITTING", 1)
    monkeypatch.setattr(batch_parts, "FEWEST_PARTS", 3)


@pytest.mark.usefixtures("always_split")
def test_a_run_in_parts_does_not_depend_on_timing_or_cores(monkeypatch):
    """Three parts; on one and two cores, not all of them are worked on at the same time."""
    runs = []
    for cores in (3, 3, 2, 1):
        monkeypatch.setattr("engine.training.trainer.cores", lambda cores=cores: cores)
        runs.append(finish(trainer(experiment(CONV, epochs=6))))
        assert (runs[-1].parts, runs[-1].threads) == (3, cores)
    for run in runs[1:]:
        assert np.array_equal(run.network.parameters, runs[0].network.parameters)


@pytest.mark.usefixtures("always_split")
@pytest.mark.parametrize("steps", [3, 11])
def test_a_run_in_parts_goes_on_bit_for_bit(steps, tmp_path):
    whole = finish(trainer(experiment(CONV, epochs=6)))
    second = finish(reopened(take(trainer(experiment(CONV, epochs=6)), steps), tmp_path))
    assert np.array_equal(second.network.parameters, whole.network.parameters)
    for one, other in zip(whole.network.statistics_views, second.network.statistics_views, strict=True):
        for name in one:
            assert np.array_equal(one[name], other[name])


def test_a_line_search_has_the_team_too(monkeypatch):
    settings = experiment(optimizer="lbfgs", batch_size=30, epochs=5, precision="float64")
    alone = finish(trainer(settings))
    monkeypatch.setattr(batch_parts, "NUMBERS_WORTH_SPLITTING", 1)
    monkeypatch.setattr(batch_parts, "FEWEST_PARTS", 3)
    run = trainer(settings)
    worked = []
    original = WorkerPool.run
    monkeypatch.setattr(
        WorkerPool, "run", lambda pool, tasks: (worked.append(len(tasks)), original(pool, tasks))
    )
    next(run.run())
    # 84 examples are two chunks of 30 and one of 24, for each point that was looked at.
    assert set(worked) == {3}
    assert len(worked) >= 6
    finish(run)
    np.testing.assert_allclose(
        run.history.steps.read("loss"), alone.history.steps.read("loss"), rtol=1e-6, atol=1e-9
    )


@pytest.mark.usefixtures("always_split")
@pytest.mark.parametrize("task", ["classification", "reconstruction"])
def test_who_looks_while_an_epoch_is_scored_changes_no_score(task, monkeypatch):
    monkeypatch.setattr(evaluator, "MOST_ROWS_AT_ONCE", 10)
    monkeypatch.setattr(scoring, "SECONDS_A_PIECE", 0.0)
    data = {"source": {"kind": "spiral", "points": 120}, "task": task}
    records = []
    for looks in (False, True):
        run = trainer(experiment(data=data, epochs=3))
        seen = 0
        for event in run.run():
            if event is Event.SCORING and looks:
                run.evaluate("training"), run.predict(run.dataset.training.inputs)
                seen += 1
        assert run.parts == 3
        assert seen > 5 or not looks
        records.append(run.history.epochs)
    for column in set(records[0].columns) - {"seconds"}:
        assert np.array_equal(records[0].read(column), records[1].read(column)), column


def test_parts_drop_out_apart_from_one_another(pool):
    network = Network([Dropout(rate=0.5), Dense(units=CLASSES, activation="linear")], (40,))
    gradient = DataParallelGradient(
        network, SoftmaxCrossEntropy(), 30, np.random.Generator(np.random.SFC64(1)), pool
    )
    x, target = (array.astype(np.float32) for array in batch((40,), 30))
    seen = []
    for _ in range(2):
        gradient.evaluate(x, target)
        seen += [part.workspaces.rows(10)[0]["mask"].copy() for part in gradient.parts]
    for number, mask in enumerate(seen):
        assert 0.4 < np.mean(mask > 0) < 0.6
        for other in seen[number + 1 :]:
            assert not np.array_equal(mask, other)


def test_a_batch_of_few_rows_stays_in_one_piece_and_starts_no_thread():
    pool = WorkerPool(3)
    network = network_of(BatchNorm(), (4,))
    gradient = DataParallelGradient(network, SoftmaxCrossEntropy(), ROWS, np.random.default_rng(1), pool)
    alone = network_of(BatchNorm(), (4,))
    x, target = batch((4,), 5)
    before = set(threading.enumerate())
    found = gradient.evaluate(x, target)
    assert not begun_since(before)
    assert found == BatchGradient(alone, SoftmaxCrossEntropy(), 5, np.random.default_rng(1)).evaluate(
        x, target
    )
    assert np.array_equal(network.gradients, alone.gradients)
    # Then a large one, and a small one again.
    gradient.evaluate(*batch((4,)))
    gradient.evaluate(x, target)
    assert np.array_equal(network.gradients, alone.gradients)
    pool.shutdown()


def test_batches_of_every_size_fit_in():
    pool = WorkerPool(8)
    network = network_of(Dense(units=4), (4,))
    gradient = DataParallelGradient(network, SoftmaxCrossEntropy(), 64, np.random.default_rng(1), pool)
    for rows in (64, 17, 16, 15, 9, 1):
        x, target = batch((4,), rows)
        value, weight = gradient.evaluate(x, target)
        found = network.gradients.copy()
        whole = BatchGradient(network, SoftmaxCrossEntropy(), rows, np.random.default_rng(1))
        assert whole.evaluate(x, target) == (pytest.approx(value, rel=1e-12), weight)
        np.testing.assert_allclose(found, network.gradients, rtol=1e-9, atol=1e-13)
    pool.shutdown()


@pytest.mark.usefixtures("always_split")
def test_threads_end_with_the_run():
    before = set(threading.enumerate())
    run = trainer(experiment(CONV, epochs=3))
    events = run.run()
    next(events)
    assert len(begun_since(before)) == 2
    events.close()
    assert not begun_since(before)
    finish(run)
    assert run.epoch == 3
    assert not begun_since(before)


@pytest.mark.parametrize("row", [0, ROWS // 2, ROWS - 1])
def test_a_number_that_is_not_finite_is_found_in_any_part(row, pool):
    network = network_of(Dense(units=4), (4,))
    gradient = DataParallelGradient(network, SoftmaxCrossEntropy(), ROWS, np.random.default_rng(1), pool)
    x, target = batch((4,))
    gradient.evaluate(x, target)
    assert gradient.first_bad_output(ROWS) is None
    x[row, 2] = np.nan
    with np.errstate(all="ignore"):
        value, _ = gradient.evaluate(x, target)
    assert np.isnan(value)
    assert gradient.first_bad_output(ROWS) == network.names[0]


@pytest.mark.parametrize("cores", [1, 2, 16])
def test_the_number_of_parts_follows_from_the_work_alone(cores, monkeypatch):
    monkeypatch.setattr(batch_parts, "cores", lambda: cores)
    small = trainer(experiment([dense(8), dense(8)])).network
    assert batch_parts.batch_parts(small, 32) == 1
    # Half a million numbers kept, more than there are parameters.
    assert batch_parts.batch_parts(small, 50_000) == 2
    assert batch_parts.batch_parts(small, 500_000) == 4
    assert batch_parts.batch_parts(small, 50_000_000) == 8
    wide = Network([Dense(units=2048), Dense(units=2048)], (64,))
    assert batch_parts.batch_parts(wide, 127) == 1  # too few rows for each of two
    assert batch_parts.batch_parts(wide, 128) == 2
    assert batch_parts.batch_parts(small, 50_000_000, early=True) == 2
    steps = Network([LSTM(units=256)], (20, 32))  # products of 256 · 256 for each row
    assert batch_parts.batch_parts(steps, 122) == 1
    assert batch_parts.batch_parts(steps, 123) == 2
    assert batch_parts.batch_parts(steps, 123, early=True) == 1
    assert batch_parts.batch_parts(Network([LSTM(units=512)], (20, 32)), 63) == 1  # too few rows
    pool = batch_parts.batch_worker_pool(small, 500_000)
    assert (pool.size, pool.running) == (4, min(cores, 4))


def test_many_rows_are_predicted_in_parts_as_they_are_alone(monkeypatch):
    run = trainer(experiment(CONV, epochs=1))
    take(run, 2)
    inputs = np.resize(run.dataset.training.inputs, (1100, *run.dataset.input_shape))
    alone = run.predict(inputs)
    monkeypatch.setattr(batch_parts, "NUMBERS_WORTH_SPLITTING", 1)
    monkeypatch.setattr(batch_parts, "FEWEST_PARTS", 3)
    before = set(threading.enumerate())
    np.testing.assert_allclose(run.predict(inputs), alone, rtol=1e-5, atol=1e-7)
    assert not begun_since(before)
