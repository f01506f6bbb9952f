"""The update rules as their papers write them, worked by hand, and changed in mid-run."""

import math

import numpy as np
import pytest

from engine.optimizers import Optimizer
from engine.optimizers.adagrad import Adadelta, AdaGrad, RMSProp
from engine.optimizers.adam import Adam, Adamax, AdamW
from engine.optimizers.gradient_descent import SGD, Momentum, Nesterov
from engine.optimizers.nadam import NAdam, momentum_product
from engine.optimizers.sign_based import Lion, Rprop
from tests.engine.optimizer_run import Run


def reference_adam(gradients, rate, settings):
    """Adam as its paper writes it, settings (β₁, β₂, ε, λ) for each step; yields the changes of p = 1."""
    mean = square = 0.0
    for t, (g, (beta1, beta2, epsilon, decay)) in enumerate(zip(gradients, settings, strict=True), 1):
        mean = beta1 * mean + (1 - beta1) * g
        square = beta2 * square + (1 - beta2) * g * g
        root = math.sqrt(square / (1 - beta2**t))
        yield rate * (mean / (1 - beta1**t) / (root + epsilon) + decay)


def reference_sgd(gradients, rate, settings):
    for g, decay in zip(gradients, settings, strict=True):
        yield rate * (g + decay)


def reference_rmsprop(gradients, rate, settings):
    """Settings (α, ε, μ, centred)."""
    square = mean = velocity = 0.0
    for g, (alpha, epsilon, momentum, centered) in zip(gradients, settings, strict=True):
        square = alpha * square + (1 - alpha) * g * g
        mean = alpha * mean + (1 - alpha) * g
        spread = square - mean * mean if centered else square
        velocity = momentum * velocity + g / (math.sqrt(spread) + epsilon)
        yield rate * velocity


def reference_momentum(gradients, rate, settings):
    velocity = 0.0
    for g, (momentum, decay) in zip(gradients, settings, strict=True):
        velocity = momentum * velocity + g
        yield rate * (velocity + decay)


def reference_nesterov(gradients, rate, settings):
    velocity = 0.0
    for g, (momentum, decay) in zip(gradients, settings, strict=True):
        velocity = momentum * velocity + g
        yield rate * (g + momentum * velocity + decay)


def reference_adagrad(gradients, rate, settings):
    total = 0.0
    for g, epsilon in zip(gradients, settings, strict=True):
        total += g * g
        yield rate * g / (math.sqrt(total) + epsilon)


def reference_amsgrad(gradients, rate, settings):
    mean = square = largest = 0.0
    for t, (g, (beta1, beta2, epsilon, _)) in enumerate(zip(gradients, settings, strict=True), 1):
        mean = beta1 * mean + (1 - beta1) * g
        square = beta2 * square + (1 - beta2) * g * g
        largest = max(largest, square)
        yield rate * mean / (1 - beta1**t) / (math.sqrt(largest / (1 - beta2**t)) + epsilon)


def reference_adadelta(gradients, rate, settings):
    square = changes = 0.0
    for g, (alpha, epsilon) in zip(gradients, settings, strict=True):
        square = alpha * square + (1 - alpha) * g * g
        change = math.sqrt(changes + epsilon) / math.sqrt(square + epsilon) * g
        changes = alpha * changes + (1 - alpha) * change * change
        yield rate * change


def reference_adamax(gradients, rate, settings):
    mean = largest = 0.0
    for t, (g, (beta1, beta2, epsilon)) in enumerate(zip(gradients, settings, strict=True), 1):
        mean = beta1 * mean + (1 - beta1) * g
        largest = max(beta2 * largest, abs(g) + epsilon)
        yield rate / (1 - beta1**t) * mean / largest


def reference_nadam(gradients, rate, settings):
    mean = square = 0.0
    for t, (g, (beta1, beta2, growth, decay)) in enumerate(zip(gradients, settings, strict=True), 1):
        momenta = [beta1 * (1 - 0.5 * 0.96 ** (i * growth)) for i in range(1, t + 2)]
        mean = beta1 * mean + (1 - beta1) * g
        square = beta2 * square + (1 - beta2) * g * g
        ahead = momenta[-1] * mean / (1 - math.prod(momenta))
        ahead += (1 - momenta[-2]) * g / (1 - math.prod(momenta[:-1]))
        yield rate * (ahead / (math.sqrt(square / (1 - beta2**t)) + 1e-8) + decay)


