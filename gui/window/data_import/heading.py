"""The head of the import dialog: what is imported, how much of it was read, and how far reading is."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from gui.core.jobs import Job
from gui.kit import Choice, ElidedLabel, Label, Option, theme
from gui.kit.indicators import SlimProgress
from gui.kit.numbers import estimate_text, quantity_text
from gui.kit.text import tr
from gui.window.data_import.table_reading import TableAsRead

AS_USED, AS_WRITTEN = "used", "written"
REPORT_MS = 100


class ImportHeading(QWidget):
    """`view_changed` : the preview is to show values as they will be used, or as they are written."""

    view_changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = Label(tr("Import {name}", name=name), "strong")
        theme.set_sizes(title, font="figure")
        self.caption, self.doing = ElidedLabel("", "muted"), Label("", "muted", caption=True)
        self.view = Choice(name=tr("What the preview shows"))
        self.view.set_options(
            [Option(AS_USED, tr("as it will be used")), Option(AS_WRITTEN, tr("as in the file"))]
        )
        theme.set_sizes(self.view, width=150)
        self.view.edited.connect(lambda _: self.view_changed.emit())
        self.progress = SlimProgress()
        self.progress.setAccessibleName(tr("Reading the table"))
        # Nothing moves when it comes and goes.
        stays = self.progress.sizePolicy()
        stays.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(stays)
        self._job: Job | None = None
        self._clock = QTimer(self)
        self._clock.setInterval(REPORT_MS)
        self._clock.timeout.connect(self._show_progress)
        line = QHBoxLayout()
        line.setContentsMargins(18, 12, 18, 12)
        line.setSpacing(12)
        line.addWidget(title)
        line.addWidget(self.caption, 1)
        line.addWidget(self.doing)
        line.addWidget(self.view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(self.progress)
        layout.addWidget(rule())

    @property
    def as_written(self) -> bool:
        """Whether the fields are to be shown as they stand in the file."""
        return bool(self.view.value() == AS_WRITTEN)

    def show_found(self, found: TableAsRead | None) -> None:
        """Say how much was read; None: nothing can be shown."""
        self.view.setEnabled(found is not None)
        if found is None:
            self.view.set_value(AS_USED)
            self.caption.setText("")
            return
        columns = quantity_text(len(found.table.columns), "column", "columns")
        if not found.whole:
            self.caption.setText(tr("first rows · {columns}", columns=columns))
            return
        self.caption.setText(
            tr(
                "{rows} · {columns} · read in {time}",
                rows=quantity_text(found.table.rows, "row", "rows"),
                columns=columns,
                time=estimate_text(found.seconds),
            )
        )

    def show_job(self, job: Job | None) -> None:
        """Follow what is under way."""
        self._job = job
        self.doing.setVisible(job is not None)
        self.progress.setVisible(job is not None)
        if job is None:
            self._clock.stop()
        elif not self._clock.isActive():
            self._clock.start()
        self._show_progress()

    def _show_progress(self) -> None:
        if self._job is not None:
            self.progress.show_fraction(self._job.progress.fraction)
            self.doing.setText(tr(self._job.progress.text or "Reading rows"))


def rule(*, upright: bool = False) -> QFrame:
    """A line between the parts of the dialog."""
    line = QFrame()
    line.setProperty("rule" if upright else "level", True)
    line.setFrameShape(QFrame.Shape.VLine if upright else QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Plain)
    return line
