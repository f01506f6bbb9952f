"""The products of a sum, one a line, the largest first: a bar for each, and how many were left out."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.insight.trace.derivation import Derivation, Term
from gui.kit.numbers import count_text
from gui.kit.text import plural, tr
from gui.kit.theme import RADIUS, current, mixed, scaled, text_font
from gui.panels.inspector.symbols import value_text

ROW = 22
BAR_SHARE, VALUE_WIDTH = 0.22, 84


class TermList(QWidget):
    """A click, or Up and Down, chooses the product that is taken apart."""

    chosen = Signal(int)
    """Number of the term."""
    pointed = Signal(object)
    """The Place that the term under the pointer comes from, or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Terms of the sum"))
        self._shown: Derivation | None = None
        self._current = 0
        self._under: int | None = None

    @property
    def rows(self) -> tuple[str, ...]:
        """What stands in the lines, for tests and for those who do not see them."""
        if self._shown is None:
            return ()
        lines = [f"{words_of(term)} = {value_text(term.value)}" for term in self._shown.terms]
        return (*lines, *([self._rest()] if self._rest() else []))

    def show_terms(self, derivation: Derivation | None, current_term: int) -> None:
        """Show the terms of a sum; nothing where there is only one."""
        several = derivation is not None and (len(derivation.terms) > 1 or derivation.left_out > 0)
        self._shown, self._current = derivation if several else None, current_term
        self._under = None
        self.setVisible(several)
        self.setFixedHeight(self.sizeHint().height())
        self.setAccessibleDescription("; ".join(self.rows))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(scaled(320), len(self.rows) * scaled(ROW))

    def _rest(self) -> str:
        shown = self._shown
        if shown is None or not shown.left_out:
            return ""
        many = plural(shown.left_out, "more", "more")
        return tr(
            "and {count} {more}, together {sum}",
            count=count_text(shown.left_out),
            more=many,
            sum=value_text(shown.rest),
        )

    def _row_at(self, y: float) -> int | None:
        row = int(y // scaled(ROW))
        return row if self._shown is not None and 0 <= row < len(self._shown.terms) else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position().y())
        if row != self._under:
            self._under = row
            self.setCursor(Qt.CursorShape.ArrowCursor if row is None else Qt.CursorShape.PointingHandCursor)
            self.pointed.emit(
                None if row is None or self._shown is None else place_of(self._shown.terms[row])
            )
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._under = None
        self.pointed.emit(None)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and row is not None:
            self.chosen.emit(row)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        way = ways.get(Qt.Key(event.key()))
        if way is None or self._shown is None:
            super().keyPressEvent(event)
            return
        row = min(max(self._current + way, 0), len(self._shown.terms) - 1)
        if row != self._current:
            self.chosen.emit(row)

    def paintEvent(self, event: QPaintEvent) -> None:
        shown, colours = self._shown, current()
        if shown is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(text_font())
        metrics = QFontMetricsF(text_font())
        largest = max((abs(term.value) for term in shown.terms), default=0.0) or 1.0
        row_height, bar_room = scaled(ROW), self.width() * BAR_SHARE
        left_side = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        right_side = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for row, term in enumerate(shown.terms):
            area = QRectF(0, row * row_height, self.width(), row_height)
            if row == self._current or row == self._under:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colours.tint("gradient") if row == self._current else colours.hover))
                painter.drawRoundedRect(area, RADIUS / 2, RADIUS / 2)
            words = area.adjusted(8, 0, -bar_room - scaled(VALUE_WIDTH) - 16, 0)
            painter.setPen(QColor(colours.text if row == self._current else colours.muted))
            painter.drawText(
                words,
                left_side,
                metrics.elidedText(words_of(term), Qt.TextElideMode.ElideRight, words.width()),
            )
            painter.setPen(QColor(colours.text))
            value = QRectF(words.right() + 4, area.top(), scaled(VALUE_WIDTH), row_height)
            painter.drawText(value, right_side, value_text(term.value))
            share = min(abs(term.value) / largest, 1.0) if term.value == term.value else 0.0
            colour = colours.accent if term.value >= 0 else colours.validation
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(mixed(colours.surface, colour, 0.7)))
            painter.drawRoundedRect(
                QRectF(value.right() + 10, area.top() + 6, max(share * (bar_room - 12), 1), row_height - 12),
                2,
                2,
            )
        if rest := self._rest():
            painter.setPen(QColor(colours.muted))
            area = QRectF(8, len(shown.terms) * row_height, self.width() - 16, row_height)
            painter.drawText(
                area, left_side, metrics.elidedText(rest, Qt.TextElideMode.ElideRight, area.width())
            )
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.accent), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS / 2, RADIUS / 2)
        painter.end()


def words_of(term: Term) -> str:
    """A product in symbols and numbers: "x₁ · w₁: 0.05 · 0.15", with the path that it belongs to."""
    symbols = " · ".join(one.text for one in term.factors)
    numbers = " · ".join(value_text(one.value) for one in term.factors)
    product = symbols if len(term.factors) == 1 else f"{symbols} = {numbers}"
    return f"{term.path}:  {product}" if term.path else product


def place_of(term: Term) -> object:
    """Where a term comes from: the last of its factors that has a place."""
    places = [one.place for one in term.factors if one.place is not None]
    return places[-1] if places else None
