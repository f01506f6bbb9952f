"""Roles of columns in the column table and in the split, and files of their own for validation and test."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from gui.kit.layouts import Disclosure
from gui.panels.setup import edits
from tests.gui.hands import choose, press, settle, write
from tests.gui.panels.setup.columns import Column, experiment_on

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def visits(tmp_path):
    path = tmp_path / "visits.csv"
    path.write_text(
        "patient,day,dose,height,ill\n"
        + "".join(
            f"p{row // 4},2024-0{1 + row % 9}-1{row % 10},{1 + row % 3},{150 + row % 40},{'yn'[row % 2]}\n"
            for row in range(80)
        ),
        encoding="utf-8",
    )
    return path


def row_of(column: Column, name: str) -> int:
    model = column.data.columns.model()
    return next(row for row in range(model.rowCount()) if model.index(row, 0).data() == name)


def unfold(column: Column) -> None:
    """Open what the table of columns is in."""
    for fold in column.data.findChildren(Disclosure):
        if fold.isAncestorOf(column.data.columns):
            fold.set_open(True)
    settle()


def open_menu(column: Column, name: str) -> QMenu:
    """Click on the kind of a column."""
    view = column.data.columns
    index = view.model().index(row_of(column, name), 1)
    view.scrollTo(index)
    QTest.mouseClick(view.viewport(), LEFT, pos=view.visualRect(index).center())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def give_role(column: Column, name: str, words: str) -> None:
    """Choose a role in the menu, as a person does."""
    menu = open_menu(column, name)
    action = next(one for one in menu.actions() if one.text().startswith(words))
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())
    column.answer()


def test_a_click_on_the_kind_gives_a_column_its_role(qtbot, visits):
    column = Column(qtbot, experiment_on(visits, target="ill"))
    unfold(column)
    menu = open_menu(column, "patient")
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["Input"]
    press(menu, Qt.Key.Key_Escape)
    give_role(column, "patient", "Group")
    assert column.experiment.data.group == "patient"
    assert column.data.columns.model().index(row_of(column, "patient"), 1).data() == "group"
    assert column.data.split.words == (
        "Keep whole: patient\nRows with the same “patient” are kept together: 14 for training (56 rows), "
        "3 for validation (12 rows), 3 for test (12 rows)."
    )
    give_role(column, "day", "Time")
    give_role(column, "dose", "Weight")
    assert column.data.split.words.startswith(
        "Keep whole: patient\nWeight: dose\nIn order of: day\nRows with the same “patient” "
    )
    column.undo()
    column.undo()
    assert column.data.split.words == "Keep whole: patient"
    column.answer()
    give_role(column, "patient", "Input")
    assert column.experiment.data.group is None
    assert column.data.split.words == ""
    give_role(column, "height", "Target")
    assert column.experiment.data.target == "height"


def test_roles_are_chosen_in_the_split_too(qtbot, visits):
    column = Column(qtbot, experiment_on(visits, target="ill"))
    split = column.data.split
    QTest.mouseClick(split.line, LEFT)
    assert [option.value for option in split.roles["group"].options()] == [
        *(None, "patient", "day", "dose", "height")
    ]
    choose(split.roles["group"], "patient")
    column.answer()
    assert column.experiment.data.group == "patient"
    choose(split.roles["weight"], "dose")
    assert column.experiment.data.weight == "dose"
    choose(split.roles["group"], None)
    assert column.experiment.data.group is None
    assert not split.values.isVisible()


def test_a_part_column_that_is_none_says_so_and_its_values_can_be_chosen(qtbot, visits):
    column = Column(qtbot, experiment_on(visits, target="ill"))
    split = column.data.split
    QTest.mouseClick(split.line, LEFT)
    choose(split.roles["part"], "dose")
    column.answer()
    assert split.line.text() == "By “dose”"
    assert "expected train, validation or test in every row" in column.data.message.text()
    write(split.values.field("test_values"), "3")
    column.answer()
    assert column.experiment.data.split.test_values == ("3",)
    assert column.data.message.text() == ""


def test_a_file_of_its_own_for_the_test(qtbot, visits, tmp_path):
    other = tmp_path / "later.csv"
    other.write_text(
        "patient,day,dose,height,ill\np90,2025-01-01,1,160,y\np91,2025-01-02,2,170,n\n", encoding="utf-8"
    )
    column = Column(qtbot, experiment_on(visits, target="ill"))
    split = column.data.split
    QTest.mouseClick(split.line, LEFT)
    write(split.files["test"], str(other))
    column.answer()
    source = column.experiment.data.test_source
    assert source is not None
    assert source.path == str(other)
    assert split.words.splitlines()[0] == "Test file: later.csv"
    assert "Of 82 rows, 68 for training, 12 for validation, 2 for test." in split.words
    assert column.data.header.caption() == "82 rows · 2 classes"
    assert split.line.text() == "82.6 / 15 / 2.4 %"
    write(split.files["test"], "")
    assert column.experiment.data.test_source is None


def test_another_table_has_other_columns(visits, tmp_path):
    experiment = experiment_on(visits, target="ill", group="patient", time="day")
    other = tmp_path / "other.csv"
    changed, *_ = edits.change_data(
        experiment,
        experiment.data.replace(source=experiment.data.source.replace(path=str(other))),
        "source.path",
    )
    assert (changed.data.group, changed.data.time, changed.data.target) == (None, None, None)


def test_nothing_can_be_changed_while_training(qtbot, visits):
    column = Column(qtbot, experiment_on(visits, target="ill", group="patient"))
    column.data.set_locked(True)
    assert not column.data.split.roles["group"].isEnabled()
    assert not column.data.split.files["test"].isEnabled()
    assert not any(action.isEnabled() for action in column.data.columns.menu(0).actions() if action.text())


def test_a_column_becomes_one_more_target(qtbot, visits):
    column = Column(qtbot, experiment_on(visits, target="height"))
    unfold(column)
    give_role(column, "dose", "Target too")
    data = column.experiment.data
    assert (data.target, data.further_targets) == ("dose", ("height",))
    assert column.data.columns.model().index(row_of(column, "dose"), 1).data() == "target"
    give_role(column, "dose", "Input")
    assert column.experiment.data.further_targets == ("height",)
