"""Laws of every registered optimizer, with every choice that its settings offer."""

import tracemalloc

import numpy as np
import pytest
from pydantic import TypeAdapter

from engine.optimizers import OPTIMIZERS, AnyOptimizer, Optimizer
from engine.settings import field_hints, kind_of
from tests.engine.golden import golden
from tests.engine.optimizer_run import Run
from tests.engine.variants import alternatives, variants

LENGTH = 1001
STEPS = 5

BLOCKWISE = [cls for cls in OPTIMIZERS if not cls.needs_full_batch]
"""Those that need whole vectors, and evaluations between, have laws of their own (test_search_laws.py)."""

CASES = [
    pytest.param(optimizer, id=f"{optimizer.kind}-{number}")
    for cls in BLOCKWISE
    for number, optimizer in enumerate(variants(cls))
]


def start_and_gradients(dtype: type = np.float64) -> tuple[np.ndarray, np.ndarray]:
    """Parameters and a few steps' gradients of very different sizes."""
    draws = np.random.default_rng(13)
    sizes = 10.0 ** draws.uniform(-4, 2, LENGTH)
    gradients = draws.normal(size=(STEPS, LENGTH)) * sizes
    return draws.normal(size=LENGTH).astype(dtype), gradients.astype(dtype)


def trained(optimizer: Optimizer, dtype: type = np.float64, blocks: int = 1) -> Run:
    start, gradients = start_and_gradients(dtype)
    run = Run(optimizer, start)
    for gradient in gradients:
        run.step(gradient, 0.01, blocks)
    return run


@pytest.mark.parametrize("case", golden("optimizers")["cases"], ids=lambda case: str(case["settings"]))
def test_ten_steps_as_pytorch(case):
    stored = golden("optimizers")
    run = Run(TypeAdapter(AnyOptimizer).validate_python(case["settings"]), np.array(stored["start"]))
    rates = case.get("rates", stored["rates"])
    for gradient, rate, after in zip(stored["gradients"], rates, case["after"], strict=True):
        run.step(np.array(gradient), rate)
        np.testing.assert_allclose(run.parameters, after, rtol=1e-12, atol=1e-12)


def test_every_optimizer_is_compared_with_pytorch():
    compared = {case["settings"]["kind"] for case in golden("optimizers")["cases"]}
    # PyTorch has no Lion: tests/engine/test_optimizer_rules.py compares it with its paper.
    assert compared == {kind_of(cls) for cls in BLOCKWISE} - {"lion"}


@pytest.mark.parametrize("optimizer", CASES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_blocks_change_nothing(optimizer, dtype):
    whole = trained(optimizer, dtype)
    for blocks in (2, 7):
        split = trained(optimizer, dtype, blocks)
        assert np.array_equal(split.parameters, whole.parameters)
        for one, other in zip(split.slots, whole.slots, strict=True):
            assert np.array_equal(one, other)


@pytest.mark.parametrize("optimizer", CASES)
def test_same_gradients_same_bits(optimizer):
    assert np.array_equal(trained(optimizer).parameters, trained(optimizer).parameters)


@pytest.mark.parametrize("optimizer", CASES)
def test_slots_and_step_are_the_whole_state(optimizer):
    start, gradients = start_and_gradients()
    run = Run(optimizer, start)
    for gradient in gradients[:3]:
        run.step(gradient, 0.01)
    resumed = Run(optimizer.replace(), run.parameters)
    resumed.steps = run.steps
    for slot, saved in zip(resumed.slots, run.slots, strict=True):
        slot[...] = saved
    for gradient in gradients[3:]:
        run.step(gradient, 0.01)
        resumed.step(gradient, 0.01)
    assert np.array_equal(resumed.parameters, run.parameters)


@pytest.mark.parametrize("optimizer", CASES)
def test_gradient_and_parameters_are_only_read(optimizer):
    start, gradients = start_and_gradients()
    start.flags.writeable = gradients.flags.writeable = False
    slots = tuple(np.zeros_like(start) for _ in optimizer.slots)
    optimizer.update(gradients[0], start, slots, np.empty(LENGTH), np.empty(LENGTH), 0.01, 1)


@pytest.mark.parametrize("optimizer", CASES)
def test_float32_is_near_float64(optimizer):
    single, double = trained(optimizer, np.float32), trained(optimizer)
    np.testing.assert_allclose(single.parameters, double.parameters, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("optimizer", CASES)
def test_every_slot_is_used_and_names_are_unique(optimizer):
    assert len(set(optimizer.slots)) == len(optimizer.slots)
    start, gradients = start_and_gradients()
    run = Run(optimizer, start)
    run.step(gradients[0], 0.01)
    for name, slot in zip(run.optimizer.slots, run.slots, strict=True):
        assert np.count_nonzero(slot) == LENGTH, name


@pytest.mark.parametrize("optimizer", CASES)
def test_no_gradient_no_step(optimizer):
    run = Run(optimizer, np.zeros(LENGTH))
    for _ in range(STEPS):
        run.step(np.zeros(LENGTH), 0.01)
        assert not run.change.any()


@pytest.mark.parametrize("optimizer", CASES)
def test_no_rate_no_step(optimizer):
    start, gradients = start_and_gradients()
    run = Run(optimizer, start)
    run.step(gradients[0], 0.0)
    assert np.array_equal(run.parameters, start)


@pytest.mark.parametrize("cls", BLOCKWISE, ids=kind_of)
def test_its_own_rate_goes_downhill(cls):
    optimizer = cls()
    run = Run(optimizer, np.array([1.0, -2.0, 0.5]))
    steepness = np.array([1.0, 0.3, 3.0])

    def height() -> float:
        return 0.5 * float(steepness @ run.parameters**2)

    before = height()
    for _ in range(100):
        run.step(steepness * run.parameters, optimizer.learning_rate)
    assert height() < 0.97 * before


@pytest.mark.parametrize("optimizer", CASES)
def test_steady_state_allocates_nothing(optimizer):
    run = trained(optimizer)
    gradient = np.ones(LENGTH)

    def work() -> None:
        for _ in range(20):
            run.optimizer.update(gradient, run.parameters, run.slots, run.change, run.scratch, 0.01, 9)

    work()
    tracemalloc.start()
    try:
        work()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # One vector would be 8,008 bytes.
    assert peak < 4000


@pytest.mark.parametrize("cls", OPTIMIZERS, ids=kind_of)
def test_what_may_change_in_mid_run(cls):
    """Everything, but what decides which slots there are."""
    for name, field in cls.model_fields.items():
        if name != "kind":
            values = [getattr(cls(), name), *alternatives(field, getattr(cls(), name))]
            one_layout = len({cls(**{name: value}).slots for value in values}) == 1
            assert bool(field_hints(field).get("live")) == one_layout, name


@pytest.mark.parametrize("optimizer", CASES)
def test_adopting_the_same_settings_changes_nothing(optimizer):
    run = trained(optimizer)
    before = [slot.copy() for slot in run.slots]
    optimizer.adapt_slots(run.slots, optimizer.replace())
    for slot, kept in zip(run.slots, before, strict=True):
        assert np.array_equal(slot, kept)
