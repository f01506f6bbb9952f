"""Augmentations that move pixels, against SciPy and against slow loops."""

import math

import numpy as np
import pytest
from scipy import ndimage

from engine.data.augmentation import warp
from engine.data.augmentation.geometric import Crop, Flip, Rotate, Shift, Zoom, rotations
from engine.data.augmentation.warp import Warp
from tests.engine.data.augmentation.batches import (
    MODES,
    ROWS,
    SHAPES,
    applied,
    generator,
    samples,
    through_scipy,
)

IMAGES = [SHAPES["grey"], SHAPES["colour"]]


def background_of(shape):
    return np.linspace(-2, 3, shape[-1])


@pytest.mark.parametrize("chunk", [1, 70, 3000])
@pytest.mark.parametrize("outside", MODES)
@pytest.mark.parametrize("shape", [*IMAGES, (1, 7, 1), (3, 1, 2), (1, 1, 1)])
def test_any_map_as_scipy(shape, outside, chunk, monkeypatch):
    monkeypatch.setattr(warp, "PIXELS_AT_ONCE", chunk)
    draws = np.random.default_rng(2)
    images = draws.normal(size=(ROWS, *shape))
    maps = np.tile(np.eye(3), (ROWS, 1, 1))
    maps[:, :2] += draws.normal(size=(ROWS, 2, 3)) * [0.5, 0.5, 2]
    maps[0, :2, 2] = 1e6
    expected = through_scipy(images, maps, outside, background_of(shape))
    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 2e-5)):
        found = images.astype(dtype)
        resampler = Warp(shape, np.dtype(dtype), background_of(shape).astype(dtype))
        # Twice the same: the second call finds the first one's remains.
        resampler.apply(found.copy(), maps, outside)
        resampler.apply(found, maps, outside)
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


def test_quarter_turns_are_exact():
    images = samples((6, 6, 2)).inputs[:ROWS].copy()
    expected = np.rot90(images, axes=(1, 2))
    found = images.copy()
    resampler = Warp((6, 6, 2), found.dtype, np.zeros(2, np.float32))
    resampler.apply(found, rotations(np.full(ROWS, math.pi / 2)), "background")
    assert np.array_equal(found, expected)
    for _ in range(3):
        resampler.apply(found, rotations(np.full(ROWS, math.pi / 2)), "background")
    assert np.array_equal(found, images)


@pytest.mark.parametrize("outside", MODES)
@pytest.mark.parametrize("degrees", [-40.0, 12.0, 170.0])
def test_rotate_as_scipy(degrees, outside):
    image = samples((7, 6, 1), np.float64).inputs[:1].copy()
    found = image.copy()
    Warp((7, 6, 1), image.dtype, np.full(1, -0.5)).apply(found, rotations(np.radians([degrees])), outside)
    expected = ndimage.rotate(
        image[0, ..., 0], degrees, reshape=False, order=1, mode=MODES[outside], cval=-0.5
    )
    np.testing.assert_allclose(found[0, ..., 0], expected, atol=1e-12)


def angles(augmentation, rows=4000):
    maps = augmentation.maps(generator(), rows, (8, 8, 1))
    return np.degrees(np.arctan2(maps[:, 0, 1], maps[:, 0, 0]))


def test_angles_are_even_over_their_range():
    found = angles(Rotate(degrees=25))
    assert found.min() == pytest.approx(-25, abs=0.1)
    assert found.max() == pytest.approx(25, abs=0.1)
    assert abs(found.mean()) < 1
    assert found.std() == pytest.approx(25 / math.sqrt(3), rel=0.05)


@pytest.mark.parametrize("outside", MODES)
@pytest.mark.parametrize("shape", IMAGES)
def test_shift_as_scipy(shape, outside):
    augmentation = Shift(height=0.5, width=0.3, whole_pixels=False, outside=outside)
    facts = samples(shape, np.float64)
    found, _ = applied(augmentation, facts)
    moves = -augmentation.maps(generator(), ROWS, shape)[:, :2, 2]
    assert (np.abs(moves) <= [0.5 * shape[0], 0.3 * shape[1]]).all()
    assert len(np.unique(moves)) == 2 * ROWS
    for image, out, (down, across) in zip(facts.inputs, found, moves, strict=False):
        for channel, value in enumerate(facts.background):
            expected = ndimage.shift(
                image[..., channel], (down, across), order=1, mode=MODES[outside], cval=value
            )
            np.testing.assert_allclose(out[..., channel], expected, atol=1e-12)


def test_whole_pixels_are_moved_bit_by_bit():
    facts = samples((6, 8, 1))
    augmentation = Shift(height=0.34, width=0.25)
    found, _ = applied(augmentation, facts)
    moves = -augmentation.maps(generator(), ROWS, (6, 8, 1))[:, :2, 2]
    assert np.array_equal(moves, np.rint(moves))
    assert np.abs(moves).max() == 2
    for image, out, (down, across) in zip(facts.inputs, found, moves.astype(int), strict=False):
        for y in range(6):
            for x in range(8):
                inside = 0 <= y - down < 6 and 0 <= x - across < 8
                expected = image[y - down, x - across] if inside else facts.background
                assert np.array_equal(out[y, x], expected)