def reference_lion(gradients, rate, settings):
    mean = 0.0
    for g, (beta1, beta2, decay) in zip(gradients, settings, strict=True):
        yield rate * (math.copysign(1, beta1 * mean + (1 - beta1) * g) + decay)
        mean = beta2 * mean + (1 - beta2) * g


def reference_rprop(gradients, rate, settings):
    size, previous = 1.0, 0.0
    for g, (grow, shrink, smallest, largest) in zip(gradients, settings, strict=True):
        if g * previous > 0:
            size = min(size * grow, largest)
        elif g * previous < 0:
            size = max(size * shrink, smallest)
            g = 0.0
        previous = g
        yield rate * size * ((g > 0) - (g < 0))


def adam_values(optimizer, decay):
    return optimizer.beta1, optimizer.beta2, optimizer.epsilon, decay


def rmsprop_values(optimizer):
    return optimizer.alpha, optimizer.epsilon, optimizer.momentum, optimizer.centered


def nadam_values(optimizer):
    return optimizer.beta1, optimizer.beta2, optimizer.momentum_decay, optimizer.weight_decay


MID_RUN = [
    (Adam(), Adam(beta1=0.5, beta2=0.9, epsilon=0.01), reference_adam, lambda o: adam_values(o, 0.0)),
    (AdamW(), AdamW(beta1=0.5, weight_decay=0.2), reference_adam, lambda o: adam_values(o, o.weight_decay)),
    (SGD(), SGD(weight_decay=0.2), reference_sgd, lambda o: o.weight_decay),
    (RMSProp(), RMSProp(alpha=0.5, epsilon=0.01), reference_rmsprop, rmsprop_values),
    (
        RMSProp(momentum=0.8, centered=True),
        RMSProp(momentum=0.8, centered=True, alpha=0.5, epsilon=0.01),
        reference_rmsprop,
        rmsprop_values,
    ),
    (RMSProp(momentum=0.8), RMSProp(momentum=0.3, alpha=0.5), reference_rmsprop, rmsprop_values),
    (
        Momentum(),
        Momentum(momentum=0.5, weight_decay=0.2),
        reference_momentum,
        lambda o: (o.momentum, o.weight_decay),
    ),
    (
        Nesterov(),
        Nesterov(momentum=0.5, weight_decay=0.2),
        reference_nesterov,
        lambda o: (o.momentum, o.weight_decay),
    ),
    (AdaGrad(), AdaGrad(epsilon=0.5), reference_adagrad, lambda o: o.epsilon),
    (
        Adam(amsgrad=True),
        Adam(amsgrad=True, beta1=0.5, beta2=0.9, epsilon=0.01),
        reference_amsgrad,
        lambda o: adam_values(o, 0.0),
    ),
    (Adadelta(), Adadelta(alpha=0.5, epsilon=0.01), reference_adadelta, lambda o: (o.alpha, o.epsilon)),
    (
        Adamax(),
        Adamax(beta1=0.5, beta2=0.7, epsilon=0.01),
        reference_adamax,
        lambda o: (o.beta1, o.beta2, o.epsilon),
    ),
    (NAdam(weight_decay=0.1), NAdam(beta2=0.9, weight_decay=0.2), reference_nadam, nadam_values),
    (
        Lion(),
        Lion(beta1=0.5, beta2=0.7, weight_decay=0.2),
        reference_lion,
        lambda o: (o.beta1, o.beta2, o.weight_decay),
    ),
    (
        Rprop(),
        Rprop(eta_plus=1.5, eta_minus=0.3, min_step=0.4, max_step=1.6),
        reference_rprop,
        lambda o: (o.eta_plus, o.eta_minus, o.min_step, o.max_step),
    ),
]


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
            second.adapt_slots(slots, first)
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
    # 0.1 · (2 + 0.5 · 5); at 4.55, 0.1 · (1 + 0.5 · 4.55)
    assert two_steps(SGD(weight_decay=0.5)) == pytest.approx([0.45, 0.3275])
    # v = 2; v = 0.9 · 2 + 1 = 2.8
    assert two_steps(Momentum(momentum=0.9)) == pytest.approx([0.2, 0.28])
    # 2 + 0.9 · 2 = 3.8; 1 + 0.9 · 2.8 = 3.52
    assert two_steps(Nesterov(momentum=0.9)) == pytest.approx([0.38, 0.352])
    # The first step of Adam is the rate itself. Then m = 0.9 · 0.2 + 0.1 = 0.28, over 1 − 0.81 is 1.47368;
    # v = 0.999 · 0.004 + 0.001 = 0.004996, over 1 − 0.998001 is 2.49925, its root 1.58090; 0.1 · the ratio.
    assert two_steps(Adam(epsilon=1e-12)) == pytest.approx([0.1, 0.0932180], abs=1e-7)
    # v = 0.5 · 4, 2 / 1.41421; v = 1.5, 0.5 · 1.41421 + 1 / 1.22474.
    halves = RMSProp(alpha=0.5, epsilon=1e-12)
    assert two_steps(halves.replace(momentum=0.5)) == pytest.approx([0.141421, 0.152360], abs=1e-6)
    # m = 1, 2 / √(2 − 1); m = 1, 1 / √(1.5 − 1).
    assert two_steps(halves.replace(centered=True)) == pytest.approx([0.2, 0.141421], abs=1e-6)
    # Sign of 0.1 · 2; m = 0.02, so the sign of 0.9 · 0.02 + 0.1 · 1.
    assert two_steps(Lion()) == pytest.approx([0.1, 0.1])
    # u = 2, m̂ = 2: the rate itself. Then u = 0.999 · 2 and m̂ = 0.28 / 0.19.
    assert two_steps(Adamax(epsilon=1e-12)) == pytest.approx([0.1, 0.1 * 0.28 / 0.19 / 1.998])
    # The same sign again: 1.2 times as far.
    assert two_steps(Rprop()) == pytest.approx([0.1, 0.12])


