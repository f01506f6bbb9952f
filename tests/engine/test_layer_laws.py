"""Laws that every registered layer obeys, with every choice that its settings offer."""

import json
import re

import numpy as np
import pytest

from engine.activations import ACTIVATIONS
from engine.errors import ShapeError
from engine.initializers import Initializer
from engine.layers import LAYERS, Layer
from engine.layers.activation import Activation
from engine.layers.weighted import Penalized
from engine.network import Network
from engine.settings import field_hints, kind_of
from tests.engine.bad_values import check_refusal, out_of_range
from tests.engine.coded_layers import CODED
from tests.engine.nested_layers import NESTED
from tests.engine.sample_shapes import CANDIDATE_SHAPES, fitting_shapes, refused_shapes
from tests.engine.single_layers import ROWS, built, objective, slopes
from tests.engine.variants import variants

BENT = tuple(Activation(activation=bend) for cls in ACTIVATIONS for bend in [*variants(cls)][1:])
"""The activations with other settings than their usual ones."""

MORE = (*BENT, *NESTED, *CODED)

LAYERS_TO_TRY = [
    (number, layer)
    for cls in LAYERS
    for number, layer in enumerate([*variants(cls), *(one for one in MORE if type(one) is cls)])
]


def computes_the_same(layer: Layer) -> bool:
    """True where it is the default but for L1 and L2, which the network applies, or for how it starts.

    No law of what a layer computes can tell it from the default.
    """
    default = type(layer)()
    changed = [name for name in type(layer).model_fields if getattr(layer, name) != getattr(default, name)]
    return bool(changed) and all(
        name in Penalized.model_fields or isinstance(getattr(layer, name), Initializer) for name in changed
    )


CASES = [
    pytest.param(layer, shape, id=f"{layer.kind}-{number}-{'x'.join(map(str, shape))}")
    for number, layer in LAYERS_TO_TRY
    for shape in fitting_shapes(layer)
    if not computes_the_same(layer)
]


def test_every_layer_accepts_some_shape():
    for cls in LAYERS:
        assert fitting_shapes(cls()), f"{cls.__name__} accepts none of {CANDIDATE_SHAPES}"


@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_declared_shape_is_the_actual_one(layer, shape):
    network, x, _ = built(layer, shape)
    for rows in (1, ROWS):
        y = network.forward(x[:rows], network.workspaces(ROWS).rows(rows))
        assert y.shape == (rows, *layer.output_shape(shape))
        assert y.dtype == np.float64


@pytest.mark.parametrize("rows", [1, ROWS])
@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_gradients_agree_with_central_differences(layer, shape, rows):
    network, x, weight = built(layer, shape)
    x, weight = x[:rows], weight[:rows]
    spaces = network.workspaces(ROWS, np.random.default_rng(3)).rows(rows)
    for space in spaces:
        space.needs_dx = True
    network.forward(x, spaces, True)
    # A network without parameters stops before its layer, so the layer is asked itself.
    dx = layer.backward(network.parameter_views[0], network.gradient_views[0], weight.copy(), spaces[0])
    flat = x.reshape(-1)
    analytic = np.concatenate([network.gradients, dx.reshape(-1)])
    numeric = np.concatenate(
        [slopes(network, network.parameters, x, weight), slopes(network, flat, x, weight)]
    )
    scale = np.maximum(np.maximum(abs(analytic), abs(numeric)), 1e-2)
    assert (abs(analytic - numeric) / scale).max() <= 1e-6


@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_gradients_do_not_depend_on_whether_dx_is_asked_for(layer, shape):
    """As the first trained layer of a network, nobody asks for the gradient of its input."""
    network, x, weight = built(layer, shape)
    found = []
    for needed in (False, True):
        space = network.workspaces(ROWS, np.random.default_rng(3)).rows(ROWS)[0]
        space.needs_dx = needed
        network.gradients.fill(np.nan)
        layer.forward(network.parameter_views[0], x, space, True)
        layer.backward(network.parameter_views[0], network.gradient_views[0], weight.copy(), space)
        found.append(network.gradients.copy())
    np.testing.assert_array_equal(*found)
    assert np.isfinite(found[0]).all()


