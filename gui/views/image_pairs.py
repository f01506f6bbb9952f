"""Images and what comes back of them, side by side, the worst first."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.training.reconstruction import WorstSample
from gui.pictures import picture_of
from gui.theme import caption_font, current
from gui.views.numbers import count, number

SIDE = 56
"""Height of an image on the window."""
WIDEST = 112
GAP, BETWEEN, CAPTION = 16, 4, 20


class ImagePairs(QWidget):
    """Pairs from left to right, line by line: original, reconstruction; below them row and error."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Originals and their reconstructions")
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
        return f"Row {count(sample.row + 1)}{label}: error {number(sample.error)}."

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
        high = SIDE + CAPTION
        return [
            QRectF(place % columns * (pair + GAP), place // columns * (high + GAP // 2), pair, high)
            for place in range(len(self._samples))
        ]

    def _image_width(self) -> int:
        if not self._samples:
            return SIDE
        height, width = self._samples[0].original.shape[:2]
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
            below = QRectF(place.left(), left.bottom(), place.width(), CAPTION)
            words = " · ".join(
                part for part in (count(sample.row + 1), sample.label, number(sample.error)) if part
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
