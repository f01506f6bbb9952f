"""Laws of every registered initializer, with every choice that its settings offer."""

import math

import numpy as np
import pytest

from engine.initializers import INITIALIZERS, Initializer, fans
from engine.initializers.composite import Blockwise
from engine.initializers.fixed_scale import Constant, Orthogonal, Zeros
from engine.initializers.variance_scaling import GlorotUniform
from engine.settings import kind_of
from tests.engine.variants import variants

FAN_IN, FAN_OUT = 300, 200

CASES = [
    pytest.param(initializer, id=f"{initializer.kind}-{number}")
    for cls in INITIALIZERS
    for number, initializer in enumerate(variants(cls))
]

VARIANCES = {
    "glorot_uniform": lambda _: 2 / (FAN_IN + FAN_OUT),
    "glorot_normal": lambda _: 2 / (FAN_IN + FAN_OUT),
    "he_uniform": lambda _: 2 / FAN_IN,
    "he_normal": lambda _: 2 / FAN_IN,
    "lecun_uniform": lambda _: 1 / FAN_IN,
    "lecun_normal": lambda _: 1 / FAN_IN,
    # The squares of a column (of the fewer columns) have the sum gain².
    "orthogonal": lambda settings: settings.gain**2 / max(FAN_IN, FAN_OUT),
    "normal": lambda settings: settings.std**2,
    "uniform": lambda settings: settings.limit**2 / 3,
    "zeros": lambda _: 0.0,
    "constant": lambda _: 0.0,
}
"""The variance that each formula is to give; a uniform distribution in ±a has a² / 3."""


def filled(initializer: Initializer, seed: int = 1, dtype: type = np.float64) -> np.ndarray:
    array = np.full((FAN_IN, FAN_OUT), np.nan, dtype)
    initializer.fill(array, FAN_IN, FAN_OUT, np.random.default_rng(seed))
    return array


def test_every_formula_is_listed():
    assert set(VARIANCES) == {kind_of(cls) for cls in INITIALIZERS}


@pytest.mark.parametrize("initializer", CASES)
def test_mean_and_variance_follow_the_formula(initializer):
    array = filled(initializer)
    variance = VARIANCES[initializer.kind](initializer)
    assert array.var() == pytest.approx(variance, rel=0.03)
    # Five standard errors of a mean.
    expected = initializer.value if initializer.kind == "constant" else 0.0
    assert abs(array.mean() - expected) <= 5 * math.sqrt(variance / array.size) + 1e-15


@pytest.mark.parametrize("initializer", CASES)
def test_shape_of_the_distribution(initializer):
    array = filled(initializer)
    deviation = math.sqrt(VARIANCES[initializer.kind](initializer))
    if initializer.kind.endswith("uniform"):
        limit = math.sqrt(3) * deviation
        assert 0.99 * limit < abs(array).max() <= limit
    elif initializer.kind.endswith("normal") or initializer.kind == "orthogonal":
        # 68.3 % of a normal distribution lies within one standard deviation.
        assert (abs(array) < deviation).mean() == pytest.approx(0.683, abs=0.01)
    else:
        assert (array == array[0, 0]).all()


@pytest.mark.parametrize("initializer", CASES)
def test_same_seed_same_values(initializer):
    assert np.array_equal(filled(initializer, 5), filled(initializer, 5))


@pytest.mark.parametrize("initializer", CASES)
def test_another_seed_gives_other_values(initializer):
    same = np.array_equal(filled(initializer, 5), filled(initializer, 6))
    assert same == (VARIANCES[initializer.kind](initializer) == 0)


@pytest.mark.parametrize("initializer", CASES)
def test_both_precisions_start_from_the_same_values(initializer):
    single = filled(initializer, dtype=np.float32)
    assert single.dtype == np.float32
    assert np.array_equal(single, filled(initializer).astype(np.float32))


@pytest.mark.parametrize("initializer", CASES)
def test_it_fills_a_view_in_place(initializer):
    vector = np.full(20, np.nan)
    view = vector[4:16].reshape(3, 4)
    initializer.fill(view, 3, 4, np.random.default_rng(1))
    assert np.isfinite(vector[4:16]).all()
    assert np.isnan(vector[:4]).all()
    assert np.isnan(vector[16:]).all()


def test_fans_count_the_receptive_field():
    assert fans((30, 10)) == (30, 10)
    # A 3 × 5 field from 2 channels to 7: each output sees 15 · 2 inputs, each input feeds 15 · 7 outputs.
    assert fans((3, 5, 2, 7)) == (30, 105)
    assert fans((8,)) == (8, 8)
    assert fans(()) == (1, 1)


@pytest.mark.parametrize("shape", [(7, 4), (4, 7), (5, 5), (2, 3, 4), (6,)], ids=str)
def test_orthogonal_matrices_keep_lengths_and_angles(shape):
    array = np.empty(shape)
    Orthogonal(gain=1.5).fill(array, 1, 1, np.random.default_rng(2))
    matrix = array.reshape(-1, shape[-1])
    fewer = matrix if matrix.shape[0] < matrix.shape[1] else matrix.T
    np.testing.assert_allclose(fewer @ fewer.T, 2.25 * np.eye(len(fewer)), atol=1e-12)


def test_orthogonal_matrices_turn_as_often_one_way_as_the_other():
    """Without the signs of R every first entry would have the same sign, and all matrices of 1 × 1 be 1."""
    first = []
    for seed in range(200):
        array = np.empty((2, 2))
        Orthogonal().fill(array, 2, 2, np.random.default_rng(seed))
        first.append((array[0, 0] > 0, np.linalg.det(array) > 0))
    # 200 tosses of a coin are within 70 and 130 in all but 2 of 100,000 cases.
    assert all(70 <= sum(column) <= 130 for column in zip(*first, strict=True))


def test_side_by_side_each_block_starts_as_if_it_were_alone():
    array = np.empty((30, 6))
    parts = (Constant(value=2.0), GlorotUniform(), Zeros())
    Blockwise(parts=parts).fill(array, 30, 6, np.random.default_rng(3))
    alone = np.empty((30, 2))
    parts[1].fill(alone, 30, 2, np.random.default_rng(3))
    assert (array[:, :2] == 2).all()
    assert np.array_equal(array[:, 2:4], alone)
    assert not array[:, 4:].any()
