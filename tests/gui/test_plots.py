"""What holds for every live plot, the tables that they save, and the histograms of weights."""

import csv
import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from engine.errors import UserError
from engine.insight.distributions import DistributionsQuery, HistogramsQuery
from engine.progress import Cancelled, Progress
from engine.training.history import History
from gui.kit import theme
from gui.panels import PANELS
from gui.panels.plots.chart import Chart
from gui.panels.plots.export import NUMBERS_AT_ONCE, history_table
from gui.panels.plots.line_plots import GradientNormPlot, LossPlot
from gui.panels.plots.weight_histograms import WeightHistogramsPlot
from tests.gui.conftest import flush_deferred_deletes, picture
from tests.gui.contexts import panel_context
from tests.gui.plot_runs import answers_of, run_of, train

PLOTS = [kind for kind in PANELS if kind.spec.place == "plots"]


@pytest.fixture
def show(qtbot):
    """Make a plot that shows a run, 340 × 220 pixels unless told otherwise."""

    def make(kind, history=None, answers=None, size=(340, 220)):
        plot = kind(panel_context())
        qtbot.addWidget(plot)
        plot.resize(*size)
        plot.show()
        plot.show_history(history)
        plot.refresh(answers)
        QApplication.processEvents()
        return plot

    return make


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def save(plot, path: Path) -> None:
    """As a job does."""
    plot.writing(path)(Progress())


# --- all of them ------------------------------------------------------------


def test_three_of_them_stand_in_the_live_column_at_first():
    at_first = [kind.spec.id for kind in PLOTS if kind.spec.shown_at_first]
    assert at_first == [
        "loss",
        "gradient_norm",
        "weight_histograms",
    ]


@pytest.mark.parametrize("kind", PLOTS, ids=lambda kind: kind.spec.id)
def test_every_plot_declares_itself_and_has_a_sentence_before_the_first_run(kind, show):
    theme.icon(kind.spec.icon)
    assert kind.spec.title
    assert kind.spec.description.endswith(".")
    plot = show(kind)
    assert plot.sentence.endswith(".")
    assert plot.accessibleName() == kind.spec.title


@pytest.mark.parametrize("kind", PLOTS, ids=lambda kind: kind.spec.id)
def test_every_plot_shows_saves_and_forgets_a_run(kind, show, tmp_path):
    plot = show(kind, run_of(), answers_of(np.linspace(-1, 1, 50)))
    assert plot.sentence == ""
    for suffix in ("png", "svg", "csv"):
        save(plot, tmp_path / f"{kind.spec.id}.{suffix}")
    assert QImage(str(tmp_path / f"{kind.spec.id}.png")).width() >= 2 * 320
    vectors = (tmp_path / f"{kind.spec.id}.svg").read_text()
    assert "<image" not in vectors
    assert "<text" in vectors
    assert len(rows_of(tmp_path / f"{kind.spec.id}.csv")) > 1
    plot.clear()
    assert plot.sentence


@pytest.mark.parametrize("kind", PLOTS, ids=lambda kind: kind.spec.id)
def test_every_plot_takes_the_other_theme(kind, show):
    plot = show(kind, run_of(), answers_of(np.linspace(-1, 1, 50)))
    light = picture(plot)
    theme.apply(QApplication.instance(), "dark")
    QApplication.processEvents()
    dark = picture(plot)
    corner = (170, 110)
    assert light != dark
    if isinstance(plot, Chart):
        assert plot.canvas.backgroundBrush().color().name().upper() == theme.DARK.surface
        for item in plot.items:
            assert item.curve.opts["pen"].color().name().upper() == item.line.colour(theme.DARK).upper()
    assert dark.pixelColor(*corner).lightness() < light.pixelColor(*corner).lightness()


@pytest.mark.parametrize("kind", PLOTS, ids=lambda kind: kind.spec.id)
def test_a_late_snapshot_for_a_deleted_plot_does_nothing(kind, qapp):
    plot = kind(panel_context())
    plot.show()
    plot.show_history(run_of())
    plot.refresh(answers_of(np.ones(4)))
    plot.deleteLater()
    flush_deferred_deletes()
    plot.refresh(answers_of(np.ones(4)))
    theme.apply(QApplication.instance(), "dark")


@pytest.mark.parametrize("kind", PLOTS, ids=lambda kind: kind.spec.id)
def test_what_cannot_be_written_is_said_and_leaves_nothing(kind, show, tmp_path):
    plot = show(kind, run_of(), answers_of(np.ones(4)))
    for suffix in ("png", "svg", "csv"):
        with pytest.raises(UserError, match="Nothing was changed"):
            save(plot, tmp_path / "nowhere" / f"x.{suffix}")
    assert not list(tmp_path.iterdir())


# --- tables ------------------------------------------------------------


def test_the_table_of_the_loss_holds_every_number_exactly(show, tmp_path):
    history = run_of(epochs=30, steps_per_epoch=100, penalty=1 / 3)
    plot = show(LossPlot, history)
    save(plot, tmp_path / "loss.csv")
    rows = rows_of(tmp_path / "loss.csv")
    assert [int(row["step"]) for row in rows] == list(range(1, 3001))
    for column in ("epoch", "loss", "penalty"):
        assert [float(row[column]) for row in rows] == history.steps.read(column).tolist()
    for column in ("validation_loss", "training_loss"):
        assert [float(row[column]) for row in rows if row[column]] == history.epochs.read(column).tolist()
    assert [int(row["step"]) for row in rows if row["validation_loss"]] == list(range(100, 3001, 100))


