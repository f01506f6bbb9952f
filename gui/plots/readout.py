"""The small card that tells the numbers under the pointer."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.theme import RADIUS, caption_font, current

PADDING_PX = 7.0
LINE_PX = 15.0
SAMPLE_PX = 10.0
DISTANCE_PX = 14
"""Between the pointer and the card."""


@dataclass(frozen=True)
class Reading:
    """A number under the pointer, its name and the colour of its line."""

    text: str
    value: str
    colour: str
    dashed: bool = False


class ReadOut(QWidget):
    """Lies over a plot and lets the mouse through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.title = ""
        self.readings: Sequence[Reading] = ()
        self.hide()

    def show_at(self, pointer: QPoint, title: str, readings: Sequence[Reading]) -> None:
        """Tell these numbers beside a point of the parent, on the side where there is room."""
        self.title, self.readings = title, readings
        size, room = self._size(), self.parentWidget().rect()
        left = pointer.x() + DISTANCE_PX
        if left + size.width() > room.right():
            left = max(pointer.x() - DISTANCE_PX - size.width(), 0)
        top = min(max(pointer.y() - size.height() // 2, 0), max(room.bottom() - size.height(), 0))
        self.setGeometry(left, top, size.width(), size.height())
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        painter.setFont(caption_font(tabular=True))
        metrics = QFontMetricsF(painter.font())
        line = QRectF(PADDING_PX, PADDING_PX, self.width() - 2 * PADDING_PX, LINE_PX)
        painter.setPen(QColor(theme.muted))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.title)
        for reading in self.readings:
            line.translate(0, LINE_PX)
            if reading.colour:
                pen = QPen(QColor(reading.colour), 2)
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
                if reading.dashed:
                    pen.setDashPattern([2.0, 1.0])
                painter.setPen(pen)
                y = line.center().y()
                painter.drawLine(QLineF(line.left(), y, line.left() + SAMPLE_PX, y))
            words = line.adjusted(SAMPLE_PX + 5 if reading.colour else 0, 0, 0, 0)
            painter.setPen(QColor(theme.muted))
            room = words.width() - metrics.horizontalAdvance(reading.value)
            text = metrics.elidedText(reading.text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
            painter.setPen(QColor(theme.text))
            painter.drawText(
                words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, reading.value
            )
        painter.end()

    def _size(self) -> QSize:
        metrics = QFontMetricsF(caption_font(tabular=True))
        widths = [metrics.horizontalAdvance(self.title)]
        for reading in self.readings:
            sample = SAMPLE_PX + 5 if reading.colour else 0
            words = metrics.horizontalAdvance(reading.text) + metrics.horizontalAdvance(reading.value)
            widths.append(sample + words + 12)
        height = LINE_PX * (1 + len(self.readings)) + 2 * PADDING_PX
        width = min(round(max(widths) + 2 * PADDING_PX + 1), self.parentWidget().width())
        return QSize(width, round(height))
