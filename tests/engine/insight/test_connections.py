"""What the drawing of a network asks of a run: parts of matrices, norms, and what units answer."""

import numpy as np
import pytest

from engine.files.run_file import captured_run
from engine.insight.connections import ConnectionsQuery, Shown, UnitOutputsQuery
from engine.insight.run_queries import NeuronMapsQuery
from tests.engine.training.runs import bits, dense, experiment, take, trainer


@pytest.fixture
def run():
    return take(trainer(experiment([dense(30), {"kind": "dropout", "rate": 0.2}, dense(5)])), 3)


def test_only_what_is_shown_is_copied_and_norms_are_of_everything(run):
    shown = Shown(2, inputs=(1, 7, 29), units=(0, 4), strengths=True)
    found = ConnectionsQuery((shown, Shown(3))).answer(run)
    weight, gradient = (
        views[2]["weight"] for views in (run.network.parameter_views, run.network.gradient_views)
    )
    rows = np.ix_([1, 7, 29], [0, 4])
    np.testing.assert_array_equal(found[2].weight, weight[rows])
    np.testing.assert_array_equal(found[2].gradient, gradient[rows])
    assert np.abs(found[2].gradient).max() > 0
    np.testing.assert_array_equal(found[2].bias, run.network.parameter_views[2]["bias"][[0, 4]])
    np.testing.assert_allclose(found[2].outgoing, np.linalg.norm(weight, axis=1), rtol=1e-5)
    np.testing.assert_allclose(found[2].incoming, np.linalg.norm(weight, axis=0), rtol=1e-5)
    assert found[2].deviation == pytest.approx(float(weight.std()), rel=1e-3)
    assert found[2].largest == np.abs(weight).max()
    assert found[3].weight.shape == (5, 2)
    assert found[3].incoming is None
    before = found[2].weight.copy()
    take(run, 2)
    np.testing.assert_array_equal(found[2].weight, before)
    assert not found[2].weight.flags.writeable


def test_units_answer_what_a_forward_pass_gives(run):
    rows = (3, 11)
    found = UnitOutputsQuery("validation", rows, (0, 3)).answer(run)
    inputs = run.dataset.validation.inputs[list(rows)]
    np.testing.assert_array_equal(found[-1], inputs)
    first = run.network.parameter_views[0]
    np.testing.assert_allclose(
        found[0], np.tanh(inputs @ first["weight"] + first["bias"]), rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(found[3], run.evaluator.outputs(inputs), rtol=1e-5)
    count = len(run.dataset.validation.inputs)
    assert len(UnitOutputsQuery("validation", (0, count), (0,)).answer(run)[0]) == 1
    around = UnitOutputsQuery("validation", (count + 3,), (0,), around=True).answer(run)
    np.testing.assert_allclose(around[0], found[0][:1], rtol=1e-5, atol=1e-6)


def test_what_another_network_had_has_no_answer(run):
    """While a network is edited, the drawing of the last one still asks."""
    assert ConnectionsQuery((Shown(9), Shown(2, units=(0, 7)), Shown(2, inputs=(30,)))).answer(run) == {}
    assert list(UnitOutputsQuery("training", (0,), (0, 9)).answer(run)) == [0, -1]
    assert NeuronMapsQuery(4, ((0, (31,)), (9, (0,)))).answer(run) == {}


def test_maps_of_chosen_units_are_those_of_all(run):
    every, some = NeuronMapsQuery(6).answer(run), NeuronMapsQuery(6, ((0, (2, 29)),)).answer(run)
    assert list(some) == [0]
    np.testing.assert_array_equal(some[0], every[0][[2, 29]])


def test_a_run_that_is_asked_has_the_bits_of_one_that_is_not():
    asked, alone = (trainer(experiment([dense(6)], epochs=2)) for _ in range(2))
    for _ in asked.run():
        ConnectionsQuery((Shown(0, strengths=True), Shown(1))).answer(asked)
        UnitOutputsQuery("training", (0, 5), (0, 1)).answer(asked)
    for _ in alone.run():
        pass
    assert bits(captured_run(asked).state) == bits(captured_run(alone).state)
