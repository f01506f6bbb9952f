"""L-BFGS: the same way as PyTorch, the same minimum as SciPy, the laws of optimizers, and its line search."""

import tracemalloc
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from pydantic import TypeAdapter
from scipy.optimize import minimize

from engine.optimizers.lbfgs import LBFGS
from engine.optimizers.wolfe import ENOUGH_FALL, FLAT_ENOUGH, strong_wolfe
from tests.engine.golden import golden

Function = Callable[[np.ndarray], tuple[float, np.ndarray]]


class Descent:
    """Goes downhill as the updater does: a direction from whole vectors, then a search for the length."""

    def __init__(self, optimizer: LBFGS, function: Function, start: np.ndarray) -> None:
        self.optimizer, self.function = optimizer, function
        self.parameters = start.copy()
        self.slots = tuple(np.zeros_like(start) for _ in optimizer.slots)
        self.change, self.scratch = np.full_like(start, np.nan), np.full_like(start, np.nan)
        self.steps = self.evaluations = 0

    def step(self, factor: float = 1.0) -> float:
        """One step; returns the length found."""
        self.steps += 1
        loss, gradient = self.function(self.parameters)
        rate = self.optimizer.learning_rate * factor
        self.optimizer.update(
            gradient, self.parameters, self.slots, self.change, self.scratch, rate, self.steps
        )

        def along(length: float) -> tuple[float, float]:
            self.evaluations += 1
            there, slope = self.function(self.parameters - length * self.change)
            return there, -float(slope @ self.change)

        length = self.optimizer.search(along, loss, -float(gradient @ self.change))
        self.parameters -= length * self.change
        return length

    def loss(self) -> float:
        return self.function(self.parameters)[0]


def valley(p: np.ndarray) -> tuple[float, np.ndarray]:
    """Rosenbrock's valley, curved and narrow, for each pair of numbers; lowest at 1."""
    x, y = p[::2], p[1::2]
    gradient = np.empty_like(p)
    gradient[::2] = -400 * x * (y - x**2) - 2 * (1 - x)
    gradient[1::2] = 200 * (y - x**2)
    return float((100 * (y - x**2) ** 2 + (1 - x) ** 2).sum()), gradient


def regression(inputs: np.ndarray, answers: np.ndarray) -> Function:
    """Logistic regression with a little L2."""

    def function(p: np.ndarray) -> tuple[float, np.ndarray]:
        scores = inputs @ p
        loss = np.logaddexp(0, scores) - answers * scores
        slope = (1 / (1 + np.exp(-scores)) - answers) / len(answers)
        return float(loss.mean() + 0.005 * p @ p), inputs.T @ slope + 0.01 * p

    return function


def bowl(size: int, steepest: float = 100.0) -> Function:
    steepness = np.geomspace(1, steepest, size)
    return lambda p: (0.5 * float(steepness @ p**2), (steepness * p).astype(p.dtype))


FUNCTIONS: dict[str, Function] = {
    "valley": valley,
    "regression": regression(np.array(golden("lbfgs")["inputs"]), np.array(golden("lbfgs")["answers"])),
}


