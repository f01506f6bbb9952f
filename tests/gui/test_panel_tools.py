"""A panel that somebody adds: its place in menu and windows, and its work on a copy of the run."""

import threading

import pytest
from PySide6.QtWidgets import QMenuBar

from engine.data import DataSettings
from engine.data.sources.csv_file import CSVFile
from engine.training.trainer import Trainer
from gui.panels import PANELS
from gui.panels.base import Panel, PanelSpec
from tests.engine.training.runs import experiment, take, trainer
from tests.gui.contexts import panel_context
from tests.gui.panel_runs import IRIS


@pytest.fixture(scope="module")
def run() -> Trainer:
    """Two inputs, so that there is something to see in every panel."""
    return take(trainer(experiment(epochs=2)), 5)


class Noticing(Panel):
    """A tool of one file and one line."""

    spec = PanelSpec(
        "noticing",
        "Noticing",
        "eye",
        "tool",
        "Tell what it is told.",
        reason_against=lambda model: "" if model.inputs == 2 else "It needs two inputs.",
        keys=("Ctrl+Alt+N",),
    )

    def __init__(self, context, parent=None):
        super().__init__(context, parent)
        self.told = []

    def show_model(self, model):
        super().show_model(model)
        self.told.append("model")

    def clear(self):
        super().clear()
        self.told.append("clear")


@pytest.fixture
def with_a_tool(monkeypatch):
    monkeypatch.setattr("gui.main_window.PANELS", (*PANELS, Noticing))


def test_a_tool_is_in_the_menu_with_its_shortcut_and_opens_in_a_window(with_a_tool, desk):
    window = desk.window
    menus = {menu.text(): menu.menu() for menu in window.findChild(QMenuBar).actions()}
    action = window.actions_["noticing"]
    assert action.text() == "Noticing…"
    assert action in menus["&Model"].actions()
    assert action.shortcut().toString() == "Ctrl+Alt+N"
    assert action.isEnabled()
    action.trigger()
    panel = window.panels["noticing"]
    assert panel.isVisible()
    assert panel.window() is not window
    assert panel.window().windowTitle() == "Noticing"
    assert panel.told == ["model"], "it is told how things stand"
    panel.window().close()
    action.trigger()
    assert window.panels["noticing"] is panel
    assert panel.isVisible()


def test_a_tool_that_does_not_apply_says_why(with_a_tool, desk):
    desk.window.document.edit(desk.window.document.experiment.replace(data=IRIS), "Change")
    action = desk.window.actions_["noticing"]
    desk.until(lambda: action.toolTip() == "It needs two inputs.", "reason")
    assert not action.isEnabled()


def test_a_tool_needs_a_run(with_a_tool, desk):
    action = desk.window.actions_["noticing"]
    nowhere = DataSettings(source=CSVFile(path="nowhere.csv"))
    desk.window.document.edit(desk.window.document.experiment.replace(data=nowhere), "Change")
    assert not action.isEnabled()
    assert "no run yet" in action.toolTip()
    desk.window.document.undo_stack.undo()
    desk.until(action.isEnabled, "run")


def test_a_tool_works_on_a_copy_of_the_run(with_a_tool, desk):
    window, found = desk.window, []
    desk.do("step_batch")
    desk.status("paused")

    def work(copy, progress):
        for _ in zip(range(3), copy.run(), strict=False):
            progress.report(None)
        return copy.step

    window.context.run_jobs.start("Trying", work, found.append, pytest.fail)
    desk.until(lambda: bool(found), "result")
    assert found == [4]
    window.session.request_frame()
    assert desk.frame.step == 1


def test_another_run_cancels_what_works_on_a_copy_of_the_last_one(with_a_tool, desk):
    window, ended, began = desk.window, [], threading.Event()

    def work(copy, progress):
        began.set()
        while True:
            progress.check()

    job = window.context.run_jobs.start(
        "Trying", work, pytest.fail, pytest.fail, lambda: ended.append("cancelled")
    )
    desk.until(began.is_set, "job")
    desk.do("new_seed")
    assert ended == ["cancelled"]
    assert job.ended
    job.cancel()
    assert ended == ["cancelled"]


def test_a_job_on_a_copy_can_be_cancelled_before_there_is_one(desk):
    ended = []
    job = desk.window.context.run_jobs.start(
        "Trying", pytest.fail, pytest.fail, pytest.fail, lambda: ended.append("cancelled")
    )
    job.cancel()
    assert ended == ["cancelled"]
    desk.do("step_batch")
    desk.status("paused")


def test_without_a_run_there_is_no_copy():
    said = []
    job = panel_context().run_jobs.start("Trying", pytest.fail, pytest.fail, said.append)
    assert job.ended
    assert "none yet" in str(said[0])
