"""Every optimizer, schedule and layer that there is goes on from a file as if nothing had happened."""

import numpy as np
import pytest

from engine.errors import ShapeError
from engine.files.run_file import load, save, saved_run
from engine.layers import LAYERS
from engine.layers.embedding import Embedding
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES
from engine.settings import kind_of
from engine.training import batch_parts
from engine.training.checkpoint import capture
from engine.training.trainer import Trainer
from tests.engine.files.archives import open_and_resume
from tests.engine.training.runs import bits, dense, experiment, finish, take, trainer


def goes_on(chosen, steps: int, path) -> Trainer:
    """A run is the same whether or not it went through a file after some steps; the one that did not."""
    whole = finish(trainer(chosen))
    save(path, saved_run(take(trainer(chosen), steps)))
    again = finish(open_and_resume(path))
    assert again.step == whole.step
    assert again.network.parameters.tobytes() == whole.network.parameters.tobytes()
    assert bits(capture(again)) == bits(capture(whole))
    for column in whole.history.steps.columns:
        np.testing.assert_array_equal(
            again.history.steps.read(column), whole.history.steps.read(column), err_msg=column
        )
    return whole


@pytest.mark.parametrize("steps", [7, 12])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=kind_of)
def test_optimizers(optimizer, steps, tmp_path):
    """In mid-epoch and at the end of one; whole-batch rules get the whole batch."""
    chosen = experiment(
        optimizer={"kind": kind_of(optimizer)}, epochs=5, batch_size=84 if optimizer.needs_full_batch else 16
    )
    goes_on(chosen, 3 if optimizer.needs_full_batch else steps, tmp_path / "a.gradwright")


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=kind_of)
def test_all_that_a_step_can_have(optimizer, precision, tmp_path):
    """Penalties, limits, several batches a step, and an average of the weights."""
    options = {"l1": 0.01, "l2": 0.01, "weight_averaging": 0.9, "early_stopping": {"patience": 1000}}
    if not optimizer.needs_full_batch:
        options |= {"accumulate_batches": 2, "max_norm": 1.0}
        options |= {"clip_value": 0.05, "clip_layer_norm": 0.1, "clip_norm": 0.12}
    chosen = experiment(
        optimizer={"kind": kind_of(optimizer)}, epochs=5, batch_size=11, precision=precision, **options
    )
    goes_on(chosen, 3 if optimizer.needs_full_batch else 7, tmp_path / "a.gradwright")


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=kind_of)
@pytest.mark.parametrize("steps", [7, 9, 20])
def test_all_that_a_run_can_have(optimizer, steps, tmp_path, monkeypatch):
    """Batches in three parts, statistics of batches, random examples, weighted classes, a rate that learns.

    84 examples in steps of 30 at most: in the middle of an epoch, at its end, and after the rate has fallen.
    """
    monkeypatch.setattr(batch_parts, "NUMBERS_WORTH_SPLITTING", 1)
    monkeypatch.setattr(batch_parts, "FEWEST_PARTS", 3)
    options = {"batch_size": 10, "accumulate_batches": 3, "augmentation": ["noise", "mixup"], "max_norm": 1.0}
    if optimizer.needs_full_batch:
        steps, options = -(-steps // 3), {"batch_size": 30}
    layers = [dense(8), {"kind": "batch_norm"}, {"kind": "dropout", "rate": 0.2}, dense(8)]
    chosen = experiment(
        layers,
        optimizer={"kind": kind_of(optimizer)},
        loss={"kind": "softmax_cross_entropy", "balanced": True},
        schedule={"kind": "plateau", "patience": 1, "threshold": 0.9},
        weight_averaging=0.9,
        early_stopping={"patience": 1000},
        l1=0.001,
        epochs=9,
        **options,
    )
    run = trainer(chosen)
    assert run.parts == 3
    whole = goes_on(chosen, steps, tmp_path / "a.gradwright")
    rates = whole.history.steps.read("learning_rate")
    assert rates[-1] < rates[0]
    state = load(tmp_path / "a.gradwright").state
    assert {"trained/Batch normalization.mean", "best/Batch normalization.mean"} <= state.arrays.keys()
    assert "Batch normalization.variance" in state.model


@pytest.mark.parametrize("steps", [7, 12, 61])
@pytest.mark.parametrize("schedule", SCHEDULES, ids=kind_of)
def test_schedules(schedule, steps, tmp_path):
    """Twelve epochs, saved early and late: what a schedule remembers of the losses is saved too."""
    tried = {"kind": kind_of(schedule)}
    if "patience" in schedule.model_fields:
        tried["patience"] = 1
    chosen = experiment(
        optimizer={"kind": "sgd", "learning_rate": 1.0}, schedule=tried, epochs=12, warmup_steps=5
    )
    goes_on(chosen, steps, tmp_path / "a.gradwright")


NUMBERS, IMAGES, SEQUENCES = (6,), (8, 8, 1), (8, 8)


@pytest.mark.parametrize("layer", LAYERS, ids=kind_of)
def test_layers(layer, tmp_path):
    """Between dense layers, on the images of the digits, or on their lines as the steps of a sequence.

    An embedding stands in front; with coded columns it is in tests/engine/training/test_embedding_runs.py.
    """
    settings = layer().model_dump()
    if layer is Embedding:
        chosen = experiment([settings | {"vocabulary": 4}, {"kind": "flatten"}, dense(4)], epochs=4)
    elif len(output_shape(layer(), NUMBERS)) == 1:
        chosen = experiment([dense(6), settings, dense(4)], epochs=4)
    elif output_shape(layer(), IMAGES):
        layers = [settings, {"kind": "flatten"}, dense(4)]
        chosen = experiment(layers, {"source": "digits"}, epochs=1, batch_size=128)
    elif output_shape(layer(), SEQUENCES):
        lines = {"kind": "reshape", "target_shape": "sequence", "channels": 8}
        layers = [lines, settings, {"kind": "flatten"}, dense(4)]
        chosen = experiment(layers, {"source": "digits"}, epochs=1, batch_size=128)
    else:
        pytest.skip("takes neither lists of numbers nor these images or sequences")
    goes_on(chosen, 7, tmp_path / "a.gradwright")
    assert load(tmp_path / "a.gradwright").experiment == chosen


def output_shape(layer, shape) -> tuple[int, ...]:
    """Empty where the layer does not take samples of this shape."""
    try:
        return layer.output_shape(shape)
    except ShapeError:
        return ()
