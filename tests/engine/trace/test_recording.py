"""The trace itself: what it computes in each mode, numbers set by hand, and that a run is left as it is."""

import numpy as np
import pytest

from engine.errors import UserError
from engine.files.run_file import captured_run
from engine.insight.trace.derivation import Place
from engine.insight.trace.derive import derivation
from engine.insight.trace.recording import TraceQuery, trace_sample
from engine.insight.trace.trace import Override, TracedSample
from engine.layers import LAYERS
from tests.engine.coded_layers import CODED
from tests.engine.nested_layers import NESTED
from tests.engine.sample_shapes import fitting_shapes
from tests.engine.single_layers import central_differences
from tests.engine.trace.traced import network_of
from tests.engine.training.runs import bits, dense, experiment, take, trainer

LAYERS_OF_A_RUN = [dense(6), "batch_norm", {"kind": "dropout", "rate": 0.3}, dense(5)]
TO_TRY = [*(cls() for cls in LAYERS), *CODED, *NESTED[:4]]


@pytest.fixture(scope="module")
def run():
    return take(trainer(experiment(LAYERS_OF_A_RUN, optimizer={"kind": "adam"})), 5)


@pytest.mark.parametrize("layer", TO_TRY, ids=lambda layer: layer.kind)
def test_evaluation_can_be_differentiated(layer):
    """`as_evaluated` computes in training what evaluation computes, and its gradients are those of that."""
    shape = fitting_shapes(layer)[0]
    given = network_of(layer, shape=shape)
    network = network_of(layer.as_evaluated(), shape=shape)
    x = np.random.default_rng(2).normal(size=(2, *shape))
    spaces = network.workspaces(2).rows(2)
    y = network.forward(x, spaces, True)
    np.testing.assert_allclose(y, given.forward(x, given.workspaces(2).rows(2)), rtol=1e-12, atol=1e-14)
    weight = np.random.default_rng(3).normal(size=y.shape)
    spaces[0].needs_dx = True
    dx = network.layers[0].backward(
        network.parameter_views[0], network.gradient_views[0], weight.copy(), spaces[0]
    )
    own = given.workspaces(2).rows(2)

    def value() -> float:
        return float((given.forward(x, own) * weight).sum())

    np.testing.assert_allclose(dx.reshape(-1), central_differences(value, x.reshape(-1)), atol=1e-7)
    numeric = central_differences(value, given.parameters)
    np.testing.assert_allclose(network.gradients, numeric, atol=1e-7)


@pytest.mark.parametrize("layer", TO_TRY, ids=lambda layer: layer.kind)
def test_what_is_evaluated_couples_no_rows_and_is_the_layer_itself_where_nothing_differs(layer):
    evaluated = layer.as_evaluated()
    assert evaluated.as_evaluated() is evaluated
    assert not evaluated.couples_batch
    assert evaluated is layer or layer.random or layer.couples_batch


@pytest.mark.parametrize("mode", ["evaluation", "training"])
def test_a_run_that_is_traced_stays_as_it_is(mode):
    settings = experiment(LAYERS_OF_A_RUN, epochs=2, optimizer={"kind": "adam"})
    asked, alone = trainer(settings), trainer(settings)
    for _ in asked.run():
        TraceQuery(TracedSample(index=7), mode).answer(asked)
    for _ in alone.run():
        pass
    assert bits(captured_run(asked).state) == bits(captured_run(alone).state)


def test_evaluation_is_what_the_run_predicts(run):
    for part in ("training", "validation"):
        found = trace_sample(run, TracedSample(part, 3))
        x = run.dataset.part(part).inputs[3:4]
        np.testing.assert_allclose(found.prediction, run.predict(x)[0], rtol=1e-5)
        assert found.target == run.dataset.part(part).targets[3]
        assert found.step == 5


def test_training_normalizes_by_the_batch_that_the_sample_is_in(run):
    found = trace_sample(run, TracedSample(index=20), "training")
    batch = found.recorded
    assert batch.row == 4
    np.testing.assert_array_equal(batch.x, run.dataset.training.inputs[16:32].astype(np.float64))
    normalized = batch.stages[1].y
    scale, shift = (found.layers[1].parameters[name] for name in ("scale", "shift"))
    np.testing.assert_allclose(normalized.mean(axis=0), shift, atol=1e-12)
    np.testing.assert_allclose(normalized.std(axis=0), abs(scale), rtol=1e-3)
    ratios = found.layers[2].y / found.layers[2].x
    assert set(np.round(ratios, 6)) == {0.0, round(1 / 0.7, 6)}


def test_a_unit_that_is_off_changes_all_behind_it_and_lets_nothing_through(run):
    sample = TracedSample(index=2)
    off = Override(Place(0, "output", "", (1,)), 0.0)
    before, after = trace_sample(run, sample), trace_sample(run, sample, overrides=(off,))
    assert after.layers[0].y[1] == 0
    np.testing.assert_array_equal(np.delete(after.layers[0].y, 1), np.delete(before.layers[0].y, 1))
    assert not np.array_equal(after.output, before.output)
    assert after.layers[0].dy[1] != 0
    assert not after.layers[0].gradients["weight"][:, 1].any()
    assert after.layers[0].gradients["weight"][:, 0].any()
    found = derivation(after, Place(0, "parameter", "weight", (0, 1), True))
    assert [factor.value for factor in found.terms[0].factors][1] == 0
    assert derivation(after, off.place).sentence == "h₂⁽¹⁾ = 0: set by hand."


def test_an_input_a_weight_and_a_target_can_be_others(run):
    sample = TracedSample(index=2)
    plain = trace_sample(run, sample)
    typed = trace_sample(run, TracedSample(index=2, values=tuple(plain.x + 1), targets=(1.0 - plain.target,)))
    np.testing.assert_array_equal(typed.x, plain.x + 1)
    assert typed.target == 1 - plain.target
    weight = Override(Place(3, "parameter", "weight", (0, 0)), 2.0)
    first = Override(Place(0, "input", "", (1,)), 5.0)
    changed = trace_sample(run, sample, overrides=(weight, first))
    assert changed.layers[3].parameters["weight"][0, 0] == 2
    assert changed.x[1] == 5
    assert run.network.parameter_views[3]["weight"][0, 0] != 2


@pytest.mark.parametrize(
    ("sample", "overrides"),
    [
        (TracedSample(index=10**6), ()),
        (TracedSample(values=(1.0,)), ()),
        (TracedSample(), (Override(Place(0, "output", "", (99,)), 0.0),)),
        (TracedSample(), (Override(Place(9, "output", "", (0,)), 0.0),)),
        (TracedSample(), (Override(Place(0, "parameter", "nothing", (0,)), 0.0),)),
    ],
)
def test_what_is_not_there_gets_a_sentence(run, sample, overrides):
    with pytest.raises(UserError, match=r"^Inspector"):
        trace_sample(run, sample, overrides=overrides)


def test_arrays_of_a_trace_are_read_only(run):
    found = trace_sample(run, TracedSample())
    layer = found.layers[0]
    for array in (found.x, layer.x, layer.y, layer.dz, layer.gradients["weight"]):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