def test_layers_are_called_by_their_names_in_the_table(show, tmp_path):
    history = run_of()
    save(show(GradientNormPlot, history), tmp_path / "norms.csv")
    rows = rows_of(tmp_path / "norms.csv")
    assert [float(row["gradient_norm/Output"]) for row in rows] == history.steps.read(
        "gradient_norm/2"
    ).tolist()


def test_a_table_is_that_of_the_moment_though_it_is_written_later_on_another_thread(show, tmp_path):
    history = run_of(epochs=30, steps_per_epoch=100)
    writing = show(LossPlot, history).writing(tmp_path / "loss.csv")
    train(history, epochs=30, steps_per_epoch=100)
    thread = threading.Thread(target=writing, args=(Progress(),))
    thread.start()
    thread.join()
    rows = rows_of(tmp_path / "loss.csv")
    assert [int(row["step"]) for row in rows] == list(range(1, 3001))
    assert sum(bool(row["validation_loss"]) for row in rows) == 30


def test_so_is_the_table_of_histograms(show, tmp_path):
    plot = show(WeightHistogramsPlot, run_of(), answers_of(np.ones(4)))
    writing = plot.writing(tmp_path / "weights.csv")
    plot.clear()
    writing(Progress())
    assert sum(int(row["count"]) for row in rows_of(tmp_path / "weights.csv")) == 4


def test_writing_a_table_reports_how_far_it_is_and_a_cancel_leaves_the_old_file(show, tmp_path):
    path = tmp_path / "loss.csv"
    path.write_text("old")
    fractions = []

    class Cancelling(Progress):
        def check(self):
            fractions.append(self.fraction)
            if (self.fraction or 0) > 0.5:
                self.cancel()
            super().check()

    with pytest.raises(Cancelled):
        show(LossPlot, run_of(epochs=300, steps_per_epoch=100)).writing(path)(Cancelling())
    assert len(fractions) > 5
    assert fractions[-1] < 0.8
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_wide_table_is_made_in_pieces_as_short_as_those_of_a_narrow_one():
    """While a piece is made into text, the window's thread waits."""
    history = History({index: f"Dense {index}" for index in range(60)}, ("accuracy",))
    history.steps.extend([np.ones(1000)] * len(history.steps.columns))
    table = history_table(history, history.steps.columns[1:], ())
    pieces = list(table.pieces)
    assert len(pieces) == table.count
    assert max(piece.count(",") + piece.count("\n") for piece in pieces) <= NUMBERS_AT_ONCE
    assert sum(piece.count("\n") for piece in pieces) == 1001


# --- histograms ------------------------------------------------------------


def test_histograms_ask_for_what_they_show_and_survive_values_that_are_not_finite(show):
    weights = np.append(np.random.default_rng(0).normal(size=200), [np.nan, np.inf, 40.0])
    plot = show(WeightHistogramsPlot, run_of(), answers_of(weights, np.zeros(5)))
    assert set(plot.queries()) == {HistogramsQuery("weights"), DistributionsQuery("weights")}
    picture(plot)
    assert [name for name, _ in plot.rows.layers] == ["Dense 1", "Dense 2"]
    plot.show_what("gradients")
    assert set(plot.queries()) == {HistogramsQuery("gradients"), DistributionsQuery("gradients")}
    assert plot.title.title == "Weights"
    plot.refresh(answers_of(weights, np.zeros(5)))
    assert plot.title.title == "Gradients"
    assert plot.rows.layers[0][1].largest == pytest.approx(4.0)


def test_negative_bars_are_orange_and_positive_ones_blue(show):
    plot = show(WeightHistogramsPlot, run_of(), answers_of(np.linspace(-1, 1, 4001)))
    image = picture(plot.rows)
    middle = plot.rows.row_height() // 2
    left, right = (image.pixelColor(round(image.width() * share), middle) for share in (0.3, 0.7))
    assert left.red() > left.blue()
    assert right.blue() > right.red()


def test_only_rows_in_sight_are_painted(show, monkeypatch):
    plot = show(WeightHistogramsPlot, run_of(), answers_of(*[np.ones(3)] * 40))
    painted = []
    monkeypatch.setattr(
        type(plot.rows), "paint_row", lambda self, painter, row, name, found: painted.append(name)
    )
    plot.rows.repaint()
    assert 1 <= len(set(painted)) <= 4


def test_the_table_of_histograms_counts_every_weight(show, tmp_path):
    weights = np.append(np.random.default_rng(0).normal(size=500), [np.nan, 90.0])
    save(show(WeightHistogramsPlot, run_of(), answers_of(weights)), tmp_path / "weights.csv")
    rows = rows_of(tmp_path / "weights.csv")
    assert sum(int(row["count"]) for row in rows) == 502
    assert next(row["count"] for row in rows if row["from"] == "not finite") == "1"
