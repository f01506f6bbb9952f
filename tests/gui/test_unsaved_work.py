"""Files that take long, that others change, that cannot be written: no work is lost, and none is mixed up."""

import itertools
import json
import os
import shutil
import threading
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMessageBox

from engine.files.atomic import file_state
from engine.files.journal import Journal, journal_root
from engine.files.left_behind import left_behind
from engine.files.run_file import captured_run, load, save, saved_run
from engine.training.history import HistoryRows
from gui.core import opening as opening_module
from gui.core import saving as saving_module
from gui.main_window import MainWindow
from tests.engine.training.runs import dense, experiment, take, trainer, with_training
from tests.gui.desk import PATIENCE_S, wait_until
from tests.gui.hands import button
from tests.gui.hands import click as press_button


@pytest.fixture
def trained(tmp_path) -> Path:
    """A file that holds a run of 40 steps."""
    path = tmp_path / "big.gradwright"
    save(path, saved_run(take(trainer(experiment([dense(5)], epochs=1_000_000).replace(name="Big")), 40)))
    return path


@pytest.fixture
def slow_opening(monkeypatch):
    """No file is read before this event is set."""
    let_go = threading.Event()
    right = opening_module.load

    def slow(*arguments):
        assert let_go.wait(PATIENCE_S)
        return right(*arguments)

    monkeypatch.setattr(opening_module, "load", slow)
    yield let_go
    let_go.set()


@pytest.fixture
def chosen(monkeypatch, tmp_path):
    """What a person chooses in the dialog for saving."""
    path = tmp_path / "chosen.gradwright"
    choose = "gui.window.file_commands.QFileDialog.getSaveFileName"
    monkeypatch.setattr(choose, lambda *arguments: (str(path), ""))
    return path


@pytest.fixture
def click(monkeypatch):
    """Clicks the button of that text in the next question; the list holds what was asked."""
    asked, wanted = [], []

    def answer(box):
        asked.append(f"{box.text()} {box.informativeText()}")
        text = wanted.pop(0)
        next(button for button in box.buttons() if button.text().replace("&", "") == text).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    return asked, wanted


def opened(desk, path):
    desk.window.files.open(path)
    desk.until(lambda: desk.window.document.path == path and desk.window.session.ready, "opened file")


def test_a_ready_experiment_chosen_while_a_file_opens_is_what_is_trained_and_saved(
    desk, trained, slow_opening, chosen
):
    """It used to overwrite the file with an untrained run, in 18 of 19 tries."""
    before = trained.read_bytes()
    desk.window.files.open(trained)
    desk.window.files.new_from_preset("xor")
    slow_opening.set()
    desk.status("ready")
    desk.do("step_epoch")
    desk.status("paused")
    desk.do("save")
    desk.until(lambda: desk.window.document.path == chosen, "saved file")
    assert trained.read_bytes() == before
    assert load(chosen).experiment.name == "Exclusive or"
    assert load(chosen).state.numbers["step"] == desk.frame.step > 0
    assert {job.title for job in desk.window.jobs.running} <= {"Evaluating"}


def test_the_document_stays_while_a_file_opens_and_cancel_leaves_it(desk, trained, slow_opening):
    desk.do("step_epoch")
    at = desk.status("paused")
    desk.window.document.saved(trained.with_name("spiral.gradwright"))
    seen = []
    desk.window.files.opening.connect(seen.append)
    desk.window.files.open(trained)
    assert seen[-1].title == "Opening big.gradwright"
    desk.window.files.cancel_opening()
    assert seen[-1] is None
    slow_opening.set()
    QTest.qWait(100)
    assert desk.window.document.experiment.name == "Spiral"
    desk.do("step_batch")
    desk.until(lambda: desk.frame.status == "paused" and desk.frame.step == at.step + 1, "one more step")


