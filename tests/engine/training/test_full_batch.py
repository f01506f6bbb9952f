"""Steps that look at several points: what they cost, what they leave as it was, and when they end a run."""

import numpy as np
import pytest

from engine.errors import ShapeError
from engine.layers import LAYERS, Layer
from engine.optimizers import OPTIMIZERS
from engine.settings import field_hints, kind_of, read
from engine.training.checkpoint import capture, restore
from engine.training.full_batch import SAME_OBJECTIVE
from engine.training.gradient import BatchGradient
from engine.training.rng import generator_state, restore_generator
from engine.training.stopping import STOP_MARKS
from engine.training.trainer import Trainer
from engine.training_settings import Training
from tests.engine.nested_layers import NESTED
from tests.engine.training.runs import dense, experiment, finish, take, trainer, with_training
from tests.engine.variants import alternatives

FEATURES = (6,)
SEARCHING = [kind_of(cls) for cls in OPTIMIZERS if cls.needs_full_batch]


def fits(layer: Layer) -> bool:
    try:
        return len(layer.output_shape(FEATURES)) == 1
    except ShapeError:
        return False


INNER = [layer for layer in (*(cls() for cls in LAYERS), *NESTED) if fits(layer)]
KEEPING = [layer for layer in INNER if layer.statistics_shapes(FEATURES)]
RANDOM = [layer for layer in INNER if layer.random]


def name_of(layer: Layer | None) -> str:
    return "dense" if layer is None else layer.kind


def of(layer: Layer):
    return [dense(6), layer.model_dump(), dense(4)]


def passes_of(monkeypatch) -> list[int]:
    """Gets an entry, the number of rows, for each batch that is gone through."""
    rows, evaluate = [], BatchGradient.evaluate

    def counted(self, x, *more):
        rows.append(len(x))
        return evaluate(self, x, *more)

    monkeypatch.setattr(BatchGradient, "evaluate", counted)
    return rows


def test_layers_that_keep_and_layers_that_draw_are_among_the_cases():
    assert len(KEEPING) >= 2
    assert len(RANDOM) >= 3


@pytest.mark.parametrize("batch_size", [500, 16])
@pytest.mark.parametrize("kind", SEARCHING)
@pytest.mark.parametrize("layer", KEEPING, ids=name_of)
def test_what_layers_keep_moves_by_one_pass_a_step(layer, kind, batch_size):
    """Against a run that stands still at each of the points, and so goes through the examples once."""
    options = {"batch_size": batch_size, "shuffle": False, "precision": "float64"}
    run = trainer(experiment(of(layer), optimizer=kind, **options))
    still = trainer(experiment(of(layer), optimizer={"kind": "sgd", "learning_rate": 1e-30}, **options))
    for _ in range(5):
        still.network.parameters[...] = run.network.parameters
        take(run, 1)
        take(still, still.steps_per_epoch)
        np.testing.assert_allclose(
            run.network.running_statistics, still.network.running_statistics, rtol=1e-12
        )


@pytest.mark.parametrize("kind", SEARCHING)
@pytest.mark.parametrize("layer", KEEPING, ids=name_of)
def test_points_where_numbers_outgrow_their_range_leave_nothing_behind(layer, kind):
    run, plain = (trainer(experiment(of(layer), optimizer=kind)) for _ in range(2))
    stepper = run.prepare_steps()
    stepper.full_batch.start()
    kept, before = run.network.running_statistics.copy(), run.network.parameters.copy()
    run.network.parameters[...] = np.nan
    assert np.isnan(stepper.full_batch.evaluate())
    assert np.isfinite(run.network.running_statistics).all()
    assert np.array_equal(run.network.running_statistics, kept)
    run.network.parameters[...] = before
    take(plain, 1)
    assert np.array_equal(plain.network.running_statistics, kept)


@pytest.mark.parametrize("kind", SEARCHING)
@pytest.mark.parametrize("layer", [None, *KEEPING], ids=name_of)
def test_a_step_begins_with_what_the_last_one_has_found(layer, kind, monkeypatch):
    rows, looks = passes_of(monkeypatch), []
    rule = next(cls for cls in OPTIMIZERS if kind_of(cls) == kind)
    search = rule.search

    def counted(self, along, *start):
        tried = []

        def noted(length):
            tried.append(length)
            return along(length)

        found = search(self, noted, *start)
        # Where the best length is not the last one tried, that point is gone to once more.
        looks.append(len(tried) + (found != tried[-1]))
        return found

    monkeypatch.setattr(rule, "search", counted)
    layers = [dense(8), dense(8)] if layer is None else of(layer)
    run = take(trainer(experiment(layers, optimizer=kind, batch_size=500)), 20)
    starts = run.step if run.stepper.full_batch.random else 1
    assert rows == [run.batches.total] * (starts + sum(looks))


