"""The overfit check: what can learn passes, what is broken fails, and for the right reason."""

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.data.dataset import Part
from engine.files.opening import preset
from engine.insight.overfit_check import OverfitCheck, chosen_rows
from engine.insight.run_copies import without_regularization
from engine.layers import LAYERS, Layer
from engine.network import Network
from engine.training.checkpoint import capture
from engine.training.trainer import Trainer
from tests.engine.training.runs import bits, dense, experiment, take, trainer

FEW = 300
"""Steps after which these give up."""


def checked(run, **options):
    test = OverfitCheck(run, **options)
    for _ in test:
        pass
    return test.result()


def causes(result):
    return [one.cause for one in result.findings if one.odd]


@pytest.mark.parametrize("name", ["iris", "bumps", "digits"])
def test_ready_experiments_learn(name):
    result = checked(trainer(preset(name)))
    assert result.verdict == "learns"
    assert result.losses[-1] <= result.goal < 0.1 < result.losses[0]
    assert result.rows == 8
    assert result.steps < 200
    assert causes(result) == []
    assert result.switched_off == (("dropout",) if name == "digits" else ())
    assert f"in {result.steps} steps; the lowest possible is 0." in result.sentence


def test_the_run_stays_as_it_is():
    run = take(trainer(experiment([dense(8), {"kind": "batch_norm"}, {"kind": "dropout"}])), 9)
    before = capture(run)
    checked(run)
    after = capture(run)
    assert bits(before) == bits(after)
    assert before.numbers == after.numbers


# --- broken on purpose -----------------------------------------------------------------------------------


def test_a_rate_that_is_too_low():
    result = checked(trainer(experiment(optimizer={"kind": "sgd", "learning_rate": 1e-9})), steps=FEW)
    assert result.verdict == "does not learn"
    assert result.steps == FEW
    assert causes(result) == ["rate too low"]
    assert "A range test finds one that fits." in result.findings[0].sentence


def test_a_rate_at_which_it_was_still_falling():
    result = checked(trainer(experiment(optimizer={"kind": "sgd", "learning_rate": 0.01})), steps=FEW)
    assert causes(result) == ["rate too low"]
    assert "still falling" in result.findings[0].sentence


@pytest.mark.parametrize(
    ("layers", "source", "optimizer"),
    [
        ([dense(8)], "plane", {"kind": "sgd", "learning_rate": 1000.0}),
        ([dense(8)], "iris", {"kind": "adam", "learning_rate": 100.0}),
        ([dense(8, "sigmoid")] * 2, "spiral", {"kind": "adam", "learning_rate": 300.0}),
    ],
    ids=["beyond all bounds", "jumping", "saturated"],
)
def test_a_rate_that_is_too_high(layers, source, optimizer):
    result = checked(trainer(experiment(layers, {"source": source}, optimizer=optimizer)), steps=FEW)
    assert result.verdict == "does not learn"
    assert causes(result) == ["rate too high"]


@pytest.mark.parametrize("form", ["in one", "apart"])
def test_dead_rectifiers(form):
    bias = {"bias_initializer": {"kind": "constant", "value": -100.0}}
    layers = [dense(8, "relu", **bias)]
    if form == "apart":
        layers = [dense(8, "linear", **bias), {"kind": "activation", "activation": "relu"}]
    result = checked(trainer(experiment(layers)), steps=FEW)
    assert result.verdict == "does not learn"
    assert causes(result) == ["dead units"]
    place = "Dense" if form == "in one" else "Activation"
    assert result.findings[0].sentence.startswith(f"In {place}, 8 of 8 units are 0 for every example")


def test_rectifiers_that_steps_have_killed():
    wild = {"kind": "adam", "learning_rate": 10.0}
    settings = experiment([dense(8, "relu")], {"source": "plane"}, optimizer=wild)
    assert causes(checked(trainer(settings), steps=FEW)) == ["dead units", "rate too high"]


def test_labels_that_are_all_the_same():
    run = trainer(experiment([dense(8)], {"source": "plane"}))
    part = run.dataset.training
    constant = replace(part, targets=np.full_like(part.targets, 0.7))
    result = checked(Trainer(run.experiment, replace(run.dataset, training=constant)))
    assert result.verdict == "nothing to learn"
    assert "Look at the target" in result.sentence
    assert result.steps == 0


def test_targets_beyond_the_output():
    settings = experiment([dense(8)], {"source": "plane"}).replace(head={"activation": "sigmoid"})
    result = checked(trainer(settings), steps=FEW)
    assert causes(result)[0] == "output range"
    assert "sigmoid, stays between 0 and 1, but targets go from" in result.findings[0].sentence


def test_gradients_that_fade():
    result = checked(trainer(experiment([dense(8, "sigmoid")] * 9)), steps=FEW)
    assert causes(result)[0] == "no gradient"
    assert "reaches Dense 1" in result.findings[0].sentence


def test_too_small_a_network():
    run = trainer(
        experiment([], {"source": "iris"}, loss={"kind": "softmax_cross_entropy", "label_smoothing": 0.2})
    )
    result = checked(run, steps=FEW)
    assert causes(result)[0] == "size"
    assert "trains 15 numbers to meet 24" in result.findings[0].sentence


# --- the first loss --------------------------------------------------------------------------------------