def test_edits_made_while_a_file_opens_are_asked_about(desk, trained, slow_opening, answers):
    desk.window.files.open(trained)
    desk.set_epochs(77)
    answers.append(QMessageBox.StandardButton.Cancel)
    slow_opening.set()
    desk.until(lambda: not answers, "question")
    assert desk.training.epochs == 77
    answers.append(QMessageBox.StandardButton.Discard)
    desk.window.files.open(trained)
    desk.until(lambda: desk.window.document.path == trained, "opened file")
    assert desk.status("paused").step == 40


def test_training_ordered_while_a_file_opens_is_asked_about(desk, trained, slow_opening, answers):
    desk.window.files.open(trained)
    desk.do("step_epoch")
    desk.status("paused")
    answers.append(QMessageBox.StandardButton.Cancel)
    slow_opening.set()
    desk.until(lambda: not answers, "question")
    assert desk.window.document.experiment.name == "Spiral"


def test_of_two_files_opened_at_once_the_newer_wish_counts(desk, trained, tmp_path, slow_opening):
    other = tmp_path / "other.gradwright"
    save(other, saved_run(take(trainer(experiment([dense(3)])), 7)))
    desk.window.files.open(trained)
    desk.window.files.open(other)
    slow_opening.set()
    desk.until(lambda: desk.window.document.path == other, "opened file")
    assert desk.status("paused").step == 7
    QTest.qWait(50)
    assert desk.window.document.path == other


def test_a_save_makes_no_run_and_asks_before_it_replaces_a_longer_one(desk, trained, click):
    asked, wanted = click
    opened(desk, trained)
    before = trained.read_bytes()
    desk.window.document.edit(desk.window.document.experiment.replace(layers=()), "Delete layer")
    wanted.append("Cancel")
    desk.do("save")
    desk.until(lambda: asked, "question")
    assert "40 training steps" in asked[0]
    assert "0 training steps" in asked[0]
    assert trained.read_bytes() == before
    assert desk.window.document.modified
    wanted.append("Replace the file")
    desk.do("save")
    desk.until(lambda: not desk.window.document.modified, "saved file")
    assert load(trained).experiment.layers == ()


def test_a_file_that_another_program_has_replaced_is_not_replaced_unasked(desk, trained, click, chosen):
    """Two windows on one file: the last writer used to win unasked."""
    asked, wanted = click
    opened(desk, trained)
    save(trained, saved_run(take(trainer(experiment([dense(5)], epochs=1_000_000)), 55)))
    theirs = trained.read_bytes()
    desk.do("step_batch")
    desk.status("paused")
    wanted.append("Save as…")
    desk.do("save")
    desk.until(lambda: desk.window.document.path == chosen, "file under another name")
    assert "changed by another program" in asked[0]
    assert "55 training steps" in asked[0]
    assert trained.read_bytes() == theirs
    assert load(chosen).state.numbers["step"] == 41


def test_saving_again_and_again_asks_nothing(desk, trained):
    opened(desk, trained)
    for step in range(41, 45):
        desk.do("step_batch")
        desk.until(lambda step=step: desk.frame.step == step and desk.frame.status == "paused", "step")
        desk.do("save")
        desk.until(lambda: not desk.window.document.modified, "saved file")
        assert file_state(trained).step == step


def test_saves_are_written_in_the_order_in_which_they_were_asked_for(desk, tmp_path, monkeypatch):
    """The first write takes longest: written side by side, it would replace the later ones."""
    path, turns = tmp_path / "run.gradwright", itertools.count()
    right = saving_module.save

    def slow_at_first(*arguments):
        if next(turns) == 0:
            threading.Event().wait(0.3)
        return right(*arguments)

    monkeypatch.setattr(saving_module, "save", slow_at_first)
    for step in range(1, 4):
        desk.do("step_batch")
        desk.until(lambda step=step: desk.frame.step == step and desk.frame.status == "paused", "step")
        desk.window.files.save_to(path)
    desk.until(lambda: not desk.window.jobs.running and not desk.window.document.modified, "saved files")
    assert load(path).state.numbers["step"] == 3


