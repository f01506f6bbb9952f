"""A window at work, for tests of what a person does with it."""

import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from gui.main_window import MainWindow
from tests.gui.hands import choose, click

PATIENCE_S = 90.0
"""scikit-learn alone takes seconds to import on a busy machine."""


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Let the window work until something holds: on a busy machine that may take long."""
    limit = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < limit, f"no {what}"
        QTest.qWait(5)


class Desk:
    """A window at work, and what a test waits for in it."""

    def __init__(self, window: MainWindow):
        self.window = window
        self.frame = None
        window.session.frame.connect(self._note)

    def _note(self, frame):
        self.frame = frame

    def until(self, holds, what: str):
        wait_until(holds, f"{what}; {self.frame}")

    def status(self, status):
        self.until(lambda: self.frame is not None and self.frame.status == status, status)
        return self.frame

    def open(self, path: Path):
        """Open a file, and wait until its run is there."""
        self.window.files.open(path)
        self.until(lambda: self.window.document.path == path and self.window.session.ready, "opened file")

    @property
    def dialog(self):
        """The import dialog, once it has read its table as far as it can."""
        importing = self.window.importing
        self.until(lambda: importing.dialog is not None, "import dialog")
        self.until(lambda: importing.dialog.reading.job is None, "table in the import dialog")
        return importing.dialog

    def use_data(self, target: str | None = None):
        """In the import dialog say what to predict, as it guesses where it is not given, and use the data."""
        choices = self.dialog.choices
        if target is not None:
            choose(choices.target.choice, target)
        elif choices.guess.isVisible():
            click(choices.guess)
        use = self.dialog.use_button
        self.until(use.isEnabled, "data that can be used")
        assert use.text() == "Use this data"
        click(use)
        self.until(lambda: self.window.importing.dialog is None, "end of the import")

    def open_table(self, path: Path, target: str | None = None):
        """Open a table and agree to how it is read; wait until its run is there."""
        self.window.files.open(path)
        self.use_data(target)
        source = self.window.document.experiment.data.source
        assert source.path == str(path)
        self.until(lambda: self.window.session.ready, "prepared table")

    def do(self, name):
        self.window.actions_[name].trigger()

    def train_for_long(self):
        """Train for more epochs than any machine takes during a test."""
        self.set_epochs(1_000_000)
        self.do("train")
        self.until(lambda: self.frame.status == "training" and self.frame.step > 0, "training")

    def set_epochs(self, epochs):
        experiment = self.window.document.experiment
        self.window.document.edit(experiment.replace(training=self.training.replace(epochs=epochs)), "Epochs")

    @property
    def training(self):
        return self.window.document.experiment.training


def close_without_question(window: MainWindow) -> None:
    """Close a window as a person does who needs nothing of what is unsaved."""
    window.files.saving.forget_waiting()
    with patch.object(QMessageBox, "exec", lambda box: QMessageBox.StandardButton.Discard):
        # With the window the jobs end: of what was being saved then nothing is told any more.
        while window.files.saving.busy and not window.closed:
            QTest.qWait(5)
        window.close()
