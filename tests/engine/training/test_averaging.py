"""The moving average of the weights: what it is, who uses it, and that training goes on from the raw ones."""

import tracemalloc

import numpy as np
import pytest

from engine.errors import UserError
from engine.files.run_file import load, save, saved_run
from engine.insight.run_queries import ParametersQuery
from engine.layers.batch_norm import BatchNorm
from engine.model import Model
from engine.network import Network, StateVectors
from engine.training import evaluator
from engine.training.averaging import Average
from engine.training.checkpoint import capture, restore
from engine.training.stopping import Event
from tests.engine.files.archives import edit_json, open_and_resume, parts_of, write_parts
from tests.engine.golden import golden
from tests.engine.training.runs import dense, experiment, finish, take, trainer, with_training

CASES = [case for case in golden("steps")["cases"] if case["of"] == "average"]
SHAKY = {"kind": "adam", "learning_rate": 0.3}
LAYERS = [dense(8), {"kind": "batch_norm"}, dense(8)]


def raw(run) -> np.ndarray:
    return run.weights.trained.parameters


@pytest.mark.parametrize("case", CASES, ids=["plain", "warmed up"])
def test_the_mean_is_that_of_pytorch(case):
    weights, means = np.array(case["weights"]), np.array(case["means"])
    parameters, mean = np.empty(4), np.full(4, 9.0)
    average = Average(case["decay"], [parameters], [mean], block_length=3)
    if not case["warm"]:
        mean[...], average.steps = means[0], 9 * 9  # beyond the warm-up, which PyTorch's rule has not
    for number in range(0 if case["warm"] else 1, len(weights)):
        parameters[...] = weights[number]
        average.update()
        np.testing.assert_allclose(mean, means[number], rtol=1e-12)


