"""What holds for every registered panel, whoever adds it: see `gui.panels.PANELS`."""

import re
import sys
import threading
import types
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QMenuBar, QTabWidget

from engine.data import DataSettings, describe
from engine.data.sources.bundled import Iris
from engine.data.sources.csv_file import CSVFile
from engine.errors import UserError
from engine.experiment import Experiment
from engine.insight.query import Query
from engine.insight.run_queries import HistogramsQuery, ParametersQuery
from engine.training.trainer import Trainer
from gui.core.messages import Answers, Frame, Invalid, Prepared, Scored
from gui.kit import theme
from gui.main_window import MainWindow
from gui.panels import PANELS
from gui.panels.base import Panel, PanelContext, PanelSpec
from gui.window.panel_group import PanelGroup
from tests.engine.training.runs import experiment, take, trainer
from tests.gui.conftest import picture
from tests.gui.contexts import panel_context
from tests.gui.desk import Desk, close_without_question, wait_until

README = Path(__file__).parents[2] / "README.md"
IDS = [kind.spec.id for kind in PANELS]
of_every_panel = pytest.mark.parametrize("kind", PANELS, ids=IDS)


@pytest.fixture(scope="module")
def run() -> Trainer:
    """Two inputs, so that there is something to see in every panel."""
    return take(trainer(experiment(epochs=2)), 5)


def prepared_of(run: Trainer, number: int = 1) -> Prepared:
    table = run.experiment.data.source.load()
    description = describe(table, run.experiment.data)
    return Prepared(number, run.experiment, description, run.dataset, run.network, run.step)


def scored_of(run: Trainer, number: int = 1) -> Scored:
    return Scored(number, run.step, (run.evaluate("training"),), "After step 5")


def frame_of(run: Trainer, queries, number: int = 1) -> Frame:
    results = {query: query.answer(run) for query in queries}
    answers = Answers(number, run.step, results)
    return Frame(number, "paused", run.step, run.position, 2, history=run.history, answers=answers)


IRIS = DataSettings(source=Iris())
INVALID = Invalid(
    Experiment(), UserError("Training, loss", expected="classes", got="numbers", help="Choose another.")
)


def shown(panel: Panel) -> Panel:
    panel.resize(700, 600)
    panel.show()
    return panel


class Group:
    """One panel in a group, as the window has it."""

    def __init__(self, qtbot, kind: type[Panel], context: PanelContext | None = None) -> None:
        self.context = context or panel_context()
        self.panels = PanelGroup(self.context, [kind])
        self.panel = self.panels[kind.spec.id]
        qtbot.addWidget(self.panel)


# --- the registry ------------------------------------------------------------------------------------------


def test_no_two_have_the_same_id():
    assert len(set(IDS)) == len(IDS)


@of_every_panel
def test_it_has_id_title_icon_and_a_sentence(kind):
    spec = kind.spec
    assert spec.id.isidentifier()
    assert spec.title
    assert spec.description.endswith(".")
    assert not theme.icon(spec.icon).isNull()


@of_every_panel
def test_its_title_is_its_accessible_name(qtbot, kind):
    assert Group(qtbot, kind).panel.accessibleName() == kind.spec.title


def test_at_most_one_view_opens_first_and_it_is_not_the_first():
    views = sorted((kind.spec for kind in PANELS if kind.spec.place == "centre"), key=lambda spec: spec.order)
    assert not views[0].opens_first
    assert sum(spec.opens_first for spec in views) <= 1


# --- a panel's life ----------------------------------------------------------------------------------------


@of_every_panel
def test_it_opens_empty_and_asks_for_nothing_it_cannot_show(qtbot, kind):
    group = Group(qtbot, kind)
    shown(group.panel)
    assert not picture(group.panel).isNull()
    for query in group.panels.queries():
        assert isinstance(query, Query)
        hash(query)


@of_every_panel
def test_it_shows_a_run_from_its_beginning_to_its_end(qtbot, kind, run):
    group = Group(qtbot, kind)
    panels = group.panels
    shown(group.panel)
    panels.show_prepared(prepared_of(run))
    assert group.panel.model == panels.model
    panels.show_frame(frame_of(run, panels.queries()))
    qtbot.wait(30)
    panels.show_scores(scored_of(run))
    panels.update_settings(run.experiment)
    picture(group.panel)
    panels.end_run()
    panels.show_preparing()
    panels.show_problem(INVALID)
    panels.clear()
    assert group.panel.model is None
    picture(group.panel)


