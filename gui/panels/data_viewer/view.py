"""A window on the data themselves: sorted, filtered, and with what the run makes of each row."""

from functools import partial
from typing import ClassVar

from PySide6.QtCore import QSize
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from engine.errors import UserError
from engine.progress import Progress
from engine.training.history import History
from engine.training.trainer import Trainer
from gui.core.jobs import Job
from gui.core.messages import Invalid, Scored
from gui.core.model_summary import ModelSummary
from gui.core.run_jobs import RunJob
from gui.core.selection import PartName, Sample
from gui.kit import InlineMessage, Label, TextField
from gui.kit.indicators import SlimProgress
from gui.kit.text import tr
from gui.kit.theme import GRID, scaled
from gui.panels.base import Panel, PanelContext, PanelSpec
from gui.panels.data_viewer.pages import Pages
from gui.panels.data_viewer.viewed_data import (
    ArrangedRows,
    RowOrder,
    ViewedData,
    arrange,
    count_words,
    results_words,
    view_data,
)

SIZE = QSize(1040, 680)
PREPARING = tr("There is no run yet: the data is being prepared.")
PART_NAMES: tuple[PartName, ...] = ("training", "validation", "test")


class DataViewer(Panel):
    """Looks when it is opened, when training pauses, and when it is asked to."""

    follows_history: ClassVar[bool] = True
    spec = PanelSpec(
        "data_viewer",
        tr("Look at the data"),
        "table",
        "tool",
        tr("Rows, images, distributions and pairs, with part, prediction and loss of each row."),
        menu="View",
        keys=("F3",),
        order=90,
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._found: ViewedData | None = None
        self._order = self._wanted = RowOrder()
        """The order that is shown, and the one that was asked for last."""
        self._arranged: ArrangedRows | None = None
        self._job: RunJob | None = None
        self._sorting: Job | None = None
        self._step = 0
        self._stale = True
        self.filter = TextField(
            none_title=tr("Filter, then Enter: words, or age > 40 and sex = male"), name=tr("Filter")
        )
        self.filter.setClearButtonEnabled(True)
        self.filter.setWhatsThis(tr("Shows only rows with these words, or for which this condition holds."))
        self.count, self.caption = Label("", "muted"), Label("", "muted", caption=True)
        self.again = QPushButton(tr("Look again"))
        self.again.setWhatsThis(tr("Asks for predictions and losses of the rows with the weights of now."))
        self.again.setProperty("small", True)
        self.progress = SlimProgress()
        self.progress.setAccessibleName(tr("Looking at the rows"))
        self.message = InlineMessage()
        self.pages, self._stack = Pages(), QStackedWidget()
        self._sentence = Label(PREPARING, "muted", wrap=True)
        self._sentence.setContentsMargins(12, 12, 12, 12)
        self._build()
        self.filter.edited.connect(self._filter)
        self.filter.textEdited.connect(self._emptied)
        self.again.clicked.connect(self.look)
        self.pages.offer_figures(context.exports, context.preferences)
        self.pages.order_asked.connect(self._sort)
        self.pages.row_chosen.connect(self._select)
        self.pages.inspect_asked.connect(self._inspect)
        context.jobs.changed.connect(self._show_progress)
        self._show_state()

    @property
    def found(self) -> ViewedData | None:
        """What is shown; None while there is nothing."""
        return self._found

    @property
    def busy(self) -> bool:
        """Whether rows are being looked at or sorted."""
        return self._job is not None or self._sorting is not None

    def sizeHint(self) -> QSize:
        return QSize(scaled(SIZE.width()), scaled(SIZE.height()))

    # --- what the window tells ---------------------------------------------------------------------------

    def show_model(self, model: ModelSummary) -> None:
        super().show_model(model)
        self._stale = True
        if self.isVisible():
            self.look()

    def show_scores(self, scored: Scored) -> None:
        if self.isVisible():
            self.look()
        else:
            self._stale = True

    def show_history(self, history: History | None) -> None:
        self._step = history.steps.count if history is not None else 0
        self._show_caption()

    def show_problem(self, invalid: Invalid) -> None:
        super().show_problem(invalid)
        self._sentence.setText(tr("There is no data to look at. {error}", error=invalid.error))

    def show_preparing(self) -> None:
        self.clear()

    def clear(self) -> None:
        super().clear()
        self._sentence.setText(PREPARING)
        self._order = self._wanted = RowOrder()
        self.filter.set_value("")
        self._found = self._arranged = None
        self.pages.clear_rows()
        self._show_state()

    def end_run(self) -> None:
        self._stop()
        self._stale = True

    def apply_theme(self) -> None:
        self.pages.apply_theme()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale and self.model is not None:
            self.look()

    # --- jobs --------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Look at all rows again, with the weights of now."""
        self._stop()
        self._stale = False
        session = self.context.session
        data = self.context.document.experiment.data

        def work(trainer: Trainer, progress: Progress) -> ViewedData:
            return view_data(lambda: session.table_of(data), trainer, progress)

        job = self.context.run_jobs.start(tr("Looking at the data"), work, self._take, self._fail, self._end)
        self._job = None if job.ended else job
        self._show_state()

    def _take(self, found: ViewedData) -> None:
        self._job = None
        before = self._found
        same = before is not None and [one.name for one in before.shown.columns] == [
            one.name for one in found.shown.columns
        ]
        if not same:
            # Columns have come or gone: the order was by another one.
            self._wanted = RowOrder(self._wanted.filter)
        self._found = found
        self._put_in_order(self._wanted)

    def _put_in_order(self, order: RowOrder) -> None:
        found, self._wanted = self._found, order
        if found is None:
            return
        if self._sorting is not None:
            self.context.jobs.cancel(self._sorting)
        self._sorting = self.context.jobs.start(
            tr("Sorting rows"),
            lambda progress: arrange(found, order, progress),
            partial(self._ordered, found, order),
            self._refused,
            quiet=True,
        )
        self._show_state()

    def _ordered(self, found: ViewedData, order: RowOrder, arranged: ArrangedRows) -> None:
        self._sorting, self._order, self._arranged = None, order, arranged
        if str(self.filter.value() or "") == order.filter:
            # Else a filter that was refused still stands there.
            self.filter.show_problem("")
            self.message.clear()
        self.pages.show_rows(found, arranged, order)
        self._show_state()

    def _refused(self, error: UserError) -> None:
        """The filter cannot be understood: what is shown stays."""
        self._sorting, self._wanted = None, self._order
        self.filter.show_problem(str(error))
        self.message.show_message(str(error), "error")
        self.pages.table.show_order(self._order)
        self._show_state()

    def _fail(self, error: UserError) -> None:
        self._job = None
        self.message.show_message(str(error), "error")
        self._show_state()

    def _end(self) -> None:
        self._job = None
        self._show_state()

    def _stop(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        sorting, self._sorting = self._sorting, None
        if sorting is not None:
            self.context.jobs.cancel(sorting)

    # --- hands -------------------------------------------------------------------------------------------

    def _filter(self, text: object) -> None:
        self._put_in_order(RowOrder(str(text or ""), self._wanted.column, self._wanted.descending))

    def _emptied(self, text: str) -> None:
        """An empty field filters nothing, also before Enter."""
        if not text:
            self.filter.commit()

    def _sort(self, column: int | None, descending: bool) -> None:
        self._put_in_order(RowOrder(self._wanted.filter, column, descending))

    def _select(self, row: int) -> None:
        if self._found is None:
            return
        results = self._found.results
        part, place = int(results.part.texts.indices[row]), int(results.places[row])
        if part >= 0:
            self.context.selection.select(sample=Sample(PART_NAMES[part], place))

    def _inspect(self, row: int) -> None:
        self._select(row)
        self.context.requests.show_panel.emit("inspector")

    # --- what is shown -----------------------------------------------------------------------------------

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(12, 12, 12, 8)
        head.setSpacing(3 * GRID)
        head.addWidget(self.filter, 1)
        head.addWidget(self.count)
        head.addWidget(self.again)
        self._stack.addWidget(self._sentence)
        self._stack.addWidget(self.pages)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 6, 12, 8)
        foot.addWidget(self.caption, 1)
        stays = self.progress.sizePolicy()
        stays.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(stays)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.progress)
        said = QVBoxLayout()
        said.setContentsMargins(12, 0, 12, 0)
        said.addWidget(self.message)
        layout.addLayout(said)
        layout.addWidget(self._stack, 1)
        layout.addLayout(foot)

    def _show_state(self) -> None:
        found, arranged = self._found, self._arranged
        self._stack.setCurrentIndex(0 if self._arranged is None else 1)
        self.filter.setEnabled(found is not None)
        self.again.setEnabled(self.model is not None and self._job is None)
        self.progress.setVisible(self.busy)
        self.count.setText(count_words(found, len(arranged.rows)) if found and arranged else "")
        if found is None and self._job is not None:
            self._sentence.setText(tr("Looking at the rows."))
        self._show_progress()
        self._show_caption()

    def _show_progress(self) -> None:
        if self._job is not None:
            self.progress.show_fraction(self._job.fraction)
        elif self._sorting is not None:
            self.progress.show_fraction(self._sorting.progress.fraction)

    def _show_caption(self) -> None:
        self.caption.setText("" if self._found is None else results_words(self._found, self._step))
