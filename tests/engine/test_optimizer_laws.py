"""Laws of every registered optimizer, with every choice that its settings offer."""

import math
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from pydantic import TypeAdapter

from engine.optimizers import OPTIMIZERS, AnyOptimizer, Optimizer
from engine.optimizers.adam import Adam
from engine.optimizers.adamw import AdamW
from engine.optimizers.momentum import Momentum
from engine.optimizers.nesterov import Nesterov
from engine.optimizers.rmsprop import RMSProp
from engine.optimizers.sgd import SGD
from engine.settings import field_hints, kind_of
from tests.engine.golden import golden
from tests.engine.variants import alternatives, variants

LENGTH = 1001
STEPS = 5

CASES = [
    pytest.param(optimizer, id=f"{optimizer.kind}-{number}")
    for cls in OPTIMIZERS
    for number, optimizer in enumerate(variants(cls))
]


class Run:
    """Parameters under an optimizer, updated in one block or in several."""

    def __init__(self, optimizer: Optimizer, start: np.ndarray) -> None:
        self.optimizer = optimizer
        self.parameters = start.copy()
        self.slots = tuple(np.zeros_like(start) for _ in optimizer.slots)
        self.change = np.full_like(start, np.nan)
        self.scratch = np.full_like(start, np.nan)
        self.steps = 0

    def step(self, gradient: np.ndarray, rate: float, blocks: int = 1) -> None:
        self.steps += 1
        bounds = np.linspace(0, len(self.parameters), blocks + 1).astype(int).tolist()
        for low, high in pairwise(bounds):
            part = slice(low, high)
            self.optimizer.update(
                gradient[part],
                self.parameters[part],
                tuple(slot[part] for slot in self.slots),
                self.change[part],
                self.scratch[part],
                rate,
                self.steps,
            )
        self.parameters -= self.change


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
    # PyTorch has no Lion: it is compared with its paper's formula below.
    assert compared == {kind_of(cls) for cls in OPTIMIZERS} - {"lion"}


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
    # A memory of length 0 may leave a slot at 0; the first step of the defaults may not.
    start, gradients = start_and_gradients()
    run = Run(type(optimizer)(), start)
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


@pytest.mark.parametrize("cls", OPTIMIZERS, ids=kind_of)
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
    optimizer.adopt(run.slots, optimizer.replace())
    for slot, kept in zip(run.slots, before, strict=True):
        assert np.array_equal(slot, kept)


def reference_adam(gradients, rate, settings):
    """Adam as its paper writes it, settings (β₁, β₂, ε, λ) for each step; yields the changes of p = 1."""
    mean = square = 0.0
    for t, (g, (beta1, beta2, epsilon, decay)) in enumerate(zip(gradients, settings, strict=True), 1):
        mean = beta1 * mean + (1 - beta1) * g
        square = beta2 * square + (1 - beta2) * g * g
        root = math.sqrt(square / (1 - beta2**t))
        yield rate * (mean / (1 - beta1**t) / (root + epsilon) + decay)


def reference_rmsprop(gradients, rate, settings):
    square = 0.0
    for g, (alpha, epsilon) in zip(gradients, settings, strict=True):
        square = alpha * square + (1 - alpha) * g * g
        yield rate * g / (math.sqrt(square) + epsilon)


def reference_momentum(gradients, rate, settings):
    velocity = 0.0
    for g, momentum in zip(gradients, settings, strict=True):
        velocity = momentum * velocity + g
        yield rate * velocity


def reference_nesterov(gradients, rate, settings):
    velocity = 0.0
    for g, momentum in zip(gradients, settings, strict=True):
        velocity = momentum * velocity + g
        yield rate * (g + momentum * velocity)


MID_RUN = [
    (Adam(), Adam(beta1=0.5, beta2=0.9, epsilon=0.01), reference_adam, lambda o: adam_values(o, 0.0)),
    (AdamW(), AdamW(beta1=0.5, weight_decay=0.2), reference_adam, lambda o: adam_values(o, o.weight_decay)),
    (RMSProp(), RMSProp(alpha=0.5, epsilon=0.01), reference_rmsprop, lambda o: (o.alpha, o.epsilon)),
    (Momentum(), Momentum(momentum=0.5), reference_momentum, lambda o: o.momentum),
    (Nesterov(), Nesterov(momentum=0.5), reference_nesterov, lambda o: o.momentum),
]


def adam_values(optimizer, decay):
    return optimizer.beta1, optimizer.beta2, optimizer.epsilon, decay


@pytest.mark.parametrize(("first", "second", "reference", "values"), MID_RUN)
def test_live_changes_act_on_the_rule_as_it_is_written(first, second, reference, values):
    """Slots are kept scaled by the settings; changing these must not rescale what was learned."""
    gradients = [0.3, -1.0, 2.0, 0.7, 0.1, -0.4]
    slots = tuple(np.zeros(1) for _ in first.slots)
    change, scratch, one = np.empty(1), np.empty(1), np.ones(1)
    changes = []
    for step, gradient in enumerate(gradients, 1):
        optimizer = first if step <= 3 else second
        if step == 4:
            second.adopt(slots, first)
        optimizer.update(np.array([gradient]), one, slots, change, scratch, 0.1, step)
        changes.append(float(change[0]))
    expected = list(reference(gradients, 0.1, [values(first)] * 3 + [values(second)] * 3))
    np.testing.assert_allclose(changes, expected, rtol=1e-12)


def test_by_hand():
    """Gradient 2, then 1, at rate 0.1."""
    gradients = (np.array([2.0]), np.array([1.0]))

    def two_steps(optimizer: Optimizer) -> list[float]:
        run = Run(optimizer, np.array([5.0]))
        changes = []
        for gradient in gradients:
            run.step(gradient, 0.1)
            changes.append(float(run.change[0]))
        return changes

    # 0.1 · 2; 0.1 · 1
    assert two_steps(SGD()) == pytest.approx([0.2, 0.1])
    # v = 2; v = 0.9 · 2 + 1 = 2.8
    assert two_steps(Momentum(momentum=0.9)) == pytest.approx([0.2, 0.28])
    # 2 + 0.9 · 2 = 3.8; 1 + 0.9 · 2.8 = 3.52
    assert two_steps(Nesterov(momentum=0.9)) == pytest.approx([0.38, 0.352])
    # The first step of Adam is the rate itself. Then m = 0.9 · 0.2 + 0.1 = 0.28, over 1 − 0.81 is 1.47368;
    # v = 0.999 · 0.004 + 0.001 = 0.004996, over 1 − 0.998001 is 2.49925, its root 1.58090; 0.1 · the ratio.
    assert two_steps(Adam(epsilon=1e-12)) == pytest.approx([0.1, 0.0932180], abs=1e-7)