@pytest.mark.parametrize("kind", SEARCHING)
@pytest.mark.parametrize("layer", [None, *KEEPING], ids=name_of)
def test_what_is_handed_over_is_what_would_be_found_again(layer, kind):
    """A run that is taken up anew before each step has nothing from the last one."""
    settings = experiment([dense(8)] if layer is None else of(layer), optimizer=kind, batch_size=40, epochs=6)
    whole, run = finish(trainer(settings)), trainer(settings)
    for _ in range(6):
        following = trainer(settings)
        restore(following, capture(run), "test")
        run = take(following, 1)
    assert np.array_equal(run.network.parameters, whole.network.parameters)
    assert np.array_equal(run.network.running_statistics, whole.network.running_statistics)


@pytest.mark.parametrize("kind", SEARCHING)
@pytest.mark.parametrize("wandering", [False, True], ids=["", "beyond"])
@pytest.mark.parametrize("layer", RANDOM, ids=name_of)
def test_what_it_remembers_is_of_one_draw(layer, wandering, kind, monkeypatch):
    """Also where the search has looked beyond the point that it returns to."""
    if wandering:
        rule = next(cls for cls in OPTIMIZERS if kind_of(cls) == kind)
        monkeypatch.setattr(rule, "search", lambda _, along, *start: 0.5 if along(0.5) and along(2.0) else 0)
    settings = experiment(of(layer), optimizer=kind, batch_size=500, precision="float64")
    run, other = trainer(settings), trainer(settings)
    drawn_from = generator_state(run.generators.dropout)
    x, target = run.dataset.training.inputs, run.dataset.training.targets
    gradient = BatchGradient(other.network, other.loss, len(x), other.generators.dropout)

    def gradient_at(parameters):
        other.network.parameters[...] = parameters
        restore_generator(other.generators.dropout, drawn_from)
        gradient.evaluate(x, target)
        return other.network.gradients.copy()

    before = run.network.parameters.copy()
    take(run, 1)
    changed = gradient_at(run.network.parameters) - gradient_at(before)
    np.testing.assert_allclose(run.updater.slots["y_0"], changed, rtol=1e-9, atol=1e-15)
    np.testing.assert_array_equal(run.updater.slots["s_0"], run.network.parameters - before)


def remembers(run: Trainer) -> bool:
    return any(slot.any() for slot in run.updater.slots.values())


def first_step(settings, parameters) -> list[float]:
    """Loss, penalty and gradient that a run finds at these parameters."""
    run = trainer(settings)
    run.weights.trained.parameters[...] = parameters
    take(run, 1)
    return [run.history.steps.read(column)[0] for column in ("loss", "penalty", "gradient_norm")]


REFUSED = {"augmentation", "accumulate_batches", "max_norm", "clip_value", "clip_layer_norm", "clip_norm"}
"""With a search, these have but one value."""

LIVE = [
    (name, value)
    for name, field in Training.model_fields.items()
    if field_hints(field).get("live") and name not in REFUSED | {"optimizer"}
    for value in alternatives(field, getattr(Training(), name))
]


def test_every_live_setting_is_among_the_cases():
    live = {name for name, field in Training.model_fields.items() if field_hints(field).get("live")}
    assert {name for name, _ in LIVE} == live - REFUSED - {"optimizer"}
    assert live >= SAME_OBJECTIVE


@pytest.mark.parametrize("kind", SEARCHING)
@pytest.mark.parametrize(("name", "value"), LIVE, ids=lambda of: of if isinstance(of, str) else "")
def test_it_forgets_what_it_knew_of_another_function(name, value, kind):
    """Any setting of training, set to something else between two steps: L1 and L2 are on beforehand."""
    layers = [dense(6), {"kind": "batch_norm"}, dense(4)]
    settings = experiment(layers, optimizer=kind, batch_size=40, l1=1e-4, l2=1e-4, precision="float64")
    other, run = with_training(settings, **{name: value}), take(trainer(settings), 4)
    there = run.network.parameters.copy()
    run.change(other)
    assert remembers(run) == (name in SAME_OBJECTIVE)
    if remembers(run):
        assert first_step(other, there) == first_step(settings, there)


