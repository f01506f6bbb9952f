"""The base class of checks: a description, Run, progress with Cancel, and room for the result."""

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Generic, Literal, Protocol, TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from engine.errors import UserError
from engine.experiment import Experiment
from engine.progress import Progress
from engine.training.history import History
from engine.training.trainer import Trainer
from gui.core.messages import Invalid
from gui.core.model_summary import ModelSummary
from gui.core.run_jobs import RunJob
from gui.kit import InlineMessage, Label, PlainScrollArea
from gui.kit.indicators import SlimProgress, percent
from gui.kit.numbers import count_text
from gui.kit.text import tr
from gui.kit.theme import GRID, scaled
from gui.panels.base import Panel, PanelContext

Level = Literal["good", "warning", "error"]
"""How serious a verdict is; also the colour of the theme that it is shown in."""
Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)

SIZE, LEAST = QSize(720, 640), QSize(560, 480)
"""Of the window, at first and at least."""
PREPARING = tr("There is no run yet: the data is being prepared.")
READY = tr("Nothing is checked yet. Press Run, or Enter.")


class Check(Protocol[Result_co]):
    """A check of the engine: iterating gives how many of `steps` are done."""

    steps: int

    def __iter__(self) -> Iterator[int]: ...

    def result(self) -> Result_co: ...


@dataclass(frozen=True)
class Found(Generic[Result]):
    """A result, and what it is of."""

    result: Result
    experiment: Experiment
    step: int | None
    """Of the run; None where the check started from the initial weights."""


def carry_out(
    make: Callable[[Trainer], Check[Result]], from_initial_weights: bool, trainer: Trainer, progress: Progress
) -> Found[Result]:
    """The job: make the check of a run and go through it."""
    # Before the check: it may train the copy.
    experiment, step = trainer.experiment, None if from_initial_weights else trainer.step
    check = make(trainer)
    for done in check:
        progress.report(done / check.steps)
    return Found(check.result(), experiment, step)