@pytest.mark.parametrize("case", golden("lbfgs")["cases"], ids=lambda case: str(case["settings"]))
def test_the_same_way_as_pytorch(case):
    optimizer = TypeAdapter(LBFGS).validate_python(case["settings"])
    run = Descent(optimizer, FUNCTIONS[case["name"]], np.array(case["start"]))
    for after in case["after"]:
        run.step()
        np.testing.assert_allclose(run.parameters, after, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_same_minimum_as_scipy(name):
    start = np.array([-1.2, 1.0, 0.3, -2.0, 2.0, 0.1])
    run = Descent(LBFGS(), FUNCTIONS[name], start)
    for _ in range(120):
        run.step()
    found = minimize(FUNCTIONS[name], start, jac=True, method="BFGS", options={"gtol": 1e-9})
    assert run.loss() == pytest.approx(found.fun, rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(run.parameters, found.x, atol=1e-5)


def test_a_step_seldom_needs_more_than_one_further_evaluation():
    run = Descent(LBFGS(), FUNCTIONS["regression"], np.zeros(6))
    for _ in range(12):
        run.step()
    assert run.evaluations <= 1.5 * run.steps


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_bowl_is_emptied_in_few_steps(dtype):
    run = Descent(LBFGS(), bowl(40), np.ones(40, dtype))
    losses = [run.loss()]
    for _ in range(40):
        run.step()
        losses.append(run.loss())
    assert run.parameters.dtype == dtype
    assert all(after <= before for before, after in pairwise(losses))
    assert losses[-1] < 1e-6 * losses[0]


def test_at_the_minimum_nothing_moves():
    run = Descent(LBFGS(), bowl(4), np.zeros(4))
    for _ in range(3):
        assert run.step() == 0
        assert not run.parameters.any()


def test_no_rate_no_step():
    run = Descent(LBFGS(), bowl(4), np.ones(4))
    run.step(0.0)
    assert np.array_equal(run.parameters, np.ones(4))


def test_slots_and_step_are_the_whole_state():
    start = np.array([-1.2, 1.0, 0.3, -2.0])
    run = Descent(LBFGS(memory=3), valley, start)
    for _ in range(6):
        run.step()
    resumed = Descent(LBFGS(memory=3), valley, run.parameters)
    resumed.steps = run.steps
    for slot, saved in zip(resumed.slots, run.slots, strict=True):
        slot[...] = saved
    for _ in range(6):
        run.step()
        resumed.step()
    assert np.array_equal(resumed.parameters, run.parameters)


def test_every_slot_is_used():
    run = Descent(LBFGS(memory=4), valley, np.array([-1.2, 1.0, 0.3, -2.0]))
    for _ in range(6):
        run.step()
    assert len(set(LBFGS(memory=4).slots)) == len(run.slots) == 10
    assert all(slot.any() for slot in run.slots)


def test_a_hill_is_left_downwards():
    """Where the loss curves the wrong way, pairs are left out and the gradient leads."""
    run = Descent(LBFGS(), lambda p: (float(np.cos(p).sum()), -np.sin(p)), np.array([0.1, -0.2]))
    for _ in range(15):
        run.step()
    np.testing.assert_allclose(np.cos(run.parameters), -1, atol=1e-9)


def test_a_loss_that_is_not_finite_is_backed_away_from():
    def cliff(p: np.ndarray) -> tuple[float, np.ndarray]:
        return (float(p @ p), 2 * p) if p[0] > -1 else (np.nan, np.full_like(p, np.nan))

    # The first length tried leads from 3 to −7.
    run = Descent(LBFGS(learning_rate=10), cliff, np.array([3.0]))
    assert 0 < run.step() < 1
    assert run.loss() < 9


def test_gradient_and_parameters_are_only_read():
    gradient, parameters = np.ones(5), np.ones(5)
    gradient.flags.writeable = parameters.flags.writeable = False
    slots = tuple(np.zeros(5) for _ in LBFGS().slots)
    LBFGS().update(gradient, parameters, slots, np.empty(5), np.empty(5), 0.1, 1)


def test_steady_state_allocates_nothing():
    size = 2000
    run = Descent(LBFGS(memory=3), bowl(size), np.ones(size))
    for _ in range(5):
        run.step()
    gradient = np.ones(size)

    def work() -> None:
        for step in range(6, 16):
            run.optimizer.update(gradient, run.parameters, run.slots, run.change, run.scratch, 1.0, step)

    work()
    tracemalloc.start()
    try:
        work()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # One vector would be 16,000 bytes.
    assert peak < 8000


def test_by_hand():
    """On ½ p² from 3: the first direction is 3 cut to length 1; the search goes on to the bottom at once."""
    run = Descent(LBFGS(), lambda p: (0.5 * float(p @ p), p.copy()), np.array([3.0]))
    # Length 1 reaches 2, where the slope −2 is flatter than 0.9 · −3: enough for the Wolfe conditions.
    assert run.step() == 1
    assert run.parameters[0] == pytest.approx(2)
    # s = −1, y = −1: the curvature is 1, so Newton's step from 2 is 2.
    assert run.step() == 1
    assert run.parameters[0] == pytest.approx(0, abs=1e-15)


WAYS: dict[str, Callable[[float], tuple[float, float]]] = {
    "bowl": lambda t: ((t - 3) ** 2, 2 * (t - 3)),
    "too far at 1": lambda t: ((t - 1e-3) ** 2, 2 * (t - 1e-3)),
    "very far": lambda t: ((t / 500 - 1) ** 2, (t / 500 - 1) / 250),
    "wave": lambda t: (float(-np.sin(4 * t) - t / 2), float(-4 * np.cos(4 * t) - 0.5)),
    "wall": lambda t: (float(t**12 - t), float(12 * t**11 - 1)),
    "wall of infinity": lambda t: (t**2 - t, 2 * t - 1) if t < 0.9 else (np.inf, np.nan),
}


@pytest.mark.parametrize("name", WAYS)
def test_the_length_found_is_a_good_one(name):
    way = WAYS[name]
    loss, slope = way(0.0)
    found = strong_wolfe(way, loss, slope, 25)
    there, flat = way(found)
    assert there <= loss + ENOUGH_FALL * found * slope
    assert abs(flat) <= -FLAT_ENOUGH * slope


@pytest.mark.parametrize("evaluations", [1, 2, 3, 7])
def test_it_never_looks_more_often_than_allowed(evaluations):
    for way in WAYS.values():
        calls = []

        def counted(t: float, way=way, calls=calls) -> tuple[float, float]:
            calls.append(t)
            return way(t)

        loss, slope = way(0.0)
        found = strong_wolfe(counted, loss, slope, evaluations)
        assert len(calls) <= evaluations
        assert found == 0 or way(found)[0] < loss


def test_where_nothing_is_lower_the_length_is_0():
    assert strong_wolfe(lambda t: (1 + t, 1.0), 1.0, -1.0, 25) == 0
    assert strong_wolfe(lambda t: (np.nan, np.nan), 1.0, -1.0, 25) == 0
