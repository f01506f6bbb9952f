"""The range test: it breaks where the mathematics says, suggests what learns, and leaves the run alone."""

import numpy as np
import pytest

from engine.errors import UserError
from engine.files.opening import preset
from engine.insight.range_test import RangeTest, same_trial
from engine.insight.rate_curve import FEWEST_STEPS, smoothed_losses
from engine.optimizers import OPTIMIZERS
from engine.training.checkpoint import capture
from tests.engine.training.runs import bits, dense, experiment, finish, take, trainer, with_training


def result_of(run, **options):
    test = RangeTest(run, **options)
    for _ in test:
        pass
    return test.result()


def quadratic():
    """Linear regression on all examples at once: the loss is a quadratic function of three parameters."""
    rows = trainer(experiment([], {"source": "plane"})).dataset.training.rows_count
    settings = experiment(
        [],
        {"source": "plane"},
        optimizer={"kind": "sgd", "learning_rate": 0.1},
        batch_size=rows,
        shuffle=False,
        precision="float64",
    )
    run = trainer(settings)
    part = run.dataset.training
    inputs = np.column_stack([part.inputs, np.ones(rows)])
    return run, inputs, part.targets[:, 0]


def limit_of(inputs):
    """Gradient descent on a quadratic is stable up to 2 / (largest eigenvalue of its Hessian)."""
    return 2 / np.linalg.eigvalsh(2 / len(inputs) * inputs.T @ inputs).max()


def test_on_a_quadratic_every_loss_is_known():
    run, inputs, targets = quadratic()
    result = result_of(run)
    weights, losses = run.network.parameters.copy(), []
    for rate in result.rates:
        missing = inputs @ weights - targets
        losses.append((missing**2).mean())
        weights -= rate * 2 / len(targets) * inputs.T @ missing
    # Beyond the limit rounding grows as the rest does.
    stable = result.rates < limit_of(inputs)
    assert stable.sum() > 100
    np.testing.assert_allclose(result.losses[stable], np.array(losses)[stable], rtol=1e-9)
    assert 0.5 * limit_of(inputs) < result.rates[result.losses.argmin()] < 2 * limit_of(inputs)
    assert limit_of(inputs) / 100 < result.suggestion < limit_of(inputs) / 2
    assert result.stop == "exploded"
    assert f"at a rate of {result.breaking_rate:.2g}: the loss exploded" in result.stop_reason


def test_below_the_limit_of_a_quadratic_nothing_breaks_and_beyond_it_soon():
    run, inputs, _ = quadratic()
    limit = limit_of(inputs)
    below = result_of(run, low=limit / 100, high=0.999 * limit)
    assert (below.stop, below.breaking_rate) == ("done", None)
    assert below.losses.max() == below.losses[0]
    # From r times the limit on, the error along the steepest axis grows by 2 r − 1 in each step, that is
    # above 1.4; the loss, its square, is then above four times any other within a few.
    beyond = result_of(run, low=1.2 * limit, high=10 * limit)
    assert beyond.stop == "exploded"
    assert len(beyond.rates) < 20
    assert beyond.suggestion is None


def test_rates_rise_in_equal_ratios_whatever_the_run_does_to_its_own():
    # Five batches of an epoch make three steps; schedule and warm-up are off.
    settings = experiment(
        batch_size=18,
        accumulate_batches=2,
        schedule="cosine",
        warmup_steps=50,
        early_stopping={"patience": 1},
    )
    run = trainer(settings)
    assert run.steps_per_epoch == 3
    result = result_of(run, low=1e-5, high=0.1, steps=41)
    assert result.stop == "done"
    np.testing.assert_allclose(result.rates, np.geomspace(1e-5, 0.1, 41), rtol=1e-12)
    assert len(result.losses) == len(result.smoothed) == 41


NETWORKS = {
    "plain": [dense(8), dense(8)],
    "random": [dense(8), {"kind": "batch_norm"}, {"kind": "dropout", "rate": 0.3}],
}


@pytest.mark.parametrize("start", ["fresh", "present"])
@pytest.mark.parametrize("layers", NETWORKS.values(), ids=NETWORKS)
def test_the_run_stays_as_it_is_and_goes_on_as_if_nothing_had_been(layers, start):
    run = take(trainer(experiment(layers, epochs=4)), 9)
    before = capture(run)
    result_of(run, start=start)
    after = capture(run)
    assert bits(before) == bits(after)
    assert before.numbers == after.numbers
    never_tested = finish(trainer(experiment(layers, epochs=4)))
    assert finish(run).network.parameters.tobytes() == never_tested.network.parameters.tobytes()


def test_a_test_can_be_repeated():
    test = RangeTest(trainer(experiment(NETWORKS["random"])))
    found = []
    for _ in range(2):
        assert list(test)[-1] == len(test.result().losses)
        found.append(test.result().losses)
    np.testing.assert_array_equal(*found)


def test_it_begins_where_it_is_asked_to():
    settings = experiment(batch_size=84, optimizer={"kind": "adam", "learning_rate": 0.02}, epochs=60)
    run = finish(trainer(settings))
    learned = run.evaluate("training").loss
    present, fresh = (result_of(run, start=start, low=1e-9, high=1e-8) for start in ("present", "fresh"))
    assert present.losses[0] == pytest.approx(learned, rel=1e-6)
    assert fresh.losses[0] == run.history.steps.read("loss")[0]
    assert present.losses[0] < 0.9 * fresh.losses[0]