class CheckPanel(Panel, Generic[Result]):
    """One check. A subclass says which in `check_maker`, and shows in `show_result` what it has found.

    Its widgets go into `body`, and what can be chosen before it runs into `choices`.
    """

    follows_history = True
    introduction: ClassVar[str]
    """What it does, in a sentence or two."""

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.found: Found[Result] | None = None
        """What is shown; None where there is nothing."""
        self._job: RunJob | None = None
        self._step = 0
        self.run_button, self.cancel_button = QPushButton(tr("Run")), QPushButton(tr("Cancel"))
        self.run_button.setWhatsThis(tr("Begins the check, on a copy of the run."))
        self.cancel_button.setWhatsThis(tr("Ends the check; what it has found so far is dropped."))
        self.run_button.setProperty("primary", True)
        self.run_button.setDefault(True)
        self.run_button.clicked.connect(self._run)
        self.cancel_button.clicked.connect(self._cancel)
        self.cancel_button.setVisible(False)
        self.progress, self._percent = SlimProgress(), Label("", "muted")
        self.progress.setAccessibleName(tr("{title}, progress", title=self.spec.title))
        self.message = InlineMessage()
        self.verdict = InlineMessage()
        self.caption = Label("", "muted", wrap=True)
        """What the result is of."""
        self._sentence = Label(PREPARING, "muted", wrap=True)
        self.choices, self.body = QHBoxLayout(), QVBoxLayout()
        self._pages = QStackedWidget()
        self.setMinimumSize(LEAST)
        self._build()
        context.jobs.changed.connect(self._show_progress)
        self._show_state()

    # --- what a check fills in ---------------------------------------------------------------------------

    @property
    def from_initial_weights(self) -> bool:
        """Whether it starts from the initial weights, however far the run is."""
        return False

    @abstractmethod
    def check_maker(self) -> Callable[[Trainer], Check[Result]]:
        """What makes the check of a copy of the run, in the thread of a job: it touches no widget."""

    @abstractmethod
    def show_result(self, found: Found[Result]) -> None:
        """Show what was found."""

    # --- what the window tells ---------------------------------------------------------------------------

    def show_model(self, model: ModelSummary) -> None:
        super().show_model(model)
        self._sentence.setText(READY)
        self._show_state()

    def show_problem(self, invalid: Invalid) -> None:
        super().show_problem(invalid)
        self._sentence.setText(tr("There is no run to check. {error}", error=invalid.error))
        self._show_state()

    def show_preparing(self) -> None:
        self.clear()

    def clear(self) -> None:
        super().clear()
        self.found = None
        self._sentence.setText(PREPARING)
        self._show_state()

    def end_run(self) -> None:
        self.clear()
        self.message.clear()
        if self._job is not None:
            self._job.cancel()
            self.message.show_message(tr("Cancelled: the run was replaced."), "accent")

    def show_history(self, history: History | None) -> None:
        self._step = history.steps.count if history is not None else 0
        self._show_caption()

    def show_experiment(self, experiment: Experiment) -> None:
        self._show_caption()

    # --- hands -------------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether the check is under way."""
        return self._job is not None

    @property
    def sentence(self) -> str:
        """What stands in place of a result; empty where there is one."""
        return self._sentence.text() if self._pages.currentIndex() == 0 else ""

    def _run(self) -> None:
        self.message.clear()
        work = partial(carry_out, self.check_maker(), self.from_initial_weights)
        job = self.context.run_jobs.start(self.spec.title, work, self._finish, self._fail, self._be_cancelled)
        # Without a run it has failed already.
        self._job = None if job.ended else job
        self._show_state()

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.running:
            # The next Escape closes the window.
            self._cancel()
        else:
            super().keyPressEvent(event)

    # --- how it ends -------------------------------------------------------------------------------------

    def _finish(self, found: Found[Result]) -> None:
        self._job, self.found = None, found
        self.show_result(found)
        self._show_state()

    def _fail(self, error: UserError) -> None:
        self._job = None
        self.message.show_message(str(error), "error")
        self._show_state()

    def _be_cancelled(self) -> None:
        self._job = None
        earlier = "" if self.found is None else tr(" The result below is the one before.")
        self.message.show_message(tr("Cancelled.{earlier}", earlier=earlier), "accent")
        self._show_state()

    # --- what is shown -----------------------------------------------------------------------------------

    def _build(self) -> None:
        controls = QHBoxLayout()
        controls.setSpacing(3 * GRID)
        controls.addWidget(self.run_button)
        controls.addWidget(self.cancel_button)
        controls.addLayout(self.choices)
        controls.addWidget(self.progress, 1)
        controls.addWidget(self._percent)
        controls.addStretch(0)
        result = QWidget()
        result.setLayout(self.body)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(2 * GRID)
        self.body.addWidget(self.verdict)
        self.body.addWidget(self.caption)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._pages.addWidget(self._sentence)
        self._pages.addWidget(PlainScrollArea(result))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * GRID, 5 * GRID, 5 * GRID, 5 * GRID)
        layout.setSpacing(4 * GRID)
        layout.addWidget(Label(self.introduction, wrap=True))
        layout.addLayout(controls)
        layout.addWidget(self.message)
        layout.addWidget(self._pages, 1)

    def sizeHint(self) -> QSize:
        return QSize(scaled(SIZE.width()), scaled(SIZE.height()))

    def hasHeightForWidth(self) -> bool:
        """Or its window would open as low as its sentences alone allow."""
        return False

    def _show_state(self) -> None:
        running = self.running
        held = self.run_button.hasFocus() or self.cancel_button.hasFocus()
        shown, hidden = (self.cancel_button, self.run_button)[:: 1 if running else -1]
        shown.setVisible(True)
        if held:
            shown.setFocus()
        hidden.setVisible(False)
        self.run_button.setEnabled(self._model is not None)
        self.run_button.setText(tr("Run") if self.found is None else tr("Run again"))
        self.run_button.setToolTip("" if self._model is not None else self._sentence.text())
        self.progress.setVisible(running)
        self._percent.setVisible(running)
        self._pages.setCurrentIndex(0 if self.found is None else 1)
        self._show_progress()
        self._show_caption()

    def _show_progress(self) -> None:
        if self._job is not None:
            self.progress.show_fraction(self._job.fraction)
            self._percent.setText(percent(self._job.fraction))

    def _show_caption(self) -> None:
        found = self.found
        if found is None:
            return
        if found.step is None:
            text = tr("Started from the initial weights")
        else:
            text = tr("Of step {step}", step=count_text(found.step))
            # The last frame may be older than the result.
            if found.step < self._step:
                text += tr("; the run is at step {step} now", step=count_text(self._step))
        if self.context.document.experiment.training != found.experiment.training:
            text += tr("; settings have changed since")
        self.caption.setText(f"{text}.")
