"""A teacher makes a lesson, saves it, and a pupil opens and completes it."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from engine.data.sources import CSVFile
from engine.errors import UserError
from engine.experiment import Experiment
from engine.lessons import making, read_lesson
from tests.gui.hands import choose, click, settle, write

MESSAGES = "a table of 3 rows at most"


def table(tmp_path, rows=30):
    path = tmp_path / "t.csv"
    lines = [f"{i / 7:.4f},{'a' if i % 2 else 'b'},{i % 3 * 1.5}" for i in range(rows)]
    path.write_text("x,kind,y\n" + "\n".join(lines) + "\n", encoding="utf-8")
    experiment = Experiment()
    return experiment.replace(data=experiment.data.replace(source=CSVFile(path=str(path))))


def test_a_table_from_a_file_is_put_in_as_it_was_read(tmp_path):
    experiment = table(tmp_path)
    inside = making.with_data_inside(experiment)
    assert inside.data.source.kind == "typed_table"
    before, after = experiment.data.load(), inside.data.load()
    assert [c.name for c in after.columns] == ["x", "kind", "y"]
    for one, other in zip(before.columns, after.columns, strict=True):
        assert one.kind == other.kind
        np.testing.assert_array_equal(one.values, other.values)


def test_a_table_that_is_too_large_gets_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(making, "MOST_ROWS", 3)
    with pytest.raises(UserError, match=MESSAGES):
        making.with_data_inside(table(tmp_path))


def fill(dialog):
    """Two steps: a question with a number; a task with a hint, of several answers."""
    write(dialog.title, "Two epochs")
    editor = dialog.editor
    editor.text.setPlainText("How much is a half?")
    choose(editor.kind, "number")
    write(editor.question, "A half?")
    write(editor.answer, "1/2")
    write(editor.tolerance, "0.01")
    click(dialog.add)
    write(editor.title, "Train")
    editor.text.setPlainText("Now train.")
    choose(editor.kind, "choice")
    write(editor.question, "Which?")
    editor.options.setPlainText("this\nthat")
    write(editor.answer, "2")
    choose(editor.check, "epochs")
    write(editor.form.field("least"), "1")
    editor.hints.setPlainText("Press F11.")
    dialog.tabs.setCurrentIndex(1)
    dialog.locks.items["network"].setCheckState(1, Qt.CheckState.Checked)
    dialog.locks.items["loss"].setCheckState(2, Qt.CheckState.Checked)


def test_a_lesson_is_made_saved_opened_and_completed(desk, tmp_path, monkeypatch):
    window, path = desk.window, tmp_path / "made.gradwright-lesson"
    desk.until(lambda: window.session.ready, "a run")
    desk.do("make_lesson")
    dialog = window.lessons.making.dialog
    desk.until(dialog.isVisible, "the dialog")
    click(dialog.save_button)
    desk.until(lambda: dialog.message.isVisible(), "a sentence about the title that is missing")
    fill(dialog)
    dialog.weights.click()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    click(dialog.save_button)
    desk.until(lambda: not dialog.isVisible(), "the saved lesson")
    lesson = read_lesson(path)
    assert (lesson.title, lesson.locked, lesson.hidden) == ("Two epochs", ("network",), ("loss",))
    assert lesson.experiment == window.document.experiment
    assert lesson.weights
    window.files.open(path)
    lessons, panel = window.context.lessons, window.panels["lesson"]
    desk.until(lambda: lessons.lesson == lesson and window.session.ready, "the lesson")
    write(panel.question.field, "0.5")
    click(panel.next)
    panel.question.options[1].click()
    settle()
    assert not panel.next.isEnabled()
    desk.do("step_epoch")
    desk.until(lambda: lessons.finished, "the end of the lesson")
    click(panel.next)
    assert lessons.lesson is None


def test_preview_comes_back_and_a_lesson_can_be_edited(desk, tmp_path, monkeypatch):
    window = desk.window
    desk.until(lambda: window.session.ready, "a run")
    desk.do("make_lesson")
    making_ = window.lessons.making
    fill(making_.dialog)
    click(making_.dialog.preview_button)
    desk.until(lambda: window.context.lessons.lesson is not None, "the preview")
    assert not making_.dialog.isVisible()
    click(window.panels["lesson"].leave)
    desk.until(making_.dialog.isVisible, "the dialog again")
    dialog, path = making_.dialog, tmp_path / "edited.json"
    dialog.tabs.setCurrentIndex(0)
    click(dialog.up)
    assert dialog.editor.title.text() == "Train"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    click(dialog.save_button)
    desk.until(lambda: not dialog.isVisible(), "the saved lesson")
    assert [step.title for step in read_lesson(path).steps] == ["Train", ""]
    desk.do("make_lesson")
    dialog = making_.dialog
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    click(dialog.edit_button)
    desk.until(lambda: dialog.title.text() == "Two epochs", "the lesson in the dialog")
    click(dialog.remove)
    click(dialog.save_button)
    desk.until(lambda: not dialog.isVisible(), "the saved lesson")
    (step,) = read_lesson(path).steps
    assert step.question.answer == 0.5
    assert step.question.tolerance == 0.01
