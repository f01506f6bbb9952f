"""Autoencoders in the window: how the task is chosen, and what the evaluation shows of the samples."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtWidgets import QApplication

from engine.data import DataSettings, describe, prepare
from engine.data.sources.csv_file import CSVFile
from engine.experiment import Experiment
from engine.settings import read
from engine.training.scoring import Scores
from engine.training.trainer import Trainer
from gui.core.messages import Prepared, Scored
from gui.core.model_summary import summarize
from gui.kit import theme
from gui.kit.colours import picture_of
from gui.kit.numbers import count_text
from gui.panels import PANELS, DecisionMapView, EvaluationView
from gui.panels.evaluation.regression_plots import BINS, ErrorHistogram
from gui.panels.network.plan import plan_of
from gui.panels.setup import edits
from gui.window.docks import SetupColumn
from gui.window.panel_group import PanelGroup
from gui.window.status_line import score_text
from tests.gui.conftest import picture
from tests.gui.contexts import panel_context
from tests.gui.hands import choose
from tests.measured import metrics_of_counts

# Tooltips come to the front, which the offscreen platform cannot do.
pytestmark = [
    pytest.mark.qt_log_ignore("does not support raise", extend=True),
    pytest.mark.qt_log_ignore("This plugin does not support", extend=True),
]


def prepared_of(experiment: Experiment, steps: bool = False) -> tuple[Prepared, Trainer]:
    table = experiment.data.source.load()
    trainer = Trainer(experiment, prepare(experiment.data, table, experiment.dtype))
    if steps:
        for _ in trainer.run():
            pass
    description = describe(table, experiment.data)
    return Prepared(1, experiment, description, trainer.dataset, trainer.network, 0), trainer


def autoencoder(source, layers, **data) -> Experiment:
    values = {
        "data": {"source": source, "task": "reconstruction", **data},
        "layers": layers,
        "training": {"epochs": 2, "optimizer": {"kind": "adam", "learning_rate": 0.01}},
    }
    return read(Experiment, values, "test")


FLOWERS = autoencoder("iris", [{"kind": "dense", "units": 3}])
DIGITS = autoencoder("digits", [{"kind": "flatten"}, {"kind": "dense", "units": 8}])


def shown(view, size=(1100, 800)):
    view.resize(*size)
    view.show()
    QApplication.processEvents()
    return view


@pytest.fixture(scope="module")
def runs():
    return {name: prepared_of(settings, True) for name, settings in (("f", FLOWERS), ("d", DIGITS))}


@pytest.fixture
def evaluation(qtbot):
    view = shown(EvaluationView(panel_context()))
    qtbot.addWidget(view)
    return view


def evaluate(view, run) -> list[Scores]:
    prepared, trainer = run
    view.show_model(summarize(prepared))
    scores = [trainer.evaluate(part) for part in ("training", "validation", "test")]
    view.show_scores(Scored(1, 1, tuple(scores), ""))
    QApplication.processEvents()
    return scores


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


# --- the histogram -----------------------------------------------------------------------------------------


@pytest.fixture
def histogram(qtbot):
    canvas = shown(ErrorHistogram(), (500, 260))
    qtbot.addWidget(canvas)
    return canvas


def test_a_bar_is_read_in_words(histogram):
    histogram.show_errors(np.array([0.05] * 3 + [1.0]), "accent")
    plot = histogram.plot()
    place = QPointF(plot.left() + plot.width() * 2.5 / BINS, plot.center().y())
    assert histogram.reading_at(place) == "0.0500 to 0.0750: 3 rows, 75.0\N{NARROW NO-BREAK SPACE}%"
    assert histogram.reading_at(QPointF(1, 1)) == ""
    assert histogram.note() == ""


def test_outliers_are_counted_and_do_not_flatten_the_rest(histogram):
    errors = np.concatenate([np.linspace(0.1, 1, 999), [500.0]])
    histogram.show_errors(errors, "validation", np.linspace(0, 1, 50))
    assert histogram.note() == "1 row beyond 1.98"
    assert (histogram.shares() > 0).sum() > 10
    picture(histogram)


@pytest.mark.parametrize("errors", [[], [0.0, 0.0], [np.nan, np.inf], [np.nan, 1.0]])
def test_odd_errors_are_no_fault(histogram, errors):
    histogram.show_errors(np.array(errors), "gradient", np.array([]))
    picture(histogram)
    assert np.isfinite(histogram.shares()).all()


def test_images_of_any_kind_become_pictures(qapp):
    grey, colour, flat = (
        np.linspace(0, 1, 12).reshape(3, 4, 1),
        np.eye(3)[:, :, None] * [1, 0, 0.5],
        np.ones((2, 2, 1)),
    )
    shown = picture_of(grey, theme.LIGHT)
    assert (shown.width(), shown.height()) == (4, 3)
    assert shown.pixelColor(3, 2).name() == theme.LIGHT.text.lower()
    assert picture_of(colour, theme.LIGHT).pixelColor(0, 0).name() == "#ff0080"
    assert picture_of(flat * np.nan, theme.LIGHT, 1, 1).pixelColor(0, 0).name() == theme.LIGHT.surface.lower()
    assert picture_of(grey, theme.DARK, -1, 1).pixelColor(3, 2).name() == theme.DARK.text.lower()


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


# --- setup -------------------------------------------------------------------------------------------------


@pytest.fixture
def flowers(tmp_path):
    path = tmp_path / "flowers.csv"
    rows = [f"{i / 7:.3f},{i * 1.5},{'x' if i % 3 else 'y'}" for i in range(60)]
    path.write_text("\n".join(["width,height,kind", *rows]), encoding="utf-8")
    return Experiment(data=DataSettings(source=CSVFile(path=str(path))))


class Panel:
    """The left column and what the worker answers after an edit."""

    def __init__(self, qtbot, experiment: Experiment) -> None:
        context = panel_context(experiment)
        self.document = context.document
        self.panels = PanelGroup(context, [kind for kind in PANELS if kind.spec.place == "setup"])
        self.widget = SetupColumn(self.panels.of("setup"))
        qtbot.addWidget(self.widget)
        shown(self.widget, (320, 900))
        self.answer()

    @property
    def settings(self) -> DataSettings:
        return self.document.experiment.data

    def answer(self) -> None:
        self.panels.show_prepared(prepared_of(self.document.experiment)[0])
        QApplication.processEvents()


def test_the_input_itself_is_chosen_and_the_classes_stay_out_of_it(qtbot, flowers):
    panel = Panel(qtbot, flowers)
    section = panel.panels["data"]
    assert section.target.label.text() == "Target"
    choose(section.task.choice, "reconstruction")
    panel.answer()
    assert (panel.settings.task, panel.settings.target) == ("reconstruction", "kind")
    assert section.target.label.text() == "Label"
    assert section.header.caption() == "60 rows · reconstruction"
    assert panel.panels["layers"].list.cards[-1].header.shape() == "2 values"
    model = section.columns.model()
    assert [model.index(row, 1).data() for row in range(3)] == ["number", "number", "label"]
    assert model.index(2, 0).data(Qt.ItemDataRole.CheckStateRole) is None
    # Without a label every column is an input, and a chosen one does not end the reconstruction.
    choose(section.target.choice, "")
    panel.answer()
    assert (panel.settings.task, panel.settings.target) == ("reconstruction", None)
    assert panel.panels["layers"].list.cards[-1].header.shape() == "4 values"
    choose(section.target.choice, "height")
    panel.answer()
    assert (panel.settings.task, panel.settings.target) == ("reconstruction", "height")
    choose(section.task.choice, None)
    panel.answer()
    assert panel.settings.task is None
    assert section.target.label.text() == "Target"
    assert section.task.choice.currentText().endswith(", inferred")


def test_a_number_is_not_made_a_label_by_itself(flowers):
    data = flowers.data.replace(ignored=("kind",))
    experiment = flowers.replace(data=data)
    description = describe(data.source.load(), data)
    assert description.target == "height"
    assert description.inferred_task == "regression"
    for task in ("reconstruction", "regression"):
        edit = edits.change_task(experiment, task, description)
        assert (edit.experiment.data.target, edit.experiment.data.task) == (None, task)


def test_cross_entropy_makes_the_output_a_sigmoid(qtbot):
    training = DIGITS.training.replace(loss="binary_cross_entropy")
    experiment = DIGITS.replace(training=training, data=DIGITS.data.replace(scaling="minmax"))
    panel = Panel(qtbot, experiment)
    assert panel.panels["layers"].list.cards[-1].header.name() == "Output · sigmoid"


def test_tooltips_say_which_pair_it_is(evaluation, runs):
    evaluate(evaluation, runs["d"])
    pairs = evaluation.reconstruction.pairs
    centre = pairs.places(pairs.width())[0].center().toPoint()
    event = QHelpEvent(QHelpEvent.Type.ToolTip, centre, pairs.mapToGlobal(centre))
    assert pairs.event(event)
