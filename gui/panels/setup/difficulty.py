"""How hard is it? A line of the data section: what simple models reach, and rows whose label is doubtful."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.data.checks.finding import Finding
from engine.errors import UserError
from engine.insight.baselines import NetworkComparison
from engine.insight.comparison import Comparison
from engine.insight.wrong_labels import WrongLabels
from engine.progress import Progress
from engine.training.trainer import Trainer
from gui.core.run_jobs import RunJob
from gui.kit import InlineMessage, Label
from gui.kit.indicators import SlimProgress
from gui.kit.text import tr
from gui.kit.theme import GRID
from gui.panels.base import PanelContext

Result = TypeVar("Result")

WRONG_LABELS = tr("Look for wrong labels")
HOW_HARD = tr("How hard is it?")


def compare(trainer: Trainer, progress: Progress) -> Comparison:
    """The job: simple models beside the network as it is now."""
    check = NetworkComparison(trainer)
    for done in check:
        progress.report(done / check.steps)
    return check.result()


def look_for_wrong_labels(trainer: Trainer, progress: Progress) -> Finding | None:
    """The job: rows whose neighbours have another class."""
    search = WrongLabels(trainer.dataset)
    for done in search:
        progress.report(done / search.steps)
    return search.result()


class DifficultyRow(QWidget):
    """Two questions that take seconds to answer, asked by a click; and the answers, until the data changes.

    `found` gives a finding about labels.
    """

    found = Signal(object)

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._job: RunJob | None = None
        self._classes = False
        self.compare_button, self.labels_button = QPushButton(HOW_HARD), QPushButton(WRONG_LABELS)
        self.compare_button.setToolTip(
            tr("Score simple models on the validation rows: it takes some seconds.")
        )
        self.labels_button.setToolTip(
            tr("Find rows whose nearest rows nearly all have another class: it takes some seconds.")
        )
        self.cancel_button = QPushButton(tr("Cancel"))
        self.progress = SlimProgress()
        self.progress.setAccessibleName(tr("{title}, progress", title=HOW_HARD))
        self.answer = Label("", "muted", caption=True, wrap=True)
        self.message = InlineMessage()
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * GRID)
        for button in (self.compare_button, self.labels_button, self.cancel_button):
            button.setProperty("small", True)
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(buttons)
        for widget in (self.progress, self.answer, self.message):
            layout.addWidget(widget)
        self.compare_button.clicked.connect(self._compare)
        self.labels_button.clicked.connect(self._look)
        self.cancel_button.clicked.connect(self.stop)
        context.jobs.changed.connect(self._show_progress)
        self.answer.hide()
        self._show_state()

    @property
    def running(self) -> bool:
        """Whether an answer is being looked for."""
        return self._job is not None

    def set_classes(self, classes: bool) -> None:
        """Whether there are labels that could be doubted."""
        self._classes = classes
        self._show_state()

    def clear(self) -> None:
        """The data is another: what was found of it does not hold any longer."""
        self.stop()
        self.answer.setText("")
        self.answer.hide()
        self.message.clear()

    def stop(self) -> None:
        """Cancel what runs."""
        if self._job is not None:
            self._job.cancel()

    def _compare(self) -> None:
        self._start(HOW_HARD, compare, self._show_comparison)

    def _look(self) -> None:
        self._start(WRONG_LABELS, look_for_wrong_labels, self._show_labels)

    def _start(
        self, title: str, work: Callable[[Trainer, Progress], Result], show: Callable[[Result], None]
    ) -> None:
        self.message.clear()
        job = self._context.run_jobs.start(title, work, partial(self._finish, show), self._fail, self._end)
        self._job = None if job.ended else job
        self._show_state()

    def _finish(self, show: Callable[[Result], None], result: Result) -> None:
        self._end()
        show(result)

    def _fail(self, error: UserError) -> None:
        self._end()
        self.message.show_message(str(error), "error")

    def _end(self) -> None:
        self._job = None
        self._show_state()

    def _show_comparison(self, comparison: Comparison) -> None:
        self._say(" ".join(map(tr, (comparison.sentence, *comparison.notes))))

    def _show_labels(self, finding: Finding | None) -> None:
        if finding is None:
            self._say(tr("No row has a label that its neighbours clearly speak against."))
        else:
            self.found.emit(finding)

    def _say(self, text: str) -> None:
        self.answer.setText(text)
        self.answer.show()

    def _show_state(self) -> None:
        running = self.running
        self.compare_button.setVisible(not running)
        self.labels_button.setVisible(self._classes and not running)
        self.cancel_button.setVisible(running)
        self.progress.setVisible(running)
        self._show_progress()

    def _show_progress(self) -> None:
        if self._job is not None:
            self.progress.show_fraction(self._job.fraction)
