"""Closing the window asks about unsaved work once, holds training meanwhile, and leaves nothing running."""

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from engine.files.run_file import load


def test_unsaved_work_is_asked_about_once_and_can_be_saved_on_the_way(desk, answers, tmp_path, monkeypatch):
    desk.do("step_epoch")
    desk.status("paused")
    desk.until(lambda: desk.window.document.modified, "unsaved work")
    answers.append(QMessageBox.StandardButton.Cancel)
    desk.window.files.new_from_preset("xor")
    assert desk.window.document.experiment.name == "Spiral"
    path = tmp_path / "kept.gradwright"
    monkeypatch.setattr(
        "gui.window.file_commands.QFileDialog.getSaveFileName", lambda *arguments: (str(path), "")
    )
    answers.append(QMessageBox.StandardButton.Save)
    desk.window.files.new_from_preset("xor")
    desk.until(lambda: desk.window.document.experiment.name == "Exclusive or", "other experiment")
    assert path.stat().st_size > 0
    assert not answers


def open_question(desk, monkeypatch, answer):
    """Answers the next question after a while in which the window lives; gives the steps before and after."""
    seen = []

    def wait(box):
        desk.status("paused")
        seen.append(desk.frame.step)
        QTest.qWait(150)
        seen.append(desk.frame.step)
        return answer

    monkeypatch.setattr(QMessageBox, "exec", wait)
    return seen


@pytest.mark.parametrize("deed", ["close", "open another"])
def test_training_waits_while_the_question_is_open_and_goes_on_at_cancel(desk, monkeypatch, deed):
    desk.train_for_long()
    seen = open_question(desk, monkeypatch, QMessageBox.StandardButton.Cancel)
    if deed == "close":
        assert not desk.window.close()
    else:
        desk.window.files.new_from_preset("xor")
    assert seen[0] == seen[1]
    desk.status("training")
    desk.until(lambda: desk.frame.step > seen[1], "more steps")


def test_what_is_saved_before_closing_in_mid_training_is_all_there_is(desk, monkeypatch, tmp_path):
    desk.do("speed_full")
    desk.train_for_long()
    path = tmp_path / "kept.gradwright"
    monkeypatch.setattr(
        "gui.window.file_commands.QFileDialog.getSaveFileName", lambda *arguments: (str(path), "")
    )
    seen = open_question(desk, monkeypatch, QMessageBox.StandardButton.Save)
    assert not desk.window.close()
    desk.until(lambda: not desk.window.isVisible(), "closed window")
    assert len(seen) == 2, "asked once"
    assert load(path).state.numbers["step"] == seen[1]


@pytest.mark.parametrize(("saved", "words"), [(998, "2 training steps"), (999, "1 training step")])
def test_what_is_at_stake_is_counted(desk, saved, words):
    desk.window.session.number += 1
    desk.window.files.begin_run(saved)
    desk.window.files.note_step(1000)
    assert desk.window.files.work.at_stake() == words


def test_an_edit_while_saving_before_closing_is_saved_too(desk, answers, monkeypatch, tmp_path):
    path = tmp_path / "kept.gradwright"
    monkeypatch.setattr(
        "gui.window.file_commands.QFileDialog.getSaveFileName", lambda *arguments: (str(path), "")
    )
    desk.set_epochs(41)
    answers.append(QMessageBox.StandardButton.Save)
    assert not desk.window.close()
    desk.set_epochs(42)
    desk.until(lambda: not desk.window.isVisible(), "closed window")
    assert load(path).experiment.training.epochs == 42
    assert not desk.window.document.modified


def test_training_goes_on_where_no_file_is_chosen_or_none_can_be_written(desk, monkeypatch, tmp_path):
    desk.train_for_long()
    window, problems = desk.window, []
    window.files.problem.disconnect(window.messages.show_problem)
    window.files.problem.connect(lambda deed, error: problems.append(deed))
    for chosen in ("", str(tmp_path / "nowhere" / "kept.gradwright")):
        monkeypatch.setattr(
            "gui.window.file_commands.QFileDialog.getSaveFileName",
            lambda *arguments, chosen=chosen: (chosen, ""),
        )
        seen = open_question(desk, monkeypatch, QMessageBox.StandardButton.Save)
        assert not window.close()
        held = seen[1]
        desk.until(lambda held=held: desk.frame.status == "training" and desk.frame.step > held, "more steps")
    assert problems == ["Save"]


def test_closing_in_mid_training_leaves_no_thread(desk, answers):
    desk.train_for_long()
    answers.append(QMessageBox.StandardButton.Discard)
    assert desk.window.close()
    assert not desk.window.session.client.thread_.is_alive()
