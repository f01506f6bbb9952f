"""Reconstructions of an autoencoder: a histogram of the errors, and the worst samples."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QTableView,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from engine.training.reconstruction import ColumnPair, Reconstruction, WorstSample
from gui.kit import Label, theme
from gui.kit.colour_maps import picture_of
from gui.kit.numbers import count_text, reading_text
from gui.kit.text import tr
from gui.kit.theme import GRID, caption_font, current, scaled
from gui.panels.evaluation.regression_plots import ErrorHistogram

SIDE = 56
"""Height of an image on the window."""
WIDEST = 112
GAP, BETWEEN, CAPTION = 16, 4, 20


class ImagePairs(QWidget):
    """Pairs from left to right, line by line: original, reconstruction; below them row and error."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Originals and their reconstructions"))
        self._samples: tuple[WorstSample, ...] = ()
        self._label = ""
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_samples(self, samples: Sequence[WorstSample], label: str) -> None:
        """label : what their labels are of ("digit")."""
        self._samples, self._label = tuple(samples), label
        self.setAccessibleDescription(" ".join(self.describe(each) for each in self._samples))
        self.updateGeometry()
        self.update()

    def describe(self, sample: WorstSample) -> str:
        """One pair in words."""
        label = f", {self._label} {sample.label}" if sample.label else ""
        return tr(
            "Row {row}{label}: error {error}.",
            row=count_text(sample.row + 1),
            label=label,
            error=reading_text(sample.error),
        )

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return int(max((rect.bottom() for rect in self.places(width)), default=0))

    def sizeHint(self) -> QSize:
        return QSize(260, self.heightForWidth(max(self.width(), 260)))

    def places(self, width: float) -> list[QRectF]:
        """Where the pairs stand, each with its caption."""
        pair = 2 * self._image_width() + BETWEEN
        columns = max(int((width + GAP) // (pair + GAP)), 1)
        high = SIDE + scaled(CAPTION)
        return [
            QRectF(place % columns * (pair + GAP), place // columns * (high + GAP // 2), pair, high)
            for place in range(len(self._samples))
        ]

    def _image_width(self) -> int:
        if not self._samples:
            return SIDE
        height, width = (int(side) for side in self._samples[0].original.shape[:2])
        return min(max(round(SIDE * width / height), 8), WIDEST)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, width = current(), self._image_width()
        painter = QPainter(self)
        painter.setFont(caption_font(tabular=True))
        for sample, place in zip(self._samples, self.places(self.width()), strict=True):
            left = QRectF(place.left(), place.top(), width, SIDE)
            low, high = float(sample.original.min()), float(sample.original.max())
            for rect, values in (
                (left, sample.original),
                (left.translated(width + BETWEEN, 0), sample.reconstruction),
            ):
                painter.drawImage(rect, picture_of(values, theme, low, high))
                painter.setPen(QPen(QColor(theme.line), 1))
                painter.drawRect(rect)
            painter.setPen(QColor(theme.muted))
            below = QRectF(place.left(), left.bottom(), place.width(), scaled(CAPTION))
            words = " · ".join(
                part
                for part in (count_text(sample.row + 1), sample.label, reading_text(sample.error))
                if part
            )
            painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), words)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Fewer pairs on a line are more lines.
        self.updateGeometry()
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        """The tooltip says which pair it is."""
        if isinstance(event, QHelpEvent):
            for sample, place in zip(self._samples, self.places(self.width()), strict=True):
                if place.contains(event.pos()):
                    QToolTip.showText(event.globalPos(), self.describe(sample), self, place.toAlignedRect())
                    return True
            QToolTip.hideText()
        return super().event(event)


ROW_HEIGHT = 26
WIDTHS = (64, 96, 72)
_ROOT = QModelIndex()


class WorstTable(QTableView):
    """The worst first. All rows with their errors are what `gradwright predict` writes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = _Rows(self)
        self.setModel(self._rows)
        self.setAccessibleName(tr("Worst samples"))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.verticalHeader().hide()
        self._take_sizes()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setProperty("plain", True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setStretchLastSection(True)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._take_sizes()

    def _take_sizes(self) -> None:
        self.verticalHeader().setDefaultSectionSize(scaled(ROW_HEIGHT))
        for column, width in enumerate(WIDTHS):
            self.setColumnWidth(column, scaled(width))

    def show_samples(self, samples: Sequence[WorstSample], label: str) -> None:
        """label : what the labels are of; without one, that column is left out."""
        self._rows.show(samples, label)
        self.setColumnHidden(1, not label)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        rows = self._rows.rowCount()
        return QSize(320, self.horizontalHeader().sizeHint().height() + rows * scaled(ROW_HEIGHT) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.sizeHint().height())


class _Rows(QAbstractTableModel):
    """The samples as rows."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._samples: tuple[WorstSample, ...] = ()
        self._titles = (tr("Row"), "", tr("Error"), tr("Furthest off"))

    def show(self, samples: Sequence[WorstSample], label: str) -> None:
        self.beginResetModel()
        self._samples = tuple(samples)
        self._titles = (tr("Row"), label, tr("Error"), tr("Furthest off"))
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._samples)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        return {
            Qt.ItemDataRole.DisplayRole: self._titles[section],
            Qt.ItemDataRole.FontRole: theme.caption_font(),
        }.get(Qt.ItemDataRole(role))

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:
        sample = self._samples[index.row()]
        change = _in_words(sample.furthest)
        if role == Qt.ItemDataRole.DisplayRole:
            return (count_text(sample.row + 1), sample.label, reading_text(sample.error), change)[
                index.column()
            ]
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == 3:
            return change
        return None


def _in_words(change: ColumnPair | None) -> str:
    """ "height 1.82 → 1.64"."""
    if change is None:
        return ""
    before, after = (
        value if isinstance(value, str) else reading_text(value) for value in (change.before, change.after)
    )
    return f"{change.column} {before} → {after}"


MOST_SHOWN = 12
"""Samples; more would be a page to scroll through, for which there is `gradwright predict`."""
PAIRS_WORDS = tr(
    "Each original beside its reconstruction, with its row in the table, its {label}and its error."
)
TABLE_WORDS = tr("Rows of the table, counted from 1, and the column that is furthest off in each.")


class ReconstructionPanel(QWidget):
    """A histogram; below, pairs of images or a table of rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.histogram, self.pairs, self.table = ErrorHistogram(), ImagePairs(), WorstTable()
        self.caption = Label("", "muted", caption=True, wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self.histogram, 1)
        layout.addWidget(Label(tr("Worst samples"), "strong"))
        layout.addWidget(self.caption)
        layout.addWidget(self.pairs)
        layout.addWidget(self.table)

    def clear(self) -> None:
        self.histogram.clear()
        self.pairs.show_samples((), "")
        self.table.show_samples((), "")
        self.caption.setText("")

    def show_reconstruction(
        self, shown: Reconstruction, colour_name: str, training: Reconstruction | None = None
    ) -> None:
        """training : that of the training part, to compare another part with."""
        self.histogram.show_errors(shown.errors, colour_name, training.errors if training else None)
        worst = shown.worst[:MOST_SHOWN]
        images = bool(worst) and worst[0].original.ndim == 3
        self.pairs.setVisible(images)
        self.table.setVisible(not images)
        label = f"{shown.label} " if shown.label else ""
        self.caption.setText(PAIRS_WORDS.format(label=label) if images else TABLE_WORDS)
        if images:
            self.pairs.show_samples(worst, shown.label)
        else:
            self.table.show_samples(worst, shown.label)
