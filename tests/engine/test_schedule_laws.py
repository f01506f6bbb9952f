"""Laws of every registered schedule, with every choice that its settings offer, and of the warm-up."""

import pytest
from pydantic import TypeAdapter

from engine.schedules import SCHEDULES, AnySchedule, Schedule, rate_factor, warmup_factor
from engine.schedules.cosine import Cosine, CosineRestarts, OneCycle
from engine.schedules.decay import Constant, Exponential, MultiStep, Polynomial, Step
from engine.settings import kind_of
from tests.engine.golden import golden
from tests.engine.variants import variants

PER_EPOCH = 4
TOTAL = 40

CASES = [
    pytest.param(schedule, id=f"{schedule.kind}-{number}")
    for cls in SCHEDULES
    for number, schedule in enumerate(variants(cls))
]


@pytest.mark.parametrize("schedule", CASES)
def test_factor_is_a_share_of_the_rate(schedule):
    for step in range(TOTAL + 5):
        factor = schedule.factor(step, PER_EPOCH, TOTAL)
        assert type(factor) is float
        assert 0 <= factor <= 1


@pytest.mark.parametrize("schedule", CASES)
def test_factor_is_constant_after_the_end(schedule):
    last = schedule.factor(TOTAL, PER_EPOCH, TOTAL)
    assert {schedule.factor(TOTAL + later, PER_EPOCH, TOTAL) for later in (1, 2, 10, 1000)} == {last}
    # A straight line falls by 1 / TOTAL in a step.
    assert last == pytest.approx(schedule.factor(TOTAL - 1, PER_EPOCH, TOTAL), abs=1.01 / TOTAL)


@pytest.mark.parametrize("schedule", CASES)
def test_factor_depends_on_the_step_alone(schedule):
    forward = [schedule.factor(step, PER_EPOCH, TOTAL) for step in range(TOTAL)]
    backward = [schedule.factor(step, PER_EPOCH, TOTAL) for step in reversed(range(TOTAL))]
    assert forward == backward[::-1]


@pytest.mark.parametrize("schedule", CASES)
def test_only_what_observes_has_a_memory(schedule):
    memory = ()
    for loss in (1.0, 0.5, 0.5, 0.5, 2.0):
        memory = schedule.observe(memory, loss)
        assert all(type(number) is float for number in memory)
        assert 0 <= schedule.reached(memory) <= 1
    assert schedule.reached(()) == 1
    if type(schedule).observe is Schedule.observe:
        assert memory == ()


@pytest.mark.parametrize("schedule", CASES)
@pytest.mark.parametrize("total", [0, 1, 2, 3])
def test_the_shortest_runs_have_a_factor(schedule, total):
    for step in range(3):
        assert 0 <= schedule.factor(step, 1, total) <= 1


@pytest.mark.parametrize("case", golden("schedules")["cases"], ids=lambda case: str(case["settings"]))
def test_same_factors_as_pytorch(case):
    stored = golden("schedules")
    schedule = TypeAdapter(AnySchedule).validate_python(case["settings"])
    factors = [
        rate_factor(schedule, step, case["warmup_steps"], stored["steps_per_epoch"], stored["total_steps"])
        for step in range(stored["total_steps"])
    ]
    assert factors == pytest.approx(case["factors"], rel=1e-12, abs=1e-14)


def test_every_schedule_is_compared_with_pytorch():
    stored = golden("schedules")
    compared = {case["settings"]["kind"] for case in stored["cases"] + stored["plateau"]}
    assert compared >= {kind_of(cls) for cls in SCHEDULES}


def test_warm_up_rises_in_even_steps_to_1():
    assert [warmup_factor(step, 3) for step in range(6)] == [0.25, 0.5, 0.75, 1, 1, 1]
    assert [warmup_factor(step, 0) for step in range(3)] == [1, 1, 1]


@pytest.mark.parametrize("cls", SCHEDULES, ids=kind_of)
def test_what_a_person_sets_in_epochs_is_counted_in_those_of_the_run(cls):
    texts = [field.description or "" for field in cls.model_fields.values()]
    assert cls.counts_epochs == any("epoch" in text.lower() for text in texts)


