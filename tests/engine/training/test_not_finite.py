"""A run keeps its last finite weights: whatever goes astray, a step is taken as a whole or not at all."""

import numpy as np
import pytest

from engine.files.run_file import load, save, saved_run
from engine.network import Network
from engine.optimizers import OPTIMIZERS
from engine.optimizers.adam import AdamW
from engine.settings import kind_of
from engine.training.checkpoint import capture
from engine.training.updater import BLOCK_LENGTH, Updater
from tests.engine.files.archives import open_and_resume
from tests.engine.training.runs import bits, dense, experiment, finish, take, trainer, with_training

RUNAWAY = {"kind": "adamw", "learning_rate": 1000.0, "weight_decay": 100.0}


def follow(run) -> np.ndarray:
    """Run to the end; the parameters after the last step that was taken."""
    kept = run.network.parameters.copy()
    for _ in run.run():
        assert np.isfinite(run.network.parameters).all()
        kept[...] = run.network.parameters
    return kept


@pytest.mark.parametrize("units", [8, 600], ids=["one block", "several blocks"])
def test_weights_that_run_away_are_kept_as_they_last_were(units, tmp_path):
    run = trainer(experiment([dense(units), dense(units)], optimizer=RUNAWAY, epochs=50))
    assert (run.network.parameters.size > BLOCK_LENGTH) == (units == 600)
    kept = follow(run)
    assert run.stop_reason.kind == "not finite"
    assert "the change of " in run.stop_reason.sentence
    assert np.array_equal(run.network.parameters, kept)
    save(tmp_path / "a.gradwright", saved_run(run))
    again = open_and_resume(tmp_path / "a.gradwright")
    assert np.array_equal(again.network.parameters, kept)
    again.change(with_training(again.experiment, optimizer={"kind": "sgd", "learning_rate": 1e-9}))
    position = again.batches.position
    take(again, 1)
    assert again.batches.position > position


@pytest.mark.parametrize("bad", [0, BLOCK_LENGTH + 10])
def test_blocks_that_were_written_already_are_put_back(bad):
    network = Network(trainer(experiment([dense(600), dense(600)])).network.layers, (2,))
    network.initialize(np.random.default_rng(1))
    network.gradients[...] = 1.0
    updater = Updater(AdamW(learning_rate=0.1, weight_decay=0.1), network)
    assert updater.apply(0.1) is None
    network.parameters[bad] = 3e38
    before = network.parameters.copy()
    with np.errstate(over="ignore", invalid="ignore"):
        assert updater.apply(1e5) == (0 if bad == 0 else 1)
    assert network.parameters.tobytes() == before.tobytes()
    assert updater.steps == 0
    assert not any(slot.any() for slot in updater.slots.values())


@pytest.mark.parametrize("more", [{}, {"weight_averaging": 0.9, "early_stopping": {"patience": 9}}])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=kind_of)
def test_no_optimizer_leaves_a_file_that_does_not_open(optimizer, more, tmp_path):
    layers = [dense(8, "relu"), {"kind": "batch_norm"}, dense(8, "relu")]
    settings = {"kind": kind_of(optimizer), "learning_rate": 1000.0}
    run = trainer(experiment(layers, {"source": "plane"}, optimizer=settings, epochs=5, **more))
    follow(run)
    save(tmp_path / "a.gradwright", saved_run(run))
    assert load(tmp_path / "a.gradwright").state.numbers["step"] == run.step


def test_large_weights_whose_squares_overflow_are_no_fault():
    run = trainer(experiment(optimizer={"kind": "sgd", "learning_rate": 1e-3}))
    run.network.parameter_views[0]["weight"][...] = 1e20
    take(run, 1)
    assert run.stop_reason is None
    assert run.step == 1
    # Not 0, as if the layer had stood still.
    assert np.isnan(run.history.steps.read("update_ratio/0")).all()


def test_running_means_stay_finite_too(tmp_path):
    run = take(trainer(experiment([dense(8, "linear"), {"kind": "batch_norm"}, dense(4)])), 3)
    kept = {name: value.copy() for name, value in run.network.statistics_views[1].items()}
    run.network.parameter_views[0]["weight"][...] = 3e38
    take(run, 1)
    assert run.stop_reason.kind == "not finite"
    for name, value in kept.items():
        assert np.array_equal(run.network.statistics_views[1][name], value)