@of_every_panel
def test_answers_to_its_queries_reach_it(qtbot, kind, run):
    group = Group(qtbot, kind)
    shown(group.panel)
    group.panels.show_prepared(prepared_of(run))
    frame = frame_of(run, group.panels.queries())
    assert set(frame.answers.results) == set(group.panel.queries()), "it is in sight"
    seen = []
    refresh = group.panel.refresh

    def note(answers: Answers | None = None) -> None:
        seen.append(answers)
        refresh(answers)

    group.panel.refresh = note
    group.panels.show_frame(frame)
    if frame.answers.results or kind.follows_history:
        wait_until(lambda: frame.answers in seen, "answers")


@of_every_panel
def test_out_of_sight_it_asks_for_nothing_and_is_given_nothing(qtbot, kind, run, monkeypatch):
    group = Group(qtbot, kind)
    group.panels.show_prepared(prepared_of(run))
    monkeypatch.setattr(group.panel, "refresh", lambda answers: pytest.fail("it is hidden"))
    assert group.panels.queries() == ()
    group.panels.show_frame(frame_of(run, ()))
    qtbot.wait(30)
    # A tab behind another one counts as visible in Qt as well.
    tabs = QTabWidget()
    qtbot.addWidget(tabs)
    tabs.addTab(QDialog(), "in front")
    tabs.addTab(group.panel, "behind")
    tabs.show()
    group.panels.show_frame(frame_of(run, ()))
    qtbot.wait(30)
    assert group.panels.queries() == ()
    group.panel.setParent(None)


@of_every_panel
def test_a_frame_of_another_run_is_dropped(qtbot, kind, run, monkeypatch):
    group = Group(qtbot, kind)
    shown(group.panel)
    group.panels.show_prepared(prepared_of(run, number=2))
    monkeypatch.setattr(group.panel, "refresh", lambda answers: pytest.fail("it is of run 1"))
    monkeypatch.setattr(group.panel, "show_scores", lambda scored: pytest.fail("they are of run 1"))
    group.panels.show_frame(frame_of(run, group.panels.queries(), number=1))
    group.panels.show_scores(scored_of(run, number=1))
    qtbot.wait(30)


@of_every_panel
def test_what_is_selected_elsewhere_is_no_trouble(qtbot, kind, run):
    group = Group(qtbot, kind)
    shown(group.panel)
    for choice in ({"layer": 0}, {"layer": 99, "unit": 7}, {"layer": None}, {"step": 3}, {}):
        group.context.selection.select(**choice)
    group.panels.show_prepared(prepared_of(run))
    group.context.selection.select(layer=1)
    picture(group.panel)


# --- a panel that somebody adds ----------------------------------------------------------------------------


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


def test_the_panel_of_the_readme_shows_the_run(monkeypatch, qtbot):
    text = README.read_text(encoding="utf-8")
    code = re.search(r"### Adding a panel\n.+?```python\n(.+?)```", text, re.DOTALL)[1]
    module = types.ModuleType("readme_panel")
    monkeypatch.setitem(sys.modules, "readme_panel", module)
    exec(compile(code, "README.md", "exec"), module.__dict__)
    monkeypatch.setattr("gui.main_window.PANELS", (*PANELS, module.SmallParametersPanel))
    window = MainWindow()
    desk = Desk(window)
    window.show()
    window.start()
    desk.status("ready")
    window.actions_["small_parameters"].trigger()
    panel = window.panels["small_parameters"]
    desk.until(panel.fraction.text, "answer")
    assert re.fullmatch(r"\d+\.\d% within ± 0\.01", panel.fraction.text())
    close_without_question(window)


def test_two_panels_that_ask_the_same_ask_once(qtbot, run):
    context = panel_context()

    class First(Panel):
        spec = PanelSpec("first", "First", "eye", "centre", "Ask.")

        def queries(self):
            return (ParametersQuery(), HistogramsQuery())

    class Second(First):
        spec = PanelSpec("second", "Second", "eye", "centre", "Ask.")

        def queries(self):
            return (HistogramsQuery(), HistogramsQuery("gradients"))

    panels = PanelGroup(context, [First, Second])
    for panel in panels.of("centre"):
        qtbot.addWidget(panel)
        shown(panel)
    assert panels.queries() == (ParametersQuery(), HistogramsQuery(), HistogramsQuery("gradients"))
