"""A frozen network: scores like the trainer that it is of, and keeps apart from it."""

import threading

import numpy as np
import pytest

from engine.progress import Cancelled, Progress
from engine.training.frozen_network import PARTS, FrozenNetwork
from tests.engine.training.runs import dense, experiment, finish, take, trainer

PATIENCE_S = 60.0

NORMALIZED = [dense(8), {"kind": "batch_norm"}, {"kind": "dropout", "rate": 0.3}, dense(8)]

EXPERIMENTS = {
    "several classes": experiment(NORMALIZED, epochs=3),
    "averaged weights": experiment(NORMALIZED, epochs=3, weight_averaging=0.9),
    "best weights": experiment(epochs=6, early_stopping={"patience": 50}),
    "yes or no": experiment([dense(8)], {"source": "breast_cancer"}, epochs=2),
    "regression": experiment([dense(8)], {"source": "diabetes"}, epochs=2),
    "autoencoder": experiment([dense(4)], {"source": "iris", "task": "reconstruction"}, epochs=2),
}


def same(one, other):
    """Bit for bit, arrays of arrays included."""
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if hasattr(one, "__dataclass_fields__"):
        return all(same(getattr(one, name), getattr(other, name)) for name in one.__dataclass_fields__)
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one == other or (one != one and other != other)


@pytest.mark.parametrize("kind", EXPERIMENTS)
def test_scores_are_those_of_the_trainer_bit_for_bit(kind):
    run = finish(trainer(EXPERIMENTS[kind]))
    frozen = FrozenNetwork(run)
    assert same(frozen.scores(Progress()), tuple(run.evaluate(part) for part in PARTS))


def test_so_they_are_with_rows_worked_on_at_the_same_time(monkeypatch):
    monkeypatch.setattr("engine.training.batch_parts.NUMBERS_WORTH_SPLITTING", 1)
    run = take(trainer(experiment(NORMALIZED, {"source": {"kind": "spiral", "points": 3000}})), 5)
    assert run.parts == 2
    before = threading.active_count()
    assert same(FrozenNetwork(run).scores(Progress()), tuple(run.evaluate(part) for part in PARTS))
    assert threading.active_count() == before


def test_a_part_without_rows_has_no_scores():
    data = {"source": {"kind": "spiral", "points": 120}, "split": {"validation": 0.0, "test": 0.2}}
    found = FrozenNetwork(take(trainer(experiment(data=data)), 1)).scores(Progress())
    assert [scores.part for scores in found] == ["training", "test"]


def test_training_on_changes_no_score_of_the_copy_and_scoring_no_step_of_the_run():
    """One driver takes a step of the run at every look up of the scoring."""
    settings = experiment(NORMALIZED, {"source": {"kind": "spiral", "points": 3000}})
    run, alone = take(trainer(settings), 30), take(trainer(settings), 30)
    right = tuple(run.evaluate(part) for part in PARTS)
    frozen, steps = FrozenNetwork(run), run.run()

    class Stepping(Progress):
        def check(self):
            next(steps)

    assert same(frozen.scores(Stepping()), right)
    steps.close()
    assert run.step > alone.step
    take(alone, run.step - alone.step)
    assert np.array_equal(run.network.parameters, alone.network.parameters)
    assert np.array_equal(run.network.running_statistics, alone.network.running_statistics)


def test_the_parameters_are_all_that_there_is_twice():
    run = take(trainer(EXPERIMENTS["several classes"]), 3)
    copied, network = FrozenNetwork(run)._network, run.network
    assert np.array_equal(copied.parameters, network.parameters)
    assert not np.shares_memory(copied.parameters, network.parameters)
    assert not np.shares_memory(copied.running_statistics, network.running_statistics)
    assert copied.gradients is network.gradients


def test_it_reports_what_is_evaluated_and_how_far():
    seen = []

    class Noting(Progress):
        def check(self):
            seen.append((self.text, self.fraction))

    FrozenNetwork(take(trainer(experiment()), 1)).scores(Noting())
    texts = [f"Evaluating the {part} data" for part in PARTS]
    assert list(dict.fromkeys(text for text, _ in seen if text)) == texts
    fractions = [fraction for text, fraction in seen if text]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert fractions[-1] < 1


def test_a_cancel_ends_it_between_two_pieces(monkeypatch):
    monkeypatch.setattr("engine.training.scoring.SECONDS_A_PIECE", 0.0)
    run = take(trainer(experiment([dense(8)], {"source": {"kind": "spiral", "points": 10_000}})), 1)
    progress = Progress()
    chunks = []
    right = type(run.network).forward

    def forward(network, *arguments, **named):
        chunks.append(1)
        progress.cancel()
        return right(network, *arguments, **named)

    monkeypatch.setattr(type(run.network), "forward", forward)
    with pytest.raises(Cancelled):
        FrozenNetwork(run).scores(progress)
    assert len(chunks) == 1
