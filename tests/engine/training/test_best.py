"""The best epoch of a run: loss, epoch and weights of it always belong together."""

import math

import numpy as np
import pytest

from engine.training.state import capture, restore
from engine.training.stopping import BestSoFar, stop_after_epoch
from engine.training_settings import EarlyStopping, Training
from tests.engine.training.runs import experiment, finish, take, trainer, with_training

KEEP = EarlyStopping(patience=3)
SHAKY = {"kind": "adam", "learning_rate": 0.3}


def observed(losses, rule=KEEP, best=None, start=0) -> BestSoFar:
    best = best or BestSoFar()
    for epoch, loss in enumerate(losses, start=start + 1):
        best.observe(loss, epoch, np.array([float(epoch)]), rule)
    return best


def belongs_together(run) -> None:
    best, losses = run.best, run.history.epochs.read("validation_loss")
    assert best.loss == losses[best.epoch - 1]
    shown = run.network.parameters.copy()
    run.network.parameters[...] = best.parameters
    assert run.evaluate("validation").loss == best.loss
    run.network.parameters[...] = shown


def test_the_best_is_of_one_epoch():
    best = observed([3.0, 1.0, 2.0, math.nan])
    assert (best.loss, best.epoch, best.parameters.tolist(), best.waiting_since) == (1.0, 2, [2.0], 2)


@pytest.mark.parametrize("earlier", [None, EarlyStopping(keep_best=False)])
def test_keeping_begins_where_it_is_switched_on(earlier):
    best = observed([0.1, 0.5], earlier)
    best.adopt(KEEP, earlier, 2)
    assert (best.epoch, best.parameters, best.waiting_since) == (0, None, 2)
    observed([0.7, 0.6, 0.9], KEEP, best, 2)
    assert (best.loss, best.epoch, best.parameters.tolist()) == (0.6, 4, [4.0])


@pytest.mark.parametrize("later", [None, EarlyStopping(keep_best=False)])
def test_what_is_no_longer_kept_cannot_grow_stale(later):
    best = observed([0.5, 0.4])
    best.adopt(later, KEEP, 2)
    assert best.parameters is None
    observed([0.3], later, best, 2)
    best.adopt(KEEP, later, 3)
    assert best.epoch == 0


def test_another_patience_forgets_nothing():
    best = observed([0.5, 0.4])
    best.adopt(EarlyStopping(patience=9), KEEP, 2)
    assert (best.loss, best.epoch, best.parameters.tolist()) == (0.4, 2, [2.0])


def test_a_loss_that_is_not_finite_has_patience_too():
    best = observed([math.nan] * 40, None)
    best.adopt(KEEP, None, 40)
    training = Training(early_stopping=KEEP)
    for epoch in (41, 42):
        best.observe(math.nan, epoch, np.zeros(1), KEEP)
        assert stop_after_epoch(training, best, epoch, math.nan, "validation") is None
    reason = stop_after_epoch(training, best, 43, math.nan, "validation")
    assert (
        reason.sentence
        == "Stopped early in epoch 43: the validation loss has not been a finite number since epoch 41."
    )


def test_a_rule_switched_on_in_mid_run_ends_at_weights_of_its_own_time():
    run = trainer(experiment(epochs=400, optimizer=SHAKY))
    while run.epoch < 30:
        take(run, 1)
    run.change(with_training(run.experiment, early_stopping={"patience": 4}))
    finish(run)
    assert run.stop_reason.kind == "early"
    assert run.best.epoch > 30
    assert run.epoch == run.best.epoch + 4
    belongs_together(run)
    assert np.array_equal(run.network.parameters, run.best.parameters)


@pytest.mark.parametrize("saved", [False, True])
def test_the_best_stays_the_best_after_an_early_stop(saved):
    settings = experiment(epochs=400, early_stopping={"patience": 5}, optimizer=SHAKY)
    run = finish(trainer(settings))
    loss, stopped = run.best.loss, run.epoch
    if saved:
        first, run = run, trainer(settings)
        restore(run, capture(first), "test")
        run.history = first.history
    finish(run)
    assert run.epoch >= stopped + 5
    assert run.best.loss <= loss
    losses = run.history.epochs.read("validation_loss")
    assert run.best.epoch == int(np.argmin(losses)) + 1
    belongs_together(run)
    assert np.array_equal(run.network.parameters, run.best.parameters)


def test_early_files_are_read_with_what_belongs_together():
    """They could hold weights without a loss, or a loss without weights, and no start of the patience."""
    settings = experiment(epochs=400, early_stopping={"patience": 5})
    state = capture(take(trainer(settings), 30))
    state.numbers.update(waiting_since=None, warmup_epochs=None)
    run = trainer(settings)
    restore(run, state, "test")
    assert run.best.waiting_since == run.best.epoch > 0
    del state.arrays["best/parameters"]
    run = trainer(settings)
    restore(run, state, "test")
    assert (run.best.epoch, run.best.loss, run.best.waiting_since) == (0, math.inf, run.epoch)
