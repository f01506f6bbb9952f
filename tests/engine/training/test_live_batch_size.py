"""A batch size that changes in mid-run moves neither the schedule nor the number of threads astray."""

import numpy as np
import pytest

from engine.experiment import Experiment
from engine.schedules import SCHEDULES, rate_factor
from engine.settings import kind_of
from engine.training import batch_parts
from engine.training.checkpoint import capture, restore
from engine.training.scoring import Scoring
from tests.engine.training.runs import dense, experiment, finish, take, trainer, with_training

EPOCHS = 20


def half_way(batch_size: int, warmup_steps: int = 0, floor: float = 0.1) -> Experiment:
    return experiment(
        optimizer={"kind": "sgd", "learning_rate": 1.0},
        schedule={"kind": "cosine", "floor": floor},
        epochs=EPOCHS,
        batch_size=batch_size,
        warmup_steps=warmup_steps,
    )


def to_epoch(run, epoch):
    while run.epoch < epoch:
        take(run, 1)
    return run


@pytest.mark.parametrize("warmup_steps", [0, 12])
@pytest.mark.parametrize(("before", "after"), [(16, 64), (64, 16)])
def test_a_cosine_goes_on_where_it_was(before, after, warmup_steps):
    run = to_epoch(trainer(half_way(before, warmup_steps)), EPOCHS // 2)
    first = run.history.steps.read("learning_rate")
    run.change(with_training(run.experiment, batch_size=after))
    finish(run)
    second = run.history.steps.read("learning_rate")[len(first) :]
    per_epoch = run.batches.steps_per_epoch
    assert abs(second[0] - first[-1]) < 0.06
    assert second[0] <= first[-1]
    assert (np.diff(second) <= 0).all()
    assert second[-1] == pytest.approx(0.1, abs=0.01 if per_epoch > 2 else 0.02)
    if not warmup_steps:
        positions = np.linspace(EPOCHS / 2, EPOCHS, len(second), endpoint=False)
        expected = 0.1 + 0.45 * (1 + np.cos(np.pi * positions / EPOCHS))
        np.testing.assert_allclose(second, expected, atol=1e-12)


@pytest.mark.parametrize(("before", "after"), [(16, 64), (64, 16)])
def test_in_the_middle_of_an_epoch_too_and_from_a_file(before, after):
    run = take(to_epoch(trainer(half_way(before, 6)), 7), 1)
    run.change(with_training(run.experiment, batch_size=after))
    take(run, 1)
    again = trainer(run.experiment)
    restore(again, capture(run), "test")
    finish(run)
    finish(again)
    assert np.array_equal(run.network.parameters, again.network.parameters)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=kind_of)
@pytest.mark.parametrize("batch_size", [7, 16, 84])
def test_with_one_batch_size_the_schedule_counts_the_steps(schedule, batch_size):
    chosen = schedule()
    settings = experiment(
        optimizer={"kind": "sgd", "learning_rate": 1.0},
        schedule=chosen.model_dump(),
        epochs=8,
        batch_size=batch_size,
        warmup_steps=5,
    )
    run = finish(trainer(settings))
    per_epoch = run.batches.steps_per_epoch
    expected = [rate_factor(chosen, step, 5, per_epoch, 8 * per_epoch) for step in range(run.step)]
    assert run.history.steps.read("learning_rate").tolist() == expected


def test_parts_follow_the_batch_size_and_scoring_has_the_same(monkeypatch):
    monkeypatch.setattr(batch_parts, "NUMBERS_WORTH_SPLITTING", 32 * 300)
    run = trainer(experiment([dense(64), dense(64)], batch_size=16, epochs=3))
    sizes = []

    def measured(*arguments, pool, **more):
        sizes.append(pool.size)
        return Scoring(*arguments, pool=pool, **more)

    monkeypatch.setattr("engine.training.scoring.Scoring", measured)
    monkeypatch.setattr("engine.model.Scoring", measured)
    run.evaluate("validation")
    assert run.parts == 1
    for event in run.run():
        if run.step == 2 and event:
            run.change(with_training(run.experiment, batch_size=32))
    assert run.parts == 2
    run.evaluate("validation")
    assert sizes[0] == 1
    assert set(sizes[1:]) == {2}
