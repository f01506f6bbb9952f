"""Gradient accumulation: several batches make one step, as if they were one batch."""

from dataclasses import replace

import numpy as np
import pytest

from engine.data.dataset import Part
from engine.errors import UserError
from engine.files.run_file import save, saved_run
from engine.training.gradient import GradientAccumulator
from engine.training.stopping import Event
from engine.training.trainer import Trainer
from tests.engine.files.archives import open_and_resume
from tests.engine.golden import golden
from tests.engine.training.runs import dataset, dense, experiment, finish, take, trainer, with_training

DATA = {"source": {"kind": "spiral", "points": 120}}
ROWS = 84
"""Of which are for training."""


def test_it_is_that_of_pytorch():
    (case,) = (case for case in golden("steps")["cases"] if case["of"] == "accumulation")
    settings = experiment(
        [dense(4)],
        {"source": "diabetes"},
        loss="mean_squared_error",
        optimizer={"kind": "sgd", "learning_rate": 0.1},
        batch_size=8,
        accumulate_batches=2,
        epochs=3,
        shuffle=False,
        precision="float64",
    )
    data = dataset(settings.data, settings.dtype)
    part = Part(np.array(case["x"]), np.array(case["target"]), data.training.rows[:21])
    run = Trainer(settings, replace(data, training=part))
    names = [(0, "weight"), (0, "bias"), (1, "weight"), (1, "bias")]
    for (layer, name), values in zip(names, case["start"], strict=True):
        run.network.parameter_views[layer][name][...] = np.array(values).T
    finish(run)
    assert run.step == 6
    np.testing.assert_allclose(run.history.steps.read("loss"), case["losses"], rtol=1e-12)
    for (layer, name), values in zip(names, case["end"], strict=True):
        np.testing.assert_allclose(
            run.network.parameter_views[layer][name], np.array(values).T, rtol=1e-10, atol=1e-13
        )


