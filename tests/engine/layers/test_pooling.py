"""Pooling and upsampling against loops over every place and cell."""

import itertools

import numpy as np
import pytest

from engine.errors import ShapeError
from engine.layers.global_pooling import GlobalMaxPool
from engine.layers.pooling import AveragePool, MaxPool
from engine.layers.reshape import UpSample
from engine.network import Network
from tests.engine.layers.borders import border
from tests.engine.layers.passes import passed

WINDOWS = [
    (size, width, stride, padding)
    for (size, width), stride, padding in itertools.product(
        ((2, None), (3, 2), (1, 1), (2, 4)), (None, 1, 2, 3), ("valid", "same")
    )
]


def under(x, layer):
    """For every place: its index and the slices of the cells that are really there."""
    width = layer.width or layer.pool_size
    down, top = border(x.shape[1], layer.pool_size, layer.stride or layer.pool_size, 1, layer.padding)
    across, left = border(x.shape[2], width, layer.stride or width, 1, layer.padding)
    for i, j in itertools.product(range(down), range(across)):
        row, column = i * (layer.stride or layer.pool_size) - top, j * (layer.stride or width) - left
        yield (
            i,
            j,
            slice(max(row, 0), max(row + layer.pool_size, 0)),
            slice(max(column, 0), max(column + width, 0)),
        )


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_largest_value(window):
    size, width, stride, padding = window
    layer = MaxPool(pool_size=size, width=width, stride=stride, padding=padding)
    draws = np.random.default_rng(4)
    x = draws.normal(size=(2, 6, 7, 3))
    dy = draws.normal(size=(2, *layer.output_shape(x.shape[1:])))
    y, dx = np.empty_like(dy), np.zeros_like(x)
    for i, j, rows, columns in under(x, layer):
        for n, c in itertools.product(range(2), range(3)):
            cells = x[n, rows, columns, c]
            y[n, i, j, c] = cells.max()
            dx[n, rows, columns, c][np.unravel_index(cells.argmax(), cells.shape)] += dy[n, i, j, c]
    found = passed(layer, x, dy)
    assert np.array_equal(found.y, y)
    np.testing.assert_allclose(found.dx, dx, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_mean_of_the_cells_that_are_there(window):
    size, width, stride, padding = window
    layer = AveragePool(pool_size=size, width=width, stride=stride, padding=padding)
    draws = np.random.default_rng(4)
    x = draws.normal(size=(2, 6, 7, 3))
    dy = draws.normal(size=(2, *layer.output_shape(x.shape[1:])))
    y, dx = np.empty_like(dy), np.zeros_like(x)
    for i, j, rows, columns in under(x, layer):
        cells = x[:, rows, columns]
        y[:, i, j] = cells.mean(axis=(1, 2))
        dx[:, rows, columns] += (dy[:, i, j] / (cells.shape[1] * cells.shape[2]))[:, None, None]
    found = passed(layer, x, dy)
    np.testing.assert_allclose(found.y, y, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(found.dx, dx, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("kind", [MaxPool, AveragePool])
@pytest.mark.parametrize(("size", "stride", "padding"), [(2, None, "valid"), (3, 2, "same"), (4, 1, "valid")])
def test_a_sequence_is_an_image_one_cell_wide(kind, size, stride, padding):
    layer = kind(pool_size=size, stride=stride, padding=padding)
    image = kind(pool_size=size, width=1, stride=stride, padding=padding)
    x = np.random.default_rng(2).normal(size=(3, 9, 4))
    # The same stride across a single column leaves that column.
    along, across = passed(layer, x), passed(image, x[:, :, None])
    np.testing.assert_allclose(along.y, across.y[:, :, 0], rtol=1e-12)
    np.testing.assert_allclose(along.dx, across.dx[:, :, 0], rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("settings", [{}, {"pool_size": 3, "stride": 1}, {"pool_size": 3, "padding": "same"}])
def test_of_equal_cells_exactly_one_gets_the_gradient(settings, dtype):
    layer = MaxPool(**settings)
    values = np.random.default_rng(1).integers(-1, 2, (4, 6, 6, 3)).astype(dtype)
    # Zeros of both signs are equal; a mask made of sign bits must see that.
    values[values == 0] *= np.random.default_rng(2).choice([-1, 1], (values == 0).sum()).astype(dtype)
    found = passed(layer, values)
    assert found.dx.sum() == found.y.size
    assert set(np.unique(found.dx)) <= set(range(10))
    assert (found.dx[values < 0].sum() > 0) == (found.y < 0).any()


@pytest.mark.parametrize("shape", [(4, 6, 7, 3), (4, 300, 3), (4, 1, 1, 2)])
def test_the_largest_value_of_all(shape):
    draws = np.random.default_rng(5)
    x, dy = draws.normal(size=shape), draws.normal(size=(4, shape[-1]))
    found = passed(GlobalMaxPool(), x, dy)
    places, dx = x.reshape(4, -1, shape[-1]), np.zeros_like(x)
    assert np.array_equal(found.y, places.max(axis=1))
    for n, c in itertools.product(range(4), range(shape[-1])):
        dx.reshape(places.shape)[n, places[n, :, c].argmax(), c] = dy[n, c]
    assert np.array_equal(found.dx, dx)


def test_of_equal_values_everywhere_one_gets_the_gradient_of_all():
    found = passed(GlobalMaxPool(), np.zeros((3, 4, 5, 2)))
    assert found.dx.sum(axis=(1, 2)).tolist() == [[1.0, 1.0]] * 3
    assert sorted(np.unique(found.dx)) == [0.0, 1.0]


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_upsampling_repeats_and_sums(factor):
    draws = np.random.default_rng(2)
    x, dy = draws.normal(size=(2, 3, 4, 2)), draws.normal(size=(2, 3 * factor, 4 * factor, 2))
    found = passed(UpSample(factor=factor), x, dy)
    assert np.array_equal(found.y, x.repeat(factor, axis=1).repeat(factor, axis=2))
    blocks = dy.reshape(2, 3, factor, 4, factor, 2).sum(axis=(2, 4))
    np.testing.assert_allclose(found.dx, blocks, rtol=1e-12)
    along = passed(UpSample(factor=factor), x[:, 0])
    assert np.array_equal(along.y, x[:, 0].repeat(factor, axis=1))


def test_a_window_larger_than_the_image_gets_a_sentence():
    sentence = (
        r"^Layer 1, Max pooling: needs at least 4 × 4 cells but gets an image of 3 × 8 × 1\. "
        r"Make the window smaller, or set the padding to Same\.$"
    )
    with pytest.raises(ShapeError, match=sentence):
        Network([MaxPool(pool_size=4)], (3, 8, 1))
