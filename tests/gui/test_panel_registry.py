"""What holds for every registered panel, whoever adds it: see `gui.panels.PANELS`."""

import re
import sys
import types
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QTabWidget

from engine.errors import UserError
from engine.experiment import Experiment
from engine.insight.distributions import HistogramsQuery
from engine.insight.query import Query
from engine.insight.run_queries import ParametersQuery
from engine.training.trainer import Trainer
from gui.core.messages import Answers, Invalid
from gui.kit import theme
from gui.main_window import MainWindow
from gui.panels import PANELS
from gui.panels.base import Panel, PanelContext, PanelSpec
from gui.window.panel_group import PanelGroup
from tests.engine.training.runs import experiment, take, trainer
from tests.gui.conftest import picture
from tests.gui.contexts import panel_context
from tests.gui.desk import Desk, close_without_question, wait_until
from tests.gui.panel_runs import frame_of, prepared_of, scored_of

README = Path(__file__).parents[2] / "README.md"
IDS = [kind.spec.id for kind in PANELS]
of_every_panel = pytest.mark.parametrize("kind", PANELS, ids=IDS)


@pytest.fixture(scope="module")
def run() -> Trainer:
    """Two inputs, so that there is something to see in every panel."""
    return take(trainer(experiment(epochs=2)), 5)


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
    assert sum(spec.opens_first is not None for spec in views) <= 1


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
