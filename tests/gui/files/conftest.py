"""Files that take long to be read or written, runs in files and journals, and answers to questions."""

import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox

from engine.files.journal import Journal, journal_root
from engine.files.run_file import captured_run, save, saved_run
from engine.training.history import HistoryRows
from gui.core import opening as opening_module
from gui.core import saving as saving_module
from tests.engine.training.runs import dense, experiment, take, trainer
from tests.gui.desk import PATIENCE_S


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
