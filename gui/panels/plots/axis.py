"""The axes of a chart: numbers beside the pane, a title, and the lines of the upright axis."""

from collections.abc import Callable

import pyqtgraph
from pyqtgraph.GraphicsScene.mouseEvents import MouseDragEvent
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsSceneWheelEvent

from gui.kit.scales import Interval, Tick
from gui.kit.theme import Theme, caption_font, scaled
from gui.panels.plots.pane import Pane

LEFT_PX = 58
"""Room for the numbers of the upright axis; the same in every chart, so that charts in a column line up."""
BOTTOM_PX = 20
TITLE_PX = 14
"""Of the room for the numbers of the upright axis, what its title takes."""
TEXT_GAP_PX = 6
OUTSTANDING_PX = 24
PIXELS_PER_TICK = {"left": 38, "bottom": 58}

TickMaker = Callable[[float, float, int], list[Tick]]


class Axis(pyqtgraph.AxisItem):
    """Numbers beside the pane, and through the pane the lines of the upright axis. No ticks, no axis line."""

    def __init__(self, side: str, ticks: TickMaker, pane: Pane) -> None:
        super().__init__(side)
        self._pane = pane
        self._make_ticks = ticks
        self._line_pen = QPen(Qt.PenStyle.NoPen)
        self.title = ""
        self.setStyle(autoExpandTextSpace=False, autoReduceTextSpace=False)
        self.enableAutoSIPrefix(False)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(-1000)
        self.linkToView(pane)

    def set_ticks(self, ticks: TickMaker) -> None:
        """Take another way of choosing ticks (linear, decades, per cent)."""
        self._make_ticks = ticks
        self.picture = None
        self.update()

    def ticks(self) -> list[Tick]:
        """What stands on the axis now."""
        length = self.size().height() if self.orientation == "left" else self.size().width()
        return self._make_ticks(*self._shown, max(int(length / scaled(PIXELS_PER_TICK[self.orientation])), 2))

    @property
    def _shown(self) -> Interval:
        return self._pane.y_range if self.orientation == "left" else self._pane.across_range

    def apply_theme(self, theme: Theme) -> None:
        self.picture = None
        self.setTextPen(QColor(theme.muted))
        if self.orientation == "left":
            self._line_pen = QPen(QColor(theme.line), 1)

    def boundingRect(self) -> QRectF:
        pane = self._pane
        own = self.mapRectFromParent(self.geometry())
        out = scaled(OUTSTANDING_PX)
        # The first and the last number stand out beyond the ends of the axis.
        return (own | pane.mapRectToItem(self, pane.rect())).adjusted(-out, -8, out, 8)

    def generateDrawSpecs(self, painter: QPainter) -> tuple[list[QLineF], list[tuple[QRectF, int, str]]]:
        own = self.mapRectFromParent(self.geometry())
        low, high = self._shown
        lines, texts = [], []
        title = QFontMetricsF(caption_font()).horizontalAdvance(self.title) if self.title else -scaled(50)
        title_begins = own.right() - title - TEXT_GAP_PX
        beside = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
        below = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        for tick in self.ticks():
            share = (tick.position - low) / (high - low)
            if not -1e-9 <= share <= 1 + 1e-9:
                continue
            if self.orientation == "left":
                y = round(own.bottom() - share * own.height())
                lines.append(QLineF(own.right(), y, own.right() + self._pane.rect().width(), y))
                height = scaled(14)
                place = QRectF(own.left(), y - height / 2, own.width() - TEXT_GAP_PX, height)
                texts.append((place, int(beside), tick.text))
            else:
                x = own.left() + share * own.width()
                room = scaled(50)
                if x + QFontMetricsF(caption_font()).horizontalAdvance(tick.text) / 2 > title_begins:
                    continue
                place = QRectF(x - room, own.top() + TEXT_GAP_PX - 2, 2 * room, own.height() - TEXT_GAP_PX)
                texts.append((place, int(below), tick.text))
        return lines, texts

    def drawPicture(
        self, painter: QPainter, lines: list[QLineF], texts: list[tuple[QRectF, int, str]]
    ) -> None:
        painter.setFont(caption_font())
        painter.setPen(self._line_pen)
        painter.drawLines(lines)
        painter.setPen(self.textPen())
        for place, alignment, text in texts:
            painter.drawText(place, alignment, text)
        self._paint_title(painter)

    def _paint_title(self, painter: QPainter) -> None:
        own = self.mapRectFromParent(self.geometry())
        if self.orientation == "bottom":
            at = own.adjusted(0, TEXT_GAP_PX - 2, 0, 0)
            painter.drawText(at, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop), self.title)
            return
        shown = QFontMetricsF(painter.font()).elidedText(
            self.title, Qt.TextElideMode.ElideRight, own.height()
        )
        painter.save()
        painter.translate(own.left() + scaled(TITLE_PX) / 2, own.center().y())
        painter.rotate(-90)
        line = QRectF(-own.height() / 2, -scaled(TITLE_PX) / 2, own.height(), scaled(TITLE_PX))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignCenter), shown)
        painter.restore()

    def wheelEvent(self, event: QGraphicsSceneWheelEvent) -> None:
        event.ignore()

    def mouseDragEvent(self, event: MouseDragEvent) -> None:
        event.ignore()
