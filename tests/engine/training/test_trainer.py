"""The trainer: what it records, why it stops, what may change in mid-run, and that it repeats itself."""

import math

import numpy as np
import pytest

from engine.errors import ShapeError, UserError
from engine.training.stopping import Event
from tests.engine.training.runs import dense, experiment, finish, take, trainer, with_training


def test_one_step_is_the_gradient_of_the_first_batch():
    """Against the definition: the loss of the first batch falls as its gradient says (plain descent)."""
    small = {"initializer": {"kind": "normal", "std": 0.01}}
    settings = experiment(
        [dense(8, **small)], optimizer={"kind": "sgd", "learning_rate": 1e-6}, precision="float64"
    ).replace(head=small)
    run = trainer(settings)
    before = run.network.parameters.copy()
    take(run, 1)
    loss = run.history.steps.read("loss")[0]
    moved = run.network.parameters - before
    norm = run.history.steps.read("gradient_norm")[0]
    np.testing.assert_allclose(np.linalg.norm(moved), 1e-6 * norm, rtol=1e-6)
    # With weights so small, the first loss is near that of guessing: ln 2 for two classes.
    assert loss == pytest.approx(math.log(2), abs=0.01)


def test_same_seed_same_run_and_another_seed_another():
    runs = [finish(trainer(experiment(seed=seed, epochs=3))) for seed in (5, 5, 6)]
    assert np.array_equal(runs[0].network.parameters, runs[1].network.parameters)
    assert not np.array_equal(runs[0].network.parameters, runs[2].network.parameters)


def test_more_dropout_does_not_shift_order_or_initialization():
    plain = trainer(experiment([dense(8), dense(4)]))
    dropping = trainer(experiment([dense(8), {"kind": "dropout", "rate": 0.5}, dense(4)]))
    assert np.array_equal(plain.network.parameters, dropping.network.parameters)
    take(plain, 9)
    take(dropping, 9)
    plain.batches.start_epoch()
    dropping.batches.start_epoch()
    assert np.array_equal(plain.batches.next()[0], dropping.batches.next()[0])


def test_every_epoch_goes_through_every_example_in_a_new_order():
    run = trainer(experiment(epochs=3, batch_size=7))
    orders = []
    for _ in range(2):
        run.batches.start_epoch()
        rows = []
        while not run.batches.epoch_done:
            rows.append(run.batches.next()[0].copy())
        orders.append(np.concatenate(rows))
    data = run.dataset.training.inputs
    for order in orders:
        assert np.array_equal(np.unique(order, axis=0), np.unique(data, axis=0))
        assert len(order) == len(data)
    assert not np.array_equal(*orders)


def test_history_holds_every_step_and_epoch():
    run = finish(trainer(experiment(epochs=4, batch_size=32)))
    per_epoch = math.ceil(len(run.dataset.training.inputs) / 32)
    assert run.history.steps.count == run.step == 4 * per_epoch
    assert run.history.epochs.count == 4
    positions = run.history.steps.read("epoch")
    assert positions[-1] == 4.0
    assert (np.diff(positions) > 0).all()
    layers = [run.history.steps.read(f"gradient_norm/{index}") for index in run.history.layer_names]
    np.testing.assert_allclose(
        np.sqrt(sum(norm**2 for norm in layers)), run.history.steps.read("gradient_norm"), rtol=1e-5
    )
    assert run.history.layer_names == {0: "Dense 1", 1: "Dense 2", 2: "Output"}


def test_scores_in_the_history_are_those_of_a_fresh_evaluation():
    run = finish(trainer(experiment(epochs=5)))
    for part in ("training", "validation"):
        scores = run.evaluate(part)
        assert run.history.epochs.read(f"{part}_accuracy")[-1] == scores.metrics["accuracy"]
    assert run.history.epochs.read("validation_loss")[-1] == run.evaluate("validation").loss


def test_update_ratio_is_change_over_weight():
    run = trainer(experiment(precision="float64"))
    take(run, 3)
    before = run.network.parameters.copy()
    take(run, 1)
    for number, (index, place) in enumerate(run.network.layer_slices().items()):
        change = np.linalg.norm(run.network.parameters[place] - before[place])
        ratio = change / np.linalg.norm(before[place])
        assert run.history.steps.read(f"update_ratio/{index}")[-1] == pytest.approx(ratio, rel=1e-9)
        assert run.updater.weight_squares[number] == pytest.approx((before[place] ** 2).sum())


def test_clipping_shortens_the_step_but_not_the_record():
    settings = experiment(
        clip_norm=0.01, optimizer={"kind": "sgd", "learning_rate": 1.0}, precision="float64"
    )
    run = trainer(settings)
    before = run.network.parameters.copy()
    take(run, 1)
    assert run.history.steps.read("gradient_norm")[0] > 0.01
    assert np.linalg.norm(run.network.parameters - before) == pytest.approx(0.01, rel=1e-6)


def test_penalty_is_recorded_apart_from_the_loss_and_spares_biases():
    settings = experiment(l1=0.01, l1_update="gradient", l2=0.1, precision="float64")
    run = trainer(settings)
    weights = [views["weight"].copy() for views in run.network.parameter_views]
    expected = sum(0.01 * np.abs(w).sum() + 0.05 * (w**2).sum() for w in weights)
    plain = take(trainer(experiment(precision="float64")), 1)
    take(run, 1)
    assert run.history.steps.read("penalty")[0] == pytest.approx(expected, rel=1e-12)
    assert run.history.steps.read("loss")[0] == plain.history.steps.read("loss")[0]
    for ours, theirs, weight in zip(
        run.network.gradient_views, plain.network.gradient_views, weights, strict=True
    ):
        np.testing.assert_array_equal(ours["bias"], theirs["bias"])
        added = 0.01 * np.sign(weight) + 0.1 * weight
        np.testing.assert_allclose(ours["weight"] - theirs["weight"], added, atol=1e-12)