def test_with_an_average_the_present_weights_are_those_that_steps_change():
    settings = experiment(
        batch_size=84, weight_averaging=0.99, epochs=30, optimizer={"kind": "adam", "beta1": 0.5}
    )
    run = finish(trainer(settings))
    trained = run.weights.trained.parameters.copy()
    assert not np.array_equal(trained, run.network.parameters)
    steps = RangeTest(run, start="present", low=1e-12, high=1e-11)
    next(iter(steps))
    np.testing.assert_allclose(steps._trial.network.parameters, trained, rtol=1e-5)


def test_momenta_are_taken_over():
    run = take(trainer(experiment(optimizer={"kind": "momentum", "learning_rate": 0.1})), 5)
    velocity = run.updater.slots["velocity"].copy()
    test = RangeTest(run, start="present", low=1e-12, high=1e-11)
    next(iter(test))
    gradient = test._trial.network.gradients
    np.testing.assert_allclose(
        test._trial.updater.slots["velocity"], 0.9 * velocity + gradient, rtol=1e-5, atol=1e-7
    )


def test_cancelled_it_tells_what_it_has():
    run = trainer(experiment())
    test = RangeTest(run)
    assert test.result().stop == "cancelled"
    for taken in test:
        if taken == 10:
            break
    result = test.result()
    assert result.stop == "cancelled"
    assert result.stop_reason == "Cancelled after 10 of 200 steps."
    assert len(result.rates) == len(result.losses) == len(result.smoothed) == 10
    assert result.suggestion is None


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_every_optimizer_is_tested_or_refused_with_a_sentence(kind):
    run = trainer(experiment(optimizer=kind()))
    if kind.needs_full_batch:
        with pytest.raises(UserError, match="searches for the length of each step itself"):
            RangeTest(run)
        return
    result = result_of(run)
    usual = kind().learning_rate
    assert result.rates[0] == pytest.approx(usual / 1e4)
    assert np.isfinite(result.losses).all()
    assert (np.diff(result.rates) > 0).all()
    assert result.set_rate == usual
    if result.suggestion is not None:
        assert min(result.steepest, result.tenth) <= result.suggestion <= max(result.steepest, result.tenth)
        assert f"{result.suggestion:.2g}"[:3] in result.advice


@pytest.mark.parametrize("name", ["iris", "moons", "diabetes"])
def test_the_suggestion_learns_and_the_breaking_rate_does_not(name):
    settings = with_training(preset(name), optimizer={"kind": "sgd"}, epochs=10, early_stopping=None)
    result = result_of(trainer(settings))
    assert result.stop == "exploded"

    def loss_with(rate):
        run = finish(trainer(with_training(settings, optimizer={"kind": "sgd", "learning_rate": rate})))
        return run.history.epochs.read("training_loss")[-1] if run.epoch == 10 else np.inf

    suggested = loss_with(result.suggestion)
    assert suggested < 0.75 * result.losses[0]
    assert suggested < loss_with(result.suggestion / 100)
    assert suggested < loss_with(2 * result.breaking_rate)


def test_a_rate_that_breaks_is_told():
    settings = experiment([], {"source": "plane"}, optimizer={"kind": "sgd", "learning_rate": 10.0})
    result = result_of(trainer(settings))
    assert result.set_rate_breaks
    assert not result_of(trainer(with_training(settings, optimizer="sgd"))).set_rate_breaks


def test_numbers_that_are_not_finite_end_it():
    layers = [dense(4, "relu", initializer={"kind": "constant", "value": 1000.0}) for _ in range(9)]
    result = result_of(trainer(experiment(layers, {"source": "plane"})))
    assert result.stop == "not finite"
    assert result.stop_reason.startswith("Stopped before the first step")
    assert len(result.losses) == 0
    assert result.suggestion is None
    assert result.breaking_rate is None
    assert "starting weights" in result.advice


def test_nothing_is_suggested_where_the_loss_does_not_fall():
    run, _, _ = quadratic()
    run.change(with_training(run.experiment, epochs=400))
    result = result_of(finish(run), start="present", high=0.1)
    assert result.suggestion is None
    assert "has learned what these batches can teach it" in result.advice


@pytest.mark.parametrize(
    "options",
    [{"low": 0.0}, {"low": 1.0, "high": 0.1}, {"high": 2000.0}, {"low": -1.0}, {"steps": FEWEST_STEPS - 1}],
)
def test_ranges_that_are_none(options):
    with pytest.raises(UserError, match="Range test: expected"):
        RangeTest(trainer(experiment()), **options)


def test_smoothing_keeps_what_is_level_and_moves_nothing():
    np.testing.assert_allclose(smoothed_losses(np.full(30, 2.5), 0.8), 2.5)
    dip = 1 - np.exp(-0.5 * ((np.arange(61) - 30) / 4) ** 2)
    assert smoothed_losses(dip, 0.8).argmin() == 30


def test_an_explosion_does_not_reach_back():
    losses = np.append(np.linspace(1, 0.5, 60), [1e20, 1e30])
    assert smoothed_losses(losses, 0.8)[:40].max() < 1.1


def test_the_suggested_rate_is_the_one_of_the_advice():
    result = result_of(trainer(experiment()))
    assert result.suggested_rate == float(f"{result.suggestion:.2g}")
    assert f"about {result.suggested_rate:g};" in result.advice
    assert result.lowest == pytest.approx(10 * result.tenth)
    assert f"fastest at {result.steepest:.2g}; a tenth" in result.readings_sentence


def test_which_settings_a_range_test_depends_on():
    base = experiment()
    optimizer = base.training.optimizer.replace(learning_rate=0.5)
    assert same_trial(base, with_training(base, epochs=3, warmup_steps=7, optimizer=optimizer.model_dump()))
    assert same_trial(base, base.replace(name="Another"))
    assert not same_trial(base, with_training(base, l2=0.01))
    assert not same_trial(base, with_training(base, optimizer={"kind": "momentum"}))
