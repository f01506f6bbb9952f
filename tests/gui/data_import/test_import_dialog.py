"""A person looks at a table in the import dialog, changes how it is read, and says what to predict."""

import openpyxl
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from engine.data.sources.spreadsheet import Spreadsheet
from gui.core.importing import table_settings
from gui.core.jobs import Exports, JobRunner
from gui.window.data_import.dialog import ImportDialog
from tests.gui.data_import.steps import click_entry, click_head, imported, read, roles, shown
from tests.gui.desk import PATIENCE_S, wait_until
from tests.gui.hands import choose, click, press

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def test_the_target_is_never_guessed_out_of_sight(dialog):
    assert set(roles(dialog).values()) == {"input"}
    assert dialog.choices.target.choice.sentence() == "Choose what should be predicted."
    assert dialog.use_button.text() == "Choose what to predict"
    # The button leads to what is missing.
    click(dialog.use_button)
    assert dialog.choices.target.choice.view().isVisible()
    press(dialog.choices.target.choice.view(), Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.choices.guess.text() == "Predict “kind”"
    click(dialog.choices.guess)
    read(dialog)
    assert roles(dialog)["kind"] == "target"
    assert not dialog.choices.guess.isVisible()
    assert dialog.use_button.text() == "Use this data"
    assert dialog.choices.parts.text() == (
        "42 rows to learn from, 9 to validate, 9 to test; each class in the same share."
    )


def test_a_role_is_chosen_at_the_head_of_the_column(dialog):
    click_head(dialog, 1, "role")
    click_entry("target")
    read(dialog)
    assert roles(dialog)["b"] == "target"
    click_head(dialog, 2, "role")
    click_entry("group")
    read(dialog)
    assert dialog.settings.group == "c"


def test_a_type_is_chosen_at_the_head_of_the_column(dialog):
    click_head(dialog, 2, "type")
    click_entry("category")
    read(dialog)
    assert dict(dialog.settings.types) == {"c": "category"}
    click_head(dialog, 2, "type")
    click_entry("as read")
    read(dialog)
    assert dict(dialog.settings.types) == {}


def test_several_columns_are_changed_at_once(dialog):
    click_head(dialog, 0)
    click_head(dialog, 2, keys=SHIFT)
    click_head(dialog, 3, keys=CTRL)
    assert dialog.preview.table.selected() == ["a", "b", "c", "tag"]
    assert dialog.preview.caption.text() == "4 columns selected"
    choose(dialog.preview.role, "ignored")
    read(dialog)
    assert dialog.settings.ignored == ("a", "b", "c", "tag")
    # A click at one of several selected columns means all of them.
    click_head(dialog, 1, "role")
    click_entry("input")
    read(dialog)
    assert dialog.settings.ignored == ()


def test_columns_are_reached_and_changed_by_keys(dialog):
    view, ends = dialog.preview.table, []
    dialog.finished.connect(ends.append)
    view.setFocus()
    press(view, Qt.Key.Key_Right)
    assert view.selected() == ["a"]
    press(view, Qt.Key.Key_Right)
    assert view.selected() == ["b"]
    press(view, Qt.Key.Key_Return)
    menu = QApplication.activePopupWidget()
    assert [action.text() for action in menu.actions()] == ["Type", "Role"]
    press(menu, Qt.Key.Key_Escape)
    press(view, Qt.Key.Key_Escape)
    assert ends == [ImportDialog.DialogCode.Rejected]


def test_what_was_noticed_has_its_remedy(dialog):
    sentences = [block.sentence.text() for block in dialog.findings.blocks]
    assert any("“tag”" in sentence for sentence in sentences), sentences
    block = next(block for block in dialog.findings.blocks if "“tag”" in block.sentence.text())
    link = next(link for link in block.findChildren(type(dialog.choices.guess)) if link.text() == "Ignore it")
    click(link)
    read(dialog)
    assert "tag" in dialog.settings.ignored
    assert not any("“tag”" in block.sentence.text() for block in dialog.findings.blocks)


def test_fields_are_shown_as_they_stand_in_the_file(dialog):
    choose(dialog.heading.view, "written")
    wait_until(lambda: dialog.preview.table.columns.as_written, "fields")
    assert shown(dialog)[1] == ["1", "1,5", "1", "f1", "y"]
    choose(dialog.heading.view, "used")
    assert shown(dialog)[1] == ["1", "1.5", "1", "f1", "y"]


def test_read_in_another_way_what_to_predict_is_open_again(dialog):
    click(dialog.choices.guess)
    read(dialog)
    choose(dialog.choices.fields.field("delimiter"), ",")
    read(dialog)
    assert dialog.settings.target is None
    assert dialog.use_button.text() != "Use this data" or not dialog.use_button.isEnabled()
    choose(dialog.choices.fields.field("delimiter"), None)
    read(dialog)
    assert len(roles(dialog)) == 5


def test_one_of_several_sheets_is_chosen_from_a_list(qtbot, tmp_path, monkeypatch):
    path = tmp_path / "book.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active.title = "small"
    for title in ("small", "large"):
        sheet = workbook[title] if title in workbook else workbook.create_sheet(title)
        sheet.append([f"{title} {name}" for name in "ab"])
        for row in range(30):
            sheet.append([row, row % 3])
    workbook.save(path)
    monkeypatch.setattr(Spreadsheet, "part_field", "sheet", raising=False)
    monkeypatch.setattr(Spreadsheet, "parts", lambda source: ("small", "large"), raising=False)
    with imported(qtbot, path) as dialog:
        wait_until(dialog.choices.part.isVisible, "list of sheets")
        assert set(roles(dialog)) == {"small a", "small b"}
        choose(dialog.choices.part, "large")
        read(dialog)
        assert set(roles(dialog)) == {"large a", "large b"}
        assert dialog.settings.source.sheet == "large"


def test_reading_is_cancelled_with_the_dialog(qtbot, tmp_path):
    path = tmp_path / "large.csv"
    path.write_text("a,b,y\n" + "".join(f"{n},{n % 7},{n % 2}\n" for n in range(400_000)))
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1240, 800)
    window.show()
    jobs = JobRunner(window)
    dialog = ImportDialog(table_settings(path), jobs, Exports(jobs, window), window)
    dialog.open()
    assert not dialog.use_button.isEnabled()
    assert dialog.heading.progress.isVisible()
    click(dialog.cancel_button)
    assert jobs.running == []
    assert jobs.shutdown(PATIENCE_S)