def test_a_layer_can_have_its_own_l2():
    run = trainer(experiment([dense(8, l2=0.5), dense(8)], precision="float64"))
    first = run.network.parameter_views[0]["weight"].copy()
    take(run, 1)
    assert run.history.steps.read("penalty")[0] == pytest.approx(0.25 * (first**2).sum(), rel=1e-12)


def test_finished_says_so_and_goes_on_when_epochs_are_added():
    run = finish(trainer(experiment(epochs=2)))
    assert run.stop_reason.kind == "finished"
    assert run.stop_reason.sentence == "All 2 epochs are done."
    run.change(with_training(run.experiment, epochs=3))
    finish(run)
    assert run.epoch == 3


def test_early_stopping_keeps_the_best_weights():
    rule = {"patience": 5, "restore_best_weights": True}
    run = finish(
        trainer(experiment(epochs=400, early_stopping=rule, optimizer={"kind": "adam", "learning_rate": 0.3}))
    )
    assert run.stop_reason.kind == "early"
    losses = run.history.epochs.read("validation_loss")
    best = int(np.argmin(losses))
    assert len(losses) == best + 1 + 5
    assert run.evaluate("validation").loss == losses[best]
    assert f"epoch {best + 1}, the best" in run.stop_reason.sentence


def test_minimum_change_counts_small_falls_as_none():
    rule = {"patience": 3, "min_delta": 1e6, "restore_best_weights": False}
    run = finish(trainer(experiment(epochs=50, early_stopping=rule)))
    assert run.epoch == 4


def test_loss_threshold():
    adam = {"kind": "adam", "learning_rate": 0.02}
    run = finish(trainer(experiment(epochs=2000, target_loss=0.2, optimizer=adam)))
    assert run.stop_reason.kind == "threshold"
    losses = run.history.epochs.read("training_loss")
    assert losses[-1] <= 0.2
    assert (losses[:-1] > 0.2).all()


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
def test_a_gradient_that_is_not_finite_stops_before_the_update(optimizer):
    settings = experiment(
        [dense(8, "relu"), dense(8, "relu")],
        {"source": "plane"},
        optimizer={"kind": optimizer, "learning_rate": 1000.0},
        loss="mean_squared_error",
        epochs=50,
    )
    run = trainer(settings)
    kept = run.network.parameters.copy()
    for _ in run.run():
        kept[...] = run.network.parameters
    assert run.stop_reason.kind == "not finite"
    assert np.isfinite(run.network.parameters).all()
    assert np.array_equal(kept, run.network.parameters)
    assert f"before step {run.step + 1}" in run.stop_reason.sentence
    assert any(name in run.stop_reason.sentence for name in ("Dense 1", "Dense 2", "Output"))
    assert np.isfinite(run.history.steps.read("loss")).all()


def test_live_changes_take_effect_at_once_and_leave_a_mark():
    settings = experiment([dense(8), {"kind": "dropout", "rate": 0.2}], epochs=5)
    run = take(trainer(settings), 3)
    changed = settings.replace(
        layers=(settings.layers[0], settings.layers[1].replace(rate=0.5)),
        training=settings.training.replace(
            optimizer=settings.training.optimizer.replace(learning_rate=0.5), batch_size=8
        ),
    )
    run.change(changed)
    take(run, 1)
    assert run.history.steps.read("learning_rate")[-1] == 0.5
    texts = [mark.text for mark in run.history.marks]
    assert texts == ["layer 2, rate 0.2 → 0.5", "learning rate 0.001 → 0.5", "batch 16 → 8"]
    assert {mark.step for mark in run.history.marks} == {3}


def test_a_new_optimizer_starts_with_fresh_moments():
    run = take(trainer(experiment(optimizer="adam")), 3)
    run.change(with_training(run.experiment, optimizer={"kind": "momentum", "learning_rate": 0.01}))
    assert set(run.updater.slots) == {"velocity"}
    assert not run.updater.slots["velocity"].any()
    take(run, 2)
    assert run.step == 5


def test_other_changes_are_refused_in_mid_run():
    run = take(trainer(experiment()), 1)
    with pytest.raises(ValueError, match="units"):
        run.change(experiment([dense(9), dense(8)]))


def test_looking_changes_nothing():
    plain, watched = trainer(experiment(epochs=3)), trainer(experiment(epochs=3))
    finish(plain)
    for event in watched.run():
        if event is Event.STEP:
            watched.evaluate("training")
            watched.predict(watched.dataset.test.inputs)
    assert np.array_equal(plain.network.parameters, watched.network.parameters)


def test_a_network_that_does_not_fit_says_which_layer():
    with pytest.raises(ShapeError, match=r"Layer 1, Dense: needs a list of numbers but gets an image of 8"):
        trainer(experiment([dense(4)], {"source": "digits"}))


def test_a_loss_that_does_not_suit_the_task_says_so():
    with pytest.raises(UserError, match="Training, loss: expected a loss for a number"):
        trainer(experiment(None, {"source": "plane"}, loss="softmax_cross_entropy"))


def test_an_output_that_does_not_suit_the_loss_says_so():
    settings = experiment().replace(head={"activation": "tanh"})
    with pytest.raises(UserError, match="Output, activation: expected softmax"):
        trainer(settings)


def test_lowering_the_epochs_names_those_that_are_done():
    run = trainer(experiment(epochs=20))
    while run.epoch < 10:
        take(run, 1)
    run.change(with_training(run.experiment, epochs=3))
    finish(run)
    assert run.stop_reason.sentence == "10 epochs are done; the run was to have 3."
