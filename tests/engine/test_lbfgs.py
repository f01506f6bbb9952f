"""L-BFGS: the same way as PyTorch, the same minimum as SciPy, what it remembers, and its line search."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from pydantic import TypeAdapter
from scipy.optimize import minimize

from engine.optimizers.lbfgs import CURVATURE, LBFGS, SUFFICIENT_DECREASE, strong_wolfe
from tests.engine.golden import golden
from tests.engine.optimizer_run import Descent, Function


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


def test_it_remembers_changes_of_parameters_and_gradient():
    run = Descent(LBFGS(history_size=2), valley, np.array([-1.2, 1.0, 0.3, -2.0]))
    visited = [run.parameters.copy()]
    for _ in range(3):
        run.step()
        visited.append(run.parameters.copy())
    (_, second), (_, third) = pairwise(visited[1:])
    kept = dict(zip(run.optimizer.slots, run.slots, strict=True))
    # The third step has taken the place of the first.
    for place, before, after in ((1, visited[1], second), (0, second, third)):
        assert np.array_equal(kept[f"s_{place}"], after - before)
        assert np.array_equal(kept[f"y_{place}"], valley(after)[1] - valley(before)[1])


@pytest.mark.parametrize(("tolerance", "rests"), [(0.0, False), (0.19, False), (0.2, True), (0.5, True)])
def test_it_rests_where_no_entry_of_the_gradient_is_above_its_tolerance(tolerance, rests):
    sentence = LBFGS(tolerance=tolerance).convergence_reason(np.array([0.05, -0.2, 0.1]), np.empty(3))
    assert sentence == (f"no entry of the gradient is above {tolerance:g}" if rests else "")
    assert LBFGS().convergence_reason(np.zeros(3), np.empty(3)) == "no entry of the gradient is above 0"


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
    "wall whose square is infinite": lambda t: (t**2 - t, 2 * t - 1) if t < 0.9 else (1e200, 1e200),
    "wall of infinity": lambda t: (t**2 - t, 2 * t - 1) if t < 0.9 else (np.inf, np.nan),
}


@pytest.mark.parametrize("name", WAYS)
def test_the_length_found_is_a_good_one(name):
    way = WAYS[name]
    loss, slope = way(0.0)
    found = strong_wolfe(way, loss, slope, 25)
    there, flat = way(found)
    assert there <= loss + SUFFICIENT_DECREASE * found * slope
    assert abs(flat) <= -CURVATURE * slope


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
