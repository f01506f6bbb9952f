"""The journal keeps unsaved work while a window runs, and what a killed one has left is offered again."""

import json
import os
import shutil

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMessageBox

from engine.files.journal import Journal, journal_root
from engine.files.left_behind import left_behind
from engine.files.run_file import captured_run, save, saved_run
from engine.training.history import HistoryRows
from gui.main_window import MainWindow
from tests.engine.training.runs import dense, experiment, take, trainer
from tests.gui.desk import wait_until
from tests.gui.hands import button
from tests.gui.hands import click as click_on


def test_what_a_killed_program_has_left_is_offered_and_goes_on(journal_of_a_killed_program, desk):
    window, run = desk.window, journal_of_a_killed_program
    desk.until(lambda: window.recovery.dialog is not None, "offer")
    (folder,) = [note.parent for note in journal_root().glob("*/run.json")]
    dialog = window.recovery.dialog
    assert any("33 training steps" in label.text() for label in dialog.findChildren(QLabel))
    click_on(button(dialog, "Restore Lost"))
    desk.until(lambda: window.document.experiment.name == "Lost" and window.session.ready, "restored work")
    assert desk.status("paused").step == 33
    assert window.document.modified
    assert desk.training.batch_size == 8
    desk.do("undo")
    desk.do("step_batch")
    desk.until(lambda: desk.frame.status == "paused" and desk.frame.step == 34, "step")
    losses = take(run, 1).history.steps.read("loss")
    assert list(desk.frame.history.steps.read("loss")) == list(losses)
    desk.until(lambda: not folder.exists(), "end of the old journal, as it is in the new one")


def test_what_is_discarded_is_gone_and_what_is_left_alone_is_offered_again(
    journal_of_a_killed_program, desk, click, qtbot
):
    asked, wanted = click
    window = desk.window
    desk.until(lambda: window.recovery.dialog is not None, "offer")
    window.recovery.dialog.reject()
    (work,) = left_behind(journal_root())
    assert work.step == 33
    work.close()
    second = MainWindow()
    qtbot.addWidget(second)
    second.start()
    wait_until(lambda: second.recovery.dialog is not None, "dialog")
    wanted.append("Discard")
    click_on(button(second.recovery.dialog, "Discard Lost"))
    assert "“Lost” for good? 33 training steps" in asked[0]
    second.close()
    assert left_behind(journal_root()) == []


def kept(desk) -> bool:
    return any(journal_root().glob("*/document.json")) and desk.window.recovery.autosave.up_to_date


def steps_kept() -> int:
    """Those of the run in the journal."""
    (note,) = journal_root().glob("*/run.json")
    return json.loads(note.read_text())["steps"]


def test_what_is_edited_and_trained_stands_in_the_journal_soon(hurried, desk, tmp_path):
    desk.set_epochs(1_000_000)
    desk.do("step_epoch")
    desk.status("paused")
    desk.until(lambda: kept(desk), "kept work")
    (folder,) = journal_root().iterdir()
    assert {"document.json", "run.json", "picture.png"} <= {path.name for path in folder.iterdir()}
    desk.window.files.save_to(tmp_path / "test.gradwright")
    desk.until(lambda: {path.name for path in folder.iterdir()} == {"lock"}, "empty journal")


def test_a_window_ended_from_outside_keeps_its_work_to_the_last_step(desk):
    desk.train_for_long()
    desk.window.end(143)
    desk.until(lambda: not desk.window.isVisible(), "closed window")
    (work,) = left_behind(journal_root())
    assert work.step >= desk.frame.step > 0
    work.discard()


def test_a_closed_window_leaves_nothing_to_restore(desk, answers):
    desk.do("step_epoch")
    desk.status("paused")
    desk.until(lambda: kept(desk), "kept work")
    answers.append(QMessageBox.StandardButton.Discard)
    assert desk.window.close()
    assert left_behind(journal_root()) == []
    assert list(journal_root().iterdir()) == []


