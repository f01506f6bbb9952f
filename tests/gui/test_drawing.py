"""Drawing in the window, with mouse and keys, while the network learns."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTabBar

from engine.data.sources.drawn_points import DrawnPoints
from tests.gui.conftest import picture
from tests.gui.hands import button, choose, click, press, settle

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def stroke(canvas, mouse_button, *places):
    """Press at the first place of the plane, move over the others, release at the last."""
    first, *others = (canvas.place_of(*place).toPoint() for place in places)
    QTest.mousePress(canvas, mouse_button, pos=first)
    for place in others:
        QTest.mouseMove(canvas, place)
        settle()
    QTest.mouseRelease(canvas, mouse_button, pos=others[-1] if others else first)
    settle()


def source(desk):
    return desk.window.document.experiment.data.source


@pytest.fixture
def drawing(desk):
    """The tab to draw on, reached by the button of the start page."""
    click(button(desk.window.centre, "Draw points"))
    desk.until(lambda: isinstance(source(desk), DrawnPoints), "drawn points")
    desk.status("empty")
    view = desk.window.panels["draw"]
    desk.until(view.canvas.isVisible, "plane to draw on")
    return view


def tabs(desk):
    bar = desk.window.centre.findChild(QTabBar)
    return [bar.tabText(place) for place in range(bar.count()) if bar.isTabVisible(place)]


def test_the_network_trains_while_one_draws(desk, drawing):
    canvas = drawing.canvas
    assert desk.window.panels["data"].message.text().startswith("Draw some on the tab Draw")
    stroke(canvas, LEFT, (-3, -3))
    assert [tuple(point) for point in canvas.points] == [
        pytest.approx((-3, -3, 1), abs=0.03),
    ]
    assert drawing.isVisible(), "of one class nothing can be learned, and drawing goes on"
    stroke(canvas, RIGHT, (3, 3), (3, 2), (3, 1.9), (3, 0))
    assert [point.value for point in canvas.points] == [1, 2, 2, 2]
    desk.until(lambda: desk.frame.status == "training" and desk.frame.step > 20, "training by itself")
    desk.until(
        lambda: (
            canvas.grab().toImage().pixelColor(canvas.place_of(-5, -5).toPoint())
            != canvas.grab().toImage().pixelColor(canvas.place_of(5, 5).toPoint())
        ),
        "predictions behind the points",
    )
    assert source(desk).points == canvas.points
    # While it trains one goes on drawing, and it trains on with the new points.
    stroke(canvas, LEFT, (-4, 4))
    desk.until(
        lambda: desk.window.panels.model.points is not None and len(desk.window.panels.model.points.x) == 5,
        "model of five points",
    )
    desk.until(lambda: desk.frame.status == "training" and desk.frame.step > 0, "training anew")


def test_classes_by_key_a_brush_that_scatters_and_an_eraser(desk, drawing):
    canvas = drawing.canvas
    click(drawing.live)
    choose(drawing.brush, 1.0)
    canvas.setFocus()
    press(canvas, Qt.Key.Key_3)
    assert drawing.left_class.value() == 3
    press(canvas, Qt.Key.Key_9, Qt.KeyboardModifier.AltModifier)
    assert drawing.right_class.value() == 9
    stroke(canvas, LEFT, (0, 0), (1, 0), (2, 0))
    stroke(canvas, RIGHT, (0, 3))
    values = [point.value for point in canvas.points]
    assert values == [3] * 9 + [9] * 3
    assert len({point.x1 for point in canvas.points}) == 12
    assert all(abs(point.x1 - 1) < 5 and abs(point.x2) <= 6 for point in canvas.points)
    desk.status("ready")
    assert desk.window.panels.model.class_names == ("C", "I")
    # Erase, undo, clear.
    stack = desk.window.document.undo_stack
    click(drawing.clear_button)
    choose(drawing.brush, 0.0)
    for place in ((-3, 0), (0, 0), (3, 0)):
        stroke(canvas, LEFT, place)
    click(drawing.erase)
    stroke(canvas, LEFT, (-3, 0), (-1, 0), (0, 0))
    assert [round(point.x1) for point in canvas.points] == [3]
    assert stack.undoText() == "Erase points"
    click(drawing.undo)
    assert [round(point.x1) for point in canvas.points] == [-3, 0, 3]
    click(drawing.clear_button)
    assert canvas.points == ()
    assert not drawing.clear_button.isEnabled()
    desk.do("undo")
    assert len(canvas.points) == 3
    for _ in range(3):
        desk.do("undo")
    assert canvas.points == ()
    assert stack.undoText() == "Erase points", "that was to clear"


def test_keys_alone_will_do(desk, drawing):
    canvas = drawing.canvas
    click(drawing.live)
    canvas.setFocus()
    for _ in range(4):
        press(canvas, Qt.Key.Key_Right)
    press(canvas, Qt.Key.Key_Up)
    press(canvas, Qt.Key.Key_Return)
    press(canvas, Qt.Key.Key_Down)
    press(canvas, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert [tuple(point) for point in canvas.points] == [(1, 0.25, 1), (1, 0, 2)]
    assert "now at 1.00, 0.00" in canvas.accessibleDescription()
    press(canvas, Qt.Key.Key_Delete)
    assert canvas.points == (), "both lie under the eraser"


def test_numbers_in_place_of_classes(desk, drawing):
    choose(desk.window.panels["data"].source.field("source.values"), "numbers")
    assert drawing.left_number.isVisible()
    assert not drawing.left_class.isVisible()
    stroke(drawing.canvas, LEFT, (-3, 0))
    stroke(drawing.canvas, RIGHT, (3, 0))
    assert [point.value for point in drawing.canvas.points] == [1, -1]
    desk.until(lambda: desk.frame.status == "training" and desk.frame.step > 5, "training")
    assert desk.window.panels.model.task == "regression"
    picture(drawing.canvas)


def test_the_tab_is_there_only_where_points_are_drawn(desk):
    first, *others = usual = tabs(desk)
    assert {"Draw", "Table"}.isdisjoint(usual)
    desk.do("new")
    chooser = desk.window.panels["data"].source.field("source")
    choose(chooser, "drawn_points")
    assert tabs(desk) == [first, "Draw", *others]
    assert desk.window.centre.current_view() is desk.window.panels["draw"]
    choose(chooser, "typed_table")
    assert tabs(desk) == [first, "Table", *others]
    assert desk.window.centre.current_view() is desk.window.panels["typed_table"]
    choose(chooser, "moons")
    assert tabs(desk) == usual


def test_drawn_points_are_saved_and_opened(desk, drawing, tmp_path):
    stroke(drawing.canvas, LEFT, (-3, 0), (-3, 2))
    stroke(drawing.canvas, RIGHT, (3, 0))
    desk.until(lambda: desk.frame.status == "training" and desk.frame.step > 0, "training")
    desk.do("train")
    desk.status("paused")
    drawn = drawing.canvas.points
    path = tmp_path / "drawn.gradwright"
    desk.window.files.save_to(path)
    desk.until(lambda: not desk.window.document.modified, "saved file")
    desk.window.files.new_from_preset("iris")
    desk.until(lambda: not isinstance(source(desk), DrawnPoints), "iris")
    desk.open(path)
    assert source(desk).points == drawing.canvas.points == drawn
    assert desk.window.centre.current_view() is drawing
