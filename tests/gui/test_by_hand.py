"""Data made by hand in the window: drawing with mouse and keys, typing and pasting tables, the clipboard."""

from unittest.mock import patch

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMessageBox, QTabBar

from engine.data.sources.drawn_points import DrawnPoints
from engine.data.sources.typed_table import TypedTable
from tests.gui.conftest import picture
from tests.gui.hands import button, choose, click, press, settle

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
RANGE = "size\tcolour\tprice\r\n1,5\tred\t3\r\n2,25\tblue\t4\r\n3\tred\t5,5\r\n"


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
    desk.status("invalid")
    view = desk.window.panels["draw"]
    desk.until(view.canvas.isVisible, "plane to draw on")
    return view


@pytest.fixture
def table(desk):
    """The tab to type a table on, reached by the button of the start page."""
    click(button(desk.window.centre, "Type a table"))
    desk.until(lambda: isinstance(source(desk), TypedTable), "typed table")
    desk.status("invalid")
    view = desk.window.panels["typed_table"]
    desk.until(view.grid.isVisible, "grid to type in")
    return view


def type_in(grid, row, column, text):
    """Go to a cell with the mouse and type over it."""
    index = grid.model().index(row, column)
    click(grid.viewport(), grid.visualRect(index).center())
    QTest.keyClicks(grid, text[:1])
    editor = grid.findChild(QLineEdit)
    QTest.keyClicks(editor, text[1:])
    press(editor, Qt.Key.Key_Return)


def tabs(desk):
    bar = desk.window.centre.findChild(QTabBar)
    return [bar.tabText(place) for place in range(bar.count()) if bar.isTabVisible(place)]


# --- drawing ----------------------------------------------------------------------------------------------


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
    assert tabs(desk) == ["Network", "Decision map", "Evaluation"]
    desk.do("new")
    chooser = desk.window.panels["data"].source.field("source")
    choose(chooser, "drawn_points")
    assert tabs(desk) == ["Network", "Draw", "Decision map", "Evaluation"]
    assert desk.window.centre.current_view() is desk.window.panels["draw"]
    choose(chooser, "typed_table")
    assert tabs(desk) == ["Network", "Table", "Decision map", "Evaluation"]
    assert desk.window.centre.current_view() is desk.window.panels["typed_table"]
    choose(chooser, "moons")
    assert tabs(desk) == ["Network", "Decision map", "Evaluation"]


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


# --- typing -----------------------------------------------------------------------------------------------


def test_the_worked_example_is_typed_in(desk, table):
    """One row with two inputs and two targets."""
    for column, (name, value) in enumerate((("i1", "0.05"), ("i2", "0.10"), ("o1", "0.01"), ("o2", "0.99"))):
        type_in(table.grid, 0, column, name)
        type_in(table.grid, 1, column, value)
    assert source(desk).text == "i1,i2,o1,o2\n0.05,0.10,0.01,0.99\n"
    desk.status("ready")
    assert desk.window.panels.model.target_name == "o2"
    choose(desk.window.panels["data"].target.choice, "o1")
    desk.until(lambda: desk.window.session.ready and desk.window.panels.model.target_name == "o1", "o1")
    # Another name of the target stays the target.
    type_in(table.grid, 0, 2, "out")
    assert desk.window.document.experiment.data.target == "out"
    desk.do("undo")
    assert desk.window.document.experiment.data.target == "o1"
    assert table.grid.model().index(0, 2).data() == "o1"


def test_a_range_is_pasted_copied_and_emptied(desk, table):
    grid = table.grid
    QGuiApplication.clipboard().setText(RANGE)
    grid.setFocus()
    press(grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert source(desk).text == 'size,colour,price\n"1,5",red,3\n"2,25",blue,4\n3,red,"5,5"\n'
    desk.status("ready")
    model = desk.window.panels.model
    assert (model.target_name, model.task) == ("price", "regression")
    # Once more, further down and to the right, over the edge of what there is.
    click(grid.viewport(), grid.visualRect(grid.model().index(3, 2)).center())
    click(button(table, "Paste"))
    assert source(desk).text.splitlines()[3] == "3,red,size,colour,price"
    desk.do("undo")
    selection = grid.visualRect(grid.model().index(1, 1)).center()
    click(grid.viewport(), selection)
    press(grid, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    press(grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "red\nblue\n"
    press(grid, Qt.Key.Key_Delete)
    assert source(desk).text == 'size,colour,price\n"1,5",,3\n"2,25",,4\n3,red,"5,5"\n'


def test_rows_and_columns_come_and_go(desk, table):
    grid = table.grid
    QGuiApplication.clipboard().setText("a\tb\n1\t2\n3\t4\n")
    click(button(table, "Paste"))
    click(grid.viewport(), grid.visualRect(grid.model().index(1, 1)).center())
    click(button(table, "Row"))
    click(button(table, "Column"))
    assert source(desk).text == "a,,b\n,,\n1,,2\n3,,4\n"
    click(button(table, "Rows"))
    click(button(table, "Columns"))
    assert source(desk).text == "a,b\n1,2\n3,4\n"
    click(table.names)
    assert source(desk).header is False
    assert grid.model().headerData(0, Qt.Orientation.Vertical) == "1"
    desk.do("undo")
    assert source(desk).header is True
    assert table.names.value()
    assert grid.model().headerData(0, Qt.Orientation.Vertical) == "names"


def test_what_cannot_be_pasted_is_a_sentence_and_training_locks(desk, table):
    QGuiApplication.clipboard().setText("")
    click(button(table, "Paste"))
    assert "found no text" in table.message.text()
    QGuiApplication.clipboard().setText("1\t2\n" * 110_000)
    click(button(table, "Paste"))
    assert "at most 200,000 cells" in table.message.text()
    assert source(desk).text == ""
    # While it trains, nothing can be typed at all.
    QGuiApplication.clipboard().setText(RANGE)
    click(button(table, "Paste"))
    assert not table.message.isVisible()
    desk.status("ready")
    desk.train_for_long()
    desk.until(lambda: not table.grid.isEnabled(), "locked table")
    desk.do("train")
    desk.until(table.grid.isEnabled, "table that can be edited")


# --- clipboard --------------------------------------------------------------------------------------------


def test_a_new_experiment_from_the_clipboard(desk):
    QGuiApplication.clipboard().setText(RANGE)
    press(desk.window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    desk.until(lambda: isinstance(source(desk), TypedTable) and desk.window.session.ready, "table")
    assert source(desk).header is True
    # Numbers above numbers are no names.
    QGuiApplication.clipboard().setText("1\t2\n2\t4\n3\t6\n")
    desk.do("new_from_clipboard")
    desk.until(lambda: not source(desk).header and desk.window.session.ready, "another table")
    assert desk.window.panels.model.target_name == "column 2"
    # An empty clipboard is a sentence, and nothing changes.
    QGuiApplication.clipboard().setText("")
    before = desk.window.document.experiment
    shown = []
    with patch.object(QMessageBox, "open", lambda box: shown.append(box.text())):
        desk.do("new_from_clipboard")
    assert shown
    assert "found no text" in shown[0]
    assert desk.window.document.experiment is before
