"""The best epoch of a run: loss, epoch, weights and running statistics of it always belong together."""

import math

import numpy as np
import pytest

from engine.files.run_file import save, saved_run
from engine.network import StateVectors
from engine.training.checkpoint import capture, restore
from engine.training.stopping import BestSoFar, stop_after_epoch
from engine.training_settings import EarlyStopping, Training
from tests.engine.files.archives import open_and_resume
from tests.engine.training.runs import dense, experiment, finish, take, trainer, with_training

KEEP = EarlyStopping(patience=3)
SHAKY = {"kind": "adam", "learning_rate": 0.3}
LAYERS = {"plain": [dense(8), dense(8)], "batch norm": [dense(8), {"kind": "batch_norm"}, dense(8)]}
KINDS = pytest.mark.parametrize("layers", LAYERS.values(), ids=LAYERS)


def weights(number) -> StateVectors:
    return StateVectors(np.array([float(number)]), np.array([number + 0.5]))


def same(one: StateVectors, other: StateVectors) -> bool:
    return all(np.array_equal(mine, its) for mine, its in zip(one, other, strict=True))


def observed(losses, rule=KEEP, best=None, start=0) -> BestSoFar:
    best = best or BestSoFar()
    for epoch, loss in enumerate(losses, start=start + 1):
        best.observe(loss, epoch, weights(epoch), rule)
    return best


def belongs_together(run) -> None:
    best, losses = run.best, run.history.epochs.read("validation_loss")
    assert best.value == losses[best.epoch - 1]
    shown = run.network.state_vectors.copy()
    run.network.state_vectors.take(best.weights)
    assert run.evaluate("validation").loss == best.value
    run.network.state_vectors.take(shown)


def test_the_best_is_of_one_epoch():
    best = observed([3.0, 1.0, 2.0, math.nan])
    assert (best.value, best.epoch, best.patience_epoch) == (1.0, 2, 2)
    assert same(best.weights, weights(2))


@pytest.mark.parametrize("earlier", [None, EarlyStopping(restore_best_weights=False)])
def test_keeping_begins_where_it_is_switched_on(earlier):
    best = observed([0.1, 0.5], earlier)
    best.adopt(KEEP, earlier, 2)
    assert (best.epoch, best.weights, best.patience_epoch) == (0, None, 2)
    observed([0.7, 0.6, 0.9], KEEP, best, 2)
    assert (best.value, best.epoch, best.weights.parameters.tolist()) == (0.6, 4, [4.0])


@pytest.mark.parametrize("later", [None, EarlyStopping(restore_best_weights=False)])
def test_what_is_no_longer_kept_cannot_grow_stale(later):
    best = observed([0.5, 0.4])
    best.adopt(later, KEEP, 2)
    assert best.weights is None
    observed([0.3], later, best, 2)
    best.adopt(KEEP, later, 3)
    assert best.epoch == 0


def test_another_patience_forgets_nothing():
    best = observed([0.5, 0.4])
    best.adopt(EarlyStopping(patience=9), KEEP, 2)
    assert (best.value, best.epoch, best.weights.parameters.tolist()) == (0.4, 2, [2.0])


def test_a_loss_that_is_not_finite_has_patience_too():
    best = observed([math.nan] * 40, None)
    best.adopt(KEEP, None, 40)
    training = Training(early_stopping=KEEP)
    for epoch in (41, 42):
        best.observe(math.nan, epoch, weights(0), KEEP)
        assert stop_after_epoch(training, best, epoch, math.nan, "validation") is None
    reason = stop_after_epoch(training, best, 43, math.nan, "validation")
    assert (
        reason.sentence
        == "Stopped early in epoch 43: the validation loss has not been a finite number since epoch 41."
    )


@KINDS
def test_a_rule_switched_on_in_mid_run_ends_at_weights_of_its_own_time(layers):
    run = trainer(experiment(layers, epochs=400, optimizer=SHAKY))
    while run.epoch < 30:
        take(run, 1)
    run.change(with_training(run.experiment, early_stopping={"patience": 4}))
    finish(run)
    assert run.stop_reason.kind == "early"
    assert run.best.epoch > 30
    assert run.epoch == run.best.epoch + 4
    belongs_together(run)
    assert same(run.network.state_vectors, run.best.weights)


@KINDS
@pytest.mark.parametrize("saved", [False, True])
def test_the_best_stays_the_best_after_an_early_stop(saved, layers):
    settings = experiment(layers, epochs=400, early_stopping={"patience": 5}, optimizer=SHAKY)
    run = finish(trainer(settings))
    loss, stopped = run.best.value, run.epoch
    if saved:
        first, run = run, trainer(settings)
        restore(run, capture(first), "test")
        run.history = first.history
    finish(run)
    assert run.epoch >= stopped + 5
    assert run.best.value <= loss
    losses = run.history.epochs.read("validation_loss")
    assert run.best.epoch == int(np.argmin(losses)) + 1
    belongs_together(run)
    assert same(run.network.state_vectors, run.best.weights)


