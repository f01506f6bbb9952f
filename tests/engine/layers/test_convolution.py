"""Convolutions against loops over every place, cell, channel and filter, for all their settings."""

import itertools

import numpy as np
import pytest

from engine.errors import ShapeError
from engine.layers.conv import Conv1D, Conv2D
from engine.network import Network
from tests.engine.layers.borders import border
from tests.engine.layers.passes import passed


def by_loops(layer, x, weight, bias, dy):
    """y, dx, dW and db of a linear convolution, one multiplication after another."""
    rows, height, width, _ = x.shape
    down, top = border(height, layer.height, layer.stride, layer.dilation, layer.padding)
    across, left = border(width, layer.width, layer.stride, layer.dilation, layer.padding)
    depth, units = weight.shape[2], layer.filters // layer.groups
    y = np.zeros((rows, down, across, layer.filters)) + bias
    dx, dweight = np.zeros_like(x), np.zeros_like(weight)
    for i, j, r, s in itertools.product(*map(range, (down, across, layer.height, layer.width))):
        row = i * layer.stride + r * layer.dilation - top
        column = j * layer.stride + s * layer.dilation - left
        if not (0 <= row < height and 0 <= column < width):
            continue
        for n, c, k in itertools.product(range(rows), range(depth), range(layer.filters)):
            channel = k // units * depth + c
            y[n, i, j, k] += x[n, row, column, channel] * weight[r, s, c, k]
            dx[n, row, column, channel] += dy[n, i, j, k] * weight[r, s, c, k]
            dweight[r, s, c, k] += dy[n, i, j, k] * x[n, row, column, channel]
    return y, dx, dweight, dy.sum(axis=(0, 1, 2))


SETTINGS = [
    {"height": height, "width": width, "stride": stride, "dilation": dilation, "padding": padding}
    for (height, width), stride, dilation, padding in itertools.product(
        ((1, 1), (3, 3), (2, 3)), (1, 2, 3), (1, 2), ("same", "valid")
    )
]
"""Every combination of stride, dilation and padding for a pixel, a usual window and an uneven one."""

SETTINGS += [
    {"height": height, "width": width, "stride": stride, "dilation": dilation, "padding": "same"}
    for (height, width), stride, dilation in (
        # An even window, close and spread.
        ((2, 2), 1, 2),
        ((2, 2), 2, 2),
        ((4, 4), 1, 1),
        ((4, 4), 3, 3),
        # Larger than the image, which has 5 rows and 7 columns.
        ((7, 9), 1, 1),
        ((6, 8), 2, 1),
        ((6, 1), 1, 1),
        # Spread so far that the window reaches beyond the image, or only its middle is inside.
        ((3, 3), 1, 4),
        ((3, 3), 1, 8),
        ((2, 2), 2, 9),
        ((3, 2), 3, 16),
    )
]
"""And windows that reach far over the border."""

GROUPS = [(1, 3, 5), (1, 6, 2), (2, 4, 6), (2, 12, 2), (3, 3, 3), (3, 3, 6)]
"""Groups, channels, filters: both ways to gather, with one channel a group, and depthwise."""


