"""Residual layers in runs: saved and gone on with, changed while training, checked, looked at, split up."""

import numpy as np
import pytest

from engine.files.run_file import load
from engine.insight.distributions import HistogramsQuery
from engine.insight.gradient_check import check_trainer
from engine.insight.run_queries import ParametersQuery
from engine.layers import Workspace
from engine.layers.dense import Dense
from engine.losses.regression import MeanSquaredError
from engine.network import Network
from engine.training.checkpoint import capture
from engine.training.data_parallel import DataParallelGradient
from engine.training.gradient import BatchGradient
from engine.training.regularization import Penalty
from engine.training.worker_pool import WorkerPool
from tests.engine.files.test_continuation_laws import goes_on
from tests.engine.nested_layers import DROPOUT, conv, dense, residual
from tests.engine.training.runs import experiment, finish, take, trainer

DEEP = residual(dense(8), "batch_norm", residual(dense(8), DROPOUT, drop_rate=0.2), drop_rate=0.3)
ON_IMAGES = [
    residual(conv("conv2d", 4, stride=2), "batch_norm", {"kind": "spatial_dropout"}, activation="relu"),
    "flatten",
]


@pytest.mark.parametrize("steps", [7, 12])
def test_a_run_goes_on_from_a_file_bit_for_bit(steps, tmp_path):
    """In mid-epoch and at the end of one, with running statistics and draws inside."""
    chosen = experiment([dense(8), DEEP], epochs=5)
    goes_on(chosen, steps, tmp_path / "a.gradwright")
    assert load(tmp_path / "a.gradwright").experiment == chosen


def test_a_run_on_images_goes_on_from_a_file(tmp_path):
    chosen = experiment(ON_IMAGES, {"source": "digits"}, epochs=1, batch_size=128)
    goes_on(chosen, 5, tmp_path / "a.gradwright")


def test_running_statistics_inside_are_kept_by_the_name_of_their_place():
    run = take(trainer(experiment([dense(8), DEEP])), 2)
    model = capture(run).model
    assert {"Residual.0.weight", "Residual.1.mean", "Residual.1.variance"} <= model.keys()
    assert model["Residual.1.mean"].any()


def test_it_learns():
    """Three blocks of a person's choice on the spiral: well above the half that guessing gets right."""
    block = residual(dense(16), dense(16, "linear"), drop_rate=0.1)
    chosen = {"epochs": 120, "optimizer": {"kind": "adam", "learning_rate": 0.01}}
    run = finish(trainer(experiment([dense(16), block, block, block], **chosen)))
    assert run.evaluate("training").metrics["accuracy"] > 0.9


# --- while training ----------------------------------------------------------------------------------------


def with_inner(run, **changes):
    """The run's experiment with another setting of the dropout inside the inner residual layer."""
    values = run.experiment.model_dump(mode="json")
    values["layers"][1]["layers"][2]["layers"][1] |= changes
    return type(run.experiment).model_validate(values)


def test_rates_inside_may_change_in_mid_run():
    run = take(trainer(experiment([dense(8), DEEP])), 3)
    other = with_inner(run, rate=0.0)
    run.change(other)
    texts = [mark.text for mark in run.history.marks]
    assert texts == ["layer 2, inner layer 3, inner layer 2, rate 0.4 → 0"]
    changed = run.experiment.model_dump(mode="json")
    changed["layers"][1]["drop_rate"] = 0.0
    run.change(type(other).model_validate(changed))
    assert run.history.marks[-1].text == "layer 2, drop rate 0.3 → 0"
    finish(run)
    assert run.network.layers[1].layers[2].layers[1].rate == 0.0


def test_a_changed_rate_inside_counts_from_the_next_step():
    """Without dropout and stochastic depth anywhere, two passes of one batch are the same."""
    run = take(trainer(experiment([dense(8), DEEP])), 3)

    def passes_agree() -> bool:
        spaces = run.network.workspaces(20, np.random.default_rng(1)).rows(20)
        x = run.dataset.training.inputs[:20]
        first = run.network.forward(x, spaces, True).copy()
        return np.array_equal(first, run.network.forward(x, spaces, True))

    assert not passes_agree()
    values = with_inner(run, rate=0.0).model_dump(mode="json")
    values["layers"][1] |= {"drop_rate": 0.0}
    values["layers"][1]["layers"][2] |= {"drop_rate": 0.0}
    run.change(type(run.experiment).model_validate(values))
    assert passes_agree()


def test_sizes_inside_may_not_change_in_mid_run():
    run = take(trainer(experiment([dense(8), DEEP])), 3)
    values = run.experiment.model_dump(mode="json")
    values["layers"][1]["layers"][0]["units"] = 9
    with pytest.raises(ValueError, match=r"cannot change in mid-run: layers\.1\.layers\.0\.units"):
        run.change(type(run.experiment).model_validate(values))


