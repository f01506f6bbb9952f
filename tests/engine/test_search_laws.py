"""Laws of every optimizer that needs whole vectors and looks at several points before a step."""

import tracemalloc
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from engine.optimizers import OPTIMIZERS, Optimizer
from engine.settings import kind_of
from tests.engine.optimizer_run import Descent
from tests.engine.variants import bounds, variants

SIZE = 40
STEEPNESS = np.geomspace(0.1, 10, SIZE)


def with_lowest_counts(cls: type[Optimizer]) -> Iterator[Optimizer]:
    """For each field that counts something, the settings that allow it but the least."""
    for name, field in cls.model_fields.items():
        if field.annotation is int:
            yield cls.model_validate({name: int(bounds(field)[0])})


CASES = [
    pytest.param(optimizer, id=f"{optimizer.kind}-{number}")
    for cls in OPTIMIZERS
    if cls.needs_full_batch
    for number, optimizer in enumerate((*variants(cls), *with_lowest_counts(cls)))
]


def basin(p: np.ndarray) -> tuple[float, np.ndarray]:
    """Smooth and lowest at 0, more like a bowl near it and like a cone far off."""
    root = np.sqrt(1 + p**2)
    return float(STEEPNESS @ (root - 1)), (STEEPNESS * p / root).astype(p.dtype)


def start(dtype: type = np.float64) -> np.ndarray:
    return np.linspace(-2, 3, SIZE).astype(dtype)


def descent(optimizer: Optimizer, steps: int = 8, dtype: type = np.float64) -> Descent:
    run = Descent(optimizer, basin, start(dtype))
    for _ in range(steps):
        run.step()
    return run


@pytest.mark.parametrize("optimizer", CASES)
def test_no_step_leads_up_and_many_lead_far_down(optimizer):
    run = descent(optimizer, 0)
    losses = [run.loss()]
    for _ in range(60):
        run.step()
        losses.append(run.loss())
    assert all(after <= before for before, after in pairwise(losses))
    assert losses[-1] < 0.01 * losses[0]


@pytest.mark.parametrize("optimizer", CASES)
def test_same_start_same_bits(optimizer):
    assert np.array_equal(descent(optimizer).parameters, descent(optimizer).parameters)


@pytest.mark.parametrize("optimizer", CASES)
def test_float32_is_near_float64(optimizer):
    single, double = descent(optimizer, 3, np.float32), descent(optimizer, 3)
    assert single.parameters.dtype == np.float32
    np.testing.assert_allclose(single.parameters, double.parameters, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("optimizer", CASES)
def test_slots_and_step_are_the_whole_state(optimizer):
    run = descent(optimizer, 6)
    resumed = Descent(optimizer.replace(), basin, run.parameters)
    resumed.steps = run.steps
    for slot, saved in zip(resumed.slots, run.slots, strict=True):
        slot[...] = saved
    for _ in range(6):
        run.step()
        resumed.step()
    assert np.array_equal(resumed.parameters, run.parameters)


@pytest.mark.parametrize("optimizer", CASES)
def test_every_slot_is_used_and_names_are_unique(optimizer):
    assert len(set(optimizer.slots)) == len(optimizer.slots)
    run, used = descent(optimizer, 0), set()
    for _ in range(3 * len(optimizer.slots)):
        run.step()
        used |= {name for name, slot in zip(optimizer.slots, run.slots, strict=True) if slot.any()}
    assert used == set(optimizer.slots)


@pytest.mark.parametrize("optimizer", CASES)
def test_adopting_the_same_settings_changes_nothing(optimizer):
    run = descent(optimizer)
    before = [slot.copy() for slot in run.slots]
    optimizer.adapt_slots(run.slots, optimizer.replace())
    for slot, kept in zip(run.slots, before, strict=True):
        assert np.array_equal(slot, kept)


@pytest.mark.parametrize("optimizer", CASES)
def test_gradient_and_parameters_are_only_read(optimizer):
    gradient, parameters = np.ones(SIZE), np.ones(SIZE)
    gradient.flags.writeable = parameters.flags.writeable = False
    slots = tuple(np.zeros(SIZE) for _ in optimizer.slots)
    optimizer.update(gradient, parameters, slots, np.empty(SIZE), np.empty(SIZE), 0.1, 1)
    optimizer.convergence_reason(gradient, np.empty(SIZE))
    optimizer.record_step(gradient, parameters, slots, 1)


@pytest.mark.parametrize("optimizer", CASES)
def test_no_gradient_no_step_and_rest(optimizer):
    run = Descent(optimizer, basin, np.zeros(SIZE))
    assert run.optimizer.convergence_reason(np.zeros(SIZE), np.empty(SIZE))
    run.step()
    assert not run.parameters.any()


@pytest.mark.parametrize("optimizer", CASES)
def test_no_rate_no_step(optimizer):
    run = descent(optimizer, 3)
    before = run.parameters.copy()
    run.step(0.0)
    assert np.array_equal(run.parameters, before)


@pytest.mark.parametrize("optimizer", CASES)
def test_steady_state_allocates_nothing(optimizer):
    size = 2000
    parameters, gradient, change, scratch = np.random.default_rng(1).normal(size=(4, size))
    slots = tuple(np.zeros(size) for _ in optimizer.slots)

    def work() -> None:
        for step in range(1, 13):
            optimizer.convergence_reason(gradient, scratch)
            optimizer.update(gradient, parameters, slots, change, scratch, 1.0, step)
            np.subtract(parameters, change, parameters)
            np.multiply(gradient, 0.9, gradient)
            optimizer.record_step(gradient, parameters, slots, step)

    work()
    tracemalloc.start()
    try:
        work()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # One vector would be 16,000 bytes.
    assert peak < 8000


def test_there_is_one():
    assert [kind_of(cls) for cls in OPTIMIZERS if cls.needs_full_batch] == ["lbfgs"]
