"""Save, quit, load, go on: bit for bit the same as never having stopped."""

import numpy as np
import pytest

from engine.files.run_file import load, resume, save, saved_run
from tests.engine.training.runs import dataset, dense, experiment, finish, take, trainer, with_training

DROPOUT = [dense(8), {"kind": "dropout", "rate": 0.3}, dense(8)]
KINDS = {
    "momentum": experiment(optimizer={"kind": "momentum", "learning_rate": 0.05}),
    "adam": experiment(optimizer={"kind": "adam", "learning_rate": 0.01}),
    "dropout": experiment(DROPOUT, optimizer={"kind": "adam", "learning_rate": 0.01}),
    "rest": experiment(
        DROPOUT,
        optimizer={"kind": "nesterov", "learning_rate": 0.05},
        schedule="cosine",
        warmup_steps=13,
        l1=0.001,
        l2=0.01,
        clip_norm=0.5,
        early_stopping={"patience": 1000},
        batch_size=11,
        precision="float64",
    ),
    "steps": experiment(
        [dense(8), {"kind": "dropout", "rate": 0.3}, {"kind": "batch_norm"}, dense(8)],
        optimizer={"kind": "adam", "learning_rate": 0.05},
        batch_size=9,
        accumulate_batches=3,
        l1=0.005,
        l2=0.01,
        max_norm=1.5,
        clip_value=0.05,
        clip_layer_norm=0.1,
        clip_norm=0.15,
        weight_averaging=0.9,
        early_stopping={"patience": 1000},
    ),
}


def reopened(run, folder):
    """The run after a trip through a file, in fresh objects."""
    save(folder / "run.gradwright", saved_run(run))
    stored = load(folder / "run.gradwright")
    return resume(stored, dataset(stored.experiment.data, stored.experiment.dtype), "run.gradwright")


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
def test_ten_epochs_and_ten_more_are_twenty(settings, tmp_path):
    whole = finish(trainer(with_training(settings, epochs=20)))
    half = finish(trainer(with_training(settings, epochs=10, schedule=settings.training.schedule)))
    if settings.training.schedule.kind == "cosine":
        # A cosine knows the run's length: stop a run of twenty after ten instead.
        half = trainer(settings)
        take(half, whole.step // 2)
    second = reopened(half, tmp_path)
    second.change(with_training(second.experiment, epochs=20))
    finish(second)
    assert second.step == whole.step
    assert np.array_equal(second.network.parameters, whole.network.parameters)
    assert np.array_equal(second.weights.trained.parameters, whole.weights.trained.parameters)
    for name, vector in whole.updater.slots.items():
        assert np.array_equal(second.updater.slots[name], vector), name


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("steps", [1, 7, 23])
def test_in_the_middle_of_an_epoch(settings, steps, tmp_path):
    whole = finish(trainer(settings))
    second = finish(reopened(take(trainer(settings), steps), tmp_path))
    assert np.array_equal(second.network.parameters, whole.network.parameters)
    for column in whole.history.steps.columns:
        assert np.array_equal(
            second.history.steps.read(column), whole.history.steps.read(column), equal_nan=True
        ), column
    for column in set(whole.history.epochs.columns) - {"seconds"}:
        assert np.array_equal(
            second.history.epochs.read(column), whole.history.epochs.read(column), equal_nan=True
        ), column


def test_early_stopping_goes_on_where_it_was(tmp_path):
    settings = experiment(
        epochs=400, early_stopping={"patience": 5}, optimizer={"kind": "adam", "learning_rate": 0.3}
    )
    whole = finish(trainer(settings))
    second = finish(reopened(take(trainer(settings), whole.step - 20), tmp_path))
    assert second.stop_reason == whole.stop_reason
    assert np.array_equal(second.network.parameters, whole.network.parameters)


def test_stop_reason_and_marks_are_saved(tmp_path):
    run = finish(trainer(experiment(epochs=2)))
    second = reopened(run, tmp_path)
    assert second.stop_reason == run.stop_reason
    assert second.history.marks == run.history.marks
    assert second.seconds == run.seconds
