"""The range of an upright axis: what it holds, what it counts as outside, and the room of the middle."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.training.history import History
from gui.kit import scales
from gui.panels.plots.line_plots import LossPlot
from tests.gui.plot_runs import shown_plot

NUMBERS = st.floats(0.01, 10.0)
SPIKES = st.one_of(NUMBERS, NUMBERS, NUMBERS, st.floats(1e3, 1e12), st.just(np.nan), st.just(np.inf))


@pytest.fixture
def losses(qtbot):
    """A plot, and a way to have it show a run with these losses."""
    plot = shown_plot(qtbot, LossPlot)

    def show(values):
        history = History({}, ())
        for step, loss in enumerate(values, 1):
            history.steps.append([step / 10, loss, 0.0, 0.01, 1.0, np.nan])
        plot.show_history(history)
        plot.refresh()
        return plot

    return show


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(values=st.lists(SPIKES, min_size=1, max_size=300), logarithmic=st.booleans(), every=st.booleans())
def test_every_finite_value_is_inside_or_counted(losses, values, logarithmic, every):
    plot = losses(values)
    plot.log_action.setChecked(logarithmic)
    plot.all_action.setChecked(every)
    plot.redraw()
    (low, high), outside = plot.canvas.pane.y_range, plot.edge_marks.outside
    finite = np.array([value for value in values if np.isfinite(value)])
    heights = np.log10(finite) if logarithmic else finite
    assert outside.above == np.count_nonzero(heights > high)
    assert outside.below == np.count_nonzero(heights < low)
    if outside.above:
        assert outside.highest == pytest.approx(finite.max())
    if every:
        assert outside.above == outside.below == 0


@given(st.lists(st.one_of(NUMBERS, st.floats(1e3, 1e9), st.floats(-1e9, -1e3)), min_size=50, max_size=300))
def test_the_middle_has_a_quarter_of_the_range_at_least(values):
    low, high = scales.robust_range(np.array(values))
    middle = np.quantile(values, 0.98, method="lower") - np.quantile(values, 0.02, method="higher")
    assert low <= high
    assert high - low <= 4 * abs(middle) * (1 + 1e-9) or middle == 0


def test_a_few_values_are_all_shown_unless_one_is_far_out():
    assert scales.robust_range(np.array([0.9, 0.5, 0.4, 0.3, 0.2])) == (0.2, 0.9)
    assert scales.robust_range(np.array([1000.0, 0.5, 0.4, 0.35, 0.3])) == (0.3, 0.5)


def test_each_line_keeps_its_own_middle():
    """Ten epochs of validation are not outliers of a thousand steps of training."""
    training, validation = np.full(1000, 0.1), np.linspace(2.0, 3.0, 10)
    low, high = scales.linear_range([training, validation], robust=True)
    assert low == 0.0
    assert high > 3.0


def test_spikes_of_a_long_run_do_not_count_for_more_than_they_are(losses):
    """Each column of pixels draws its extremes, so that every spike is seen: as values they are few."""
    rng = np.random.default_rng(1)
    values = rng.uniform(0.4, 0.5, 20_000)
    values[rng.choice(20_000, 100, replace=False)] = 50.0
    plot = losses(values)
    assert plot.canvas.pane.y_range[1] < 1.0
    assert plot.edge_marks.outside.above == 100