def test_an_edit_of_a_trained_network_says_that_undo_brings_it_back(desk):
    desk.do("step_epoch")
    run = desk.status("paused").run
    put_aside = []
    desk.window.session.put_aside.connect(put_aside.append)
    desk.window.document.edit(desk.window.document.experiment.replace(layers=()), "Delete layers")
    assert put_aside
    desk.status("ready")
    desk.do("undo")
    assert desk.status("paused").run == run


def test_orders_faster_than_frames_are_all_carried_out(desk):
    desk.set_epochs(1_000_000)
    desk.do("train")
    desk.do("train")
    desk.until(lambda: desk.frame.command >= desk.window.session.command, "frame of both orders")
    assert desk.frame.status in ("ready", "paused")
    step = desk.frame.step
    for _ in range(5):
        desk.do("step_batch")
    desk.until(lambda: desk.frame.status == "paused" and desk.frame.step == step + 5, "five steps")
    desk.do("train")
    assert desk.window.actions_["stop"].isEnabled()
    desk.do("stop")
    desk.status("stopped")


@pytest.fixture
def journal_of_a_killed_program():
    """What is left of a window that came to no end: trained, edited live afterwards."""
    run = take(trainer(experiment([dense(5)], epochs=1_000_000).replace(name="Lost")), 33)
    journal = Journal(journal_root(), "window")
    journal.write_run(9, captured_run(run), HistoryRows.of(run.history))
    training = run.experiment.training.replace(batch_size=8)
    journal.write_document(run.experiment.replace(training=training), None, None, 9)
    journal.close()
    return run


def test_what_a_killed_program_has_left_is_offered_and_goes_on(journal_of_a_killed_program, desk):
    window, run = desk.window, journal_of_a_killed_program
    desk.until(lambda: window.recovery.dialog is not None, "offer")
    (folder,) = [note.parent for note in journal_root().glob("*/run.json")]
    dialog = window.recovery.dialog
    assert any("33 training steps" in label.text() for label in dialog.findChildren(QLabel))
    press_button(button(dialog, "Restore Lost"))
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
    press_button(button(second.recovery.dialog, "Discard Lost"))
    assert "“Lost” for good? 33 training steps" in asked[0]
    second.close()
    assert left_behind(journal_root()) == []


def kept(desk) -> bool:
    return any(journal_root().glob("*/document.json")) and desk.window.recovery.autosave.up_to_date


def steps_kept() -> int:
    """Those of the run in the journal."""
    (note,) = journal_root().glob("*/run.json")
    return json.loads(note.read_text())["steps"]


def test_what_is_edited_and_trained_stands_in_the_journal_soon(desk, tmp_path):
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


def test_what_cannot_be_saved_says_so_and_training_goes_on(desk, tmp_path, monkeypatch):
    problems = []
    desk.window.files.problem.disconnect(desk.window.messages.show_problem)
    desk.window.files.problem.connect(lambda title, error: problems.append(error))
    desk.train_for_long()
    desk.window.files.save_to(tmp_path / "nowhere" / "run.gradwright")
    desk.until(lambda: problems, "sentence")
    assert "Make the folder first" in problems[0].help
    step = desk.frame.step
    desk.until(lambda: desk.frame.step > step and desk.frame.status == "training", "more steps")
    assert desk.window.document.modified


def test_closing_while_a_file_opens_ends_at_once(desk, trained, slow_opening):
    desk.window.files.open(trained)
    assert desk.window.close()
    assert not desk.window.session.client.thread_.is_alive()
    assert desk.window.jobs.running == []


def test_an_edit_made_while_a_new_name_is_saved_leaves_the_file_of_before_alone(
    desk, trained, slow_saving, chosen
):
    """Ctrl+S used to go on saving to the old name, over what was there."""
    opened(desk, trained)
    before = trained.read_bytes()
    desk.window.files.save_as()
    desk.set_epochs(7)
    slow_saving.set()
    desk.until(lambda: desk.window.document.path == chosen, "new name")
    assert desk.window.document.modified
    desk.do("save")
    desk.until(lambda: not desk.window.document.modified, "saved edit")
    assert load(chosen).experiment.training.epochs == 7
    assert trained.read_bytes() == before


