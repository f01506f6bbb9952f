"""A change of settings that fails at any place leaves the run as if it had never been tried."""

import numpy as np
import pytest

from engine.training.checkpoint import capture
from engine.training.history import HistoryRows
from engine.training.live_changes import rolled_back_on_failure
from tests.engine.training.runs import bits, dense, experiment, finish, take, trainer, with_training

LAYERS = [dense(8), {"kind": "dropout", "rate": 0.2}, {"kind": "batch_norm"}, dense(8)]
START = {
    "optimizer": {"kind": "adam", "learning_rate": 0.02},
    "epochs": 4,
    "l1": 1e-3,
    "early_stopping": {"patience": 50},
    "schedule": "plateau",
}
CHANGES = {
    "another optimizer": {"optimizer": {"kind": "momentum", "learning_rate": 0.02}},
    "all the data at once": {"optimizer": {"kind": "lbfgs"}},
    "an average": {"weight_averaging": 0.9},
    "no average": {"weight_averaging": None},
    "everything": {
        "optimizer": {"kind": "rmsprop", "learning_rate": 0.01},
        "batch_size": 40,
        "accumulate_batches": 2,
        "weight_averaging": 0.5,
        "max_norm": 0.5,
        "clip_norm": 0.1,
        "l2": 0.01,
        "early_stopping": {"patience": 2, "restore_best_weights": False},
        "schedule": "cosine",
        "augmentation": ["noise"],
        "shuffle": False,
    },
}
MAKERS = ("empty", "zeros", "empty_like", "zeros_like", "full", "ones", "array")
"""Functions of NumPy that make arrays."""


class OutOfMemory:
    """Lets every call of NumPy's makers of arrays fail from the n-th on."""

    def __init__(self, monkeypatch, allowed: float) -> None:
        self.calls, self._allowed = 0, allowed
        for name in MAKERS:
            monkeypatch.setattr(np, name, self._limited(getattr(np, name)))

    def _limited(self, make):
        def limited(*arguments, **named):
            self.calls += 1
            if self.calls > self._allowed:
                raise MemoryError("no room for an array")
            return make(*arguments, **named)

        return limited


def same(one, other) -> bool:
    """Whether two states are bit for bit equal, apart from the time that was spent."""
    numbers = [state.numbers | {"seconds": 0} for state in (one, other)]
    return numbers[0] == numbers[1] and bits(one) == bits(other)


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("steps", [8, None], ids=["mid-epoch", "ended with the best weights"])
def test_too_little_memory_at_each_array_in_turn(name, steps, monkeypatch):
    average = {"weight_averaging": 0.9} if name == "no average" else {}
    settings = experiment(LAYERS, **START, **average)

    def begun():
        run = trainer(settings)
        return finish(run) if steps is None else take(run, steps)

    undisturbed, run = begun(), begun()
    before, record = capture(run), HistoryRows.of(run.history).arrays()
    wanted = with_training(run.experiment, **CHANGES[name], epochs=6)
    for allowed in range(10_000):
        with monkeypatch.context() as patch:
            memory = OutOfMemory(patch, allowed)
            try:
                run.change(wanted)
            except MemoryError:
                pass
            else:
                break
        assert run.experiment is settings
        assert run.updater.optimizer == settings.training.optimizer
        assert same(capture(run), before), f"array {allowed}"
        assert HistoryRows.of(run.history).arrays().keys() == record.keys()
        assert len(run.history.marks) == len(record["marks/text"])
    assert memory.calls > 3
    # And it trains on like one that was changed at once.
    undisturbed.change(wanted)
    assert same(capture(run), capture(undisturbed))
    finish(run), finish(undisturbed)
    assert same(capture(run), capture(undisturbed))


def test_a_change_that_failed_does_not_show_in_what_follows(monkeypatch):
    settings = experiment(LAYERS, **START)
    undisturbed, run = take(trainer(settings), 8), take(trainer(settings), 8)
    for name, change in CHANGES.items():
        with monkeypatch.context() as patch:
            OutOfMemory(patch, 2)
            with pytest.raises(MemoryError):
                run.change(with_training(settings, **change, epochs=6))
            assert name
    finish(run), finish(undisturbed)
    assert same(capture(run), capture(undisturbed))


class Thing:
    def __init__(self) -> None:
        self.number, self.array, self.kept = 1, np.zeros(2), "old"


def test_attributes_are_put_back():
    one = Thing()
    array = one.array

    def fail() -> None:
        with rolled_back_on_failure([one], but=("kept",)):
            one.number, one.array, one.kept, one.more = 2, np.ones(3), "new", True
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert vars(one) == {"number": 1, "array": array, "kept": "new"}
    with rolled_back_on_failure([one]):
        one.number = 3
    assert one.number == 3
