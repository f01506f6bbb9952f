"""Edits of weights between two steps: exactly what was asked for changes, and the run goes on from there."""

import numpy as np
import pytest

from engine.errors import UserError
from engine.files.run_file import load, resume, save, saved_run
from engine.training.checkpoint import capture
from engine.training.parameter_edits import ParameterEdit, PruneSmallest
from engine.training.stopping import Event
from tests.engine.training.runs import bits, dataset, dense, experiment, finish, take, trainer

LAYERS = [dense(6), dense(5)]


def forward(run, x):
    """The output of a network of two tanh layers and a linear one, computed by hand in float64."""
    for index, views in enumerate(run.network.parameter_views):
        x = x @ views["weight"].astype(np.float64) + views["bias"]
        x = np.tanh(x) if index < 2 else x
    return x


def marks(run):
    return [(mark.step, mark.text) for mark in run.history.marks]


@pytest.mark.parametrize("steps", [0, 5])
def test_exactly_one_float_changes_and_the_output_follows(steps):
    run = take(trainer(experiment(LAYERS)), steps) if steps else trainer(experiment(LAYERS))
    before = run.network.parameters.copy()
    run.edit_parameters([ParameterEdit(1, "weight", (2, 3), values=1 / 3)])
    place = 2 * 6 + 6 + 2 * 5 + 3
    changed = np.flatnonzero(run.network.parameters != before)
    assert changed.tolist() == [place]
    assert run.network.parameters[place] == np.float32(1 / 3)
    x = run.dataset.validation.inputs
    np.testing.assert_allclose(
        run.evaluator.outputs(x), forward(run, x.astype(np.float64)), rtol=1e-5, atol=1e-6
    )
    assert marks(run) == [(steps, "Set Dense 2 weight 3,4 to 0.3333")]


def test_an_edited_run_goes_on_like_one_edited_by_hand():
    """Adam's momenta, the order of the batches and the dropout stay what they were."""
    settings = experiment(
        [dense(6), {"kind": "dropout", "rate": 0.2}, dense(5)], optimizer={"kind": "adam"}, epochs=3
    )
    run, by_hand = take(trainer(settings), 5), take(trainer(settings), 5)
    run.edit_parameters(
        [ParameterEdit(0, "bias", (1,), "add", 0.5), ParameterEdit(2, "weight", (..., 4), "multiply", 2.0)]
    )
    by_hand.network.parameter_views[0]["bias"][1] += np.float32(0.5)
    by_hand.network.parameter_views[2]["weight"][:, 4] *= np.float32(2)
    assert bits(capture(run)) == bits(capture(by_hand))
    assert bits(capture(finish(run))) == bits(capture(finish(by_hand)))
    assert marks(run) == [(5, "Shifted Dense 1 bias 2 by 0.5; Scaled Dense 2 weight of unit 5 by 2")]


@pytest.mark.parametrize("more", [{}, {"weight_averaging": 0.9}, {"optimizer": {"kind": "lbfgs"}}], ids=str)
def test_what_an_edit_returns_puts_every_bit_back(more):
    run = take(trainer(experiment(LAYERS, **more)), 3)
    before = bits(capture(run))
    edits = [
        ParameterEdit(0, "weight", (0, 1), values=2.0),
        ParameterEdit(0, "weight", (..., 1), "multiply", 0.1),
        PruneSmallest(0, 0.5),
        ParameterEdit(1, "weight", values=np.arange(30.0).reshape(6, 5)),
    ]
    undo = run.edit_parameters(edits, "Tried something")
    assert bits(capture(run)) != before
    run.edit_parameters(undo, "Undid it")
    assert bits(capture(run)) == before
    assert marks(run) == [(3, "Tried something"), (3, "Undid it")]


def test_an_average_in_use_and_the_trained_weights_both_take_the_number():
    run = take(trainer(experiment(LAYERS, weight_averaging=0.9)), 8)
    trained, shown = (network.parameter_views[0]["bias"] for network in (run.weights.trained, run.network))
    assert trained[1] != shown[1]
    undo = run.edit_parameters([ParameterEdit(0, "bias", (1,), values=-0.25)])
    assert trained[1] == shown[1] == -0.25
    run.edit_parameters([ParameterEdit(0, "bias", (0,), "add", 1.0)])
    assert trained[0] != shown[0], "each is shifted from where it was"
    run.edit_parameters(undo)
    assert trained[1] != shown[1]


