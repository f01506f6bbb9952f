"""What is seldom needed, behind a line that opens it: "More", "Columns", "File format"."""

from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from gui.kit import theme

_SPACING = 6
CARET_SIZE = 12
_CARETS = {
    "down": ((2.75, 4.5), (6, 7.75), (9.25, 4.5)),
    "up": ((2.75, 7.5), (6, 4.25), (9.25, 7.5)),
    "right": ((4.5, 2.75), (7.75, 6), (4.5, 9.25)),
}
"""The strokes of the arrows that the style sheet gives drop-down lists."""


class Disclosure(QWidget):
    """A title with a caret, and the content that a click or Enter shows and hides."""

    toggled = Signal(bool)

    def __init__(self, title: str, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._button = DisclosureButton(title)
        self._content = content
        content.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(_SPACING)
        layout.addWidget(self._button)
        layout.addWidget(content)
        self._button.toggled.connect(self._show)

    @property
    def button(self) -> QAbstractButton:
        return self._button

    def is_open(self) -> bool:
        return self._button.isChecked()

    def set_open(self, opened: bool) -> None:
        self._button.setChecked(opened)

    def set_title(self, title: str) -> None:
        if title != self._button.text():
            self._button.setText(title)
            self._button.setAccessibleName(title)
            self._button.updateGeometry()

    def set_caption(self, caption: str) -> None:
        """What can be said of the content while it is hidden, at the right."""
        self._button.set_caption(caption)

    def _show(self, opened: bool) -> None:
        self._content.setVisible(opened)
        self.toggled.emit(opened)


class DisclosureButton(QAbstractButton):
    """The line itself: caret, title, caption.

    Keys: Enter, as on a card; Right opens and Left closes. The space bar trains and pauses, here too.
    """

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = ""
        self.setText(title)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_caption(self, caption: str) -> None:
        if caption != self._caption:
            self._caption = caption
            self.setAccessibleDescription(caption)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(CARET_SIZE + 8 + self.fontMetrics().horizontalAdvance(self.text()), 24)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Left) and self.isEnabled():
            self.setChecked(key == Qt.Key.Key_Right)
        elif key == Qt.Key.Key_Space:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = (self.height() - CARET_SIZE) // 2
        paint_caret(painter, QPoint(0, middle), "down" if self.isChecked() else "right")
        painter.setPen(QColor(colours.text if self.underMouse() else colours.muted))
        area = self.rect().adjusted(CARET_SIZE + 6, 0, -2, 0)
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(area, left, self.text())
        if self._caption:
            taken = self.fontMetrics().horizontalAdvance(self.text()) + 12
            painter.setFont(theme.caption_font())
            painter.setPen(QColor(colours.muted))
            room = area.adjusted(taken, 0, 0, 0)
            shown = painter.fontMetrics().elidedText(self._caption, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, right, shown)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)
        painter.end()


def paint_caret(painter: QPainter, place: QPoint, direction: str) -> None:
    """An arrow of 12 px that points down, up or right."""
    pen = QPen(QColor(theme.current().muted), 1.5)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.drawPolyline([QPointF(place) + QPointF(x, y) for x, y in _CARETS[direction]])
