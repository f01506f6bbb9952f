"""What every panel is: a widget that shows one side of the run, and a `PanelSpec` that says where it stands.

A new panel is a file with a subclass of `Panel` and a line in `gui.panels.PANELS`: window, menus and tests
know it only by what stands here. A view of the centre is a `View`: a picture of the run, or a sentence.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from PySide6.QtCore import QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.errors import UserError
from engine.experiment import Experiment
from engine.insight.query import Query
from engine.training.history import History
from gui.core.document import Document
from gui.core.importing import Requests
from gui.core.jobs import Exports, JobRunner
from gui.core.lessons import Lessons
from gui.core.messages import Answers, Invalid, Prepared, Scored
from gui.core.model_summary import ModelSummary
from gui.core.preferences import Preferences, preferences
from gui.core.run_findings import RunFindings
from gui.core.run_jobs import RunJobs
from gui.core.selection import Selected, Selection
from gui.core.session import Session
from gui.core.weight_edits import WeightEdits
from gui.kit import Label
from gui.kit.text import tr
from gui.kit.theme import current, notifier, scaled

Place = Literal["setup", "centre", "plots", "tool"]
"""Where a panel stands: a section of the column on the left; a tab in the centre; a dock on the right; a
window of its own, opened from a menu."""


def everywhere(model: ModelSummary) -> str:
    """Nothing speaks against showing it."""
    return ""


def always(experiment: Experiment) -> bool:
    """It belongs to every experiment."""
    return True


@dataclass(frozen=True)
class PanelSpec:
    """What the window knows of a panel before there is one.

    Parameters
    ----------
    id : for the layout that is remembered and for commands ("decision_map"); never changes.
    title : as a person reads it: on the tab, in menus, over a floating dock.
    icon : name of a Phosphor icon. place : see `Place`.
    description : one sentence: what it shows. Of a tool it is the tip of its command.
    reason_against : gives, for a model, a sentence that says why the panel does not apply to it ("It needs
        exactly two inputs."), or "" where it does. A tool's command is disabled with that sentence.
    belongs_to : of a view in the centre: whether it is there at all for an experiment. One that belongs to
        some only, such as that on which points are drawn, is what these open with.
    order : among the panels of its place, lowest first; equal ones stand as in the registry.
    opens_first : in the centre: whether a new experiment with this model opens with it; None: never.
    shown_at_first : among the plots: it stands in the window at first. height : its part of their height.
    menu, keys : of a tool, or of a view with keys: the menu its command stands in, and its shortcuts.
    """

    id: str
    title: str
    icon: str
    place: Place
    description: str = ""
    reason_against: Callable[[ModelSummary], str] = everywhere
    belongs_to: Callable[[Experiment], bool] = always
    order: int = 0
    opens_first: Callable[[ModelSummary], bool] | None = None
    shown_at_first: bool = False
    height: int = 10
    menu: str = "Model"
    keys: tuple[str, ...] = ()

    @property
    def is_special(self) -> bool:
        """Whether it belongs to some experiments only."""
        return self.belongs_to is not always

    def applies_to(self, model: ModelSummary) -> bool:
        """Whether there is something to show of this model."""
        return not self.reason_against(model)


@dataclass(frozen=True, eq=False)
class PanelContext:
    """What a panel may use of the program. A panel takes what it needs, and knows neither window nor panels.

    document : the experiment: `document.edit(new, "Change learning rate")` is one step to undo.
    session : the run that belongs to it: `session.number`, `session.ready`; commands go to it.
    jobs : for work of more than 50 ms, `jobs.start(title, work, done, failed)`.
    run_jobs : the same on a copy of the run, where work(trainer, progress) has a trainer of its own.
    exports : writes pictures and tables to files. preferences : what is remembered of a person.
    selection : what is selected in all panels: `selection.select(layer=2)`. lessons : the lesson under way.
    weights : edits weights of the run: `weights.set(0, "weight", (2, 3), 0.5)` is one step to undo.
    requests : what only the window can do: `requests.open_tool.emit("id")`. findings : on the run.
    """

    document: Document
    session: Session
    jobs: JobRunner
    run_jobs: RunJobs
    exports: Exports
    selection: Selection
    weights: WeightEdits
    preferences: Preferences
    requests: Requests
    findings: RunFindings
    lessons: Lessons

    @classmethod
    def of(cls, document: Document, session: Session, jobs: JobRunner, parent: QObject) -> "PanelContext":
        """The one of a window, whose parts go with `parent`."""
        runs, exports, chosen = RunJobs(session, jobs, parent), Exports(jobs, parent), Selection(parent)
        edits, asked = WeightEdits(document, session, parent), Requests(parent)
        seen, lessons = RunFindings(document, session, edits, parent), Lessons(document, parent)
        return cls(document, session, jobs, runs, exports, chosen, edits, preferences(), asked, seen, lessons)


class Panel(QWidget):
    """One panel. All methods are called in the window's thread; a subclass fills in what concerns it.

    The order of calls: `end_run` when another run takes the place of the last one, and `clear` too where it
    is one of another document; `show_preparing` before anything is shown of the new run, and at the latest
    when it takes long to make; `show_prepared` and `show_model` when it is there, or `show_problem` when it
    cannot be; then, while the panel is in sight, `show_history` and `refresh` with each frame, at most 20
    times a second. A tool is made when it is first opened, and told how things stand by `show_model` alone.
    What does not fit the model shown (late answers about an earlier network) is passed over, never an error.
    """

    spec: ClassVar[PanelSpec]
    follows_history: ClassVar[bool] = False
    """Whether it shows the record of the run, so that it is to be refreshed though it asks for nothing."""

    queries_changed = Signal()
    """`queries` gives others from now on: the answers are wanted soon."""
    revealed = Signal(QRect)
    """This part of the panel is to be scrolled to."""

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.setAccessibleName(self.spec.title)
        self._model: ModelSummary | None = None
        context.selection.changed.connect(self.show_selection)
        notifier().changed.connect(self.apply_theme)

    # --- what the window asks ----------------------------------------------------------------------------

    @property
    def model(self) -> ModelSummary | None:
        """The model that is shown."""
        return self._model

    @property
    def in_sight(self) -> bool:
        """Whether any of it is inside all that it stands in: a dock behind a tab, and what is scrolled away,
        count as visible in Qt."""
        # Not by visibleRegion(), which is empty also where children cover all of it.
        if not self.isVisible():
            return False
        widget: QWidget = self
        seen = self.rect()
        while not (widget.isWindow() or seen.isEmpty()) and (around := widget.parentWidget()) is not None:
            seen = seen.translated(widget.pos()) & around.rect()
            widget = around
        return not seen.isEmpty()

    def queries(self) -> Collection[Query[Any]]:
        """What it wants to see of the run now. Asked only while it is in sight."""
        return ()

    def concerns(self, error: UserError) -> bool:
        """Of a section of the setup: whether an experiment that cannot run for this reason is mended here.
        Where no section says so, it is the first one."""
        return False

    # --- what the window tells ---------------------------------------------------------------------------

    def show_experiment(self, experiment: Experiment) -> None:
        """The document's experiment is another: an edit, one undone, or another document."""

    def clear(self) -> None:
        """Nothing of the last document is shown any longer."""
        self._model = None

    def end_run(self) -> None:
        """Another run takes the place of this one: its record goes, and what was ordered for it. What the new
        run soon replaces may stay until then, so that nothing flickers."""

    def show_preparing(self) -> None:
        """Whatever was left of the last run goes: the new one is there, or takes long to make."""

    def show_prepared(self, prepared: Prepared) -> None:
        """The data is loaded and the network built. What the message holds is large: keep no part of it."""

    def show_model(self, model: ModelSummary) -> None:
        """The same in a few facts, which may be kept; also after an edit."""
        self._model = model

    def update_settings(self, model: ModelSummary) -> None:
        """An edit in mid-run: the same network and run, with other settings of its layers."""
        if self._model is not None:
            self._model = model

    def show_problem(self, invalid: Invalid) -> None:
        """The experiment cannot run as it is."""
        self.clear()

    def set_locked(self, locked: bool) -> None:
        """Training is under way, or no longer: meanwhile only live settings can be edited."""

    def show_fault(self, error: UserError | None) -> None:
        """Of a section of the setup: what is to be mended here, or nothing."""

    def show_history(self, history: History | None) -> None:
        """The record of the run: the same object again and again; None: there is no run."""

    def refresh(self, answers: Answers) -> None:
        """A new state of the run, with answers to what it has asked; some may be missing."""

    def show_scores(self, scored: Scored) -> None:
        """Scores on all parts of the data, whenever training pauses or ends."""

    def show_selection(self, new: Selected, old: Selected) -> None:
        """What is selected is another, here or elsewhere."""

    def apply_theme(self) -> None:
        """The theme changed: what was painted in the colours of the other one is forgotten."""


class _Sentence(Label):
    """Narrow enough that a sentence of two parts breaks between them; narrower where there is less room."""

    def sizeHint(self) -> QSize:
        return QSize(scaled(320), self.heightForWidth(scaled(320)))

    def minimumSizeHint(self) -> QSize:
        return QSize(min(scaled(320), 480), self.fontMetrics().height())


class View(Panel):
    """One tab of the centre: `_fill_with` takes what it shows, `_say` a sentence to stand there instead."""

    empty_sentence: ClassVar[str] = tr("Choose data on the left to begin.")

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.setObjectName(f"view-{self.spec.id}")
        self._sentence = _Sentence(self.empty_sentence, "muted", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty_page = QWidget()
        centred = QHBoxLayout(self._empty_page)
        centred.addWidget(self._sentence, 0, Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty_page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

    @property
    def sentence(self) -> str:
        """The quiet sentence that stands here instead of a picture; empty while there is a picture."""
        return self._sentence.text() if self._pages.currentWidget() is self._empty_page else ""

    def clear(self) -> None:
        super().clear()
        self._say(self.empty_sentence)

    def show_preparing(self) -> None:
        self.clear()

    def show_problem(self, invalid: Invalid) -> None:
        """Say why instead of showing the network that was."""
        self.clear()
        self._say(str(invalid.error))

    def _fill_with(self, content: QWidget) -> None:
        """Put the widget in place that stands here when there is something to see."""
        self._content = content
        self._pages.addWidget(content)

    def _say(self, sentence: str) -> None:
        self._sentence.setText(sentence)
        self._pages.setCurrentWidget(self._empty_page)

    def _show_content(self) -> None:
        self._pages.setCurrentWidget(self._content)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), QColor(current().page))
