"""Reduce on plateau: the same drops as PyTorch, worked by hand, and what no loss should break."""

import math

import numpy as np
import pytest

from engine.schedules.plateau import Plateau
from tests.engine.golden import golden
from tests.engine.training.runs import experiment, finish, trainer


def factors(schedule: Plateau, losses: list[float]) -> list[float]:
    """What is reached after each epoch."""
    memory, found = (), []
    for loss in losses:
        memory = schedule.observe(memory, loss)
        found.append(schedule.reached(memory))
    return found


@pytest.mark.parametrize("case", golden("schedules")["plateau"], ids=lambda case: str(case["settings"]))
def test_same_drops_as_pytorch(case):
    schedule = Plateau.model_validate(case["settings"])
    assert factors(schedule, case["losses"]) == pytest.approx(case["factors"], rel=1e-12)


def test_by_hand():
    # The best is 0.5 after two epochs; two more without improvement are borne with, the third is too many.
    schedule = Plateau(gamma=0.5, patience=2)
    assert factors(schedule, [1, 0.5, 0.5, 0.6, 0.5, 0.5]) == [1, 1, 1, 1, 0.5, 0.5]
    # 0.95 is no fall by a tenth, 0.85 is.
    schedule = Plateau(gamma=0.5, patience=0, threshold=0.1)
    assert factors(schedule, [1, 0.95, 0.85]) == [1, 0.5, 0.5]
    # After the drop, two epochs of cooldown are not counted.
    schedule = Plateau(gamma=0.5, patience=0, cooldown=2)
    assert factors(schedule, [1, 1, 1, 1, 1]) == [1, 0.5, 0.5, 0.5, 0.25]


def test_the_floor_is_where_it_ends():
    assert factors(Plateau(gamma=0.1, patience=0, floor=0.05), [1] * 5) == [1, 0.1, 0.05, 0.05, 0.05]


def test_a_floor_set_later_does_not_lift_the_rate():
    memory = (0.01, 1.0, 0.0, 0.0)
    assert Plateau(patience=0, floor=0.5).observe(memory, 1.0)[0] == 0.01


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_is_no_improvement(bad):
    schedule = Plateau(gamma=0.5, patience=0)
    # There is nothing to compare with before the first finite one.
    assert schedule.observe((), bad) == ()
    assert factors(schedule, [bad, 1, bad, 0.5]) == [1, 1, 0.5, 0.5]


def test_memory_is_made_of_finite_numbers():
    memory = ()
    for loss in (math.inf, 2.0, math.nan, 1.0, 1.0):
        memory = Plateau(patience=0).observe(memory, loss)
        assert all(math.isfinite(number) for number in memory)


@pytest.mark.parametrize(("warmup_steps", "ignored"), [(0, 0), (5, 0), (6, 1), (11, 1), (18, 3)])
def test_epochs_that_end_within_the_warm_up_are_not_counted(warmup_steps, ignored):
    """Six steps an epoch. The loss never falls by 99 %: each epoch that counts, but the first, is a drop."""
    never = {"kind": "plateau", "patience": 0, "threshold": 0.99, "gamma": 0.5}
    run = finish(trainer(experiment(schedule=never, epochs=8, warmup_steps=warmup_steps)))
    assert run.steps_per_epoch == 6
    assert run.schedule_state[0] == 0.5 ** (8 - ignored - 1)
    rates = run.history.steps.read("learning_rate")
    first_drop = int(np.flatnonzero(np.diff(rates) < 0)[0]) + 1
    assert first_drop == 6 * (ignored + 2)


def test_a_score_below_0_that_gets_worse_is_no_improvement():
    # R² of a network that begins worse than the mean: from −5 to −5.4 is no improvement, to −4 is one.
    schedule = Plateau(monitor={"kind": "r2"}, gamma=0.5, patience=0, threshold=0.1)
    assert factors(schedule, [-5, -5.4, -4, -4]) == [1, 0.5, 0.5, 0.25]