@pytest.mark.parametrize("steps", [4, 5])
def test_the_batch_that_failed_comes_again(steps):
    """84 examples in batches of 16: five whole ones, and at the end one of four."""
    plain, broken = (trainer(experiment(epochs=1, batch_size=16)) for _ in range(2))
    take(plain, steps)
    take(broken, steps)
    weights = broken.network.parameters.copy()
    broken.network.parameters[0] = np.nan
    take(broken, 1)
    assert broken.stop_reason.kind == "not finite"
    assert broken.batches.last_rows == (16 if steps == 4 else 4)
    assert broken.batches.position == 16 * steps
    assert broken.step == steps
    broken.network.parameters[...] = weights
    finish(plain)
    finish(broken)
    assert np.array_equal(plain.network.parameters, broken.network.parameters)
    assert bits(capture(broken)) == bits(capture(plain))


@pytest.mark.parametrize("clip_norm", [1.0, None])
def test_clipping_rescues_a_large_gradient_that_is_finite(clip_norm):
    run = trainer(
        experiment(
            [dense(8, "linear")],
            {"source": "plane"},
            loss="mean_squared_error",
            optimizer={"kind": "sgd", "learning_rate": 0.1},
            clip_norm=clip_norm,
        )
    )
    run.network.parameter_views[0]["weight"][...] = 1e12
    run.network.parameter_views[1]["weight"][...] = 1e5
    take(run, 1)
    if clip_norm is None:
        assert run.stop_reason.kind == "not finite"
        return
    assert run.stop_reason is None
    assert run.history.steps.read("gradient_norm")[0] > 2e19
    assert np.linalg.norm(run.network.gradients.astype(np.float64)) == pytest.approx(1.0, rel=1e-4)


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_a_step_that_is_broken_off_is_taken_again(optimizer, monkeypatch):
    """By Ctrl+C, or for want of memory; also where it is the only one of its epoch."""
    settings = experiment(optimizer=optimizer, batch_size=500, epochs=4)
    plain, broken = finish(trainer(settings)), take(trainer(settings), 2)
    with monkeypatch.context() as patched:
        patched.setattr(Updater, "apply", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            finish(broken)
    finish(broken)
    assert broken.step == 4
    assert np.array_equal(broken.network.parameters, plain.network.parameters)
    losses = [run.history.epochs.read("training_loss") for run in (plain, broken)]
    assert np.array_equal(*losses)


@pytest.mark.parametrize("breaking", ["before the update", "within the batches"])
@pytest.mark.parametrize("accumulate_batches", [1, 3])
def test_a_step_that_is_broken_off_leaves_nothing_behind(accumulate_batches, breaking, monkeypatch):
    """Neither in what layers keep nor in the random changes of examples, which come again as they were."""
    layers = [dense(8), {"kind": "batch_norm"}, dense(8)]
    settings = experiment(
        layers,
        augmentation=["noise"],
        weight_averaging=0.9,
        batch_size=8,
        accumulate_batches=accumulate_batches,
        epochs=3,
    )
    plain, broken = finish(trainer(settings)), take(trainer(settings), 3)
    before = capture(broken)
    with monkeypatch.context() as patched:
        if breaking == "before the update":
            patched.setattr(Updater, "apply", interrupt)
        else:
            batches, seen = broken.stepper.batch_gradient, []
            evaluate = batches.evaluate

            def sometimes(*batch):
                seen.append(evaluate(*batch))
                return interrupt() if len(seen) == min(accumulate_batches, 2) else seen[-1]

            patched.setattr(batches, "evaluate", sometimes)
        with pytest.raises(KeyboardInterrupt):
            finish(broken)
    after = capture(broken)
    assert bits(after) == bits(before)
    finish(broken)
    for found, expected in zip(broken.network.state_vectors, plain.network.state_vectors, strict=True):
        assert np.array_equal(found, expected)


def interrupt(*_):
    raise KeyboardInterrupt


def test_a_normalization_of_numbers_whose_squares_overflow_is_named():
    """Its inputs are finite, and with 1 / √∞ = 0 so would be the loss: a run would go on without learning."""
    layers = [dense(8, "linear"), {"kind": "batch_norm"}, dense(8)]
    run = take(trainer(experiment(layers, epochs=3)), 2)
    kept = run.network.running_statistics.copy()
    run.network.parameter_views[0]["weight"][...] *= np.float32(1e22)
    finish(run)
    assert run.stop_reason.kind == "not finite"
    assert "the output of Batch normalization is no longer a finite number" in run.stop_reason.sentence
    assert np.array_equal(run.network.running_statistics, kept)