@pytest.mark.parametrize("kind", SEARCHING)
def test_changes_of_a_layer_are_of_the_function_and_those_of_the_rule_are_not(kind):
    settings = experiment([dense(6), {"kind": "dropout", "rate": 0.2}], optimizer=kind)
    run = take(trainer(settings), 3)
    run.change(settings.replace(name="Another"))
    run.change(with_training(run.experiment, optimizer={"kind": kind, "learning_rate": 0.5}))
    assert remembers(run)
    dropout = settings.layers[1].replace(rate=0.4)
    run.change(run.experiment.replace(layers=(settings.layers[0], dropout)))
    assert not remembers(run)


def small(kind, **training):
    """Few weights and much L2: at the bottom after some dozens of steps."""
    return experiment([dense(3)], optimizer=kind, epochs=2000, l2=0.02, **training)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("kind", SEARCHING)
def test_a_run_ends_where_no_lower_loss_is_found(kind, precision, monkeypatch):
    run = finish(trainer(small(kind, precision=precision)))
    assert run.stop_reason.kind == "converged"
    assert run.stop_reason.sentence == (
        f"Stopped in epoch {run.epoch}: no lower loss was found, not even straight down the gradient."
    )
    assert run.epoch < 1000
    assert run.history.marks[-1].text == STOP_MARKS["converged"]
    norms = run.history.steps.read("gradient_norm")
    assert norms[-1] < 1e-3 * norms[0]
    # Whoever trains on finds it again at once, without a change; whoever changes something trains on.
    there, epoch, rows = run.network.parameters.copy(), run.epoch, passes_of(monkeypatch)
    finish(run)
    assert run.epoch == epoch + 1
    assert len(rows) <= 2 * 6 * 26
    assert np.array_equal(run.network.parameters, there)
    run.change(with_training(run.experiment, l2=0.01))
    take(run, 3)
    assert run.stop_reason is None
    assert not np.array_equal(run.network.parameters, there)


@pytest.mark.parametrize("kind", SEARCHING)
def test_a_run_ends_where_the_gradient_is_flat_enough(kind):
    run = finish(trainer(small({"kind": kind, "tolerance": 1e-3})))
    assert run.stop_reason.kind == "converged"
    assert run.stop_reason.sentence == (
        f"Stopped in epoch {run.epoch}: no entry of the gradient is above 0.001."
    )
    assert run.history.steps.read("gradient_norm")[-1] > 1e-5
    assert run.epoch < finish(trainer(small(kind))).epoch
    # It was at rest, not astray: with another measure it goes on with what it remembers.
    run.change(with_training(run.experiment, optimizer={"kind": kind, "tolerance": 1e-4}))
    assert remembers(run)
    taken = run.updater.steps
    take(run, 1)
    assert run.updater.steps == taken + 1


@pytest.mark.parametrize("kind", SEARCHING)
def test_a_memory_that_leads_astray_is_given_up(kind):
    """Pairs without truth in them: by their measure, the loss hardly curves, and steps may be endless."""
    run = take(trainer(experiment(optimizer=kind)), 4)
    slots = run.updater.slots
    for name, slot in slots.items():
        if name.startswith(("s_", "y_")):
            slot.fill(1e15 if name.startswith("s_") else 1e-15)
    losses = run.history.steps.read("loss")
    take(run, 2)
    assert run.stop_reason is None
    assert run.history.steps.read("loss")[-1] < losses[-1]
    assert run.updater.steps == 2
    assert np.isfinite(run.network.parameters).all()


@pytest.mark.parametrize("kind", SEARCHING)
def test_no_rate_is_no_rest(kind):
    """A schedule may come by 0 on its way."""
    run = take(trainer(experiment(optimizer=kind, batch_size=500)), 3)
    stepper, before = run.prepare_steps(), run.network.parameters.copy()
    loss, _ = stepper.full_batch.start()
    slots = {name: slot.copy() for name, slot in run.updater.slots.items() if name.startswith(("s_", "y_"))}
    assert run.updater.apply(0.0, loss, stepper.full_batch.evaluate) is None
    assert run.updater.convergence_reason == ""
    assert run.updater.steps == 3
    assert np.array_equal(run.network.parameters, before)
    assert all(np.array_equal(run.updater.slots[name], slot) for name, slot in slots.items())


@pytest.mark.parametrize("kind", SEARCHING)
def test_where_numbers_are_drawn_no_step_is_the_last(kind):
    """A network that is at the bottom under one draw is not so under the next."""
    layers = [dense(3), {"kind": "dropout", "rate": 0.5}]
    settings = experiment(layers, optimizer={"kind": kind, "tolerance": 1.0}, epochs=30)
    run = finish(trainer(settings))
    assert run.stop_reason.kind == "finished"
    assert read(Training, settings.training.model_dump(), "test") == settings.training
