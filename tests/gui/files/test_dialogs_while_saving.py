"""Dialogs that are opened while a file is still being written."""

from PySide6.QtWidgets import QFileDialog, QMessageBox

from engine.files.run_file import load


def test_a_save_as_that_is_cancelled_does_not_undo_a_close_that_waits_for_a_save(
    desk, tmp_path, slow_saving, answers, monkeypatch
):
    path = tmp_path / "work.gradwright"
    chosen = [str(path), ""]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (chosen.pop(0), ""))
    desk.train_for_long()
    answers.append(QMessageBox.StandardButton.Save)
    assert not desk.window.close()
    # The file is being written, on a slow disk; the dialog is opened again and closed without a choice.
    desk.do("save_as")
    assert not chosen
    slow_saving.set()
    desk.until(lambda: not desk.window.isVisible(), "closed window")
    assert load(path).state.numbers["step"] > 0