def bilinear(image, y, x, beyond):
    """The value of an image (height, width) between its pixels, slowly; `beyond` lies around it."""
    total = 0.0
    for row in (math.floor(y), math.floor(y) + 1):
        for column in (math.floor(x), math.floor(x) + 1):
            inside = 0 <= row < image.shape[0] and 0 <= column < image.shape[1]
            weight = (1 - abs(y - row)) * (1 - abs(x - column))
            total += weight * float(image[row, column] if inside else beyond)
    return total


def test_zoom_by_a_slow_loop():
    facts = samples((6, 5, 1), np.float64)
    augmentation = Zoom(smallest=0.5, largest=2)
    found, _ = applied(augmentation, facts, seed=2)
    factors = generator(2).uniform(0.5, 2, ROWS)
    assert factors.min() < 0.8
    assert factors.max() > 1.2
    for image, out, factor in zip(facts.inputs, found, factors, strict=False):
        for y in range(6):
            for x in range(5):
                place = 2.5 + (y - 2.5) / factor, 2 + (x - 2) / factor
                expected = bilinear(image[..., 0], *place, facts.background[0])
                assert out[y, x, 0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("shape", IMAGES)
def test_flips_are_mirrors(shape):
    facts = samples(shape)
    images = facts.inputs[:ROWS]
    assert np.array_equal(applied(Flip(horizontal=1), facts)[0], images[:, :, ::-1])
    assert np.array_equal(applied(Flip(horizontal=0, vertical=1), facts)[0], images[:, ::-1])
    both = Flip(horizontal=1, vertical=1)
    once, _ = applied(both, facts)
    assert np.array_equal(once, images[:, ::-1, ::-1])
    assert np.array_equal(applied(both, facts, inputs=once)[0], images)


def test_flips_come_as_often_as_they_should():
    maps = Flip(horizontal=0.3, vertical=0.1).maps(generator(), 20_000, (4, 4, 1))
    assert set(np.unique(maps[:, (0, 1), (0, 1)])) == {-1.0, 1.0}
    vertical, horizontal = (maps[:, (0, 1), (0, 1)] < 0).mean(axis=0)
    assert horizontal == pytest.approx(0.3, abs=0.02)
    assert vertical == pytest.approx(0.1, abs=0.02)


def corners(maps, shape):
    """Where the four corner pixels of the new images were in the old ones: (rows, 4, 2), from the corner."""
    half = (np.array(shape[:2]) - 1) / 2
    places = np.array([[y, x, 1] for y in (-half[0], half[0]) for x in (-half[1], half[1])])
    return np.einsum("nij,pj->npi", maps, places)[..., :2] + half


@pytest.mark.parametrize("stretch", [1, 2.5])
def test_crops_stay_inside_and_have_their_size(stretch):
    shape = (9, 7, 1)
    maps = Crop(smallest=0.3, stretch=stretch).maps(generator(), 5000, shape)
    seen = corners(maps, shape)
    assert seen.min() >= -1e-12
    assert (seen.max(axis=(0, 1)) <= np.array([8, 6]) + 1e-12).all()
    # Somewhere a crop touches each border.
    np.testing.assert_allclose(seen.min(axis=(0, 1)), 0, atol=0.05)
    np.testing.assert_allclose(seen.max(axis=(0, 1)), [8, 6], atol=0.05)
    scales = maps[:, (0, 1), (0, 1)]
    ratio = scales[:, 0] / scales[:, 1]
    if stretch == 1:
        area = scales.prod(axis=1)
        np.testing.assert_allclose(ratio, 1)
        assert area.min() == pytest.approx(0.3, abs=0.01)
        assert area.mean() == pytest.approx(0.65, abs=0.02)
    else:
        assert ratio.max() <= stretch + 1e-9
        assert ratio.min() >= 1 / stretch - 1e-9
        assert ratio.max() > 2
        assert (scales <= 1).all()


def test_a_crop_by_a_slow_loop():
    facts = samples((6, 5, 1), np.float64)
    augmentation = Crop(smallest=0.2)
    found, _ = applied(augmentation, facts)
    maps = augmentation.maps(generator(), ROWS, (6, 5, 1))
    for image, out, one in zip(facts.inputs, found, maps, strict=False):
        for y in range(6):
            for x in range(5):
                place = one @ [y - 2.5, x - 2, 1] + [2.5, 2, 0]
                expected = bilinear(image[..., 0], place[0], place[1], 1e9)
                assert out[y, x, 0] == pytest.approx(expected, abs=1e-6)