@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_inputs_and_parameters_are_only_read(layer, shape):
    network, x, weight = built(layer, shape)
    before, parameters = x.copy(), network.parameters.copy()
    x.flags.writeable = False
    spaces = network.workspaces(ROWS).rows(ROWS)
    network.forward(x, spaces, True)
    network.backward(weight.copy(), spaces)
    assert np.array_equal(x, before)
    assert np.array_equal(network.parameters, parameters)


@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_evaluation_is_deterministic_and_rows_do_not_touch_each_other(layer, shape):
    network, x, _ = built(layer, shape)
    whole = network.forward(x, network.workspaces(ROWS).rows(ROWS)).copy()
    again = network.forward(x, network.workspaces(ROWS, np.random.default_rng(99)).rows(ROWS))
    assert np.array_equal(whole, again)
    # Not bit for bit: BLAS sums a single row in another order than several.
    single = network.forward(x[2:3], network.workspaces(ROWS).rows(1))
    np.testing.assert_allclose(single[0], whole[2], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_in_training_rows_touch_each_other_only_where_the_layer_says_so(layer, shape):
    network, x, _ = built(layer, shape)
    before = network.forward(x, network.workspaces(ROWS).rows(ROWS), True)
    x[0] += 1.0
    after = network.forward(x, network.workspaces(ROWS).rows(ROWS), True)
    assert np.array_equal(before[1:], after[1:]) != layer.couples_batch


@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_what_is_kept_moves_in_training_only(layer, shape):
    network, x, weight = built(layer, shape)
    spaces = network.workspaces(ROWS).rows(ROWS)
    kept = network.statistics_views[0]
    started = {name: value.copy() for name, value in kept.items()}
    network.forward(x, spaces)
    assert all(np.array_equal(kept[name], started[name]) for name in kept)
    network.forward(x, spaces, True)
    network.backward(weight.copy(), spaces)
    assert all(not np.array_equal(kept[name], started[name]) for name in kept)


@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_smaller_batches_share_the_memory_of_larger_ones(layer, shape):
    network, x, weight = built(layer, shape)
    shared, fresh = network.workspaces(ROWS), network.workspaces(2)
    results = []
    for spaces in (shared.rows(ROWS), shared.rows(2), shared.rows(ROWS), fresh.rows(2)):
        rows = spaces[0].rows
        spaces[0].generator = np.random.default_rng(3)
        y = network.forward(x[:rows], spaces, True).copy()
        spaces[0].needs_dx = True
        dx = layer.backward(
            network.parameter_views[0], network.gradient_views[0], weight[:rows].copy(), spaces[0]
        )
        results.append((y, dx.copy(), network.gradients.copy()))
    for one, other in ((0, 2), (1, 3)):
        for first, second in zip(results[one], results[other], strict=True):
            np.testing.assert_allclose(first, second, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_workers_share_nothing_but_parameters(layer, shape):
    """Two batches that meet in the same layer come out as one after the other: nothing is kept in it."""
    network, x, weight = built(layer, shape)
    batches = (x, 1.5 * x[::-1])

    def worked(order):
        """What both find, where the worker of that number goes on at each turn: forward, then backward."""
        spaces = [network.workspaces(ROWS, np.random.default_rng(seed)).rows(ROWS) for seed in (5, 6)]
        gradients = [np.zeros_like(network.gradients) for _ in batches]
        found = [[], []]
        for number in order:
            space = spaces[number][0]
            if not found[number]:
                found[number].append(network.forward(batches[number], spaces[number], True).copy())
                continue
            space.needs_dx = True
            views = network.views(gradients[number])[0]
            dx = layer.backward(network.parameter_views[0], views, weight.copy(), space)
            found[number] += [dx.copy(), gradients[number]]
        return found[0] + found[1]

    for alone, beside in zip(worked((0, 0, 1, 1)), worked((0, 1, 0, 1)), strict=True):
        assert np.array_equal(alone, beside)


@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_training_draws_numbers_only_where_the_layer_says_so(layer, shape):
    network, x, _ = built(layer, shape)
    generator, untouched = np.random.default_rng(3), np.random.default_rng(3)
    spaces = network.workspaces(ROWS, generator).rows(ROWS)
    network.forward(x, spaces)
    assert generator.bit_generator.state == untouched.bit_generator.state
    network.forward(x, spaces, True)
    assert (generator.bit_generator.state != untouched.bit_generator.state) == layer.random


@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_training_is_repeatable_from_the_generator(layer, shape):
    network, x, weight = built(layer, shape)
    assert objective(network, x, weight, seed=5) == objective(network, x, weight, seed=5)


@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_float32_stays_float32_and_near_float64(layer, shape):
    exact, x, _ = built(layer, shape)
    single, _, _ = built(layer, shape, np.float32)
    single.parameters[...] = exact.parameters
    spaces = single.workspaces(ROWS).rows(ROWS)
    y = single.forward(x.astype(np.float32), spaces)
    assert y.dtype == np.float32
    assert {array.dtype for array in spaces[0].values()} <= {np.dtype(np.float32)}
    np.testing.assert_allclose(y, exact.forward(x, exact.workspaces(ROWS).rows(ROWS)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("layer", "shape"), [case for case in CASES if not case.values[0].random])
def test_gradients_in_float32_are_near_those_in_float64(layer, shape):
    found = {}
    for dtype in (np.float64, np.float32):
        network, x, weight = built(layer, shape, dtype)
        network.parameters[...] = built(layer, shape)[0].parameters
        spaces = network.workspaces(ROWS).rows(ROWS)
        spaces[0].needs_dx = True
        network.forward(x, spaces, True)
        dx = layer.backward(network.parameter_views[0], network.gradient_views[0], weight, spaces[0])
        assert dx.dtype == network.gradients.dtype == dtype
        found[dtype] = np.concatenate([network.gradients, dx.reshape(-1)])
    exact, single = found.values()
    assert abs(single - exact).max() <= 1e-5 * max(abs(exact).max(), 1.0)


@pytest.mark.parametrize(
    "layer", [pytest.param(layer, id=f"{layer.kind}-{number}") for number, layer in LAYERS_TO_TRY]
)
def test_json_round_trip(layer):
    text = json.dumps(layer.model_dump(mode="json"))
    assert type(layer).model_validate(json.loads(text)) == layer


@pytest.mark.parametrize(
    "layer", [pytest.param(layer, id=f"{layer.kind}-{number}") for number, layer in LAYERS_TO_TRY]
)
def test_penalties_act_on_parameters_and_every_parameter_has_a_start(layer):
    for shape in fitting_shapes(layer):
        names = layer.parameter_shapes(shape).keys()
        assert names <= layer.initializers().keys()
        own = {name: getattr(layer, name, None) for name in ("l1", "l2")}
        expected = tuple(given if own[name] is None else own[name] for name, given in (("l1", 3), ("l2", 4)))
        penalties = layer.penalties(3, 4)
        assert penalties.keys() == layer.penalized()
        if isinstance(layer, Penalized):
            assert not names or penalties.keys() & names
            assert set(penalties.values()) == {expected}
        assert not any("bias" in name for name in penalties)


@pytest.mark.parametrize("cls", LAYERS, ids=kind_of)
def test_bad_settings_get_a_sentence(cls):
    for name, value in out_of_range(cls):
        check_refusal(cls, name, value)


@pytest.mark.parametrize("cls", LAYERS, ids=kind_of)
def test_a_shape_that_does_not_fit_gets_a_sentence(cls):
    layer = cls()
    for shape in refused_shapes(layer):
        with pytest.raises(ShapeError, match=r"^Layer 1, .+: needs .+ but gets .+\. \w.+\.$") as caught:
            Network([layer], shape)
        assert caught.value.layer_index == 0
        if caught.value.insert_before is not None:
            mend = next(c for c in LAYERS if kind_of(c) == caught.value.insert_before["kind"])
            Network([mend.model_validate(caught.value.insert_before), layer], shape)


@pytest.mark.parametrize("cls", LAYERS, ids=kind_of)
def test_every_layer_explains_itself(cls):
    assert cls.heading
    assert cls.icon
    parts = ["Shapes", "Gradient", "Reference", *(["Raises ShapeError"] if refused_shapes(cls()) else [])]
    assert [part for part in parts if not re.search(rf"\b{part}", cls.__doc__)] == []
    for name, field in cls.model_fields.items():
        if name != "kind":
            assert field.title, name
            assert field.description, name
            assert field.description.endswith("."), name
            lengths = ("height", "width", "stride", "dilation", "factor")
            assert name not in lengths or field_hints(field).get("unit"), name
