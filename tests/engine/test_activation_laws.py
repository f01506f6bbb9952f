"""Laws of every registered activation function, and what PyTorch computes for the same numbers."""

import json

import numpy as np
import pytest
from pydantic import TypeAdapter

from engine.activations import ACTIVATIONS, AnyActivation
from engine.activations.rectifiers import Linear
from engine.activations.sigmoid import Sigmoid, Softmax, Tanh
from engine.layers.activation import Activation
from engine.settings import kind_of
from tests.engine.golden import golden
from tests.engine.layers.passes import passed
from tests.engine.variants import variants

STORED = golden("activations")
Z, WEIGHT = np.array(STORED["z"]), np.array(STORED["weight"])

CASES = [
    pytest.param(function, id=f"{function.kind}-{number}")
    for cls in ACTIVATIONS
    for number, function in enumerate(variants(cls))
]

EXTREMES = [-1e15, -1e4, -100, -30, -1e-30, -0.0, 0.0, 1e-30, 30, 100, 1e4, 1e15]


@pytest.mark.parametrize("case", STORED["cases"], ids=lambda case: str(case["settings"]))
def test_outputs_and_gradients_are_those_of_pytorch(case):
    """rtol: small numbers count. atol: PyTorch finds Φ far out as 1 − (nearly 1)."""
    function = TypeAdapter(AnyActivation).validate_python(case["settings"])
    found = passed(Activation(activation=function), Z, WEIGHT)
    np.testing.assert_allclose(found.y, case["y"], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(found.dx, case["dz"], rtol=1e-12, atol=1e-14)


def test_every_function_is_compared_with_pytorch():
    assert {case["settings"]["kind"] for case in STORED["cases"]} == {kind_of(cls) for cls in ACTIVATIONS}
    assert Z.min() == -30
    assert Z.max() == 30


@pytest.mark.parametrize("function", CASES)
def test_outputs_lie_between_the_declared_bounds(function):
    low, high = function.bounds
    y = passed(Activation(activation=function), np.array([EXTREMES]), np.ones((1, len(EXTREMES)))).y
    assert low <= y.min()
    assert y.max() <= high


@pytest.mark.parametrize(
    ("function", "bounds"),
    [(Sigmoid, (0, 1)), (Softmax, (0, 1)), (Tanh, (-1, 1)), (Linear, (-np.inf, np.inf))],
)
def test_bounds_are_inherited_with_the_function_only(function, bounds):
    class Same(function):
        pass

    class Doubled(function):
        def forward(self, z, y):
            super().forward(z, y)
            y *= 2

    assert Same.bounds == function.bounds == bounds
    assert Doubled.bounds == (-np.inf, np.inf)


@pytest.mark.parametrize("function", CASES)
def test_the_derivative_takes_the_output_unless_it_says_otherwise(function):
    """And both are written where they belong: what is only to be read stays as it is."""
    z = Z.copy()
    y = np.full_like(z, np.nan) if function.keeps_input else z
    function.forward(z, y)
    expected = np.empty_like(Z)
    function.forward(Z, expected)
    assert np.array_equal(y, expected)
    assert not function.keeps_input or np.array_equal(z, Z)
    dy, dz, again = WEIGHT.copy(), np.full_like(z, np.nan), np.full_like(z, np.nan)
    function.backward(Z, y, dy, dz)
    function.backward(Z if function.keeps_input else np.full_like(Z, np.nan), y, dy, again)
    assert np.array_equal(dz, again)
    assert np.array_equal(dy, WEIGHT)
    assert np.array_equal(y, expected)


@pytest.mark.parametrize("function", CASES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_however_far_out_the_numbers_are_nothing_overflows(function, dtype):
    # An array of 5,000 numbers, and of 12: functions may take another way for few.
    for count in (1, 420):
        z = np.array(EXTREMES * count, dtype).reshape(-1, 4)
        y, dz = np.empty_like(z), np.empty_like(z)
        function.forward(z, y)
        function.backward(z, y, np.ones_like(z), dz)
        assert np.isfinite(y).all()
        assert np.isfinite(dz).all()


@pytest.mark.parametrize("function", [case for case in CASES if case.values[0].elementwise])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_out_the_slope_is_that_of_a_line(function, dtype):
    """What is left of it must not come from a difference of large numbers."""
    far = np.array([1e3, 1e6, 1e9, 1e18], dtype)
    for z in (far, -far):
        y, dz, nearer = np.empty_like(z), np.empty_like(z), np.empty(1)
        function.forward(z, y)
        function.backward(z, y, np.ones_like(z), dz)
        near = np.sign(z[:1]).astype(np.float64) * 60
        at_near = np.empty_like(near)
        function.forward(near, at_near)
        function.backward(near, at_near, np.ones_like(near), nearer)
        np.testing.assert_allclose(dz, nearer.repeat(4), rtol=1e-6, atol=1e-15)


@pytest.mark.parametrize("function", CASES)
def test_it_works_on_views(function):
    """Features first, as in chains of dense layers, and parts of larger arrays."""
    z = Z[:, 1:].copy()
    y, dz = np.empty_like(z), np.empty_like(z)
    function.forward(z, y)
    function.backward(z, y, WEIGHT[:, 1:], dz)
    part_y, part_dz = np.empty_like(Z), np.empty(Z.shape[::-1]).T
    function.forward(Z[:, 1:], part_y[:, 1:])
    function.backward(Z[:, 1:], part_y[:, 1:], WEIGHT[:, 1:], part_dz[:, 1:])
    np.testing.assert_allclose(part_y[:, 1:], y, rtol=1e-14)
    np.testing.assert_allclose(part_dz[:, 1:], dz, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("function", CASES)
def test_json_round_trip(function):
    text = json.dumps(function.model_dump(mode="json"))
    assert TypeAdapter(AnyActivation).validate_python(json.loads(text)) == function


@pytest.mark.parametrize("cls", ACTIVATIONS, ids=kind_of)
def test_every_function_explains_itself(cls):
    assert cls.heading
    assert cls.__doc__.startswith("y")


@pytest.mark.parametrize("function", [case for case in CASES if case.values[0].in_place])
@pytest.mark.parametrize("shape", [(3, 5), (300_000,)])  # the latter in more than one block
@pytest.mark.parametrize("turned", [False, True])
def test_a_derivative_in_place_is_the_same(function, shape, turned):
    draws = np.random.default_rng(3)
    z, dy = draws.normal(size=shape).astype(np.float32), draws.normal(size=shape).astype(np.float32)
    z.flat[:2] = 0.0, -0.0
    y, apart = np.empty_like(z), np.empty_like(z)
    function.forward(z, y)
    function.backward(z, y, dy, apart)
    if turned:
        y, dy = np.asfortranarray(y), np.asfortranarray(dy)
    function.backward(z, y, dy, dy)
    assert np.array_equal(dy, apart)
