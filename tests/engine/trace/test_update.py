"""The update to come is the step that the trainer then takes, with every optimizer."""

import numpy as np
import pytest

from engine.errors import UserError
from engine.files.run_file import captured_run
from engine.insight.trace.derivation import Place
from engine.insight.trace.recording import trace_sample
from engine.insight.trace.trace import TracedSample
from engine.insight.trace.update import UpdateQuery, update_of
from engine.optimizers import OPTIMIZERS
from engine.settings import kind_of
from tests.engine.training.runs import bits, dense, experiment, finish, take, trainer

PLACE = Place(1, "parameter", "weight", (2, 1))
SETTINGS = [
    {},
    {"l2": 0.01, "clip_norm": 0.05},
    {"l1": 0.01, "clip_value": 0.001, "max_norm": 1.0},
    {"clip_layer_norm": 0.02, "schedule": {"kind": "cosine"}, "warmup_steps": 12},
    {"weight_averaging": 0.9, "precision": "float64"},
]


def number(run, place=PLACE) -> float:
    return float(run.weights.trained.parameter_views[place.layer][place.name][place.index])


def agrees(found, run, before) -> None:
    assert found.before == before
    assert found.after == pytest.approx(number(run), rel=1e-6, abs=1e-8)
    assert found.after != before or found.optimizer == "Rprop"  # which leaves a step out where it turns