def test_a_number_set_in_the_best_weights_is_trained_on_with():
    rule, optimizer = {"patience": 50}, {"kind": "adam", "learning_rate": 0.5}
    run = finish(trainer(experiment(LAYERS, epochs=9, early_stopping=rule, optimizer=optimizer)))
    assert run.weights.displaced is not None, "the best weights are in use"
    last = run.weights.displaced.parameters.copy()
    run.edit_parameters([ParameterEdit(0, "bias", (1,), values=0.125)])
    run.weights.go_on()
    last[13] = 0.125
    np.testing.assert_array_equal(run.network.parameters, last)


def test_pruning_takes_the_smallest_of_all_weights_of_the_layer():
    run = trainer(experiment(LAYERS))
    weight, bias = (run.network.parameter_views[1][name] for name in ("weight", "bias"))
    bias[...] = 1e-9
    order = np.sort(np.abs(weight.ravel()))
    run.edit_parameters([PruneSmallest(1, 0.4)])
    assert (weight == 0).sum() == 12
    assert np.abs(weight[weight != 0]).min() == order[12]
    assert (bias != 0).all()
    assert marks(run) == [(0, "Pruned 40 % of Dense 2")]


def test_numbers_beyond_the_largest_are_refused_and_nothing_changes():
    run = take(trainer(experiment(LAYERS)), 2)
    before = bits(capture(run))
    with pytest.raises(UserError, match=r"Dense 1, weight 1,2: expected numbers up to 3.4e\+38 in size"):
        run.edit_parameters([PruneSmallest(1, 0.5), ParameterEdit(0, "weight", (0, 1), values=1e39)])
    with pytest.raises(UserError, match="no number"):
        run.edit_parameters([ParameterEdit(0, "weight", (0, 1), values=float("nan"))])
    with pytest.raises(ValueError, match="no such part"):
        run.edit_parameters([PruneSmallest(1, 0.5), ParameterEdit(0, "weight", (9, 9))])
    assert bits(capture(run)) == before
    assert marks(run) == []


@pytest.mark.parametrize("steps", [0, 7])
def test_a_saved_file_has_the_mark_and_the_number(steps, tmp_path):
    settings = experiment(LAYERS, epochs=2)
    run = take(trainer(settings), steps) if steps else trainer(settings)
    run.edit_parameters([ParameterEdit(2, "bias", (0,), values=0.5)], "Set it")
    save(tmp_path / "run.gradwright", saved_run(run))
    opened = resume(load(tmp_path / "run.gradwright"), dataset(settings.data, settings.dtype), "test")
    assert marks(opened) == [(steps, "Set it")]
    assert opened.network.parameter_views[2]["bias"][0] == 0.5
    assert bits(capture(finish(opened))) == bits(capture(finish(run)))


def test_edited_while_an_epoch_is_scored_it_is_scored_again(monkeypatch):
    """Scores of the first rows before the edit and of the others after it would be of no network."""
    monkeypatch.setattr("engine.training.scoring.SECONDS_A_PIECE", 0.0)
    settings = experiment(
        LAYERS, data={"source": {"kind": "spiral", "points": 3000}}, epochs=1, batch_size=500
    )
    run, edited = trainer(settings), False
    for event in run.run():
        if event is Event.SCORING and not edited:
            edited = True
            run.edit_parameters([ParameterEdit(2, "bias", (0,), values=3.0)])
    assert edited
    scores = run.evaluate("validation")
    assert run.history.epochs.read("validation_loss")[0] == scores.loss


@pytest.mark.parametrize("fraction", [0.0, 0.2, 0.5, 1.0])
def test_of_equal_weights_the_first_are_pruned(fraction):
    run = trainer(experiment(LAYERS))
    weight = run.network.parameter_views[1]["weight"]
    weight[...] = np.tile([1.0, -1.0, 2.0], 10).reshape(6, 5)
    order = np.argsort(np.abs(weight.ravel()), kind="stable")
    run.edit_parameters([PruneSmallest(1, fraction)])
    assert np.flatnonzero(weight.ravel() == 0).tolist() == sorted(order[: round(30 * fraction)].tolist())
