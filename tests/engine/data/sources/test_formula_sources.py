"""The two-dimensional examples have the shape, the balance and the noise that they promise."""

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.data.sources.two_dimensional import (
    CENTRES,
    SIGNS,
    XOR,
    Bumps,
    Circle,
    Formula,
    Gaussians,
    Moons,
    Plane,
    Spiral,
    Surface,
    TwoClasses,
)

CLASSES = (Circle, Gaussians, XOR, Spiral, Moons)
SURFACES = (Plane, Bumps)


def points_of(source: Formula) -> NDArray[np.float64]:
    table = source.load()
    return np.column_stack([table.column("x₁").values, table.column("x₂").values])


def split_by_class(source: TwoClasses) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    names = source.load().column("class").values
    points = points_of(source)
    return points[names == "A"], points[names == "B"]


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("points", [10, 11, 500])
def test_classes_are_balanced(kind: type[TwoClasses], points: int) -> None:
    a, b = split_by_class(kind(points=points))
    assert len(a) + len(b) == points
    assert len(a) - len(b) in (0, 1)


@pytest.mark.parametrize("kind", [*CLASSES, *SURFACES])
def test_points_span_about_minus_six_to_six(kind: type[Formula]) -> None:
    points = points_of(kind(points=2000))
    assert 3 < np.abs(points).max() < 8
    assert np.abs(points.mean(axis=0)).max() < 0.5


@pytest.mark.parametrize("kind", [Circle, XOR, Spiral, Moons])
def test_noise_is_the_standard_deviation_of_the_shift(kind: type[TwoClasses]) -> None:
    # The seed draws the clean points first, so the same points stand under the noise.
    shift = points_of(kind(points=20_000, noise=0.5)) - points_of(kind(points=20_000, noise=0))
    assert shift.std() == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize("kind", SURFACES)
def test_noise_is_the_standard_deviation_of_the_height(kind: type[Surface]) -> None:
    noisy, clean = (kind(points=20_000, noise=n).load().column("y").values for n in (0.5, 0))
    assert (noisy - clean).std() == pytest.approx(0.5, rel=0.02)


def test_circle_is_a_disc_in_a_ring() -> None:
    a, b = split_by_class(Circle(noise=0))
    assert np.hypot(*a.T).max() <= 2.5
    assert np.hypot(*b.T).min() >= 3.5
    assert np.hypot(*b.T).max() <= 5


def test_gaussians_are_parted_by_a_line_in_998_of_1000() -> None:
    a, b = split_by_class(Gaussians(points=100_000))
    right = (a.sum(axis=1) < 0).mean(), (b.sum(axis=1) > 0).mean()
    # Φ(2 √2), the centres being 2 √2 deviations from the line.
    assert np.mean(right) == pytest.approx(0.99766, abs=5e-4)
    assert np.allclose(a.std(axis=0), 1, atol=0.02)


def test_xor_is_the_sign_of_the_product() -> None:
    a, b = split_by_class(XOR(noise=0))
    assert (a[:, 0] * a[:, 1] > 0).all()
    assert (b[:, 0] * b[:, 1] < 0).all()
    # All four quadrants are used.
    assert len(np.unique(np.sign(np.concatenate([a, b])), axis=0)) == 4


@pytest.mark.parametrize("turns", [0.5, 1.5, 3.0])
def test_spiral_winds_as_often_as_it_says(turns: float) -> None:
    a, b = split_by_class(Spiral(noise=0, turns=turns, points=1000))
    angle = np.unwrap(np.arctan2(a[:, 0], a[:, 1]))
    assert (angle[-1] - angle[0]) / (2 * np.pi) == pytest.approx(turns * (1 - 0.06))
    # The arms are each other's image through the middle, so they never meet.
    assert np.allclose(a, -b)


def test_moons_are_half_circles_into_each_other() -> None:
    a, b = split_by_class(Moons(noise=0))
    middle = np.array([1.75, 0.875])
    assert np.allclose(np.hypot(*(a + middle).T), 3.5)
    assert np.allclose(np.hypot(*(b - middle).T), 3.5)
    assert (a[:, 1] >= -middle[1]).all()
    assert (b[:, 1] <= middle[1]).all()
    distances = np.hypot(*(a[:, None] - b[None]).transpose(2, 0, 1))
    assert distances.min() > 1


def test_plane_is_a_plane() -> None:
    source = Plane(noise=0)
    assert np.allclose(source.load().column("y").values, points_of(source) @ [0.1, 0.1])


def test_bumps_are_where_they_are_said_to_be() -> None:
    heights = Bumps().height(CENTRES.astype(float))
    assert np.array_equal(np.sign(heights), SIGNS)
    assert np.abs(heights).min() > 0.9
    assert np.abs(Bumps().height(np.array([[40.0, 40.0]]))).max() < 1e-12