def test_rprop_leaves_out_the_step_after_a_turn():
    run = Run(Rprop(), np.array([0.0]))
    changes = []
    for gradient in (1.0, 5.0, -0.1, -3.0, -1.0):
        run.step(np.array([gradient]), 1.0)
        changes.append(float(run.change[0]))
    # 1; 1.2 times that; turned: half of it, but no step; a new start with that size; 1.2 times it.
    assert changes == pytest.approx([1, 1.2, 0, -0.6, -0.72])


@pytest.mark.parametrize("alpha", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("gradient", [1e-3, 0.3, 7.7])
def test_gradients_that_agree_leave_centred_rmsprop_no_root_below_0(alpha, gradient):
    """v − m² falls to 0 then, and rounding alone decides on its sign."""
    run = Run(RMSProp(centered=True, alpha=alpha), np.zeros(3, np.float32))
    for _ in range(300):
        run.step(np.full(3, gradient, np.float32), 0.1)
        assert np.isfinite(run.change).all()
        out, scratch = np.empty((2, 3), np.float32)
        assert np.isfinite(run.optimizer.threshold(0.1, run.slots, out, scratch, 0.1, 1)).all()


@pytest.mark.parametrize("decay", [0.0, 0.004, 0.3, 1.0])
@pytest.mark.parametrize("beta1", [0.0, 0.5, 0.9, 0.999])
def test_the_product_of_momenta_needs_no_memory(beta1, decay):
    product = 1.0
    for step in range(1, 2000):
        product *= beta1 * (1 - 0.5 * 0.96 ** (step * decay))
        assert momentum_product(beta1, decay, step) == pytest.approx(product, rel=1e-11, abs=1e-16)


def test_amsgrad_never_takes_longer_steps_than_adam():
    gradients = np.random.default_rng(3).normal(size=(50, 20)) * np.geomspace(10, 0.01, 50)[:, None]
    plain, bounded = (Run(Adam(beta2=0.9, amsgrad=bound), np.zeros(20)) for bound in (False, True))
    for gradient in gradients:
        plain.step(gradient, 0.1)
        bounded.step(gradient, 0.1)
        assert (abs(bounded.change) <= abs(plain.change) * (1 + 1e-12)).all()
    assert abs(bounded.change).mean() < 0.5 * abs(plain.change).mean()