@pytest.mark.parametrize(("groups", "channels", "filters"), GROUPS)
@pytest.mark.parametrize("settings", SETTINGS, ids=lambda s: "-".join(map(str, s.values())))
def test_images(settings, groups, channels, filters):
    layer = Conv2D.model_validate({**settings, "groups": groups, "filters": filters, "activation": "linear"})
    draws = np.random.default_rng(5)
    x = draws.normal(size=(2, 5, 7, channels))
    weight = draws.normal(size=layer.parameter_shapes(x.shape[1:])["weight"])
    bias = draws.normal(size=filters)
    dy = draws.normal(size=(2, *layer.output_shape(x.shape[1:])))
    found = passed(layer, x, dy, {"weight": weight, "bias": bias})
    expected = by_loops(layer, x, weight, bias, dy)
    results = (found.y, found.dx, found.gradients["weight"], found.gradients["bias"])
    for one, other in zip(results, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(("stride", "dilation", "groups"), [(1, 1, 1), (2, 1, 2), (1, 3, 4), (3, 2, 1)])
def test_a_sequence_is_an_image_of_one_line(padding, stride, dilation, groups):
    common = {"filters": 4, "stride": stride, "dilation": dilation, "groups": groups, "padding": padding}
    x = np.random.default_rng(2).normal(size=(3, 11, 4))
    along = passed(Conv1D(kernel_size=3, **common), x)
    weight = along.gradients["weight"]
    image = passed(Conv2D(height=1, width=3, **common), x[:, None])
    np.testing.assert_allclose(along.y, image.y[:, 0], rtol=1e-12)
    np.testing.assert_allclose(along.dx, image.dx[:, 0], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(weight, image.gradients["weight"][0], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("groups", [1, 2, 8])
@pytest.mark.parametrize("stride", [1, 2])
def test_a_large_batch_in_pieces_is_the_same_as_its_rows_alone(groups, stride):
    layer = Conv2D(filters=8, groups=groups, stride=stride)
    draws = np.random.default_rng(3)
    x = draws.normal(size=(37, 24, 20, 8))
    dy = draws.normal(size=(37, *layer.output_shape(x.shape[1:])))
    whole = passed(layer, x, dy)
    alone = [passed(layer, x[row : row + 1], dy[row : row + 1]) for row in range(len(x))]
    np.testing.assert_allclose(whole.y, np.concatenate([one.y for one in alone]), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(whole.dx, np.concatenate([one.dx for one in alone]), rtol=1e-9, atol=1e-12)
    for name, gradient in whole.gradients.items():
        np.testing.assert_allclose(gradient, sum(one.gradients[name] for one in alone), rtol=1e-9, atol=1e-9)


def test_an_edge_by_hand():
    """A step from 0 to 1 under the kernel (−1, 1): 1 where the step is, 0 elsewhere."""
    layer = Conv2D.model_validate(
        {"filters": 1, "height": 1, "width": 2, "padding": "valid", "activation": "linear"}
    )
    x = np.array([0.0, 0.0, 1.0, 1.0]).reshape(1, 1, 4, 1)
    kernel = np.array([-1.0, 1.0]).reshape(1, 2, 1, 1)
    found = passed(layer, x, parameters={"weight": kernel, "bias": np.zeros(1)})
    assert found.y.ravel().tolist() == [0.0, 1.0, 0.0]
    # dy is 1 everywhere: an inner cell stands once under −1 and once under 1.
    assert found.dx.ravel().tolist() == [-1.0, 0.0, 0.0, 1.0]
    # dW: the sum of the cells under each weight, x₀ + x₁ + x₂ and x₁ + x₂ + x₃.
    assert found.gradients["weight"].ravel().tolist() == [1.0, 2.0]


def test_the_first_layer_computes_no_gradient_of_the_data():
    network = Network([Conv2D(), Conv2D()], (6, 6, 1), np.float64)
    network.initialize(np.random.default_rng(1))
    spaces = network.workspaces(2).rows(2)
    spaces[0]["dx"].fill(7.0)
    network.forward(np.ones((2, 6, 6, 1)), spaces, True)
    network.backward(np.ones((2, 6, 6, 16)), spaces)
    assert (spaces[0]["dx"] == 7.0).all()


def test_fields_stand_in_their_order():
    assert list(Conv2D.model_fields)[:8] == [
        "kind",
        "filters",
        "height",
        "width",
        "stride",
        "padding",
        "dilation",
        "groups",
    ]
    assert list(Conv1D.model_fields)[1:4] == ["filters", "kernel_size", "stride"]


@pytest.mark.parametrize(
    ("layer", "shape", "sentence"),
    [
        (
            Conv2D(),
            (64,),
            "Layer 1, Conv2D: needs an image (height, width, channels) but gets 64 numbers. "
            "Insert a Reshape before it.",
        ),
        (
            Conv2D(padding="valid", height=5, dilation=2),
            (8, 8, 3),
            "Layer 1, Conv2D: needs at least 9 × 5 cells but gets an image of 8 × 8 × 3. "
            "Set the padding to Same, or make the window smaller.",
        ),
        (
            Conv2D(groups=2),
            (8, 8, 3),
            "Layer 1, Conv2D: needs channels and filters in multiples of 2, its number of groups, but gets "
            "3 channels and 16 filters. Set the groups to 1, or change the number of filters.",
        ),
        (
            Conv1D(padding="valid", kernel_size=4),
            (3, 2),
            "Layer 1, Conv1D: needs at least 4 steps but gets a sequence of 3 steps × 2 features. "
            "Set the padding to Same, or make the window smaller.",
        ),
    ],
)
def test_what_does_not_fit_gets_a_sentence(layer, shape, sentence):
    with pytest.raises(ShapeError) as caught:
        Network([layer], shape)
    assert str(caught.value) == sentence


def test_along_a_sequence_lengths_are_told_in_steps() -> None:
    units = {
        kind: [kind.model_fields[name].json_schema_extra["unit"] for name in lengths]
        for kind, lengths in (
            (Conv1D, ("kernel_size", "stride", "dilation")),
            (Conv2D, ("height", "width", "stride", "dilation")),
        )
    }
    assert units == {Conv1D: ["steps"] * 3, Conv2D: ["cells"] * 4}