def test_small_weights_begin_at_the_logarithm_of_the_number_of_classes():
    small = {"initializer": {"kind": "normal", "std": 1e-4}}
    settings = experiment([dense(8)], {"source": "iris"}).replace(head=small)
    result = checked(trainer(settings))
    assert result.losses[0] == pytest.approx(math.log(3), rel=1e-3)
    finding = result.findings[-1]
    assert (finding.cause, finding.odd) == ("first loss", False)
    assert finding.sentence == "The first loss is 1.099; to know nothing costs 1.099, ln 3."


def test_large_weights_begin_far_above_it():
    large = {"initializer": {"kind": "normal", "std": 30.0}}
    result = checked(trainer(experiment([dense(8)], {"source": "iris"}).replace(head=large)), steps=FEW)
    assert causes(result)[-1] == "first loss"
    assert "far above 1.099, ln 3" in result.findings[-1].sentence


def test_numbers_have_no_such_first_loss():
    assert checked(trainer(preset("bumps"))).findings == ()


# --- its limits ------------------------------------------------------------------------------------------


def test_cancelled():
    test = OverfitCheck(trainer(experiment()))
    for steps in test:
        if steps == 5:
            break
    result = test.result()
    assert result.verdict == "cancelled"
    assert result.sentence == "Cancelled after 5 steps."
    assert result.steps == 5


def test_out_of_time():
    result = checked(trainer(experiment()), seconds=0.0)
    assert result.verdict == "does not learn"
    assert result.steps == 1
    assert "after 1 step, the 0 seconds it was given, the loss" in result.sentence


def test_whole_batches_are_learned_too():
    assert checked(trainer(experiment(optimizer="lbfgs"))).verdict == "learns"


def test_a_search_that_finds_the_bottom_ends_the_trial():
    """No line parts a spiral."""
    result = checked(trainer(experiment([], optimizer="lbfgs")))
    assert result.verdict == "does not learn"
    assert result.steps < 100
    assert f"after {result.steps} steps, with no way further down, the loss" in result.sentence


def test_autoencoders_get_no_more_examples_than_fit_through_their_narrowest_place():
    data = {"source": "iris", "task": "reconstruction"}
    run = trainer(experiment([dense(2, "linear")], data, optimizer={"kind": "adam", "learning_rate": 0.02}))
    result = checked(run)
    assert result.rows == 3
    assert result.verdict == "learns"


# --- what it is made of ----------------------------------------------------------------------------------


def test_examples_differ_and_take_turns():
    inputs = np.array([[1.0], [1.0], [2.0], [3.0], [4.0], [5.0]])
    targets = np.eye(3)[[0, 1, 0, 0, 0, 2]]
    part = Part(inputs, targets, np.arange(6))
    # The second has the inputs of the first, and another target; the third class has one example only.
    np.testing.assert_array_equal(chosen_rows(part, 3), [0, 2, 5])
    np.testing.assert_array_equal(chosen_rows(part, 10), [0, 2, 3, 4, 5])


def test_all_that_hinders_is_off_and_told():
    settings = experiment(
        [dense(8, l1=0.1, l2=0.2), {"kind": "spatial_dropout"}, {"kind": "gaussian_noise"}],
        {"source": "digits"},
        optimizer={"kind": "adamw", "weight_decay": 0.1},
        schedule="cosine",
        warmup_steps=7,
        l1=0.1,
        l2=0.1,
        max_norm=1.0,
        weight_averaging=0.9,
        augmentation=[{"kind": "noise"}],
        early_stopping={},
        target_loss=0.1,
        accumulate_batches=3,
    ).replace(head={"l2": 0.3})
    found, off = without_regularization(settings)
    assert set(off) == {
        *("L1", "L2", "spatial dropout", "gaussian noise", "weight decay", "schedule", "warm-up", "max norm"),
        *("average of weights", "augmentation"),
    }
    training = found.training
    assert (training.l1, training.l2, training.max_norm, training.weight_averaging) == (0, 0, None, None)
    assert (training.augmentation, training.accumulate_batches, training.warmup_steps) == ((), 1, 0)
    assert (training.early_stopping, training.target_loss) == (None, None)
    assert training.optimizer.weight_decay == 0
    assert (found.layers[0].l1, found.layers[0].l2, found.head.l2) == (None, None, None)
    assert without_regularization(found) == (found, ())


def _random_layers():
    for kind in LAYERS:
        # Those that may be random say so by a property of their own.
        if kind.random is not Layer.random:
            noisy = {name: 0.5 for name in kind.regularization if name not in ("l1", "l2")}
            assert noisy, f"no setting of {kind.__name__} is declared to make it random"
            yield kind(**noisy)


@pytest.mark.parametrize("layer", list(_random_layers()), ids=lambda layer: layer.kind)
def test_no_layer_stays_random(layer):
    shape, draws = (6, 2) if layer.kind == "self_attention" else (6, 6, 2), np.random.default_rng(0)
    (quiet,), off = (lambda found: (found[0].layers, found[1]))(without_regularization(experiment([layer])))
    assert len(off) == 1
    x = draws.normal(size=(5, *shape))
    outputs = []
    for each, training in ((quiet, True), (quiet, False), (layer, True)):
        network = Network([each], shape, np.float64)
        network.initialize(np.random.default_rng(1))
        spaces = network.workspaces(5, np.random.default_rng(2)).rows(5)
        outputs.append(network.forward(x, spaces, training).copy())
    np.testing.assert_allclose(outputs[0], outputs[1], rtol=1e-12)
    assert not np.allclose(outputs[0], outputs[2])