@pytest.mark.parametrize("batch", ["sample", "next"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=kind_of)
def test_it_is_the_step_of_the_trainer(optimizer, batch):
    """With batches of one and no shuffling, the next batch is a sample."""
    full = optimizer.needs_full_batch
    size = 1 if batch == "sample" and not full else 16
    settings = experiment(
        [dense(5), dense(4)],
        batch_size=size,
        shuffle=batch == "next",
        optimizer=kind_of(optimizer),
    )
    run = take(trainer(settings), 3)
    if full and batch == "sample":
        # There is no such run: a full batch of one. Its loss has to fall all the same.
        found = update_of(run, TracedSample(index=3), PLACE, batch)
        assert found.sample_loss[1] < found.sample_loss[0]
        return
    before, found = number(run), update_of(run, TracedSample(index=3), PLACE, batch)
    assert found.rate == pytest.approx(settings.training.optimizer.learning_rate)
    assert all(np.isfinite([one.value for one in found.workings]))
    take(run, 1)
    agrees(found, run, before)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("steps", [2, 9])
def test_it_has_penalties_clipping_and_schedule(settings, steps):
    run = take(trainer(experiment([dense(5), "dropout", dense(4)], **settings)), steps)
    place = Place(2, "parameter", "weight", (2, 1))
    before, found = number(run, place), update_of(run, TracedSample(), place, "next")
    take(run, 1)
    assert found.before == before
    assert found.after == pytest.approx(number(run, place), rel=1e-6, abs=1e-8)
    assert found.rate == run.history.steps.read("learning_rate", run.step - 1, run.step)[0]
    if "clip_norm" in settings:
        assert found.clipping < 1
        assert found.penalty == pytest.approx(0.01 * found.before, rel=1e-5)
    assert found.used == pytest.approx((found.gradient + found.penalty) * found.clipping, rel=1e-4, abs=1e-9)


def test_the_run_stays_as_it_is():
    settings = experiment([dense(5), "batch_norm", "dropout", dense(4)], epochs=2, optimizer="adam")
    asked, alone = trainer(settings), trainer(settings)
    for _ in asked.run():
        for batch in ("sample", "next"):
            UpdateQuery(TracedSample(index=4), Place(3, "parameter", "bias", (1,)), batch).answer(asked)
    for _ in alone.run():
        pass
    assert bits(captured_run(asked).state) == bits(captured_run(alone).state)


def test_adam_by_its_own_numbers():
    run = take(trainer(experiment(optimizer={"kind": "adam", "learning_rate": 0.01}, precision="float64")), 3)
    found = update_of(run, trace_sample(run, TracedSample(index=1)), PLACE)
    values = {one.text: one.value for one in found.workings}
    m, v = (float(run.updater.slots[name][run_index(run)]) for name in ("mean", "squares"))
    assert values["m"] == pytest.approx(0.9 * 0.1 * m + 0.1 * found.used)
    assert values["v"] == pytest.approx(0.999 * 0.001 * v + 0.001 * found.used**2)
    assert values["m̂"] == pytest.approx(values["m"] / (1 - 0.9**4))
    assert values["√v̂"] == pytest.approx((values["v"] / (1 - 0.999**4)) ** 0.5)
    change = 0.01 * values["m̂"] / (values["√v̂"] + 1e-8)
    assert found.after == pytest.approx(found.before - change, rel=1e-12)
    assert found.sentence.startswith("Adam with rate 0.01 ")


def run_index(run) -> int:
    span = next(one for one in run.network.spans if (one.layer, one.name) == (PLACE.layer, PLACE.name))
    return span.start + int(np.ravel_multi_index(PLACE.index, span.shape))


def test_what_is_no_parameter_gets_a_sentence():
    run = trainer(experiment())
    for place in (Place(0, "output", "", (0,)), Place(0, "parameter", "weight", (50, 0))):
        with pytest.raises(UserError, match="a parameter of this network"):
            update_of(run, TracedSample(), place)


def test_the_worked_example_in_a_run(tmp_path):
    """M. Mazur's 2-2-2 network from a table: ∂E/∂w₅ and w₅, w₁ after one step at rate .5."""
    path = tmp_path / "example.csv"
    path.write_text("x1,x2,o1,o2\n0.05,0.10,0.01,0.99\n")
    data = {
        "source": {"kind": "csv", "path": str(path)},
        "target": "o1",
        "further_targets": ["o2"],
        "scaling": "none",
        "scale_target": False,
        "split": {"validation": 0, "test": 0},
        "task": "regression",
    }
    settings = experiment(
        [dense(2, "sigmoid")],
        data,
        loss={"kind": "mean_squared_error", "reduction": "half_sum"},
        optimizer={"kind": "sgd", "learning_rate": 0.5},
        precision="float64",
        batch_size=1,
    )
    settings = settings.replace(head=settings.head.replace(activation="sigmoid"))
    run = trainer(settings)
    hidden, output = run.network.parameter_views
    hidden["weight"][...], output["weight"][...] = [[0.15, 0.25], [0.20, 0.30]], [[0.40, 0.50], [0.45, 0.55]]
    hidden["bias"][...], output["bias"][...] = 0.35, 0.60
    fifth = update_of(run, TracedSample(), Place(1, "parameter", "weight", (0, 0)))
    assert fifth.text == "w₅"
    assert fifth.gradient == pytest.approx(0.082167041, abs=5e-10)
    assert fifth.after == pytest.approx(0.358916480, abs=5e-10)
    assert fifth.sample_loss[0] == pytest.approx(0.298371109, abs=5e-10)
    assert fifth.formula_text == "p ← p − ρ g"
    first = update_of(run, TracedSample(), Place(0, "parameter", "weight", (0, 0)))
    assert first.gradient == pytest.approx(0.000438568, abs=5e-10)
    assert first.after == pytest.approx(0.149780716, abs=5e-10)
    take(run, 1)
    assert number(run, fifth.place) == fifth.after


def test_a_run_that_has_ended_would_take_one_more_step_like_its_last():
    run = finish(trainer(experiment(epochs=2, schedule={"kind": "cosine"})))
    found = update_of(run, TracedSample(index=1), PLACE)
    assert found.rate == pytest.approx(
        run.history.steps.read("learning_rate", run.step - 1, run.step)[0], rel=1e-9
    )
    assert found.after != found.before


def test_a_step_that_no_trainer_would_take_says_so():
    run = take(trainer(experiment(optimizer="adam")), 1)
    run.network.parameters[0] = np.nan
    assert update_of(run, TracedSample(index=1), PLACE).sentence.startswith("After this step, a number would")


def test_a_step_of_several_batches_is_taken_with_all_of_them():
    run = take(trainer(experiment([dense(5), dense(4)], accumulate_batches=4, optimizer="sgd")), 1)
    while not run.batches.epoch_done:
        before, found = number(run), update_of(run, TracedSample(), PLACE, "next")
        take(run, 1)
        agrees(found, run, before)