@pytest.fixture
def slow_saving(monkeypatch):
    """No file is written before this event is set."""
    let_go = threading.Event()
    right = saving_module.save

    def slow(*arguments):
        assert let_go.wait(PATIENCE_S)
        return right(*arguments)

    monkeypatch.setattr(saving_module, "save", slow)
    yield let_go
    let_go.set()


def test_a_save_under_way_is_ended_before_the_window_closes(desk, trained, slow_saving, chosen):
    opened(desk, trained)
    desk.window.files.save_as()
    assert not desk.window.close()
    slow_saving.set()
    desk.until(lambda: not desk.window.isVisible(), "closed window")
    assert load(chosen).state.numbers["step"] == 40


def test_a_run_that_refuses_an_edit_is_saved_with_what_it_has_learned(desk, tmp_path, monkeypatch):
    desk.do("step_epoch")
    step = desk.status("paused").step
    refuse_changes(monkeypatch)
    desk.window.document.edit(with_training(desk.window.document.experiment, batch_size=8), "Batch size")
    desk.status("invalid")
    path = tmp_path / "run.gradwright"
    desk.window.files.save_to(path)
    desk.until(lambda: desk.window.document.path == path, "saved file")
    saved = load(path)
    assert (saved.state.numbers["step"], saved.experiment.training.batch_size) == (step, 32)
    assert desk.window.document.modified, "the edit is not in the file"


def refuse_changes(monkeypatch):
    def change(trainer, experiment):
        raise MemoryError

    monkeypatch.setattr("engine.training.trainer.Trainer.change", change)


def test_training_that_goes_on_while_a_file_opens_is_asked_about(
    desk, trained, slow_opening, answers, chosen
):
    desk.set_epochs(1_000_000)
    desk.window.document.saved(chosen)
    desk.do("train")
    desk.window.files.open(trained)
    step = desk.frame.step
    desk.until(lambda: desk.frame.step > step + 3, "more training")
    answers.append(QMessageBox.StandardButton.Cancel)
    slow_opening.set()
    desk.until(lambda: not answers, "question")
    assert desk.window.document.experiment.name == "Spiral"
    desk.until(lambda: desk.frame.step > step + 6, "still training")


def test_a_file_that_has_opened_waits_while_a_question_is_open(
    desk, trained, slow_opening, monkeypatch, chosen
):
    """Save is to save what the question is about, not what a file has put in its place."""
    desk.do("step_epoch")
    desk.status("paused")
    desk.until(lambda: desk.window.document.modified, "unsaved work")

    def answer(box):
        slow_opening.set()
        QTest.qWait(300)
        return QMessageBox.StandardButton.Save

    monkeypatch.setattr(QMessageBox, "exec", answer)
    desk.window.files.open(trained)
    desk.window.files.new_from_preset("xor")
    desk.until(lambda: desk.window.document.experiment.name == "Exclusive or", "the preset")
    saved = load(chosen)
    assert (saved.experiment.name, saved.state.numbers["step"]) == ("Spiral", 11)


def test_a_note_is_made_while_a_question_of_a_save_is_open(desk, trained, monkeypatch):
    """The question is asked when a job has ended; the ends of other jobs do not wait for its answer."""
    opened(desk, trained)
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


def test_a_journal_folder_that_somebody_removes_is_made_again(desk, monkeypatch):
    monkeypatch.setattr("gui.core.autosave.RETRY_AFTER_S", 0.0)
    desk.set_epochs(1_000_000)
    desk.do("step_epoch")
    desk.status("paused")
    desk.until(lambda: kept(desk), "saved work")
    shutil.rmtree(journal_root())
    desk.do("step_epoch")
    desk.until(lambda: kept(desk) and any(journal_root().glob("*/run.json")), "saved again")
