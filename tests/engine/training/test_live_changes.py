"""Settings that change in mid-run: what they make anew, what they leave alone, what they are refused for."""

import gc
import tracemalloc
import weakref

import numpy as np
import pytest

from engine.errors import UserError
from engine.settings import field_hints
from engine.training import batch_parts, resources
from engine.training.checkpoint import capture, restore
from engine.training.trainer import Trainer
from engine.training_settings import Training
from tests.engine.training.runs import bits, dense, experiment, finish, take, trainer, with_training

LAYERS = [dense(8), {"kind": "dropout", "rate": 0.2}, {"kind": "batch_norm"}, dense(8)]
START = {
    "optimizer": {"kind": "adam", "learning_rate": 0.02},
    "epochs": 6,
    "l1": 1e-3,
    "weight_averaging": 0.9,
}
CHANGES = {
    "optimizer": {"kind": "adam", "learning_rate": 0.003, "beta1": 0.8},
    "schedule": "cosine",
    "augmentation": ["noise"],
    "accumulate_batches": 3,
    "epochs": 5,
    "l1": 1e-2,
    "l1_update": "gradient",
    "l2": 1e-2,
    "max_norm": 0.5,
    "clip_value": 0.01,
    "clip_layer_norm": 0.02,
    "clip_norm": 0.03,
    "weight_averaging": 0.5,
    "early_stopping": {"patience": 2},
    "target_loss": 0.5,
    "shuffle": False,
}
OTHER_ARRAYS = {
    "batch_size": 11,
    "another optimizer": {"kind": "momentum", "learning_rate": 0.02},
    "whole": {"kind": "lbfgs"},
    "no average": None,
    "no penalty": 0.0,
}
FIELDS = {
    "another optimizer": "optimizer",
    "whole": "optimizer",
    "no average": "weight_averaging",
    "no penalty": "l1",
}


def workspaces(run: Trainer) -> list:
    """The arrays that layers fill in training."""
    return [id(array) for space in run.stepper.batch_gradient.workspaces.rows(16) for array in space.values()]


def test_every_live_setting_is_tried():
    live = {name for name, field in Training.model_fields.items() if field_hints(field).get("live")}
    assert live == CHANGES.keys() | {"batch_size"}


@pytest.mark.parametrize("name", CHANGES)
def test_arrays_that_serve_on_stay(name):
    run = take(trainer(experiment(LAYERS, **START)), 8)
    stepper, arrays, average = run.stepper, workspaces(run), run.weights.average
    run.change(with_training(run.experiment, **{name: CHANGES[name]}))
    take(run, 1)
    assert run.stepper is stepper
    assert workspaces(run) == arrays
    assert run.weights.average is average


@pytest.mark.parametrize("steps", [8, 12])
@pytest.mark.parametrize("name", [*CHANGES, *OTHER_ARRAYS])
def test_a_changed_run_goes_on_like_one_made_with_these_settings(name, steps):
    """In mid-epoch and between two: arrays that stayed know nothing of the settings before."""
    value = (CHANGES | OTHER_ARRAYS)[name]
    run = take(trainer(experiment(LAYERS, **START)), steps)
    run.change(with_training(run.experiment, **{FIELDS.get(name, name): value}))
    fresh = trainer(run.experiment)
    restore(fresh, capture(run), "test")
    rows, epochs = run.history.steps.count, run.history.epochs.count
    finish(run), finish(fresh)
    assert run.step == fresh.step > steps
    for found, expected in zip(run.network.state_vectors, fresh.network.state_vectors, strict=True):
        np.testing.assert_array_equal(found, expected)
    for column in run.history.steps.columns:
        np.testing.assert_array_equal(
            run.history.steps.read(column, rows), fresh.history.steps.read(column), err_msg=column
        )
    for column in set(run.history.epochs.columns) - {"seconds"}:
        np.testing.assert_array_equal(
            run.history.epochs.read(column, epochs), fresh.history.epochs.read(column), err_msg=column
        )


def test_a_slider_takes_no_memory():
    run = take(trainer(experiment([dense(500), dense(500)], l2=1e-3, max_norm=2.0, accumulate_batches=2)), 2)
    tracemalloc.start()
    for rate in (0.01, 0.003, 0.001):
        run.change(with_training(run.experiment, optimizer={"kind": "adam", "learning_rate": rate}))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.1 * run.network.parameters.nbytes


@pytest.mark.parametrize(
    "more",
    [{}, {"l1": 1e-3, "l2": 1e-3, "max_norm": 2.0, "weight_averaging": 0.9}, {"accumulate_batches": 2}],
)
def test_old_arrays_go_before_new_ones_come(more, monkeypatch):
    """At once, and not when Python next looks for circles: that may take long."""
    run = take(trainer(experiment(**more)), 2)
    old = weakref.ref(run.stepper)
    first = weakref.ref(run.stepper.batch_gradient.workspaces.rows(16)[0]["y"])
    seen = []
    original = Trainer.prepare_steps.__globals__["Stepper"]

    def made(*arguments):
        seen.append((old(), first()))
        return original(*arguments)

    monkeypatch.setattr("engine.training.trainer.Stepper", made)
    gc.disable()
    try:
        run.change(with_training(run.experiment, batch_size=32))
    finally:
        gc.enable()
    assert seen == [(None, None)]


def test_a_dropout_rate_and_the_number_of_parts_ask_for_other_arrays(monkeypatch):
    run = take(trainer(experiment(LAYERS)), 2)
    stepper = run.stepper
    layers = (
        run.experiment.layers[0],
        run.experiment.layers[1].replace(rate=0.5),
        *run.experiment.layers[2:],
    )
    run.change(run.experiment.replace(layers=layers))
    assert run.stepper is not stepper
    stepper = run.stepper
    monkeypatch.setattr(batch_parts, "NUMBERS_WORTH_SPLITTING", 1)
    run.change(with_training(run.experiment, l2=0.1))
    assert run.parts == 2
    assert run.stepper is not stepper
    assert finish(run).stop_reason.kind == "finished"


@pytest.mark.parametrize(
    "changes",
    [
        {"batch_size": 84},
        {"accumulate_batches": 2},
        {"weight_averaging": 0.9},
        {"early_stopping": {"patience": 9}},
    ],
)
def test_what_does_not_fit_into_memory_is_refused_and_nothing_has_changed(changes, monkeypatch):
    settings = experiment([dense(300), dense(300)], batch_size=16, epochs=3)
    run, plain = take(trainer(settings), 3), finish(trainer(settings))
    needed = []
    with monkeypatch.context() as patched:
        patched.setattr(resources, "check_memory", needed.append)
        resources.check_training(settings.training, run.network.layers, run.network.shapes, 84)
    monkeypatch.setattr(resources, "memory_of_this_machine", lambda: needed[0])
    before = capture(run)
    with pytest.raises(UserError, match="Network: expected one that can be trained in the"):
        run.change(with_training(settings, augmentation=["noise"], **changes))
    assert run.experiment == settings
    assert run.history.marks == []
    after = capture(run)
    assert after.numbers == before.numbers
    assert bits(after) == bits(before)
    np.testing.assert_array_equal(finish(run).network.parameters, plain.network.parameters)


def test_steps_wait_for_arrays_for_which_there_was_no_memory(monkeypatch):
    settings = experiment(epochs=3)
    run = take(trainer(settings), 2)

    def none_left(*_):
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr("engine.training.trainer.Stepper", none_left)
        with pytest.raises(MemoryError):
            run.change(with_training(settings, batch_size=32))
    assert finish(run).stop_reason.kind == "finished"
