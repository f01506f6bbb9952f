"""A person imports a table into the window: nothing changes until it is used, and one undo takes it back."""

from threading import Event

from engine.data.sources.csv_file import CSVFile
from gui.core.importing import table_settings
from tests.gui.data_import.steps import click_entry, click_head, read, roles, shown
from tests.gui.desk import PATIENCE_S
from tests.gui.hands import choose, click


def test_nothing_changes_until_the_data_is_used_and_then_one_undo_takes_it_back(desk, table):
    desk.window.files.open(table)
    dialog = desk.dialog
    before = desk.window.document.experiment
    assert shown(dialog)[1] == ["1", "1.5", "1", "f1", "y"]
    assert dialog.choices.notes.text().startswith("Read as UTF-8, separated by semicolons")
    assert dialog.choices.fields.field("delimiter").currentText() == "Semicolon (guess)"
    assert dialog.choices.fields.field("encoding").placeholderText() == "UTF-8 (guess)"
    choose(dialog.choices.target.choice, "b")
    read(dialog)
    assert desk.window.document.experiment is before
    assert desk.window.document.undo_stack.count() == 0
    click(dialog.use_button)
    after = desk.window.document.experiment
    assert (after.data.source, after.data.target) == (CSVFile(path=str(table)), "b")
    assert after.name == "flowers"
    desk.status("ready")
    assert desk.window.document.undo_stack.count() == 1
    desk.do("undo")
    assert desk.window.document.experiment == before
    desk.status("ready")


def test_a_file_that_is_no_table_is_refused_inside_the_dialog(desk, tmp_path):
    before = desk.window.document.experiment
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 64)
    desk.window.files.open(picture)
    dialog = desk.dialog
    assert dialog.message.isVisible()
    assert "picture.csv" in dialog.message.text()
    assert not dialog.use_button.isEnabled()
    click(dialog.cancel_button)
    assert desk.window.document.experiment is before


def test_how_it_is_read_is_changed_from_the_data_section(desk, table):
    desk.open_table(table, "kind")
    layers = desk.window.document.experiment.layers
    section = desk.window.panels["data"]
    click(section.links.read_again)
    dialog = desk.dialog
    assert roles(dialog)["kind"] == "target"
    click_head(dialog, 3, "role")
    click_entry("ignored")
    desk.use_data()
    after = desk.window.document.experiment
    assert (after.data.ignored, after.layers) == (("tag",), layers)
    assert desk.window.document.undo_stack.undoText() == "Change how flowers.csv is read"


def test_a_table_that_is_opened_again_begins_anew_and_what_was_trained_comes_back(desk, table):
    desk.open_table(table, "kind")
    desk.do("step_epoch")
    desk.status("paused")
    trained, step = desk.window.document.experiment, desk.frame.step
    desk.open_table(table, "b")
    assert desk.window.document.experiment.data.target == "b"
    desk.until(lambda: desk.frame.step == 0, "untrained run")
    desk.do("undo")
    desk.until(lambda: desk.frame.step == step, "trained run")
    assert desk.window.document.experiment == trained


def test_a_file_of_the_document_is_never_written_over_by_an_import(desk, table, tmp_path):
    path = tmp_path / "spiral.gradwright"
    desk.window.files.save_to(path)
    desk.until(lambda: desk.window.document.path == path, "saved file")
    desk.open_table(table, "kind")
    assert desk.window.document.path is None
    assert not desk.window.document.modified
    desk.do("undo")
    assert desk.window.document.path is None
    assert desk.window.document.modified


def test_a_run_that_is_opened_after_a_table_is_what_is_wanted(desk, table, tmp_path, monkeypatch):
    path = tmp_path / "spiral.gradwright"
    desk.window.files.save_to(path)
    desk.until(lambda: desk.window.document.path == path, "saved file")
    generation, asked = desk.window.document.generation, Event()

    def begin(file):
        asked.wait(PATIENCE_S)
        return table_settings(file)

    monkeypatch.setattr("gui.window.data_import.commands.table_settings", begin)
    desk.window.files.open(table)
    desk.window.files.open(path)
    desk.until(lambda: desk.window.document.generation > generation, "opened run")
    asked.set()
    desk.until(lambda: not desk.window.session.jobs.running, "end of all jobs")
    assert desk.window.importing.dialog is None