def test_early_files_are_read_with_what_belongs_together():
    """They could hold weights without a loss, or a loss without weights, and no start of the patience."""
    settings = experiment(epochs=400, early_stopping={"patience": 5})
    state = capture(take(trainer(settings), 30))
    state.numbers.update(patience_epoch=None, warmup_epochs=None)
    run = trainer(settings)
    restore(run, state, "test")
    assert run.best.patience_epoch == run.best.epoch > 0
    for name in [name for name in state.arrays if name.startswith("best/")]:
        del state.arrays[name]
    run = trainer(settings)
    restore(run, state, "test")
    assert (run.best.epoch, run.best.value, run.best.patience_epoch) == (0, math.inf, run.epoch)


@KINDS
@pytest.mark.parametrize("average", [None, 0.8])
def test_running_statistics_come_back_with_the_best_weights(layers, average, tmp_path):
    """Scores at the end, now and after a save, are those of the best epoch; more epochs follow the last."""
    rule = {"patience": 1000}
    settings = experiment(layers, epochs=30, early_stopping=rule, optimizer=SHAKY, weight_averaging=average)
    run = finish(trainer(settings))
    losses = run.history.epochs.read("validation_loss")
    assert run.best.epoch == int(np.argmin(losses)) + 1 < 30
    assert run.evaluate("validation").loss == losses.min()
    save(tmp_path / "a.gradwright", saved_run(run))
    again = open_and_resume(tmp_path / "a.gradwright")
    assert again.evaluate("validation").loss == losses.min()
    whole = finish(trainer(with_training(settings, epochs=40)))
    for each in (run, again):
        each.change(with_training(settings, epochs=40))
        finish(each)
        assert same(each.network.state_vectors, whole.network.state_vectors)
        assert same(each.weights.trained.state_vectors, whole.weights.trained.state_vectors)
        assert same(each.best.weights, whole.best.weights)


def explode(run):
    """Let the next step's numbers not be finite."""
    run.weights.trained.parameters[0] = np.nan
    return finish(run)


@KINDS
@pytest.mark.parametrize("average", [None, 0.8])
def test_a_run_that_explodes_goes_back_to_the_best_epoch(layers, average, tmp_path):
    """In the middle of the third epoch, of six steps each."""
    momentum = {"kind": "momentum", "learning_rate": 0.01}
    settings = experiment(
        layers, epochs=9, early_stopping={"patience": 4}, optimizer=momentum, weight_averaging=average
    )
    run = explode(take(trainer(settings), 14))
    assert run.stop_reason.kind == "not finite"
    assert f"finite number. The weights are those of epoch {run.best.epoch}, the best. Lower" in (
        run.stop_reason.sentence
    )
    assert same(run.network.state_vectors, run.best.weights)
    assert same(run.weights.trained.state_vectors, run.best.weights)
    assert run.evaluate("validation").loss == run.best.value
    save(tmp_path / "a.gradwright", saved_run(run))
    for each in (run, open_and_resume(tmp_path / "a.gradwright")):
        # What was led astray is forgotten: the first step from there goes straight down the gradient.
        start, velocity = each.best.weights.parameters.copy(), each.updater.slots["velocity"]
        assert not velocity.any()
        take(each, 1)
        np.testing.assert_allclose(velocity, each.network.gradients, rtol=1e-6)
        moved = start - each.weights.trained.parameters
        np.testing.assert_allclose(moved, 0.01 * velocity, rtol=1e-3, atol=1e-6)
        assert each.best.patience_epoch == each.epoch
        assert finish(each).stop_reason.kind in ("finished", "early")


def test_whoever_trains_on_after_an_explosion_has_the_whole_patience():
    run = trainer(experiment(epochs=400, early_stopping={"patience": 5}, optimizer=SHAKY))
    while run.epoch < run.best.epoch + 3:
        take(run, 1)
    explode(take(run, 1))
    assert run.best.patience_epoch == run.epoch == run.best.epoch + 3
    assert finish(run).epoch >= run.best.epoch + 5


@pytest.mark.parametrize("rule", [None, {"restore_best_weights": False}, {"patience": 5}])
def test_without_a_best_epoch_the_last_finite_weights_are_kept(rule):
    run = take(trainer(experiment(epochs=9, early_stopping=rule)), 3 if rule == {"patience": 5} else 13)
    step = run.step
    explode(run)
    assert f"The weights of step {step} are kept. Lower" in run.stop_reason.sentence


def train_into_the_ditch(**training):
    """Two good epochs, then two at a rate that is far too high."""
    optimizer = {"kind": "sgd", "learning_rate": 0.05}
    run = trainer(experiment(epochs=4, optimizer=optimizer, **training))
    events = run.run()
    while run.epoch < 2:
        next(events)
    run.change(with_training(run.experiment, optimizer={"kind": "sgd", "learning_rate": 30.0}))
    for _ in events:
        pass
    return run


def test_a_run_that_ends_far_above_its_best_says_so():
    run = train_into_the_ditch()
    losses = run.history.epochs.read("validation_loss")
    best = int(np.argmin(losses))
    assert losses[-1] > 1.1 * losses[best]
    assert run.stop_reason.sentence == (
        f"All 4 epochs are done. The loss was best in epoch {best + 1}, {losses[best]:.4g}; these weights "
        "are not of that epoch. Early stopping can keep the best."
    )


def test_a_run_that_takes_the_best_back_speaks_of_these():
    run = train_into_the_ditch(early_stopping={"patience": 50})
    assert "The weights are those of epoch" in run.stop_reason.sentence
    assert "can keep" not in run.stop_reason.sentence
