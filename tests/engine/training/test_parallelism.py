"""Threads: of matrix products, those of the run whose turn it is; of parts of a batch, where they pay."""

import pytest

from engine.layers.dense import Dense
from engine.layers.embedding import Embedding
from engine.layers.reshape import Flatten
from engine.network import Network
from engine.training import batch_parts, resources
from engine.training.resources import limited_to
from tests.engine.training.runs import experiment, trainer

AT_FIRST = 7


class Libraries:
    """Stand for the libraries behind NumPy, each of which has its number of threads."""

    def __init__(self):
        self.threads = AT_FIRST

    def limit(self, *, limits, user_api):
        assert user_api == "blas"
        before, self.threads = self.threads, limits
        return Earlier(self, before)


class Earlier:
    def __init__(self, libraries, threads):
        self._libraries, self._threads = libraries, threads

    def __exit__(self, *_):
        self._libraries.threads = self._threads


@pytest.fixture
def libraries(monkeypatch):
    found = Libraries()
    monkeypatch.setattr(resources, "_controller", lambda: found)
    return found


def test_the_last_one_applies_and_then_those_before_it(libraries):
    with limited_to(3):
        with limited_to(1):
            assert libraries.threads == 1
        assert libraries.threads == 3
    assert libraries.threads == AT_FIRST


@pytest.mark.parametrize("first_to_end", [0, 1])
def test_runs_that_take_turns_have_one_thread_whatever_others_set(libraries, monkeypatch, first_to_end):
    runs, used = [trainer(experiment(epochs=50)) for _ in range(2)], []
    for run in runs:
        step = run._take_step
        monkeypatch.setattr(run, "_take_step", lambda s=step: (used.append(libraries.threads), s())[1])
    turns = [run.run() for run in runs]
    for _ in range(5):
        for turn in turns:
            next(turn)
        with limited_to(4):
            assert libraries.threads == 4
    assert used == [1] * 10
    turns[first_to_end].close()
    assert libraries.threads == 1
    turns[1 - first_to_end].close()
    assert libraries.threads == AT_FIRST


def test_a_run_that_fails_leaves_the_number_as_it_was(libraries, monkeypatch):
    run = trainer(experiment())
    monkeypatch.setattr(run, "_take_step", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        next(run.run())
    assert libraries.threads == AT_FIRST


@pytest.mark.parametrize("variable", resources.LIMITING)
def test_the_environment_may_ask_for_fewer_threads(variable, monkeypatch):
    for name in resources.LIMITING:
        monkeypatch.delenv(name, raising=False)
    there = resources.cores()
    for text in ("", "0", "-1", "all", str(there + 1)):
        monkeypatch.setenv(variable, text)
        assert resources.cores() == there
    monkeypatch.setenv(variable, "1")
    assert resources.cores() == 1


def test_a_layer_that_is_not_shared_and_large_keeps_a_batch_whole():
    """Each member would fill its gradient, and all would be added up."""
    wide = Network([Dense(units=1024), Dense(units=1024)], (64,))
    assert batch_parts.batch_parts(wide, 128) == 2
    behind = Network([Embedding(vocabulary=20_000, size=64), Flatten(), *wide.layers], (1,))
    assert batch_parts.batch_parts(behind, 128) == 1
