"""Wide dense layers of a batch in parts: their gradients are shared out, and those of the whole."""

import numpy as np
import pytest

from engine.layers.batch_norm import BatchNorm
from engine.layers.dense import Dense
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.network import Network
from engine.training import batch_parts, sharded_dense
from engine.training.data_parallel import DataParallelGradient
from engine.training.gradient import BatchGradient
from engine.training.sharded_dense import rows_of_workers
from engine.training.worker_pool import WorkerPool
from tests.engine.training.runs import dense, experiment, finish, take, trainer
from tests.engine.training.test_continuation import reopened

ROWS, INPUTS, CLASSES = 13, 7, 3
ACTIVATIONS = ("relu", "linear", "gelu", "softmax")
"""In place, none, one that keeps its input, one over rows."""


@pytest.fixture(autouse=True)
def all_are_wide(monkeypatch):
    monkeypatch.setattr(sharded_dense, "FEWEST_WEIGHTS", 1)


@pytest.fixture(scope="module")
def pool():
    pool = WorkerPool(3)
    yield pool
    pool.shutdown()


def network_of(*layers) -> Network:
    network = Network([*layers, Dense(units=CLASSES, activation="linear")], (INPUTS,), np.float64)
    draws = np.random.default_rng(1)
    network.initialize(draws)
    network.parameters += 0.1 * draws.normal(size=network.parameters.size)
    return network


def batch(rows):
    draws = np.random.default_rng(2)
    return draws.normal(size=(rows, INPUTS)), np.eye(CLASSES)[draws.integers(0, CLASSES, rows)]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("rows", [2, ROWS - 1, ROWS])  # 2 are too few to be split
def test_shared_gradients_are_those_of_the_whole(activation, bias, rows, pool):
    layers = [Dense(units=5, activation=activation, bias=bias), BatchNorm(), Dense(units=4, bias=bias)]
    whole, split = network_of(*layers), network_of(*layers)
    loss = SoftmaxCrossEntropy()
    alone = BatchGradient(whole, loss, ROWS, np.random.default_rng(3))
    shared = DataParallelGradient(split, loss, ROWS, np.random.default_rng(3), pool)
    for _ in range(2):
        split.gradients.fill(np.nan)  # all of them are to be written
        found, expected = shared.evaluate(*batch(rows)), alone.evaluate(*batch(rows))
        assert found == pytest.approx(expected, rel=1e-12)
        np.testing.assert_allclose(split.gradients, whole.gradients, rtol=1e-9, atol=1e-12)
        assert shared.squares() == pytest.approx(alone.squares(), rel=1e-12)


@pytest.mark.parametrize("members", [1, 2, 3, 5])
@pytest.mark.parametrize("place", [slice(0, 60), slice(13, 73), slice(140, 200)])
def test_every_row_of_the_weights_has_one_member(members, place):
    """That in whose stretch the row begins."""
    size, units = 200, 6
    shares = rows_of_workers(place, units, size, members)
    assert [share.start for share in shares[1:]] == [share.stop for share in shares[:-1]]
    assert (shares[0].start, shares[-1].stop) == (0, 10)
    for number, share in enumerate(shares):
        for row in range(share.start, share.stop):
            begins = place.start + row * units
            assert size * number // members <= begins < size * (number + 1) // members


@pytest.fixture
def wide_runs(monkeypatch):
    monkeypatch.setattr(batch_parts, "MULTIPLICATIONS_WORTH_SPLITTING", 1)
    monkeypatch.setattr(batch_parts, "FEWEST_ROWS_OF_WIDE", 1)
    monkeypatch.setattr(batch_parts, "FEWEST_PARTS", 3)


LAYERS = [dense(12), {"kind": "dropout", "rate": 0.2}, dense(8)]


@pytest.mark.usefixtures("wide_runs")
def test_a_run_in_parts_does_not_depend_on_timing_and_goes_on_bit_for_bit(tmp_path):
    runs = [finish(trainer(experiment(LAYERS, epochs=4))) for _ in range(2)]
    runs.append(finish(reopened(take(trainer(experiment(LAYERS, epochs=4)), 5), tmp_path)))
    for run in runs:
        assert run.parts == 3
        assert np.array_equal(run.network.parameters, runs[0].network.parameters)


def test_members_have_about_equally_much_to_do_whatever_else_there_is():
    network = Network([Dense(units=900), Dense(units=64), Dense(units=60), Dense(units=2)], (8,))
    found = sharded_dense.sharded_layers(network, 2, 4)
    products = [0, 0]
    for shared in found.values():
        for member, share in enumerate(shared.shards):
            products[member] += (share.stop - share.start) * shared.units
    assert products[0] == pytest.approx(products[1], abs=900)
