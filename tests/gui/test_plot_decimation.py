"""Decimation against brute force: what is shown was recorded, and no spike, no end, no gap is lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.training.history import CHUNK_ROWS, Record
from gui.panels.plots.decimate import Sampler, column_width
from gui.panels.plots.pyramid import BLOCK, FANOUT, FINITE, GAPS, HIGH, LOW, TOTAL, X_HIGH, X_LOW, Pyramid

ALL = 10**12
"""More values than any record here has: catch up in one go."""


def record_of(x: np.ndarray, y: np.ndarray) -> Record:
    record = Record(["epoch", "loss"])
    for row in zip(x.tolist(), y.tolist(), strict=True):
        record.append(row)
    return record


@st.composite
def runs(draw) -> tuple[np.ndarray, np.ndarray]:
    """A run whose steps lie close together here and far apart there, with spikes and values not finite."""
    count = draw(st.integers(1, 3000))
    seed = np.random.default_rng(draw(st.integers(0, 2**32)))
    paces = seed.choice([0.0, 1e-4, 0.01, 1.0], size=-(-count // 97)).repeat(97)[:count]
    x = np.cumsum(np.maximum(paces * seed.random(count), 1e-9))
    y = seed.normal(size=count)
    y[seed.random(count) < draw(st.sampled_from([0, 0, 0.01, 0.5]))] = np.nan
    y[seed.random(count) < 0.002] = np.inf
    y[seed.random(count) < 0.003] *= 1e6
    return x, y


@settings(max_examples=60)
@given(runs(), st.integers(20, 400), st.tuples(st.floats(0, 1), st.floats(0, 1)), st.integers(1, 4000))
def test_extremes_are_recorded_points_and_hide_none(run, points, window, values):
    x, y = run
    low, high = sorted(float(x[-1] * share) for share in window)
    sampler = Sampler(record_of(x, y), "epoch", ["loss"])
    while not sampler.catch_up(values):
        pass
    look = sampler.look(low, high, points)
    shown_x, shown_y = look.extremes("loss")
    finite = np.isfinite(shown_y)
    recorded = set(zip(x.tolist(), y.tolist(), strict=True))

    assert set(zip(shown_x[finite].tolist(), shown_y[finite].tolist(), strict=True)) <= recorded
    assert (np.diff(shown_x) >= 0).all()

    start = max(int(np.searchsorted(x, low)) - 1, 0)
    stop = min(int(np.searchsorted(x, high, side="right")) + 1, len(x))
    assert look.rows == stop - start
    assert (shown_x[0], shown_x[-1]) == (x[start], x[stop - 1])

    width = column_width(low, high, points // 2) if stop - start > points else 0.0
    for row in range(start, stop):
        if np.isfinite(y[row]):
            near = shown_y[finite & (np.abs(shown_x - x[row]) <= 2 * width)]
            assert near.min() <= y[row] <= near.max()
    if stop - start > points:
        columns = points // 2 + 4
        assert finite.sum() <= 2 * columns + 2
        assert len(shown_x) <= 3 * columns + 2
    elif np.isfinite(y[start:stop]).all():
        assert shown_y.tolist() == y[start:stop].tolist()


@settings(max_examples=40)
@given(runs(), st.integers(1, 60))
def test_means_are_those_of_the_values(run, bins):
    x, y = run
    sampler = Sampler(record_of(x, y), "epoch", ["loss"])
    sampler.catch_up(ALL)
    width = column_width(0.0, float(x[-1]), bins)
    look = sampler.look(0.0, float(x[-1]), len(x) + 1)  # every row is a node, so that bins are exact
    middles, means = look.means("loss", width)
    assert (middles[0], middles[-1]) == (x[0], x[-1])
    bin_of_row = np.floor(x / width)
    numbers = np.unique(bin_of_row)
    merged = len(means) - 2 < len(numbers)
    for place, number in enumerate(numbers[: len(numbers) - 2 * merged]):
        inside = y[bin_of_row == number]
        inside = inside[np.isfinite(inside)]
        expected = inside.mean() if len(inside) else np.nan
        np.testing.assert_allclose(means[1 + place], expected, rtol=1e-9)


@settings(max_examples=40)
@given(arrays.arrays(np.float64, st.integers(1, 40).map(lambda n: n * BLOCK)), st.data())
def test_every_level_of_the_pyramid_sums_its_rows_up(y, data):
    x = np.arange(len(y)) / 7
    pyramid, taken = Pyramid(), 0
    while taken < len(y):
        more = data.draw(st.integers(1, (len(y) - taken) // BLOCK)) * BLOCK
        pyramid.append(x[taken : taken + more], y[taken : taken + more])
        taken += more
    assert pyramid.gaps == np.count_nonzero(~np.isfinite(y))
    for level, size in enumerate((BLOCK, BLOCK * FANOUT)):
        blocks = np.arange(len(y) // size)
        if not len(blocks):
            continue
        found = pyramid.summaries(level, blocks)
        for block in blocks:
            rows = slice(block * size, (block + 1) * size)
            finite = np.isfinite(y[rows])
            inside = y[rows][finite]
            assert found[FINITE, block] == len(inside)
            assert found[GAPS, block] == size - len(inside)
            if len(inside):
                assert (found[LOW, block], found[HIGH, block]) == (inside.min(), inside.max())
                assert found[X_LOW, block] == x[rows][finite][inside.argmin()]
                assert found[X_HIGH, block] == x[rows][finite][inside.argmax()]
                with np.errstate(over="ignore"):
                    size_of_all = abs(inside).sum()
                # What cancels leaves the rounding of the largest; past the largest number there is no sum.
                if np.isfinite(size_of_all):
                    assert abs(found[TOTAL, block] - inside.sum()) <= 1e-12 * size_of_all


def test_a_single_spike_in_a_long_run_is_shown():
    y = np.ones(100_000)
    y[61_803] = 1000.0
    sampler = Sampler(record_of(np.arange(1, 100_001) / 1000, y), "epoch", ["loss"])
    sampler.catch_up(ALL)
    x, shown = sampler.look(0.0, 100.0, 600).extremes("loss")
    assert shown.max() == 1000.0
    assert x[shown.argmax()] == 61.804
    assert len(x) < 640


def test_steps_that_become_rare_are_shown_one_by_one():
    # A thousand steps an epoch, then (batch size changed) two: the new ones are not one block of pixels.
    x = np.concatenate([np.arange(1, 50_001) / 1000, 50 + np.arange(1, 101) / 2])
    y = np.sin(x)
    sampler = Sampler(record_of(x, y), "epoch", ["loss"])
    sampler.catch_up(ALL)
    shown_x, _ = sampler.look(0.0, 100.0, 600).extremes("loss")
    assert set(x[50_000:].tolist()) <= set(shown_x.tolist())


class CountingRecord(Record):
    """Counts what is read of it."""

    rows_read = 0

    def read(self, column, start=0, stop=None):
        found = super().read(column, start, stop)
        self.rows_read += len(found)
        return found


@pytest.mark.parametrize("steps", [20_000, 200_000])
def test_a_frame_reads_what_is_new_and_a_bounded_rest(steps):
    record = CountingRecord(["epoch", "loss"])
    for step in range(steps):
        record.append((step / 100, float(step % 7)))
    sampler = Sampler(record, "epoch", ["loss"])
    sampler.catch_up(ALL)
    record.rows_read = 0
    for step in range(steps, steps + 100):
        record.append((step / 100, float(step % 7)))
    sampler.catch_up(ALL)
    sampler.look(0.0, (steps + 100) / 100, 600).extremes("loss")
    assert record.rows_read < 1000


def test_catching_up_takes_no_more_than_its_share_of_a_frame():
    record = record_of(np.arange(20_000) / 10, np.zeros(20_000))
    sampler = Sampler(record, "epoch", ["loss"])
    assert not sampler.catch_up(10_000)
    assert 0 < sampler.count <= 10_000
    x, _ = sampler.look(0.0, 2000.0, 100).extremes("loss")
    assert x[-1] == (sampler.count - 1) / 10
    while not sampler.catch_up(10_000):
        pass
    assert sampler.count == 20_000


@pytest.mark.parametrize("count", [1, 15, 16, 17, CHUNK_ROWS + 3])
def test_the_nearest_row_is_found_at_every_place(count):
    x = np.cumsum(np.random.default_rng(3).random(count))
    sampler = Sampler(record_of(x, x), "epoch", ["loss"])
    sampler.catch_up(ALL)
    for wanted in np.linspace(-1.0, x[-1] + 1.0, 57):
        assert sampler.nearest(wanted) == np.abs(x - wanted).argmin()


def test_gaps_are_counted_in_blocks_and_in_the_tail():
    y = np.zeros(100)
    y[[3, 50, 99]] = np.nan, np.inf, -np.inf
    sampler = Sampler(record_of(np.arange(100.0), y), "epoch", ["loss"])
    sampler.catch_up(ALL)
    assert sampler.gaps("loss") == 3
    shown = sampler.look(0.0, 99.0, 1000).extremes("loss")[1]
    assert np.flatnonzero(np.isnan(shown)).tolist() == [3, 50, 99]


@pytest.mark.parametrize("rows", [BLOCK, BLOCK * FANOUT, 2294 // BLOCK * BLOCK, BLOCK * FANOUT**3])
def test_all_levels_are_there_after_rows_that_came_at_once(rows):
    at_once, one_by_one = Pyramid(), Pyramid()
    x, y = np.arange(float(rows)), np.sin(np.arange(float(rows)))
    at_once.append(x, y)
    for start in range(0, rows, BLOCK):
        one_by_one.append(x[start : start + BLOCK], y[start : start + BLOCK])
    level = 0
    while (blocks := rows // (BLOCK * FANOUT**level)) > 0:
        places = np.arange(blocks)
        found = at_once.summaries(level, places)
        assert found.tolist() == one_by_one.summaries(level, places).tolist()
        assert found[HIGH].max() == y[: blocks * BLOCK * FANOUT**level].max()
        level += 1


def test_a_run_whose_steps_crowd_in_one_place_is_drawn():
    """A run that stood at one epoch for over a thousand steps, seen from far."""
    x = np.concatenate([np.arange(2000) * 1e-9, np.linspace(1, 300, 294)])
    sampler = Sampler(record_of(x, np.sin(x)), "epoch", ["loss"])
    assert sampler.catch_up(ALL)
    shown_x, _ = sampler.look(0.0, 300.0, 20).extremes("loss")
    assert (shown_x[0], shown_x[-1]) == (x[0], x[-1])
