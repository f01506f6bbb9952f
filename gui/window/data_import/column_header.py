"""The head of each column of the preview: name, type, role, bars, and how many values there are."""

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QWidget

from gui.kit import theme
from gui.kit.column_bars import paint_column_bars
from gui.kit.layouts import CARET_SIZE, paint_caret
from gui.kit.text import tr
from gui.window.data_import.preview_model import ROLE_WORDS, PreviewModel

SIDE = 8
HEIGHT = 116
NAME, TYPE, ROLE, BARS, COUNTS = (8, 18), (29, 19), (50, 18), (70, 24), (96, 15)
"""Top and height of what stands in it, in pixels at a scale of 1."""
LEAST_WIDTH, USUAL_WIDTH, MOST_WIDTH = 76, 128, 190


class ColumnHeader(QHeaderView):
    """Painted by hand, as there may be thousands of columns.

    A click on a type or a role asks to change it (column, place on the screen); anywhere else it selects the
    column, with Shift and Ctrl several.
    """

    type_asked = Signal(int, QPoint)
    role_asked = Signal(int, QPoint)

    def __init__(self, model: PreviewModel, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._columns = model
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Columns"))
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._take_sizes()
        model.modelReset.connect(self._take_sizes)

    def type_place(self, column: int) -> QRect:
        """Where the type of a column can be clicked, in the coordinates of the viewport."""
        return self._place(column, TYPE, self._columns.type_words(column), theme.caption_font())

    def role_place(self, column: int) -> QRect:
        """Where its role can be clicked."""
        return self._place(column, ROLE, ROLE_WORDS[self._columns.role(column)], _role_font())

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme.scaled(HEIGHT))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._take_sizes()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        column = self.logicalIndexAt(place)
        plain = event.button() == Qt.MouseButton.LeftButton and column >= 0
        if plain and self.type_place(column).contains(place):
            self.type_asked.emit(column, self._below(self.type_place(column)))
        elif plain and self.role_place(column).contains(place):
            self.role_asked.emit(column, self._below(self.role_place(column)))
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        place = event.position().toPoint()
        column = self.logicalIndexAt(place)
        if column >= 0 and (
            self.type_place(column).contains(place) or self.role_place(column).contains(place)
        ):
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        elif self.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor:
            self.viewport().unsetCursor()

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        colours, model, column = theme.current(), self._columns, logicalIndex
        role = model.role(column)
        selected = self.selectionModel().isColumnSelected(column)
        predicted, quiet = role in ("target", "label"), role == "ignored"
        ground = (
            colours.tint("accent")
            if selected
            else colours.tint("validation")
            if predicted
            else colours.raised
        )
        painter.save()
        painter.fillRect(rect, QColor(ground))
        if selected:
            painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 3), QColor(colours.accent))
        painter.setPen(QColor(colours.line))
        painter.drawLine(rect.topRight(), rect.bottomRight())
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.setClipRect(rect.adjusted(0, 0, -1, 0))
        ink = colours.muted if quiet else colours.text
        self._write(painter, rect, NAME, model.name(column), theme.text_font(strong=True), ink)
        self._paint_type(painter, column, ink)
        self._paint_role(painter, column, role)
        hue = colours.validation if predicted else colours.edge if quiet else colours.accent
        top, height = map(theme.scaled, BARS)
        area = QRectF(rect.left() + SIDE, rect.top() + top, rect.width() - 2 * SIDE, height)
        paint_column_bars(painter, area, model.bars(column), hue)
        self._write(painter, rect, COUNTS, model.counts(column), theme.caption_font(), colours.muted)
        painter.restore()

    # --- parts -------------------------------------------------------------------------------------------

    def _paint_type(self, painter: QPainter, column: int, ink: str) -> None:
        colours, model = theme.current(), self._columns
        chip = self.type_place(column)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = colours.accent if model.type_chosen(column) else colours.line
        painter.setPen(QPen(QColor(edge), 1))
        painter.setBrush(QColor(colours.surface))
        painter.drawRoundedRect(QRectF(chip).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        self._write_choice(
            painter, chip.adjusted(5, 0, -4, 0), model.type_words(column), theme.caption_font(), ink
        )

    def _paint_role(self, painter: QPainter, column: int, role: str) -> None:
        colours = theme.current()
        inks = {"input": colours.ink("accent"), "target": colours.ink("validation")}
        inks |= {"label": colours.ink("validation"), "ignored": colours.muted}
        words, ink = ROLE_WORDS[role], inks.get(role, colours.ink("gradient"))
        self._write_choice(painter, self.role_place(column).adjusted(0, 0, -4, 0), words, _role_font(), ink)

    def _write_choice(self, painter: QPainter, area: QRect, words: str, font: QFont, ink: str) -> None:
        """Words that open a list: with an arrow behind them."""
        painter.setFont(font)
        painter.setPen(QColor(ink))
        caret = theme.scaled(CARET_SIZE)
        room = area.adjusted(0, 0, -caret - 2, 0)
        shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        place = QPoint(area.right() - caret + 1, area.top() + (area.height() - caret) // 2)
        paint_caret(painter, place, "down")

    def _write(
        self, painter: QPainter, rect: QRect, line: tuple[int, int], text: str, font: QFont, ink: str
    ) -> None:
        top, height = map(theme.scaled, line)
        room = QRect(rect.left() + SIDE, rect.top() + top, rect.width() - 2 * SIDE, height)
        painter.setFont(font)
        painter.setPen(QColor(ink))
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)

    def _place(self, column: int, line: tuple[int, int], words: str, font: QFont) -> QRect:
        left, width = self.sectionViewportPosition(column) + SIDE, self.sectionSize(column) - 2 * SIDE
        top, height = map(theme.scaled, line)
        needed = QFontMetrics(font).horizontalAdvance(words) + theme.scaled(CARET_SIZE) + 13
        return QRect(left, top, max(min(needed, width), 0), height)

    def _below(self, place: QRect) -> QPoint:
        return self.viewport().mapToGlobal(place.bottomLeft())

    def _take_sizes(self) -> None:
        """Few columns share the width that there is, within reason."""
        self.setMinimumSectionSize(theme.scaled(LEAST_WIDTH))
        room = (self.width() - theme.scaled(12)) // max(self._columns.columnCount(), 1)
        self.setDefaultSectionSize(min(max(room, theme.scaled(USUAL_WIDTH)), theme.scaled(MOST_WIDTH)))


def _role_font() -> QFont:
    font = theme.caption_font()
    font.setWeight(QFont.Weight.DemiBold)
    return font
