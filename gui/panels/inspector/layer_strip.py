"""The layers of a network in a row, from the input to the loss, with the size of each layer's gradient."""

import math

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.core.model_summary import ModelSummary
from gui.kit.numbers import shape_text
from gui.kit.text import tr
from gui.kit.theme import RADIUS, caption_font, current, mixed, scaled, text_font

CARD, HEIGHT, BETWEEN = 112, 58, 18
DECADES = 6
"""Of the bar under a layer: its gradient, on a logarithmic scale below the largest."""


class LayerStrip(QWidget):
    """A click selects a layer; Left and Right step. −1 is the input."""

    layer_chosen = Signal(int)
    step_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Layers"))
        self.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)
        self._cards: list[tuple[int, str, str]] = []
        self._norms: dict[int, float] = {}
        self._selected = -1

    def show_model(self, model: ModelSummary | None) -> None:
        """Another network, or None."""
        self._cards = []
        if model is not None:
            self._cards = [(-1, tr("Input"), shape_text(model.input_shape))]
            self._cards += [(one.index, one.name, shape_text(one.output_shape)) for one in model.layers]
        self._norms = {}
        self.setFixedHeight(self.sizeHint().height())
        self.setMinimumWidth(self.sizeHint().width())
        self.update()

    def show_norms(self, norms: dict[int, float]) -> None:
        """The norms of the gradients of the layers' outputs, by index."""
        self._norms = norms
        self.update()

    def select(self, layer: int) -> None:
        """Frame a layer."""
        self._selected = layer
        names = {index: name for index, name, _ in self._cards}
        self.setAccessibleDescription(names.get(layer, ""))
        self.update()

    def sizeHint(self) -> QSize:
        cards = len(self._cards)
        across = cards * scaled(CARD) + max(cards - 1, 0) * scaled(BETWEEN) + 4
        return QSize(across, scaled(HEIGHT) + 4)

    def area_of(self, layer: int) -> QRectF:
        """Where the card of a layer lies."""
        place = layer + 1
        return QRectF(2 + place * scaled(CARD + BETWEEN), 2, scaled(CARD), scaled(HEIGHT))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for layer, _, _ in self._cards:
            if self.area_of(layer).contains(event.position()):
                self.layer_chosen.emit(layer)
                return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if (way := ways.get(Qt.Key(event.key()))) is not None:
            self.step_asked.emit(way)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = int(Qt.AlignmentFlag.AlignCenter)
        largest = max((one for one in self._norms.values() if math.isfinite(one)), default=0.0)
        for number, (layer, name, shape) in enumerate(self._cards):
            area = self.area_of(layer)
            if number:
                y = area.center().y()
                painter.setPen(QPen(QColor(theme.edge), 1.2))
                painter.drawLine(int(area.left() - scaled(BETWEEN)) + 2, int(y), int(area.left()) - 3, int(y))
            selected = layer == self._selected
            strong = theme.accent if selected else theme.line
            painter.setPen(QPen(QColor(strong), 2 if selected else 1))
            painter.setBrush(QColor(theme.surface))
            painter.drawRoundedRect(area, RADIUS, RADIUS)
            for text, font, colour, top in (
                (name, text_font(strong=True), theme.text, 6),
                (shape, caption_font(), theme.muted, 24),
            ):
                painter.setFont(font)
                painter.setPen(QColor(colour))
                line = QRectF(area.left() + 6, area.top() + scaled(top), area.width() - 12, scaled(17))
                elided = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, line.width())
                painter.drawText(line, middle, elided)
            self._paint_norm(painter, area, layer, largest)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        painter.end()

    def _paint_norm(self, painter: QPainter, area: QRectF, layer: int, largest: float) -> None:
        norm = self._norms.get(layer)
        if norm is None or largest <= 0 or not norm > 0 or not math.isfinite(norm):
            return
        share = max(1 + math.log10(norm / largest) / DECADES, 0.03)
        theme = current()
        bar = QRectF(area.left() + 8, area.bottom() - scaled(11), (area.width() - 16) * share, scaled(5))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mixed(theme.surface, theme.gradient, 0.75)))
        painter.drawRoundedRect(bar, 2, 2)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
