"""Choosing a sample: from a list by loss, or by typing its inputs in."""

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.errors import UserError
from engine.insight.sample_losses import SampleLosses, sample_losses
from engine.insight.trace.trace import PartName, Trace, TracedSample
from engine.progress import Progress
from engine.training.trainer import Trainer
from gui.core.model_summary import ModelSummary
from gui.core.run_jobs import RunJob
from gui.kit import Label
from gui.kit.indicators import SlimProgress
from gui.kit.labels import WrappedLabel
from gui.kit.layouts import Row
from gui.kit.numbers import count_text, reading_text, shape_text
from gui.kit.text import tr
from gui.kit.theme import GRID, scaled
from gui.panels.base import PanelContext
from gui.panels.inspector import words
from gui.panels.inspector.diagram import unit_names
from gui.panels.inspector.what_if import FractionField

MOST_FIELDS = 128
"""Inputs up to which each has a field to type in."""
TITLES = (tr("Sample"), tr("Target"), tr("Output"), tr("Loss"))
_ROOT = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


def shortest(value: float) -> float:
    """A number in single precision as a person types it: 0.1, not 0.10000000149."""
    single = np.float32(value)
    return float(str(single)) if float(single) == value else value


class LossModel(QAbstractTableModel):
    """The samples of a part as rows, the most wrong first."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.found: SampleLosses | None = None
        self._model: ModelSummary | None = None

    def show(self, found: SampleLosses | None, model: ModelSummary | None) -> None:
        """Show these."""
        self.beginResetModel()
        self.found, self._model = found, model
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() or self.found is None else len(self.found.indices)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        found, model = self.found, self._model
        if found is None or model is None or role != Qt.ItemDataRole.DisplayRole:
            return None
        row = index.row()
        match index.column():
            case 0:
                return count_text(int(found.indices[row]) + 1)
            case 1:
                return words.target_words(np.asarray(found.targets[row]), model)
            case 2:
                return words.prediction_words(found.predictions[row], model)
            case _:
                return reading_text(float(found.losses[row]), 4)


class LossList(QDialog):
    """Chooses with a click or Enter, and stays open, so that one sample after the other can be looked at."""

    chosen = Signal(str, int)

    def __init__(self, context: PanelContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._model: ModelSummary | None = None
        self.setWindowTitle(tr("Samples by loss"))
        self.caption, self.progress = Label("", "muted"), SlimProgress()
        self.progress.setAccessibleName(tr("Computing the losses"))
        self.rows, self.table = LossModel(self), QTableView()
        self.table.setModel(self.rows)
        self.table.setAccessibleName(tr("Samples, the most wrong first"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(scaled(26))
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.again = QPushButton(tr("Compute again"))
        self.again.setProperty("small", True)
        self.again.setAutoDefault(False)
        head = QHBoxLayout()
        head.addWidget(self.caption, 1)
        head.addWidget(self.again)
        layout = QVBoxLayout(self)
        layout.addLayout(head)
        layout.addWidget(self.progress)
        layout.addWidget(self.table, 1)
        self._part: PartName = "training"
        self.again.clicked.connect(self.compute)
        self._job: RunJob | None = None

    def sizeHint(self) -> QSize:
        return QSize(scaled(520), scaled(420))

    @property
    def busy(self) -> bool:
        """Whether losses are being computed."""
        return self._job is not None

    def open_for(self, part: PartName, model: ModelSummary) -> None:
        """Show the samples of a part."""
        self._part, self._model = part, model
        self.compute()
        self.table.setFocus()
        self.show()
        self.raise_()

    def compute(self) -> None:
        """Compute the losses with the weights of now."""
        self.stop()
        part = self._part
        self.caption.setText(tr("Computing the losses"))

        def work(trainer: Trainer, progress: Progress) -> SampleLosses:
            return sample_losses(trainer, part, progress=progress)

        job = self._context.run_jobs.start(tr("Samples by loss"), work, self._take, self._fail, self._end)
        self._job = None if job.ended else job
        self.progress.setVisible(self._job is not None)

    def stop(self) -> None:
        """Compute no longer."""
        if self._job is not None:
            self._job.cancel()
        self._job = None

    def _take(self, found: SampleLosses) -> None:
        self._end()
        self.rows.show(found, self._model)
        part = tr(found.part)
        self.caption.setText(
            tr(
                "{count} of the {part} part, the most wrong first, at step {step}",
                count=count_text(len(found.indices)),
                part=part,
                step=count_text(found.step),
            )
        )

    def _fail(self, error: UserError) -> None:
        self._end()
        self.caption.setText(str(error))

    def _end(self) -> None:
        self._job = None
        self.progress.setVisible(False)

    def _choose(self, current: QModelIndex, previous: QModelIndex) -> None:
        found = self.rows.found
        if found is not None and current.isValid():
            self.chosen.emit(found.part, int(found.indices[current.row()]))

    def done(self, result: int) -> None:
        self.stop()
        super().done(result)


class TypedValues(QDialog):
    """A field for each input, in the units in which the network gets it."""

    typed = Signal(tuple)

    def __init__(self, model: ModelSummary, trace: Trace, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Type the inputs"))
        values = trace.x.ravel()
        fields = QWidget()
        column = QVBoxLayout(fields)
        column.setSpacing(GRID + 2)
        self.fields: list[FractionField] = []
        for name, value in zip(unit_names(model, -1, values.size), values[:MOST_FIELDS], strict=False):
            field = FractionField(value=shortest(float(value)), name=name)
            self.fields.append(field)
            column.addWidget(Row(name, field))
        column.addStretch(1)
        self._rest = tuple(float(one) for one in values[MOST_FIELDS:])
        area = QScrollArea()
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(fields)
        sentence = tr("As the network gets them, after the data's preparation; fractions such as 1/3 too.")
        if self._rest:
            sentence += " " + tr("The first {count} can be typed.", count=count_text(MOST_FIELDS))
        self.use = QPushButton(tr("Use these"))
        self.use.setProperty("primary", True)
        # Enter in a field takes its number over, no more.
        self.use.setAutoDefault(False)
        self.use.clicked.connect(self._use)
        layout = QVBoxLayout(self)
        layout.addWidget(WrappedLabel(sentence, "muted"))
        layout.addWidget(area, 1)
        layout.addWidget(self.use, 0, Qt.AlignmentFlag.AlignRight)
        self.setAccessibleDescription(shape_text(trace.x.shape))

    def sizeHint(self) -> QSize:
        return QSize(scaled(340), scaled(min(140 + 34 * len(self.fields), 480)))

    def _use(self) -> None:
        for field in self.fields:
            field.commit()
        if any(field.sentence() for field in self.fields):
            return
        self.typed.emit((*(field.value() or 0.0 for field in self.fields), *self._rest))
        self.accept()


class SampleDialogs(QObject):
    """Opens the two; `sample_chosen` with part and index, `values_typed` with a tuple of numbers."""

    sample_chosen = Signal(str, int)
    values_typed = Signal(tuple)

    def __init__(self, parent: QWidget, context: PanelContext) -> None:
        super().__init__(parent)
        self._window, self._context = parent, context
        self.list: LossList | None = None
        self.typing: TypedValues | None = None

    def open_list(self, model: ModelSummary | None, sample: TracedSample) -> None:
        """The list by loss, of the part that a sample is in."""
        if model is None:
            return
        if self.list is None:
            self.list = LossList(self._context, self._window)
            self.list.chosen.connect(self.sample_chosen)
        self.list.open_for(sample.part, model)

    def open_typing(self, model: ModelSummary | None, trace: Trace | None) -> None:
        """Fields for the inputs."""
        if model is None or trace is None:
            return
        self.typing = TypedValues(model, trace, self._window)
        self.typing.typed.connect(self.values_typed)
        self.typing.open()

    def close_all(self) -> None:
        """The run is another: its samples are no longer these."""
        if self.list is not None:
            self.list.close()
            self.list.rows.show(None, None)
        if self.typing is not None:
            typing, self.typing = self.typing, None
            typing.close()
