"""How the values of each column are spread: one picture a column, those in sight painted."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.data import Table
from engine.data.columns.preview import ColumnBars
from gui.kit import theme
from gui.kit.column_bars import paint_column_bars, values_text
from gui.kit.numbers import count_text, quantity_text
from gui.kit.text import tr

WIDTH, HEIGHT, GAP = 208, 132, 12
PAD = 10


class Distributions(QWidget):
    """In as many columns as there is room for. Hover reads a bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table: Table | None = None
        self._bars: Sequence[ColumnBars] = ()
        self._target = ""
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Distributions"))

    def show_bars(self, table: Table | None, bars: Sequence[ColumnBars], target: str) -> None:
        """Show the columns of a table; images have no bars."""
        self._table, self._bars, self._target = table, bars, target
        self._take_height()
        self.update()

    def place(self, number: int) -> QRect:
        """Where the picture of a column stands."""
        across = self._across()
        width, height = (self.width() - GAP * (across + 1)) // across, theme.scaled(HEIGHT)
        left, top = GAP + number % across * (width + GAP), GAP + number // across * (height + GAP)
        return QRect(left, top, width, height)

    def reading_at(self, column: int, x: float) -> str:
        """What the bar at a place of a column's picture says."""
        bars, area = self._bars[column], self._area(column)
        if not bars.counts or bars.all_different or not area.left() <= x < area.right():
            return ""
        number = int((x - area.left()) / area.width() * len(bars.counts))
        rows = quantity_text(bars.counts[number], "row", "rows")
        return tr("{value}: {rows}", value=bars.labels[number], rows=rows)

    def sizeHint(self) -> QSize:
        return QSize(3 * theme.scaled(WIDTH), self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._take_height()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._take_height()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = event.pos()
            for number in self._in(QRect(place, QSize(1, 1))):
                if self.place(number).contains(place) and (text := self.reading_at(number, place.x())):
                    QToolTip.showText(event.globalPos(), text, self)
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        for number in self._in(event.rect()):
            self._paint_one(painter, number)
        painter.end()

    def _paint_one(self, painter: QPainter, number: int) -> None:
        if self._table is None:
            return
        colours, column, bars = theme.current(), self._table.columns[number], self._bars[number]
        place = self.place(number)
        painter.setPen(QColor(colours.line))
        painter.setBrush(QColor(colours.surface))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), theme.RADIUS, theme.RADIUS)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        line = theme.scaled(18)
        title = QRect(place.left() + PAD, place.top() + 7, place.width() - 2 * PAD, line)
        self._write(painter, title, column.name, colours.text, strong=True)
        words = tr("images") if column.kind == "image" else values_text(column.distinct, column.missing)
        if bars.others:
            words = tr("{words} · {count} not shown", words=words, count=count_text(bars.others))
        self._write(painter, title.translated(0, line), words, colours.muted)
        hue = colours.validation if column.name == self._target else colours.accent
        area = self._area(number)
        paint_column_bars(painter, area, bars, hue, widest=area.width())
        if bars.labels and not bars.all_different:
            below = QRect(title.left(), place.bottom() - line - 4, title.width(), line)
            ends = (bars.labels[0].split(" … ")[0], bars.labels[-1].split(" … ")[-1])
            self._write(painter, below, ends[0], colours.muted)
            if bars.ordered and len(bars.labels) > 1:
                self._write(painter, below, ends[1], colours.muted, Qt.AlignmentFlag.AlignRight)

    def _write(
        self,
        painter: QPainter,
        area: QRect,
        text: str,
        ink: str,
        side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        *,
        strong: bool = False,
    ) -> None:
        font = theme.text_font(strong=True) if strong else theme.caption_font()
        painter.setFont(font)
        painter.setPen(QColor(ink))
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, int(side | Qt.AlignmentFlag.AlignVCenter), shown)

    def _area(self, number: int) -> QRectF:
        place, line = self.place(number), theme.scaled(18)
        top = place.top() + 12 + 2 * line
        return QRectF(place.left() + PAD, top, place.width() - 2 * PAD, place.bottom() - line - 6 - top)

    def _across(self) -> int:
        return max((self.width() - GAP) // (theme.scaled(WIDTH) + GAP), 1)

    def _in(self, area: QRect) -> range:
        """The columns whose pictures an area may touch."""
        across, high = self._across(), theme.scaled(HEIGHT) + GAP
        first, last = max(area.top() - GAP, 0) // high * across, (area.bottom() // high + 1) * across
        return range(min(first, len(self._bars)), min(last, len(self._bars)))

    def _take_height(self) -> None:
        lines = -(-len(self._bars) // self._across())
        self.setMinimumHeight(GAP + lines * (theme.scaled(HEIGHT) + GAP))
