"""The jobs under way, at the foot of the window: the newest one, and a list of all."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from gui.kit import theme
from gui.kit.indicators import SlimProgress, percent
from gui.kit.labels import ElidedLabel, Label
from gui.kit.text import tr

BAR_WIDTH = 96
WORDS_WIDTH = 280
"""Of what the newest job says; the rest is in its tooltip."""
ROW_WIDTH = 360


@dataclass(frozen=True)
class JobView:
    """A job as it is shown.

    id : by which it is cancelled. title : what is done ("Save table"). text : what it is doing now, in words.
    fraction : how much is done, 0 to 1; None where that is not known.
    """

    id: int
    title: str
    text: str
    fraction: float | None = None
    cancellable: bool = True


class JobList(QWidget):
    """Nothing while nothing runs; else the newest job, and behind "2 more" a list of all of them."""

    cancel_requested = Signal(int)
    """The id of a job that is no longer wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs: tuple[JobView, ...] = ()
        self._words = ElidedLabel("", "muted")
        self._words.setMaximumWidth(theme.scaled(WORDS_WIDTH))
        self._progress = SlimProgress()
        self._progress.setFixedWidth(BAR_WIDTH)
        self._cancel = _cancel_button()
        self._cancel.clicked.connect(self._cancel_newest)
        self._more = QToolButton()
        self._more.clicked.connect(self._open)
        self._popup = JobPopup(self)
        self._popup.cancel_requested.connect(self.cancel_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.GRID)
        for widget in (self._words, self._progress, self._cancel, self._more):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(tr("Running jobs"))
        self.hide()

    @property
    def cancel_button(self) -> QToolButton:
        """That of the newest job."""
        return self._cancel

    @property
    def more_button(self) -> QToolButton:
        return self._more

    @property
    def popup(self) -> "JobPopup":
        """The list of all jobs."""
        return self._popup

    def _cancel_newest(self) -> None:
        self.cancel_requested.emit(self._jobs[-1].id)

    def text(self) -> str:
        """What the newest job says; empty where there is none."""
        return self._words.text() if self._jobs else ""

    def show_jobs(self, jobs: Sequence[JobView]) -> None:
        """Show what runs now, from the oldest to the newest."""
        jobs = tuple(jobs)
        if jobs == self._jobs:
            return
        self._jobs = jobs
        self.setVisible(bool(jobs))
        self._popup.show_jobs(jobs)
        if not jobs:
            return
        newest, others = jobs[-1], len(jobs) - 1
        words = newest.text or newest.title
        self._words.setText(words)
        self._words.setFixedWidth(
            min(self._words.fontMetrics().horizontalAdvance(words) + 2, theme.scaled(WORDS_WIDTH))
        )
        self._progress.show_fraction(newest.fraction)
        self._progress.setAccessibleName(words)
        self._progress.setToolTip(percent(newest.fraction))
        _show_cancel(self._cancel, newest)
        self._more.setText(tr("{count} more", count=others))
        self._more.setAccessibleName(tr("{others} more: all running jobs", others=others))
        self._more.setVisible(others > 0)

    def _open(self) -> None:
        popup = self._popup
        popup.adjustSize()
        corner = self.mapToGlobal(QPoint(self.width(), -theme.GRID))
        popup.move(corner - QPoint(popup.width(), popup.height()))
        popup.show()


class JobPopup(QWidget):
    """A row for each job: what is done, what it is doing, how far it is, and Cancel."""

    cancel_requested = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAccessibleName(tr("Running jobs"))
        self._rows: dict[int, _JobRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(3 * theme.GRID, 2 * theme.GRID, 2 * theme.GRID, 2 * theme.GRID)
        self._column.setSpacing(3 * theme.GRID)
        self.hide()

    def show_jobs(self, jobs: Sequence[JobView]) -> None:
        """The newest at the top. Rows of jobs that go on stay, with the focus in them."""
        for gone in self._rows.keys() - {job.id for job in jobs}:
            row = self._rows.pop(gone)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        for job in jobs:
            if job.id not in self._rows:
                row = self._rows[job.id] = _JobRow(job.id, self)
                row.cancel_requested.connect(self.cancel_requested)
                self._column.insertWidget(0, row)
                row.show()
            self._rows[job.id].show_job(job)
        if len(jobs) < 2:
            self.hide()
        elif self.isVisible():
            # It stands on the status line: what comes and goes moves its upper edge.
            bottom = self.geometry().bottom()
            self.adjustSize()
            self.move(self.x(), bottom - self.height() + 1)

    def rows(self) -> list[str]:
        """What its rows say, from top to bottom."""
        items = (self._column.itemAt(place) for place in range(self._column.count()))
        widgets = [item.widget() for item in items if item is not None]
        return [widget.accessibleName() for widget in widgets if widget is not None]

    def cancel_button(self, job: int) -> QToolButton:
        """That of one job, by its id."""
        return self._rows[job].cancel_button

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.surface))
        painter.setPen(QColor(colours.edge))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()


class _JobRow(QWidget):
    cancel_requested = Signal(int)

    def __init__(self, job: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._title, self._words = Label("", "strong"), ElidedLabel("", "muted", caption=True)
        self._share = Label("", "muted", caption=True)
        theme.set_sizes(self._share, font="tabular caption")
        self._progress = SlimProgress()
        self.cancel_button = _cancel_button()
        self.cancel_button.clicked.connect(lambda: self.cancel_requested.emit(job))
        first = QHBoxLayout()
        first.addWidget(self._title, 1)
        first.addWidget(self._share)
        left = QVBoxLayout()
        left.setSpacing(theme.GRID)
        left.addLayout(first)
        left.addWidget(self._words)
        left.addWidget(self._progress)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.GRID)
        row.addLayout(left, 1)
        row.addWidget(self.cancel_button)
        theme.set_sizes(self, width=ROW_WIDTH)

    def show_job(self, job: JobView) -> None:
        self._title.setText(job.title)
        self._words.setText(job.text)
        self._words.setVisible(bool(job.text) and job.text != job.title)
        self._share.setText(percent(job.fraction))
        self._progress.show_fraction(job.fraction)
        self._progress.setAccessibleName(job.title)
        self.setAccessibleName(
            ", ".join(part for part in (job.title, job.text, percent(job.fraction)) if part)
        )
        _show_cancel(self.cancel_button, job)


def _cancel_button() -> QToolButton:
    button = QToolButton()
    button.setIcon(theme.icon("x", "muted"))
    theme.set_sizes(button, icon=12, width=20, height=20)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _show_cancel(button: QToolButton, job: JobView) -> None:
    words = job.text or job.title
    button.setAccessibleName(tr("Cancel: {words}", words=words))
    button.setToolTip(tr("Cancel") if job.cancellable else tr("This can no longer be cancelled."))
    button.setEnabled(job.cancellable)
