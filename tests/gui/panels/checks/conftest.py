"""Checks as a person opens and runs them in a window at work."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.experiment import Experiment
from engine.insight.overfit_check import OverfitCheck
from engine.optimizers import AnyOptimizer
from gui.panels.checks.check_panel import CheckPanel
from tests.gui.desk import Desk

LEFT = Qt.MouseButton.LeftButton


class CheckDesk:
    """A window, and the checks that are opened in it."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.window = desk, desk.window

    def open(self, id: str) -> CheckPanel:
        """Choose the command of the menu Model; the window of the check has the keyboard then."""
        self.window.actions_[id].trigger()
        panel = self.window.panels[id]
        panel.window().activateWindow()
        self.desk.until(lambda: QApplication.activeWindow() is panel.window(), "window of the check")
        return panel

    def ended(self, panel: CheckPanel) -> CheckPanel:
        """Wait until what runs has ended."""
        self.desk.until(lambda: not panel.running, "end of the check")
        return panel

    def run(self, panel: CheckPanel) -> CheckPanel:
        """Click Run and wait for the result."""
        QTest.mouseClick(panel.run_button, LEFT)
        return self.ended(panel)

    def edit(self, change: Callable[[Experiment], Experiment]) -> None:
        """Edit the document, and wait for the run that belongs to it."""
        document = self.window.document
        document.edit(change(document.experiment), "Change")
        self.desk.until(lambda: self.window.session.ready, "run")

    def use(self, optimizer: AnyOptimizer) -> None:
        """Give the experiment another optimizer."""
        self.edit(lambda old: old.replace(training=old.training.replace(optimizer=optimizer)))

    @property
    def rate(self) -> float:
        """The learning rate that the document has."""
        return self.desk.training.optimizer.learning_rate


@pytest.fixture
def checks(desk) -> CheckDesk:
    return CheckDesk(desk)


@pytest.fixture
def endless(monkeypatch) -> None:
    """An overfit check that goes on until it is cancelled."""

    def steps(self):
        while True:
            yield self.steps // 4

    monkeypatch.setattr(OverfitCheck, "__iter__", steps)


def press(key: Qt.Key) -> None:
    """A key, where the keyboard is."""
    QTest.keyClick(QApplication.focusWidget() or QApplication.activeWindow(), key)