def test_averaged_statistics_are_those_of_pytorch():
    (case,) = (case for case in golden("steps")["cases"] if case["of"] == "averaged_statistics")
    network = Network([BatchNorm()], (3,), np.float64)
    network.initialize(np.random.default_rng(1))
    beside, spaces = network.copy_with_shared_gradients(), network.workspaces(6).rows(6)
    average = Average(case["decay"], network.state_vectors, beside.state_vectors, block_length=4)
    for number, (batch, after) in enumerate(zip(case["batches"], case["after"], strict=True)):
        network.forward(np.array(batch), spaces, training=True)
        average.steps = 9 * 9 if number else 0  # beyond the warm-up, which PyTorch's rule has not
        average.update()
        np.testing.assert_allclose(beside.statistics_views[0]["mean"], after[0], rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(beside.statistics_views[0]["variance"], after[1], rtol=1e-12)


@pytest.mark.parametrize("layers", [None, LAYERS], ids=["plain", "batch norm"])
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_run_against_a_plain_loop(precision, layers):
    settings = experiment(layers, weight_averaging=0.9, epochs=5, precision=precision)
    run, plain = trainer(settings), trainer(with_training(settings, weight_averaging=None))
    means = [np.zeros_like(vector) for vector in plain.network.state_vectors]
    for number in range(5 * run.steps_per_epoch):
        take(run, 1), take(plain, 1)
        share = min(0.9, number / (number + 9))
        for mean, vector in zip(means, plain.network.state_vectors, strict=True):
            mean[...] = share * mean + (1 - share) * vector
        for trained, expected in zip(
            run.weights.trained.state_vectors, plain.network.state_vectors, strict=True
        ):
            np.testing.assert_array_equal(trained, expected)
        for found, mean in zip(run.network.state_vectors, means, strict=True):
            np.testing.assert_allclose(found, mean, rtol=1e-4 if precision == "float32" else 1e-11)
            assert found.dtype == precision
    for column in plain.history.steps.columns:
        np.testing.assert_array_equal(run.history.steps.read(column), plain.history.steps.read(column))
    assert run.history.epochs.read("validation_loss")[-1] == run.evaluate("validation").loss
    assert run.history.epochs.read("validation_loss")[-1] != plain.history.epochs.read("validation_loss")[-1]


def test_everything_that_is_seen_is_of_the_mean(tmp_path):
    run = take(trainer(experiment(LAYERS, weight_averaging=0.9)), 14)
    inputs = run.dataset.training.inputs
    said = run.predict(inputs)
    save(tmp_path / "a.gradwright", saved_run(run))
    stored = load(tmp_path / "a.gradwright")
    model = Model.from_state(stored.experiment, stored.preparation, stored.state.model)
    np.testing.assert_array_equal(model.network.parameters, run.network.parameters)
    np.testing.assert_array_equal(open_and_resume(tmp_path / "a.gradwright").predict(inputs), said)
    shown = ParametersQuery().answer(run)[0].weight
    np.testing.assert_array_equal(shown, run.network.parameter_views[0]["weight"])
    assert not np.array_equal(raw(run), run.network.parameters)
    run.network.parameters[...] = raw(run)
    assert not np.array_equal(run.predict(inputs), said)


def test_gradients_are_those_of_the_steps():
    run = take(trainer(experiment(LAYERS, weight_averaging=0.9)), 3)
    assert run.network is not run.weights.trained
    assert run.network.gradients is run.weights.trained.gradients
    assert run.network.gradient_views[0]["weight"].any()


def test_the_best_epoch_is_that_of_the_mean():
    rule = {"patience": 1000}
    run = finish(trainer(experiment(weight_averaging=0.8, optimizer=SHAKY, epochs=40, early_stopping=rule)))
    losses = run.history.epochs.read("validation_loss")
    assert run.best.epoch == int(np.argmin(losses)) + 1 < 40
    np.testing.assert_array_equal(run.network.parameters, run.best.weights.parameters)
    assert run.evaluate("validation").loss == losses.min()


def test_without_validation_data_the_best_epoch_is_that_of_the_mean_too():
    data = {"source": {"kind": "spiral", "points": 120}, "split": {"validation": 0.0, "test": 0.0}}
    rule = {"patience": 1000}
    run = finish(
        trainer(experiment(data=data, weight_averaging=0.8, optimizer=SHAKY, epochs=40, early_stopping=rule))
    )
    assert run.evaluate("training").loss == run.best.value
    assert run.best.value not in run.history.epochs.read("training_loss")


@pytest.mark.parametrize("rule", [None, {"patience": 1000}, {"patience": 3}])
def test_training_on_goes_from_the_raw_weights(rule, tmp_path):
    """A run that ends, whether by its epochs or early, goes on as if it had not ended."""
    settings = experiment(
        weight_averaging=0.8,
        optimizer=SHAKY,
        epochs=60,
        early_stopping=rule,
        batch_size=32,
        precision="float64",
    )
    run = finish(trainer(settings))
    assert run.stop_reason.kind == ("early" if rule and rule["patience"] == 3 else "finished")
    plain = trainer(with_training(settings, weight_averaging=None, early_stopping=None, epochs=100))
    take(plain, run.step)
    np.testing.assert_array_equal(raw(run), plain.network.parameters)
    save(tmp_path / "a.gradwright", saved_run(run))
    again = open_and_resume(tmp_path / "a.gradwright")
    for each in (run, again):
        each.change(with_training(settings, epochs=100, early_stopping=None))
        finish(each)
    finish(plain)
    for each in (run, again):
        np.testing.assert_array_equal(raw(each), plain.network.parameters)
        np.testing.assert_array_equal(each.network.parameters, run.network.parameters)
    # One mean over all steps, as if there had been no end.
    whole = finish(trainer(with_training(settings, epochs=100, early_stopping=None)))
    np.testing.assert_array_equal(run.network.parameters, whole.network.parameters)


def test_turned_on_off_and_changed_in_mid_run():
    settings = experiment(optimizer=SHAKY, epochs=20)
    run, plain = trainer(settings), trainer(settings)
    take(run, 5), take(plain, 5)
    run.change(with_training(settings, weight_averaging=0.5))
    take(run, 1), take(plain, 1)
    np.testing.assert_allclose(run.network.parameters, plain.network.parameters, rtol=1e-6)
    first = plain.network.parameters.copy()
    take(run, 1), take(plain, 1)
    np.testing.assert_allclose(
        run.network.parameters, 0.1 * first + 0.9 * plain.network.parameters, rtol=1e-4, atol=1e-6
    )
    mean = run.network.parameters.copy()
    run.change(with_training(settings, weight_averaging=0.05))
    take(run, 1), take(plain, 1)
    np.testing.assert_allclose(
        run.network.parameters, 0.05 * mean + 0.95 * plain.network.parameters, rtol=1e-4, atol=1e-6
    )
    run.change(settings)
    np.testing.assert_array_equal(run.network.parameters, plain.network.parameters)
    finish(run), finish(plain)
    np.testing.assert_array_equal(run.network.parameters, plain.network.parameters)
    assert [mark.text for mark in run.history.marks] == [
        "weight averaging off → 0.5",
        "weight averaging 0.5 → 0.05",
        "weight averaging 0.05 → off",
    ]


@pytest.mark.parametrize("layers", [None, LAYERS], ids=["plain", "batch norm"])
@pytest.mark.parametrize("first", [None, 0.9])
def test_turned_on_or_off_while_the_best_weights_are_in_use(first, layers):
    """Those stay in use, and training goes on from the last ones."""
    second = 0.9 if first is None else None
    rule = {"patience": 1000}
    settings = experiment(layers, optimizer=SHAKY, epochs=20, early_stopping=rule, weight_averaging=first)
    run = finish(trainer(settings))
    assert run.best.epoch < 20
    shown = run.network.parameters.copy()
    run.change(with_training(settings, weight_averaging=second))
    np.testing.assert_array_equal(run.network.parameters, shown)
    assert run.evaluate("validation").loss == run.best.value
    run.change(with_training(settings, weight_averaging=second, epochs=21, early_stopping=None))
    finish(run)
    plain = finish(trainer(with_training(settings, weight_averaging=None, epochs=21, early_stopping=None)))
    np.testing.assert_array_equal(raw(run), plain.network.parameters)
    np.testing.assert_array_equal(run.weights.trained.running_statistics, plain.network.running_statistics)


@pytest.mark.parametrize("layers", [None, LAYERS], ids=["plain", "batch norm"])
@pytest.mark.parametrize(("first", "second"), [(None, 0.5), (0.5, None)])
def test_turned_on_or_off_while_an_epoch_is_scored(first, second, layers, monkeypatch):
    """The best weights are those whose loss was found."""
    monkeypatch.setattr(evaluator, "SECONDS_A_PIECE", 0.0)
    settings = experiment(
        layers, optimizer=SHAKY, epochs=1, early_stopping={"patience": 9}, weight_averaging=first
    )
    run = trainer(settings)
    for event in run.run():
        if event is Event.SCORING:
            run.change(with_training(settings, weight_averaging=second))
    run.network.state_vectors.take(run.best.weights)
    assert run.evaluate("validation").loss == run.best.value


def test_a_step_that_is_not_finite_leaves_the_mean_as_it_was():
    runaway = {"kind": "adamw", "learning_rate": 1000.0, "weight_decay": 100.0}
    run = trainer(experiment(optimizer=runaway, epochs=50, weight_averaging=0.9, l1=1e-4))
    kept = run.network.parameters.copy()
    for _ in run.run():
        assert np.isfinite(run.network.parameters).all()
        kept[...] = run.network.parameters
    assert run.stop_reason.kind == "not finite"
    np.testing.assert_array_equal(run.network.parameters, kept)
    assert run.weights.average.steps == run.step


def test_the_mean_of_huge_numbers_is_finite():
    parameters, mean = np.full(2, -3e38, np.float32), np.full(2, 3e38, np.float32)
    average = Average(0.5, [parameters], [mean], 10)
    average.steps = 100
    average.update()
    np.testing.assert_array_equal(mean, 0.0)


def test_what_was_there_before_the_first_step_leaves_no_trace():
    vector, mean = np.ones(2), np.array([np.inf, np.nan])
    Average(0.5, [vector], [mean], 10).update()
    np.testing.assert_array_equal(mean, vector)


def test_a_network_beside_another_takes_no_more_memory_than_it_keeps():
    network = trainer(experiment([dense(600), {"kind": "batch_norm"}, dense(600)])).network
    tracemalloc.start()
    beside = network.copy_with_shared_gradients()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.1 * network.parameters.nbytes
    assert not any(
        np.shares_memory(*pair) for pair in zip(beside.state_vectors, network.state_vectors, strict=True)
    )
    assert np.shares_memory(beside.statistics_views[1]["variance"], beside.running_statistics)
    assert beside.gradient_views is network.gradient_views


def test_states_restore_both_vectors():
    settings = experiment(weight_averaging=0.9, optimizer=SHAKY)
    run = take(trainer(settings), 9)
    again = trainer(settings)
    restore(again, capture(run), "test")
    np.testing.assert_array_equal(raw(again), raw(run))
    np.testing.assert_array_equal(again.network.parameters, run.network.parameters)
    assert again.weights.average.steps == 9


def test_weights_to_start_from_are_those_of_both():
    settings = experiment(weight_averaging=0.9)
    run = take(trainer(settings), 9)
    start = StateVectors(np.zeros_like(raw(run)), run.network.running_statistics)
    run.weights.start_from(start)
    np.testing.assert_array_equal(run.network.parameters, 0)
    take(run, 1)
    np.testing.assert_array_equal(run.network.parameters, raw(run))


@pytest.mark.parametrize(
    ("average", "changes", "expected"),
    [
        (None, {"experiment.json": {"training__weight_averaging": 0.9}}, "an array 'trained/Dense 1.weight'"),
        (0.9, {"experiment.json": {"training__weight_averaging": None}}, "found 'trained/Dense 1.bias'"),
        (0.9, {"manifest.json": {"state__average_steps": 10}}, "in the average, than of the run"),
    ],
)
def test_files_whose_parts_do_not_agree_are_refused(average, changes, expected, tmp_path):
    save(tmp_path / "a.gradwright", saved_run(take(trainer(experiment(weight_averaging=average)), 9)))
    parts = parts_of(tmp_path / "a.gradwright")
    for name, values in changes.items():
        parts[name] = edit_json(parts[name], **values)
    with pytest.raises(UserError, match=expected):
        load(write_parts(tmp_path / "b.gradwright", parts))
