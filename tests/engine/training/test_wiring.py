"""What losses, schedules and optimizers need of the trainer: class weights, memory, and whole gradients."""

import numpy as np
import pytest

from engine.errors import UserError
from engine.training.checkpoint import capture, restore
from engine.training.trainer import Trainer
from tests.engine.training.runs import dense, experiment, finish, take, trainer, with_training


def last(run: Trainer, column: str) -> float:
    return float(run.history.epochs.read(column)[-1])


def test_class_weights_come_from_the_training_part():
    run = trainer(experiment(loss={"kind": "softmax_cross_entropy", "balanced": True}))
    counts = np.bincount(run.dataset.training.targets)
    assert run.loss.class_weights == pytest.approx(tuple(counts.sum() / (2 * counts)))
    finish(run)


def test_class_weights_may_go_by_the_names_of_the_classes():
    run = trainer(experiment(loss={"kind": "softmax_cross_entropy", "class_weights": {"B": 3}}))
    assert run.loss.class_weights == tuple(3.0 if name == "B" else 1.0 for name in run.dataset.classes)
    assert 3.0 in run.loss.class_weights
    word = trainer(experiment(loss={"kind": "softmax_cross_entropy", "class_weights": "balanced"}))
    counts = np.bincount(word.dataset.training.targets)
    assert word.loss.class_weights == pytest.approx(tuple(counts.sum() / (2 * counts)))


@pytest.mark.parametrize("accumulate_batches", [1, 2])
def test_batches_of_nothing_but_what_is_left_out_teach_nothing(accumulate_batches):
    loss = {"kind": "softmax_cross_entropy", "class_weights": [1, 0]}
    run = finish(
        trainer(experiment(loss=loss, epochs=3, batch_size=2, accumulate_batches=accumulate_batches))
    )
    assert run.stop_reason.kind == "finished"
    losses, norms = run.history.steps.read("loss"), run.history.steps.read("gradient_norm")
    assert np.isfinite(losses).all()
    assert (losses == 0).any()
    assert not norms[losses == 0].any()
    assert np.isfinite(last(run, "training_loss"))
    assert np.isfinite(last(run, "validation_loss"))


def test_the_training_loss_of_an_epoch_is_the_weighted_mean():
    loss = {"kind": "softmax_cross_entropy", "class_weights": [1, 9]}
    run = trainer(
        experiment(loss=loss, optimizer={"kind": "sgd", "learning_rate": 1e-9}, epochs=1, batch_size=7)
    )
    before = run.evaluate("training").loss
    finish(run)
    assert last(run, "training_loss") == pytest.approx(before, rel=1e-4)


def test_the_plateau_schedule_lowers_the_rate_and_goes_on_after_a_save():
    settings = experiment(
        schedule={"kind": "plateau", "patience": 1, "threshold": 0.9, "gamma": 0.5}, epochs=12
    )
    whole = finish(trainer(settings))
    rates = whole.history.steps.read("learning_rate")
    assert rates[-1] < 0.1 * rates[0]
    first = take(trainer(settings), 40)
    second = trainer(settings)
    restore(second, capture(first), "test")
    assert second.schedule_state == first.schedule_state
    finish(second)
    assert np.array_equal(second.network.parameters, whole.network.parameters)


LBFGS = {"kind": "lbfgs"}


def test_lbfgs_takes_one_step_an_epoch_and_falls_in_each():
    run = finish(trainer(experiment(optimizer=LBFGS, epochs=30, precision="float64", l2=1e-4)))
    assert run.step == 30
    steps = run.history.steps
    losses = steps.read("loss") + steps.read("penalty")
    assert (np.diff(losses) <= 1e-12).all()
    assert losses[-1] < 0.5 * losses[0]


def test_lbfgs_beats_adam_in_few_epochs():
    adam = finish(trainer(experiment(epochs=60)))
    lbfgs = finish(trainer(experiment(optimizer=LBFGS, epochs=60)))
    assert last(lbfgs, "training_loss") < 0.5 * last(adam, "training_loss")


def test_chunks_change_nothing_but_rounding():
    settings = experiment(optimizer=LBFGS, epochs=5, precision="float64")
    one = finish(trainer(settings))
    other = finish(trainer(with_training(settings, batch_size=7)))
    np.testing.assert_allclose(one.network.parameters, other.network.parameters, rtol=1e-6, atol=1e-9)


def test_lbfgs_with_dropout_compares_like_with_like():
    layers = [dense(8), {"kind": "dropout", "rate": 0.3}, dense(8)]
    run = finish(trainer(experiment(layers, optimizer=LBFGS, epochs=20)))
    assert run.stop_reason.kind == "finished"
    losses = run.history.steps.read("loss")
    # ln 2 is what two classes give to one that has learned nothing.
    assert losses[-1] < np.log(2) < losses[0]


def test_lbfgs_goes_on_after_a_save():
    settings = experiment(optimizer=LBFGS, epochs=12)
    whole = finish(trainer(settings))
    first = take(trainer(settings), 5)
    second = trainer(settings)
    restore(second, capture(first), "test")
    finish(second)
    assert np.array_equal(second.network.parameters, whole.network.parameters)


def test_clipping_and_a_line_search_do_not_go_together():
    with pytest.raises(UserError, match="no clip norm, as a line search needs the true gradient"):
        experiment(optimizer=LBFGS, clip_norm=1.0)