@pytest.mark.parametrize("loss", [None, {"kind": "softmax_cross_entropy", "class_weights": [1, 9]}])
@pytest.mark.parametrize(("batch_size", "accumulate_batches"), [(16, 2), (10, 3), (1, 32), (50, 7)])
def test_small_batches_are_one_large_one(loss, batch_size, accumulate_batches):
    """Up to rounding; with 84 examples, the last step of an epoch has fewer batches or a shorter one."""
    chosen = {"loss": loss, "l2": 0.01, "l1": 0.001, "epochs": 4, "precision": "float64"}
    small = finish(
        trainer(experiment(batch_size=batch_size, accumulate_batches=accumulate_batches, **chosen))
    )
    large = finish(trainer(experiment(batch_size=min(batch_size * accumulate_batches, ROWS), **chosen)))
    assert small.step == large.step == 4 * -(-ROWS // (batch_size * accumulate_batches))
    assert small.steps_per_epoch == large.steps_per_epoch
    np.testing.assert_allclose(small.network.parameters, large.network.parameters, rtol=1e-8, atol=1e-11)
    for record in ("steps", "epochs"):
        for column in set(getattr(large.history, record).columns) - {"seconds"}:
            np.testing.assert_allclose(
                getattr(small.history, record).read(column),
                getattr(large.history, record).read(column),
                rtol=1e-6,
                atol=1e-9,
                err_msg=column,
            )


def test_each_batch_draws_its_own_dropout():
    dropout = {"kind": "dropout", "rate": 0.5}
    layers = [dense(8), dropout, dense(8), dropout]
    runs = [
        finish(trainer(experiment(layers, epochs=3, batch_size=8, accumulate_batches=2))) for _ in range(2)
    ]
    np.testing.assert_array_equal(runs[0].network.parameters, runs[1].network.parameters)
    large = finish(trainer(experiment(layers, epochs=3, batch_size=16)))
    assert not np.allclose(runs[0].network.parameters, large.network.parameters, rtol=1e-3)


def test_the_driver_sees_one_event_a_step():
    run = trainer(experiment(batch_size=8, accumulate_batches=4, epochs=2))
    events = [event for event in run.run() if event is not Event.SCORING]
    assert events == [Event.STEP, Event.STEP, Event.EPOCH] * 2
    assert run.history.steps.read("epoch").tolist() == [32 / 84, 64 / 84, 1, 1 + 32 / 84, 1 + 64 / 84, 2]


def test_warm_up_and_schedule_count_steps_of_several_batches():
    chosen = {"schedule": "cosine", "warmup_steps": 5, "epochs": 6}
    small = finish(trainer(experiment(batch_size=8, accumulate_batches=2, **chosen)))
    large = finish(trainer(experiment(batch_size=16, **chosen)))
    rates = [run.history.steps.read("learning_rate").tolist() for run in (small, large)]
    assert rates[0] == rates[1]


def test_changed_in_mid_run_the_schedule_goes_on_where_it_was():
    settings = experiment(
        batch_size=4,
        schedule="cosine",
        epochs=20,
        optimizer={"kind": "sgd", "learning_rate": 1.0},
    )
    run = trainer(settings)
    while run.epoch < 10:
        take(run, 1)
    run.change(with_training(settings, accumulate_batches=4))
    finish(run)
    rates = run.history.steps.read("learning_rate")
    assert len(rates) == run.step == 10 * 21 + 10 * 6
    assert abs(rates[210] - rates[209]) < 0.02
    assert (np.diff(rates) <= 0).all()
    assert [mark.text for mark in run.history.marks] == ["accumulate batches 1 → 4"]


@pytest.mark.parametrize("steps", [2, 3, 5])
def test_a_failing_step_goes_back_to_its_first_batch(steps):
    settings = experiment(
        [dense(8), {"kind": "batch_norm"}, dense(8)], epochs=2, batch_size=8, accumulate_batches=4, l1=1e-3
    )
    plain, broken = take(trainer(settings), steps), take(trainer(settings), steps)
    weights = broken.network.parameters.copy()
    position = broken.batches.position if broken.in_epoch else 0
    broken.network.parameter_views[2]["weight"][...] = 3e38
    take(broken, 1)
    assert broken.stop_reason.kind == "not finite"
    assert broken.batches.position == position % ROWS
    assert broken.step == steps
    broken.network.parameters[...] = weights
    finish(plain), finish(broken)
    np.testing.assert_array_equal(plain.network.parameters, broken.network.parameters)
    np.testing.assert_array_equal(
        plain.weights.trained.statistics_views[1]["mean"], broken.weights.trained.statistics_views[1]["mean"]
    )


def test_the_layer_at_fault_in_a_later_batch_is_named():
    settings = experiment(epochs=1, batch_size=8, accumulate_batches=10, shuffle=False, optimizer="sgd")
    data = dataset(settings.data, settings.dtype)
    inputs = data.training.inputs.copy()
    inputs[20] = np.nan
    part = Part(inputs, data.training.targets, data.training.rows)
    run = take(Trainer(settings, replace(data, training=part)), 1)
    assert "the output of Dense 1 is no longer a finite number" in run.stop_reason.sentence


def test_saved_between_two_steps_it_goes_on(tmp_path):
    settings = experiment(epochs=4, batch_size=8, accumulate_batches=3)
    whole = finish(trainer(settings))
    save(tmp_path / "a.gradwright", saved_run(take(trainer(settings), 6)))
    again = finish(open_and_resume(tmp_path / "a.gradwright"))
    np.testing.assert_array_equal(again.network.parameters, whole.network.parameters)


def test_a_rule_that_sees_all_examples_has_nothing_to_accumulate():
    with pytest.raises(UserError, match="1 batch a step, as each step sees all training examples"):
        experiment(optimizer="lbfgs", accumulate_batches=2)


def test_a_weighted_sum_by_hand():
    """Batches that count 1 and 3: the gradient is (2 + 3 · 6) / 4 = 5, the loss (1 + 3 · 5) / 4 = 4."""
    gradients = np.empty(2)
    total = GradientAccumulator(gradients)
    for _ in range(2):
        total.begin()
        for gradient, loss, weight in ((2.0, 1.0, 1.0), (6.0, 5.0, 3.0)):
            gradients[...] = gradient, -gradient
            total.add(loss, weight)
        assert (total.loss, total.weight) == (16.0, 4.0)
        assert total.finish() == (4.0, 4.0)
        np.testing.assert_array_equal(gradients, [5.0, -5.0])