# --- what is made of its arrays ----------------------------------------------------------------------------


def test_penalties_inside_are_those_of_the_inner_layers():
    layers = [residual(dense(3, l1=0.5), dense(3, l2=0.25)), dense(1, "linear", l1=0.0, l2=0.0)]
    network = Network([*experiment(layers).layers], (2,), np.float64)
    network.initialize(np.random.default_rng(1))
    views = network.parameter_views[0]
    first, second, projection = (views[name] for name in ("0.weight", "1.weight", "projection.weight"))
    l1, l2 = 0.125, 0.0625
    expected = 0.5 * abs(first).sum() + 0.5 * l2 * (first**2).sum()
    expected += l1 * abs(second).sum() + 0.5 * 0.25 * (second**2).sum()
    expected += l1 * abs(projection).sum() + 0.5 * l2 * (projection**2).sum()
    assert Penalty(network, l1, l2).value() == pytest.approx(expected)


def test_the_gradient_check_looks_inside():
    found = list(check_trainer(trainer(experiment([dense(4), DEEP], l2=0.01)), rows=8, entries=6))
    inside = {one.parameter for one in found if one.layer == 1 and one.term == "data"}
    assert inside == {
        *("0.weight", "0.bias", "1.scale", "1.shift", "2.0.weight", "2.0.bias", "projection.weight")
    }
    assert {one.parameter for one in found if one.layer == 1 and one.term == "penalty"} == {
        *("0.weight", "2.0.weight", "projection.weight")
    }
    assert {one.layer_name for one in found if one.layer == 1} == {"Residual"}
    assert {one.verdict for one in found} <= {"right", "fine"}


def test_the_gradient_check_finds_a_fault_inside(monkeypatch):
    def faulty(self, parameters, gradients, dy, workspace, right=Dense.backward):
        dx = right(self, parameters, gradients, dy, workspace)
        if self.units == 5:
            gradients["weight"][1, 3] *= 1.5
        return dx

    monkeypatch.setattr(Dense, "backward", faulty)
    block = residual(residual(dense(5), dense(4)))
    found = list(check_trainer(trainer(experiment([dense(4), block])), rows=8, entries=0))
    assert [(one.layer, one.parameter, one.worst_index) for one in found if one.verdict == "wrong"] == [
        (1, "0.0.weight", (1, 3))
    ]


def test_histograms_count_all_weights_inside():
    run = take(trainer(experiment([dense(8), DEEP, "layer_norm"])), 2)
    weights, gradients = HistogramsQuery("weights").answer(run), HistogramsQuery("gradients").answer(run)
    assert [one.layer for one in weights] == [one.layer for one in gradients] == [0, 1, 3]
    found = weights[1].histogram, gradients[1].histogram
    assert [int(one.counts.sum() + one.below + one.above) for one in found] == [2 * 8 * 8] * 2
    largest = max(abs(run.network.parameter_views[1][name]).max() for name in ("0.weight", "2.0.weight"))
    assert found[0].largest == pytest.approx(largest)
    assert [one.layer for one in ParametersQuery().answer(run)] == [0, 3]


def test_parts_of_a_batch_come_to_the_same():
    """Running statistics and sums over the batch included: the inner layers know of the other parts."""
    layers = experiment([residual(dense(6), "batch_norm", residual(dense(3))), dense(2)]).layers
    draws, rows = np.random.default_rng(1), 12
    x, target = draws.normal(size=(rows, 4)), draws.normal(size=(rows, 2))
    results = []
    for parts in (1, 2):
        network = Network(layers, (4,), np.float64)
        network.initialize(np.random.default_rng(2))
        arguments = (network, MeanSquaredError(), rows, np.random.default_rng(3))
        pool = WorkerPool(parts)
        gradient = DataParallelGradient(*arguments, pool) if parts > 1 else BatchGradient(*arguments)
        loss, _ = gradient.evaluate(x, target)
        pool.shutdown()
        results.append((np.array(loss), network.gradients, *network.statistics_views[0].values()))
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


def test_a_step_makes_no_new_views():
    """The parameters' and gradients' mappings are the same in each step, and split among the layers once."""
    network = Network(experiment([residual(dense(4), residual(dense(4)))]).layers, (4,))
    space: Workspace = network.workspaces(3).rows(3)[0]
    layer, x = network.layers[0], np.ones((3, 4), np.float32)
    seen = []
    for _ in range(2):
        y = layer.forward(network.parameter_views[0], x, space, True)
        layer.backward(network.parameter_views[0], network.gradient_views[0], y.copy(), space)
        seen.append(space.prepared)
    assert seen[0] is seen[1]