@pytest.mark.parametrize("warmup", [1, 5, PER_EPOCH, TOTAL])
@pytest.mark.parametrize("schedule", [case for case in CASES if case.values[0].counts_epochs])
def test_epochs_are_those_of_the_run_with_a_warm_up_too(schedule, warmup):
    for step in range(TOTAL + 10):
        factor = rate_factor(schedule, step, warmup, PER_EPOCH, TOTAL)
        assert factor == schedule.factor(step, PER_EPOCH, TOTAL) * warmup_factor(step, warmup)


def test_drops_come_at_the_end_of_epochs_in_spite_of_a_warm_up():
    def drops(schedule):
        rates = [rate_factor(schedule, step, 6, PER_EPOCH, TOTAL) for step in range(6, TOTAL)]
        return [step + 7 for step in range(len(rates) - 1) if rates[step + 1] < rates[step]]

    # The warm-up is over in the middle of the second epoch, which ends at step 8.
    assert drops(Step(interval=3, gamma=0.1)) == [12, 24, 36]
    assert drops(MultiStep(milestones=(2, 5), gamma=0.1)) == [8, 20]
    assert drops(Exponential(gamma=0.9)) == [8, 12, 16, 20, 24, 28, 32, 36]
    restarts = [
        rate_factor(CosineRestarts(period=3, growth=1), step, 6, PER_EPOCH, TOTAL) for step in (12, 24)
    ]
    assert restarts == [1, 1]


@pytest.mark.parametrize("schedule", [case for case in CASES if not case.values[0].counts_epochs])
@pytest.mark.parametrize("warmup", [0, 5, TOTAL, TOTAL + 5])
def test_warm_up_comes_first_and_the_schedule_has_the_rest(schedule, warmup):
    start = schedule.factor(0, PER_EPOCH, max(0, TOTAL - warmup))
    for step in range(TOTAL + 10):
        factor = rate_factor(schedule, step, warmup, PER_EPOCH, TOTAL)
        if step < warmup:
            assert factor == pytest.approx(start * (step + 1) / (warmup + 1), rel=1e-15)
        else:
            assert factor == schedule.factor(step - warmup, PER_EPOCH, max(0, TOTAL - warmup))


@pytest.mark.parametrize("schedule", CASES)
def test_a_warm_up_longer_than_the_run_still_learns(schedule):
    for step in range(TOTAL):
        assert rate_factor(schedule, step, 2 * TOTAL, PER_EPOCH, TOTAL) > 0


def test_by_hand():
    def at(schedule, *steps):
        return [schedule.factor(step, PER_EPOCH, TOTAL) for step in steps]

    assert at(Constant(), 0, 39, 400) == [1, 1, 1]
    # Epochs of 4 steps: step 3 is in the first, step 4 in the second.
    assert at(Exponential(gamma=0.5), 0, 3, 4, 8) == [1, 1, 0.5, 0.25]
    assert at(Exponential(gamma=0.25, smooth=True), 0, 2, 4) == [1, 0.5, 0.25]
    # Every 2 epochs, so at step 8.
    assert at(Step(interval=2, gamma=0.1), 0, 7, 8) == [1, 1, 0.1]
    # One drop after 3 epochs, at step 12, one after 5; the order in which they are given does not count.
    assert at(MultiStep(milestones=(5, 3), gamma=0.1), 11, 12, 19, 20) == pytest.approx([1, 0.1, 0.1, 0.01])
    # A straight line; with power 2, a quarter is left at half time.
    assert at(Polynomial(), 0, 10, 40) == pytest.approx([1, 0.75, 0])
    assert at(Polynomial(power=2, floor=0.2), 20, 40) == pytest.approx([0.4, 0.2])
    # Periods of 2 and 4 epochs: restarts at steps 8 and 24, and half-way down in the middle of each.
    assert at(CosineRestarts(period=2), 0, 4, 8, 16, 24) == pytest.approx([1, 0.5, 1, 0.5, 1])
    assert at(CosineRestarts(period=3, growth=1), 12, 18, 24, 36) == pytest.approx([1, 0.5, 1, 1])
    # The peak is at step ¼ · 40 − 1 = 9, the end at step 39.
    cycle = OneCycle(rise=0.25, start_divisor=10, end_divisor=10)
    assert at(cycle, 0, 9, 24, 39) == pytest.approx([0.1, 1, 0.505, 0.01])
    # Half-way down at half time, on the floor at the end.
    assert at(Cosine(floor=0.2), 0, 20, 40) == pytest.approx([1, 0.6, 0.2])
