"""A residual layer where a person adds one: what suits the place, and what does not fit is named."""

import numpy as np
import pytest

from engine.errors import ShapeError, UserError
from engine.experiment import Experiment, from_json
from engine.layers.activation import Activation
from engine.layers.dense import Dense
from engine.layers.residual import MOST_LAYERS, MOST_NESTED, Residual
from engine.network import Network
from engine.settings import read
from tests.engine.layers.passes import passed
from tests.engine.nested_layers import conv, dense, residual


def made(*layers, **more) -> Residual:
    return Residual.model_validate(residual(*layers, **more))


# --- where a person adds one -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "kind", "sizes", "projected"),
    [
        ((2,), "dense", (16, 16), True),
        ((40,), "dense", (40, 40), False),
        ((784,), "dense", (64, 784), False),
        ((9, 4), "conv1d", (16, 16), True),
        ((8, 8, 32), "conv2d", (32, 32), False),
    ],
)
def test_what_is_added_suits_the_place(shape, kind, sizes, projected):
    layer = Residual(drop_rate=0.1).suited(shape)
    assert [inner.kind for inner in layer.layers] == [kind, kind]
    assert tuple(getattr(inner, "units", None) or inner.filters for inner in layer.layers) == sizes
    assert ("projection.weight" in layer.parameter_shapes(shape)) == projected
    assert layer.drop_rate == 0.1


def test_other_layers_and_other_samples_are_taken_as_they_are():
    assert Residual().suited((3, 3, 2, 2)) == Residual()
    assert Dense().suited((5,)) == Dense()


# --- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        (
            [conv("conv2d", 4), dense(3)],
            "Layer 2, Residual, inner layer 2, Dense: needs a list of numbers but gets an image of "
            "6 × 6 × 4. Insert a Flatten before it.",
        ),
        (
            [residual("activation", residual("conv1d"))],
            "Layer 2, Residual, inner layer 1, Residual, inner layer 2, Residual, inner layer 1, Conv1D: "
            "needs a sequence (steps, features) but gets an image of 6 × 6 × 2. Insert a Reshape before it.",
        ),
        (
            ["flatten"],
            "Layer 2, Residual: needs inner layers whose output can be added to their input, an image of "
            "6 × 6 × 2, but gets 72 numbers from them. Put layers that change the kind of samples before or "
            "behind it.",
        ),
        (
            ["up_sample"],
            "Layer 2, Residual: needs inner layers whose output can be added to their input, an image of "
            "6 × 6 × 2, but gets an image of 12 × 12 × 2 from them. Put layers that enlarge samples before "
            "or behind it: inside, they cannot grow.",
        ),
        (
            [conv("conv2d", 4, padding="valid")],
            "Layer 2, Residual: needs inner layers whose output can be added to their input, an image of "
            "6 × 6 × 2, but gets an image of 4 × 4 × 4 from them. Set the padding inside to “Same”: then "
            "samples keep their size, or all sides are shortened by one stride, which the shortcut can take "
            "too.",
        ),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(layers, sentence):
    with pytest.raises(ShapeError) as caught:
        Network([Activation(), made(*layers)], (6, 6, 2))
    assert str(caught.value) == sentence
    assert caught.value.layer_index == 1


def test_only_what_mends_in_front_of_the_whole_is_offered():
    for layers, offered in (([dense(3)], {"kind": "flatten"}), ([conv("conv2d", 4), dense(3)], None)):
        with pytest.raises(ShapeError) as caught:
            made(*layers).output_shape((6, 6, 2))
        assert caught.value.insert_before == offered


@pytest.mark.parametrize(
    ("before", "after"), [((9, 7, 2), (5, 4)), ((10, 10, 1), (4, 4)), ((1, 4, 2), (1, 1))]
)
def test_the_shortcut_takes_the_stride_that_leads_there(before, after):
    """⌈9 / 2⌉ × ⌈7 / 2⌉ cells; ⌈10 / 3⌉; and ⌈1 / 4⌉ × ⌈4 / 4⌉."""
    stride = {(5, 4): 2, (4, 4): 3, (1, 1): 4}[after]
    layer = made(conv("conv2d", 3, "linear", stride=stride, bias=False))
    x = np.random.default_rng(1).normal(size=(2, *before))
    weight = np.zeros((3, 3, before[-1], 3))
    found = passed(layer, x, parameters={"0.weight": weight})
    network = Network([layer], before, np.float64)
    assert network.output_shape == (*after, 3)
    draws = np.random.default_rng(1).normal(size=network.parameters.size)
    projection = network.views(draws)[0]["projection.weight"][0, 0]
    np.testing.assert_allclose(found.y, x[:, ::stride, ::stride] @ projection)


def test_the_shortcut_is_as_wide_as_the_inner_layers_ask_for():
    """10,000 features are more than a form would let a convolution have."""
    layer = made({"kind": "reshape", "target_shape": "sequence", "channels": 10_000})
    assert layer.parameter_shapes((2, 5000)) == {"projection.weight": (1, 5000, 10_000)}


def nested(levels: int, inmost: str = "activation") -> dict:
    return residual(nested(levels - 1, inmost)) if levels > 1 else residual(inmost)


def test_how_many_and_how_deep_is_bounded():
    assert made(*["activation"] * MOST_LAYERS)
    assert read(Experiment, {"layers": [nested(MOST_NESTED)]}, "Here")
    place = "Here, layers, entry 1, residual, layers: expected"
    deep = f"{place} at most {MOST_NESTED} residual layers inside one another, found a list of 1."
    for levels, inmost in ((MOST_NESTED + 1, "activation"), (300, "activation"), (MOST_NESTED, "residual")):
        with pytest.raises(UserError, match=f"^{deep} Correct the value.$"):
            read(Experiment, {"layers": [nested(levels, inmost)]}, "Here")
    with pytest.raises(UserError, match=f"^{place} at most {MOST_LAYERS} entries, found"):
        read(Experiment, {"layers": [residual(*["activation"] * (MOST_LAYERS + 1))]}, "Here")
    with pytest.raises(UserError, match=f"^{place} a longer list, of 1 or more, found"):
        read(Experiment, {"layers": [residual()]}, "Here")


def test_a_bad_value_inside_is_named_with_its_place():
    with pytest.raises(
        UserError,
        match=r"^F, layers, entry 1, residual, layers, entry 2, dense, units: expected a number of at least "
        r"1, found 0\. Correct the value\.$",
    ):
        from_json(
            '{"layers": [{"kind": "residual", "layers": ["dense", {"kind": "dense", "units": 0}]}]}', "F"
        )
