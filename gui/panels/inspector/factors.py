"""A product as boxes side by side: symbol, value and meaning of each factor, and the way to its place."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from engine.insight.trace.derivation import Factor
from gui.kit.text import tr
from gui.kit.theme import RADIUS, caption_font, current, figure_font, scaled
from gui.panels.inspector.symbols import paint_symbol, symbol_height, value_text

LEAST_WIDTH, MOST_WIDTH, BETWEEN, PADDING = 108, 190, 30, 6
CAPTION_LINES = 3
WRAPPED = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)


@dataclass(frozen=True)
class Box:
    """What stands in a box, and the sign before it: "=", "·", "+" or ""."""

    factor: Factor
    sign: str = ""
    framed: bool = False
    """Whether it is what the others give."""


class FactorBox(QAbstractButton):
    """One factor. A click, or Enter, goes to where it comes from; pointing at it shows that place."""

    pointed = Signal(object)
    """The Place under the pointer or with the focus, or None."""

    def __init__(self, box: Box, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = box
        factor = box.factor
        self.setText(factor.text)
        self.setAccessibleName(f"{factor.text} = {value_text(factor.value)}")
        self.setAccessibleDescription(self.caption)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if self.leads else Qt.FocusPolicy.NoFocus)
        if self.leads:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setToolTip(tr("{meaning}. Click: where it comes from", meaning=self.caption or factor.text))

    @property
    def leads(self) -> bool:
        """Whether there is a place to go to."""
        return self.box.factor.place is not None and not self.box.framed

    @property
    def caption(self) -> str:
        """What it means, and how it was computed."""
        factor = self.box.factor
        return " = ".join(part for part in (factor.meaning, factor.numbers) if part)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.pointed.emit(self.box.factor.place)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(None)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, factor = current(), self.box.factor
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strong = self.box.framed or self.hasFocus() or (self.leads and self.underMouse())
        width = 1.5 if strong else 1.0
        painter.setPen(QPen(QColor(colours.gradient if strong else colours.line), width))
        painter.setBrush(QColor(colours.surface))
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2), RADIUS, RADIUS
        )
        inside = QRectF(self.rect()).adjusted(PADDING, PADDING, -PADDING, -PADDING)
        top = inside.top()
        paint_symbol(
            painter, QRectF(inside.left(), top, inside.width(), symbol_height()), factor.text, colours.text
        )
        top += symbol_height() + 2
        font = figure_font()
        height = QFontMetricsF(font).height()
        painter.setFont(font)
        painter.setPen(QColor(colours.text))
        value = QRectF(inside.left(), top, inside.width(), height)
        painter.drawText(value, int(Qt.AlignmentFlag.AlignCenter), value_text(factor.value))
        top += height + 2
        painter.setFont(caption_font())
        painter.setPen(QColor(colours.muted))
        rest = QRectF(inside.left(), top, inside.width(), inside.bottom() - top)
        painter.drawText(rest, WRAPPED, self.caption)
        painter.end()


class FactorRow(QWidget):
    """The boxes of a product, in as many lines as they need, with the signs between them."""

    pointed = Signal(object)
    chosen = Signal(object)
    """The Place of the box that was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._boxes: list[FactorBox] = []
        self._shown: tuple[Box, ...] = ()
        self._tail = ""
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)

    @property
    def boxes(self) -> tuple[FactorBox, ...]:
        """From left to right."""
        return tuple(self._boxes)

    def show_boxes(self, boxes: Sequence[Box], tail: str = "") -> None:
        """Show these. tail : what stands behind the last ("+ 7 more terms")."""
        if tuple(boxes) == self._shown and tail == self._tail:
            return
        focused = next((n for n, one in enumerate(self._boxes) if one.hasFocus()), None)
        for one in self._boxes:
            one.hide()
            one.deleteLater()
        self._shown, self._tail, self._boxes = tuple(boxes), tail, []
        for box in boxes:
            made = FactorBox(box, self)
            made.pointed.connect(self.pointed)
            made.clicked.connect(lambda _=False, made=made: self._choose(made))
            made.show()
            self._boxes.append(made)
        if focused is not None and focused < len(self._boxes):
            self._boxes[focused].setFocus()
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(scaled(4 * LEAST_WIDTH), self._height(self.width()))

    def minimumSizeHint(self) -> QSize:
        return QSize(scaled(LEAST_WIDTH) + 2 * BETWEEN, self._height(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(figure_font())
        painter.setPen(QColor(current().text))
        middle = int(Qt.AlignmentFlag.AlignCenter)
        for one in self._boxes:
            if one.box.sign:
                area = one.geometry()
                painter.drawText(
                    QRectF(area.left() - BETWEEN, area.top(), BETWEEN, area.height()), middle, one.box.sign
                )
        if self._tail and self._boxes:
            painter.setFont(caption_font())
            painter.setPen(QColor(current().muted))
            area = self._boxes[-1].geometry()
            room = QRectF(area.right() + 8, area.top(), self.width() - area.right() - 8, area.height())
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap), self._tail)
        painter.end()

    def _choose(self, box: FactorBox) -> None:
        if box.leads:
            self.chosen.emit(box.box.factor.place)

    def _box_height(self) -> int:
        caption = QFontMetricsF(caption_font()).height()
        figure = QFontMetricsF(figure_font()).height()
        lines = CAPTION_LINES if any(one.caption for one in self._boxes) else 0
        return int(symbol_height() + figure + lines * caption + 2 * PADDING + 6)

    def _tail_width(self) -> int:
        return scaled(96) if self._tail else 0

    def _per_line(self, width: int) -> int:
        room = width - self._tail_width() + BETWEEN
        return max(min(room // (scaled(LEAST_WIDTH) + BETWEEN), max(len(self._boxes), 1)), 1)

    def _height(self, width: int) -> int:
        lines = -(-len(self._boxes) // self._per_line(width)) if self._boxes else 0
        return lines * (self._box_height() + 8) - (8 if lines else 0)

    def _arrange(self) -> None:
        if self._boxes:
            per_line, height = self._per_line(self.width()), self._box_height()
            room = self.width() - self._tail_width() - (per_line - 1) * BETWEEN
            width = min(room // per_line, scaled(MOST_WIDTH))
            for number, one in enumerate(self._boxes):
                line, place = divmod(number, per_line)
                # A line that goes on with a sign leaves room for it.
                left = place * (width + BETWEEN) + (BETWEEN if line and per_line > 1 else 0)
                across = width if not line or per_line == 1 else min(width, self.width() - left)
                one.setGeometry(left, line * (height + 8), across, height)
        if self.minimumHeight() != self._height(self.width()):
            self.setFixedHeight(self._height(self.width()))
        self.update()
