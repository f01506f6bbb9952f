"""Blocks of a step, on which the members of a pool work at the same time: all of it or none."""

import threading

import numpy as np
import pytest

from engine.layers.dense import Dense
from engine.network import Network
from engine.optimizers import OPTIMIZERS
from engine.settings import kind_of
from engine.training import updater
from engine.training.updater import Updater
from engine.training.worker_pool import WorkerPool


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Several for each member, with borders inside of layers."""
    monkeypatch.setattr(updater, "BLOCK_LENGTH", 20)


@pytest.fixture(scope="module")
def pool():
    pool = WorkerPool(3)
    yield pool
    pool.shutdown()


def small_network() -> Network:
    network = Network([Dense(units=20), Dense(units=9), Dense(units=3)], (7,), np.float64)
    network.initialize(np.random.default_rng(1))
    return network


@pytest.mark.parametrize("optimizer", [cls for cls in OPTIMIZERS if not cls.needs_full_batch], ids=kind_of)
def test_who_works_on_a_block_changes_no_bit(optimizer, pool):
    networks = [small_network() for _ in range(2)]
    updaters = [Updater(optimizer(), network) for network in networks]
    updaters[1].use_pool(pool)
    draws = np.random.default_rng(4)
    for _ in range(3):
        gradient = draws.normal(size=networks[0].gradients.size)
        for network, one in zip(networks, updaters, strict=True):
            network.gradients[...] = gradient
            assert one.apply(0.01) is None
    assert np.array_equal(networks[0].parameters, networks[1].parameters)
    assert updaters[0].change_squares == updaters[1].change_squares
    assert updaters[0].weight_squares == updaters[1].weight_squares


@pytest.mark.parametrize("optimizer", [cls for cls in OPTIMIZERS if not cls.needs_full_batch], ids=kind_of)
@pytest.mark.parametrize("broken", [0, 1, 2])
def test_a_step_broken_off_by_any_member_leaves_the_weights_as_they_were(
    optimizer, broken, pool, monkeypatch
):
    network = small_network()
    one = Updater(optimizer(), network)
    one.use_pool(pool)
    network.gradients.fill(1.0)
    one.apply(0.1)
    before = network.parameters.copy()
    update, low = optimizer.update, len(before) * (broken + 0.9) / 3

    def failing(self, gradient, parameters, *rest):
        offset = (parameters.ctypes.data - network.parameters.ctypes.data) // parameters.itemsize
        if offset <= low < offset + parameters.size:
            raise MemoryError
        update(self, gradient, parameters, *rest)

    monkeypatch.setattr(optimizer, "update", failing)
    with pytest.raises(MemoryError):
        one.apply(0.1)
    assert np.array_equal(network.parameters, before)


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_many_blocks_have_several_threads_where_batches_are_not_split(cores, monkeypatch):
    """However many there are, the result is the same; they end when they are shut down."""
    monkeypatch.setattr(updater, "cores", lambda: cores)
    networks = [small_network() for _ in range(2)]
    alone, helped = (Updater(OPTIMIZERS[0](), network) for network in networks)
    helped.use_pool(WorkerPool(1))
    before = set(threading.enumerate())
    for network, one in zip(networks, (alone, helped), strict=True):
        network.gradients[...] = np.random.default_rng(4).normal(size=network.gradients.size)
        assert one.apply(0.01) is None
    assert len(set(threading.enumerate()) - before) == cores - 1
    helped.use_pool(WorkerPool(1))
    assert len(set(threading.enumerate()) - before) == cores - 1
    assert np.array_equal(networks[0].parameters, networks[1].parameters)
    helped.shutdown()
    assert not set(threading.enumerate()) - before
    # Nobody waits for others where there is little to do.
    monkeypatch.setattr(updater, "FEWEST_PARALLEL_BLOCKS", 1000)
    helped.use_pool(WorkerPool(1))
    helped.apply(0.01)
    assert not set(threading.enumerate()) - before
