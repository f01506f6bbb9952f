"""The embedding at work: points of the run, colours by class, and a sample selected by a click or a key."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from engine.files.opening import preset
from engine.insight.embedding_map import EmbeddingMapQuery
from gui.core.messages import Answers
from gui.core.selection import Sample
from gui.kit.colour_maps import class_colours
from gui.kit.numbers import percent_text
from gui.kit.theme import current
from gui.panels.embedding.view import EmbeddingView
from tests.engine.training.runs import dense, experiment, take, trainer
from tests.gui.conftest import hover, picture
from tests.gui.contexts import panel_context
from tests.gui.hands import choose
from tests.gui.panel_runs import prepared_of
from tests.gui.panels.models import click, model_of, shown


def view_of(qtbot, run, model):
    """The view of a run, with the answer to what it asks."""
    view = EmbeddingView(panel_context())
    qtbot.addWidget(view)
    shown(view)
    view.show_prepared(prepared_of(run))
    view.show_model(model)
    answer(view, run)
    return view


def answer(view, run):
    (query,) = view.queries()
    view.refresh(Answers(1, run.step, {query: query.answer(run)}))


@pytest.fixture
def iris(qtbot):
    run = take(trainer(experiment([dense(6)], {"source": {"kind": "iris"}}, epochs=1)), 3)
    model = model_of(6, 3, inputs=4, class_names=run.dataset.classes, target_name="species")
    return view_of(qtbot, run, model), run


def test_points_lie_at_their_components_in_the_colours_of_their_classes(iris):
    view, run = iris
    found = EmbeddingMapQuery(0, "training").answer(run)
    assert view.query == EmbeddingMapQuery(0, "training")
    across, _ = view.canvas.axes()
    plot, places = view.canvas.plot(), view.canvas.places()
    share = (places[:, 0] - plot.left()) / plot.width()
    np.testing.assert_allclose(across.low + share * (across.high - across.low), found.points[:, 0], atol=1e-4)
    assert across.name == f"Component 1 ({percent_text(found.explained[0])} of the variance)"
    assert [entry.text for entry in view.legend.entries] == list(run.dataset.classes)
    # A point that no other covers, in the middle of the picture.
    distances = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) + 1e3 * np.eye(len(places))
    alone = int(distances.min(axis=1).argmax())
    colour = picture(view.canvas).pixelColor(QPointF(*places[alone]).toPoint())
    assert colour == class_colours(current(), 3)[int(found.targets[alone])]


def test_a_click_or_enter_selects_the_sample(iris):
    view, run = iris
    found = EmbeddingMapQuery(0, "training").answer(run)
    places = view.canvas.places()
    click(view.canvas, QPointF(*places[7]))
    number = view.canvas.point_at(QPointF(*places[7]))
    selection = view.context.selection
    assert selection.selected.sample == Sample("training", int(found.indices[number]))
    hover(view.canvas, QPointF(*places[7]))
    assert view.canvas.accessibleDescription().startswith(f"Training sample {found.indices[number] + 1}")
    assert "Predicted: " in view.canvas.accessibleDescription()
    QTest.keyClick(view.canvas, Qt.Key.Key_Right)
    moved = view.canvas.hovered
    assert places[moved, 0] > places[number, 0]
    QTest.keyClick(view.canvas, Qt.Key.Key_Return)
    assert selection.selected.sample == Sample("training", int(found.indices[moved]))


def test_layer_and_part_are_chosen_and_the_layer_is_that_of_all_panels(iris):
    view, run = iris
    view.context.selection.select(layer=1)
    assert view.query == EmbeddingMapQuery(1, "training")
    choose(view.part, "validation")
    choose(view.layer, -1)
    assert view.query == EmbeddingMapQuery(-1, "validation")
    answer(view, run)
    assert "4 activations" in view.caption.text()
    choose(view.layer, 0)
    assert view.context.selection.selected.layer == 0


def test_while_training_a_dear_answer_is_not_asked_for_again_at_once(iris):
    view, run = iris
    view.set_locked(True)
    query = view.query
    found = query.answer(run)
    view.refresh(Answers(1, 3, {query: type(found)(**{**vars(found), "seconds": 100.0})}))
    assert view.queries() == ()
    view.set_locked(False)
    assert view.queries() == (query,)


def test_axes_keep_their_sign_from_frame_to_frame(iris):
    view, run = iris
    before = view.canvas.places()
    (query,) = view.queries()
    found = query.answer(run)
    flipped = type(found)(**{**vars(found), "points": -found.points})
    view.refresh(Answers(1, 3, {query: flipped}))
    np.testing.assert_allclose(view.canvas.places(), before, atol=1e-3)


def test_of_a_regression_the_colours_are_a_scale_of_values(qtbot):
    run = trainer(experiment([dense(4)], {"source": {"kind": "diabetes"}}, epochs=1))
    model = model_of(4, 1, inputs=10, task="regression", class_names=(), targets=("progression",))
    view = view_of(qtbot, run, model)
    assert [entry.text for entry in view.legend.entries] == ["Colour: progression"]


def test_of_two_hundred_classes_the_legend_names_ten(qtbot, iris):
    view, run = iris
    names = tuple(f"class {number}" for number in range(200))
    view.show_model(model_of(6, 3, inputs=4, class_names=names))
    answer(view, run)
    assert [entry.text for entry in view.legend.entries][9:] == [
        "class 9",
        "and 190 more, in the same colours",
    ]


def test_in_the_window_it_is_live_and_shows_images(desk):
    desk.window.files.begin(preset("digits"))
    desk.until(lambda: desk.frame and desk.frame.status == "ready", "the digits")
    desk.window.centre.show_view("embedding")
    view = desk.window.panels["embedding"]
    desk.until(lambda: len(view.canvas.places()) > 1000, "points")
    before = view.canvas.places()
    desk.do("step_epoch")
    desk.until(
        lambda: desk.frame.step > 0 and not np.array_equal(view.canvas.places(), before), "other points"
    )
    blank = picture(view.canvas)
    hover(view.canvas, QPointF(*view.canvas.places()[3]))
    assert view.canvas.accessibleDescription().startswith("Training sample")
    assert picture(view.canvas) != blank
