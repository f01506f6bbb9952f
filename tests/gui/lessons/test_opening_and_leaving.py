"""Lesson files open like others; what was there before a lesson comes back whole; locks hold everywhere."""

import json

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QMessageBox

from engine.files.opening import preset
from engine.lessons import Lesson
from engine.lessons.files import to_json, write_lesson
from gui.core.locks import LOCKED
from gui.core.preferences import preferences
from tests.gui.hands import click

EPOCHS = {"text": "Train.", "checks": [{"kind": "epochs", "least": 2}]}


def small_lesson(**changes):
    values = {"title": "Mine", "experiment": preset("xor").model_dump(mode="json"), "steps": [EPOCHS, EPOCHS]}
    return Lesson.model_validate(values | changes)


@pytest.fixture
def begin(desk, tmp_path):
    """Opens a lesson and waits for its run."""

    def begun(lesson):
        path, lessons = tmp_path / "begun.gradwright-lesson", desk.window.context.lessons
        write_lesson(lesson, path)
        desk.window.files.open(path)
        desk.until(lambda: lessons.lesson is not None and desk.window.session.ready, "the run of the lesson")
        return lessons

    return begun


def train_epoch(desk):
    step = desk.frame.step
    desk.until(lambda: desk.window.actions_["step_epoch"].isEnabled(), "a pause")
    desk.do("step_epoch")
    desk.until(lambda: desk.frame.step > step and desk.window.session.goal is None, "an epoch")


@pytest.mark.parametrize(("name", "way"), [("mine.gradwright-lesson", "open"), ("mine.json", "drop")])
def test_a_lesson_file_opens_whatever_it_is_called(desk, tmp_path, name, way):
    path = tmp_path / name
    write_lesson(small_lesson(), path)
    if way == "open":
        desk.window.files.open(path)
    else:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        desk.window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, buttons, keys))
    lessons = desk.window.context.lessons
    desk.until(lambda: lessons.lesson is not None, "the lesson")
    assert lessons.lesson.title == "Mine"
    assert preferences().recent_files[0] == path


BROKEN = {
    "{": "JSON",
    '{"rows": [1, 2]}': "a lesson in JSON",
    to_json(small_lesson()).replace('"lesson_version": 1', '"lesson_version": 9'): "newer Gradwright",
    to_json(small_lesson())[:-40]: "JSON",
}
"""What a file holds, and what is said of it."""


def test_what_is_no_lesson_changes_nothing_and_is_told(desk, tmp_path):
    path = tmp_path / "broken.gradwright-lesson"
    before, found = desk.window.document.experiment, []
    desk.window.files.problem.connect(lambda title, error: found.append(str(error)))
    for text, said in BROKEN.items():
        found.clear()
        path.write_text(text, encoding="utf-8")
        desk.window.files.open(path)
        desk.until(lambda: found, "a sentence")
        assert said in found[0]
        assert desk.window.document.experiment is before
        assert desk.window.context.lessons.lesson is None


def test_what_was_there_comes_back_with_its_training_and_its_undo_steps(desk, begin):
    window, document = desk.window, desk.window.document
    before = document.experiment
    desk.set_epochs(77)
    desk.until(lambda: window.session.ready, "the edited run")
    train_epoch(desk)
    step, run, edited = desk.frame.step, document.run, document.experiment
    lessons = begin(small_lesson())
    assert not document.undo_stack.canUndo()
    assert not window.actions_["undo"].isEnabled()
    train_epoch(desk)
    click(window.panels["lesson"].leave)
    desk.until(lambda: desk.frame.run == run and desk.frame.step == step, "the run of before")
    assert lessons.lesson is None
    assert document.experiment == edited
    assert document.modified
    assert window.actions_["undo"].isEnabled()
    desk.do("undo")
    assert document.experiment == before
    desk.do("redo")
    desk.until(lambda: desk.frame.run == run and desk.frame.step == step, "the run again")


def test_closing_in_a_lesson_asks_about_the_work_of_before(desk, begin, monkeypatch):
    desk.set_epochs(77)
    edited = desk.window.document.experiment
    begin(small_lesson())
    monkeypatch.setattr(QMessageBox, "exec", lambda box: QMessageBox.StandardButton.Cancel)
    desk.window.close()
    assert desk.window.isVisible()
    assert desk.window.document.experiment == edited
    assert desk.window.context.lessons.lesson is None


def test_what_was_trained_before_a_step_does_not_fulfil_it(desk, begin):
    lessons = begin(small_lesson())
    for _ in range(2):
        assert not lessons.fulfilled(0)
        train_epoch(desk)
    desk.until(lambda: lessons.fulfilled(0), "two epochs")
    click(desk.window.panels["lesson"].next)
    train_epoch(desk)
    assert not lessons.fulfilled(0)
    train_epoch(desk)
    desk.until(lambda: lessons.fulfilled(0), "two further epochs")


def test_what_was_trained_before_an_edit_does_not_count(desk, begin):
    lessons = begin(small_lesson())
    train_epoch(desk)
    document, training = desk.window.document, desk.training
    rate = training.optimizer.replace(learning_rate=0.017)
    document.edit(document.experiment.replace(training=training.replace(optimizer=rate)), "Rate")
    desk.until(lambda: desk.window.session.ready, "the run")
    train_epoch(desk)
    assert not lessons.fulfilled(0)
    train_epoch(desk)
    desk.until(lambda: lessons.fulfilled(0), "two epochs with the new rate")


def test_locks_hold_for_every_edit_and_say_why(desk, begin):
    window, document = desk.window, desk.window.document
    begin(small_lesson(locked=["network", "training.seed", "weights", "reset"], hidden=["loss"]))
    before, said = document.experiment, []
    document.refused.connect(said.append)
    train_epoch(desk)
    for name in ("new_seed", "reset"):
        assert not window.actions_[name].isEnabled()
        assert window.actions_[name].toolTip() == LOCKED
    document.edit(before.replace(layers=()), "Remove layers")
    assert document.experiment == before
    assert said == [LOCKED]
    assert window.context.weights.reason_against == LOCKED
    count = document.undo_stack.count()
    window.context.weights.set(0, "weight", (0, 0), 5.0)
    assert document.undo_stack.count() == count
    assert not window.docks.plot("loss").isVisible()
    desk.set_epochs(33)
    assert document.experiment.training.epochs == 33
    click(window.panels["lesson"].leave)
    desk.until(lambda: window.session.ready, "the run of before")
    assert window.actions_["new_seed"].isEnabled()
    assert window.context.weights.reason_against == ""
    assert not window.docks.plot("loss").isHidden()


def test_training_on_is_no_edit_of_locked_settings(desk, begin):
    experiment = preset("xor")
    short = experiment.replace(training=experiment.training.replace(epochs=1))
    begin(small_lesson(experiment=json.loads(short.model_dump_json()), locked=["training"]))
    for _ in range(3):
        train_epoch(desk)
    desk.until(lambda: desk.window.context.lessons.fulfilled(0), "epochs beyond those of the experiment")
