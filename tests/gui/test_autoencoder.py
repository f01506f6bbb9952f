"""Autoencoders in the window: how the task is chosen, and what the evaluation shows of the samples."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtWidgets import QApplication

from engine.training.scoring import Scores
from gui.core.messages import Scored
from gui.core.model_summary import summarize
from gui.kit import theme
from gui.kit.numbers import count_text
from gui.panels import DecisionMapView, EvaluationView
from gui.panels.evaluation.regression_plots import BINS
from gui.panels.network.plan import plan_of
from gui.window.status_line import score_text
from tests.gui.autoencoders import DIGITS, FLOWERS, autoencoder, evaluate, prepared_of, shown
from tests.gui.conftest import picture
from tests.gui.contexts import panel_context
from tests.gui.hands import choose
from tests.measured import metrics_of_counts

# Tooltips come to the front, which the offscreen platform cannot do.
pytestmark = [
    pytest.mark.qt_log_ignore("does not support raise", extend=True),
    pytest.mark.qt_log_ignore("This plugin does not support", extend=True),
]


@pytest.fixture(scope="module")
def runs():
    return {name: prepared_of(settings, True) for name, settings in (("f", FLOWERS), ("d", DIGITS))}


@pytest.fixture
def evaluation(qtbot):
    view = shown(EvaluationView(panel_context()))
    qtbot.addWidget(view)
    return view


# --- evaluation --------------------------------------------------------------------------------------------


def test_rows_of_a_table_are_listed_with_the_worst_first(evaluation, runs):
    scores = evaluate(evaluation, runs["f"])
    panel = evaluation.reconstruction
    assert panel.isVisible()
    assert panel.table.isVisible()
    assert not panel.pairs.isVisible()
    worst = scores[1].reconstruction.worst
    model = panel.table.model()
    assert model.rowCount() == 12
    titles = [model.headerData(i, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole) for i in range(4)]
    assert titles == ["Row", "species", "Error", "Furthest off"]
    for row in range(12):
        cells = [model.index(row, column).data() for column in range(4)]
        assert cells[0] == str(worst[row].row + 1)
        assert cells[1] == worst[row].label
        assert cells[3].startswith(worst[row].furthest.column)
        assert " → " in cells[3]
    assert evaluation.table.text("test", "variance_explained").endswith("%")


def test_images_stand_beside_what_comes_back(evaluation, runs):
    scores = evaluate(evaluation, runs["d"])
    panel = evaluation.reconstruction
    assert panel.pairs.isVisible()
    assert not panel.table.isVisible()
    worst = scores[1].reconstruction.worst[0]
    assert panel.pairs.describe(worst).startswith(f"Row {count_text(worst.row + 1)}, ")
    assert f"digit {worst.label}: error" in panel.pairs.describe(worst)
    places = panel.pairs.places(panel.pairs.width())
    assert len(places) == 12
    assert all(place.right() <= panel.pairs.width() for place in places)
    assert panel.pairs.height() >= places[-1].bottom()
    image = picture(panel.pairs)
    colours = {image.pixelColor(x, y).name() for x in range(2, 54) for y in range(2, 54)}
    assert len(colours) > 5
    narrow = panel.pairs.places(130)
    assert max(place.right() for place in narrow) <= 130
    assert panel.pairs.heightForWidth(130) > panel.pairs.heightForWidth(900)


def colours_of(widget) -> set[int]:
    image = picture(widget)
    return {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}


def test_the_part_is_compared_with_training(evaluation, runs):
    scores = evaluate(evaluation, runs["f"])
    histogram = evaluation.reconstruction.histogram
    assert histogram.shares().sum() == pytest.approx(1, abs=0.05)
    before = histogram.shares().copy()
    # Bars let a little of the ground through: only a line has the full colour of the training part.
    line = QColor(theme.current().accent).rgb()
    assert line in colours_of(histogram)
    choose(evaluation.part, "training")
    assert line not in colours_of(histogram)
    assert not np.array_equal(before, histogram.shares())
    errors = scores[0].reconstruction.errors
    assert f"{len(errors)} rows" in histogram.accessibleDescription()


def test_after_an_autoencoder_a_matrix_needs_no_more_room_than_before(evaluation, runs):
    evaluate(evaluation, runs["f"])
    counts = np.array([[5, 1], [0, 6]])
    metrics = metrics_of_counts(counts, False)
    evaluation.show_scores(Scored(1, 1, (Scores("training", 12, 0.1, metrics, counts),), ""))
    QApplication.processEvents()
    assert evaluation.confusion.isVisible()
    assert not evaluation.reconstruction.isVisible()
    stack = evaluation.confusion.parentWidget()
    assert stack.minimumSizeHint().height() <= evaluation.confusion.minimumHeight() + 4


@pytest.mark.parametrize("theme_name", ["light", "dark"])
def test_it_is_painted_in_both_themes(qapp, evaluation, runs, theme_name):
    theme.apply(qapp, theme_name)
    evaluate(evaluation, runs["d"])
    histogram = evaluation.reconstruction.histogram
    image, plot = picture(histogram), histogram.plot()
    highest = int(histogram.shares().argmax())
    middle = plot.left() + (highest + 0.5) * plot.width() / BINS
    bar = image.pixelColor(int(middle), int(plot.bottom()) - 4)
    wanted = QColor(theme.current().validation)
    assert abs(bar.hueF() - wanted.hueF()) < 0.04
    beside = image.pixelColor(int(plot.right()) - 4, int(plot.top()) + 4)
    assert beside.name() == QColor(theme.current().surface).name()


# --- other views -------------------------------------------------------------------------------------------


def test_the_drawing_names_the_outputs_as_the_inputs(runs):
    plan = plan_of(summarize(runs["f"][0]))
    assert plan.columns[-1].labels == plan.columns[0].labels
    assert len(plan.columns[-1].labels) == 4


def test_two_inputs_have_no_decision_map_but_a_sentence(qtbot):
    view = shown(DecisionMapView(panel_context()))
    qtbot.addWidget(view)
    settings = autoencoder({"kind": "moons", "points": 60}, [{"kind": "dense", "units": 1}])
    view.show_model(summarize(prepared_of(settings)[0]))
    assert "reconstructs its inputs" in view.sentence


def test_scores_are_written_in_per_cent_where_they_are_shares():
    assert score_text("variance_explained", 0.845) == "84.5 %"
    assert score_text("mse", 0.845) == "0.845"


def test_tooltips_say_which_pair_it_is(evaluation, runs):
    evaluate(evaluation, runs["d"])
    pairs = evaluation.reconstruction.pairs
    centre = pairs.places(pairs.width())[0].center().toPoint()
    event = QHelpEvent(QHelpEvent.Type.ToolTip, centre, pairs.mapToGlobal(centre))
    assert pairs.event(event)
