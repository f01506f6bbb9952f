"""Typing tables in the window, pasting ranges of spreadsheets, and the clipboard."""

from unittest.mock import patch

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMessageBox

from engine.data.sources.typed_table import TypedTable
from tests.gui.hands import button, choose, click, press

RANGE = "size\tcolour\tprice\r\n1,5\tred\t3\r\n2,25\tblue\t4\r\n3\tred\t5,5\r\n"


def source(desk):
    return desk.window.document.experiment.data.source


@pytest.fixture
def table(desk):
    """The tab to type a table on, reached by the button of the start page."""
    click(button(desk.window.centre, "Type a table"))
    desk.until(lambda: isinstance(source(desk), TypedTable), "typed table")
    desk.status("empty")
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


def keys_in(grid, text):
    """Type with Tab and Enter, each key where the keyboard is."""
    for letter in text:
        editors = [one for one in grid.findChildren(QLineEdit) if one.isVisible()]
        at = editors[-1] if editors else grid
        if letter in "\t\n":
            press(at, Qt.Key.Key_Tab if letter == "\t" else Qt.Key.Key_Return)
        else:
            QTest.keyClicks(at, letter)


def test_tab_and_enter_type_a_table_row_by_row_and_column_by_column(desk, table):
    grid = table.grid
    click(grid.viewport(), grid.visualRect(grid.model().index(0, 0)).center())
    keys_in(grid, "a\tb\n1\t2\n3\t4\n")
    assert source(desk).text == "a,b\n1,2\n3,4\n"
    click(grid.viewport(), grid.visualRect(grid.model().index(0, 2)).center())
    keys_in(grid, "c\n5\n6\n")
    assert source(desk).text == "a,b,c\n1,2,5\n3,4,6\n"


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
