"""Distributions of a layer's numbers, now and over the run, against NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.files.run_file import captured_run
from engine.insight.distributions import (
    LEVELS,
    MOST_SNAPSHOTS,
    DistributionRecord,
    DistributionsQuery,
    HistogramsQuery,
    histogram,
    record_of,
    values_of,
)
from tests.engine.training.runs import bits, dense, experiment, finish, take, trainer

ANYTHING = st.one_of(st.floats(-3, 3), st.floats(allow_nan=True, allow_infinity=True, width=32))


@given(arrays(np.float32, st.integers(1, 400), elements=ANYTHING))
def test_every_value_is_in_a_bin_beyond_an_end_or_not_finite(values):
    found = histogram(values)
    finite = values[np.isfinite(values)].astype(np.float64)
    low, high = found.edges[0], found.edges[-1]
    assert low < high
    assert found.non_finite == len(values) - len(finite)
    assert found.below == np.count_nonzero(finite < low)
    assert found.above == np.count_nonzero(finite > high)
    assert found.counts.sum() + found.below + found.above == len(finite)
    if len(finite):
        assert (found.quantiles[0], found.quantiles[-1]) == (finite.min(), finite.max())
        # At most a hundredth at either end.
        assert max(found.below, found.above) <= 0.01 * len(finite) + 1 or low == -high


def test_counts_are_those_of_numpy():
    values = np.random.default_rng(0).normal(size=200_000).astype(np.float32)
    values[:3] = 50.0, -70.0, np.nan
    found = histogram(values)
    finite = values[np.isfinite(values)].astype(np.float64)
    inside = finite[(finite >= found.edges[0]) & (finite <= found.edges[-1])]
    # A value on an edge may be rounded to the bin beside it.
    assert found.counts == pytest.approx(np.histogram(inside, found.edges)[0], abs=2)
    assert found.edges[-1] == -found.edges[0] < 12.0
    # The range is that of 20,000 of them, of which a few of the others lie a little outside.
    assert found.non_finite == 1
    assert 1 <= found.below == np.count_nonzero(finite < found.edges[0]) < 10
    assert 1 <= found.above == np.count_nonzero(finite > found.edges[-1]) < 10
    assert found.mean == pytest.approx(finite.mean(), abs=1e-12)
    assert found.std == pytest.approx(finite.std(), rel=1e-9)
    assert found.quantiles[1:-1] == pytest.approx(np.quantile(finite, LEVELS[1:-1]), abs=0.05)


def test_values_of_one_sign_have_a_range_of_their_own():
    """Of a ReLU or a sigmoid, half of a symmetric range would be empty."""
    found = histogram(np.linspace(0.2, 0.8, 1000))
    assert (found.edges[0], found.edges[-1]) == pytest.approx((0.2, 0.8))
    assert (histogram(np.zeros(5)).edges[0], histogram(np.full(5, 2.0)).edges[-1]) == (-1.0, 2.0)


def test_quantities_are_those_of_the_network():
    run = take(trainer(experiment([dense(6), "batch_norm", dense(5)], epochs=3)), 7)
    network = run.network
    weights, biases = values_of(run, "weights"), values_of(run, "biases")
    assert list(weights) == [0, 2, 3]
    np.testing.assert_array_equal(weights[2], network.parameter_views[2]["weight"].ravel())
    np.testing.assert_array_equal(biases[2], network.parameter_views[2]["bias"].ravel())
    assert len(biases[1]) == 12, "scale and shift of batch normalization are no weights"
    np.testing.assert_array_equal(values_of(run, "gradients")[0], network.gradient_views[0]["weight"].ravel())
    rows = np.linspace(0, run.dataset.training.rows_count - 1, 84).astype(int)
    outputs = run.evaluator.outputs(run.dataset.training.inputs[rows])
    np.testing.assert_allclose(values_of(run, "activations")[3], outputs.ravel(), rtol=1e-5)


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_a_record_keeps_the_first_and_the_last_and_thins_what_is_between():
    run, clock = trainer(experiment(epochs=1000)), Clock()
    record = DistributionRecord(clock)
    for _ in range(3 * MOST_SNAPSHOTS):
        record.observe(run)
        take(run, 1)
        clock.now += 1.0
    record.observe(run)
    steps = [snapshot.step for snapshot in record.snapshots("weights")]
    assert steps[0] == 0
    assert steps[-1] == run.step == 3 * MOST_SNAPSHOTS
    assert len(steps) <= MOST_SNAPSHOTS
    assert steps == sorted(set(steps))
    # There is no gradient before the first step.
    assert record.snapshots("gradients")[0].step > 0


def test_updates_are_the_mean_change_of_a_weight_per_step():
    run, clock = trainer(experiment(epochs=10)), Clock()
    record = DistributionRecord(clock)
    before = run.network.parameter_views[0]["weight"].copy()
    record.observe(run)
    take(run, 4)
    clock.now += 1.0
    record.observe(run)
    change = (run.network.parameter_views[0]["weight"] - before) / 4
    (snapshot,) = record.snapshots("updates")
    assert snapshot.layers[0].histogram.mean == pytest.approx(float(change.mean(dtype=np.float64)), rel=1e-4)
    assert snapshot.layers[0].histogram.largest == pytest.approx(float(np.abs(change).max()), rel=1e-6)


def test_a_record_takes_a_hundredth_of_the_time_at_most():
    run = trainer(experiment(epochs=1000))
    clock = Clock()

    def ticking():
        # Each reading of the clock takes a second, so that a snapshot costs one.
        clock.now += 1.0
        return clock.now

    record = DistributionRecord(ticking)
    for _ in range(500):
        record.observe(run)
        take(run, 1)
    assert len(record.snapshots("weights")) == pytest.approx(500 / 100, abs=2)


def test_a_run_that_is_recorded_has_the_bits_of_one_that_is_not():
    settings = experiment([dense(6), {"kind": "dropout", "rate": 0.3}, dense(5)], epochs=2)
    alone, recorded = finish(trainer(settings)), trainer(settings)
    record = DistributionRecord(Clock())
    for _ in recorded.run():
        record.observe(recorded)
    assert bits(captured_run(recorded).state) == bits(captured_run(alone).state)


def test_queries_give_what_the_record_of_the_run_holds():
    run = trainer(experiment(epochs=10))
    assert DistributionsQuery("weights").answer(run) == ()
    record_of(run).observe(run)
    assert HistogramsQuery("updates").answer(run) == ()
    (snapshot,) = DistributionsQuery("activations").answer(run)
    assert [layer.name for layer in snapshot.layers] == ["Dense 1", "Dense 2", "Output"]


def test_numbers_whose_squares_are_too_large_are_counted():
    found = histogram(np.array([1e300, -1e300, 1.0]))
    assert (found.non_finite, found.largest) == (0, 1e300)