def test_a_full_disk_is_said_once_and_training_goes_on(desk, monkeypatch):
    said = []
    desk.window.recovery.failed.connect(said.append)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    monkeypatch.setattr("gui.core.autosave.RETRY_AFTER_S", 0.0)
    desk.train_for_long()
    desk.until(lambda: said, "sentence")
    step = desk.frame.step
    desk.until(lambda: desk.frame.step > step, "more steps")
    QTest.qWait(600)
    assert said == [
        "Unsaved work cannot be saved automatically: no space left on device. "
        "Everything else goes on; save soon."
    ]
    monkeypatch.undo()


@pytest.fixture
def hurried(monkeypatch):
    """A run is noted every tenth of a second, not every few seconds."""
    monkeypatch.setattr("gui.core.autosave.LEAST_INTERVAL_S", 0.1)
    monkeypatch.setattr("gui.core.autosave.next_interval", lambda cost, took: 0.1)


def test_a_note_is_made_while_a_question_of_a_save_is_open(hurried, desk, trained, monkeypatch):
    """The question is asked when a job has ended; the ends of other jobs do not wait for its answer."""
    desk.open(trained)
    save(trained, saved_run(take(trainer(experiment([dense(5)], epochs=1_000_000)), 55)))
    desk.do("train")
    desk.until(lambda: any(journal_root().glob("*/run.json")), "first note")
    notes = []

    def answer(box):
        for number in ("a", "another"):
            before = steps_kept()
            desk.until(lambda before=before: steps_kept() > before, f"{number} note")
        notes.append(steps_kept())
        box.buttons()[-1].click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    desk.window.files.save_to(trained)
    desk.until(lambda: notes, "question")
    desk.do("train")
    desk.status("paused")


def test_work_whose_data_is_gone_is_not_lost_by_a_try_to_restore_it(desk, tmp_path, qtbot, monkeypatch):
    table = tmp_path / "table.csv"
    table.write_text("x,y,kind\n" + "".join(f"{n},{n % 7},{'ab'[n % 2]}\n" for n in range(60)))
    data = {"source": {"kind": "csv", "path": str(table)}, "target": "kind"}
    run = take(trainer(experiment(data=data).replace(name="Lost")), 30)
    journal = Journal(journal_root(), "window")
    journal.write_run(9, captured_run(run), HistoryRows.of(run.history))
    journal.write_document(run.experiment, None, None, 9)
    journal.close()
    table.unlink()
    (work,) = left_behind(journal_root())
    asked = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box.text()) or 0)
    desk.window.files.restore(work)
    desk.until(lambda: asked, "question")
    assert "table.csv" in asked[0]
    QTest.qWait(600)
    (again,) = left_behind(journal_root())
    assert again.step == 30
    again.close()


def test_restored_work_does_not_replace_what_was_saved_meanwhile(desk, tmp_path, click):
    asked, wanted = click
    path = tmp_path / "run.gradwright"
    run = take(trainer(experiment(epochs=1_000_000)), 40)
    known = save(path, saved_run(run))
    journal = Journal(journal_root(), "window")
    journal.write_run(9, captured_run(take(run, 20)), HistoryRows.of(run.history))
    journal.write_document(run.experiment, path, known, 9)
    journal.close()
    save(path, saved_run(take(trainer(experiment().replace(name="Another")), 10)))
    theirs = path.read_bytes()
    (work,) = left_behind(journal_root())
    desk.window.files.restore(work)
    desk.until(lambda: desk.window.document.path == path, "restored work")
    wanted.append("Cancel")
    desk.do("save")
    desk.until(lambda: asked, "question")
    assert "changed by another program" in asked[0]
    assert path.read_bytes() == theirs


def test_a_restore_that_is_cancelled_leaves_the_work_for_later(desk, journal_of_a_killed_program):
    (work,) = left_behind(journal_root())
    desk.window.files.restore(work)
    desk.window.files.cancel_opening()
    (again,) = left_behind(journal_root())
    assert again.step == 33
    again.close()


def test_a_journal_folder_that_somebody_removes_is_made_again(hurried, desk, monkeypatch):
    monkeypatch.setattr("gui.core.autosave.RETRY_AFTER_S", 0.0)
    desk.set_epochs(1_000_000)
    desk.do("step_epoch")
    desk.status("paused")
    desk.until(lambda: kept(desk), "saved work")
    shutil.rmtree(journal_root())
    desk.do("step_epoch")
    desk.until(lambda: kept(desk) and any(journal_root().glob("*/run.json")), "saved again")
