"""One recent file on the start page: its name, and quietly its folder."""

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui.theme import RADIUS, current, icon, text_font

ICON = 16


class RecentRow(QAbstractButton):
    """Click, Enter or Space choose it."""

    chosen = Signal(str)

    def __init__(self, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self.setAccessibleName(path.name)
        self.setAccessibleDescription(f"in {path.parent}")
        self.setToolTip(str(path))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: self.chosen.emit(str(path)))

    def sizeHint(self) -> QSize:
        return QSize(240, 32)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            focused = self.hasFocus()
            painter.setPen(QPen(QColor(theme.accent), 2) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.hover))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        middle = self.height() // 2
        icon("file", "muted").paint(painter, 8, middle - ICON // 2, ICON, ICON)
        metrics = QFontMetricsF(text_font())
        painter.setFont(text_font())
        painter.setPen(QColor(theme.text))
        room = float(self.width() - 8 - 32)
        name = metrics.elidedText(self._path.name, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(QRectF(32, 0, room, self.height()), int(Qt.AlignmentFlag.AlignVCenter), name)
        used = metrics.horizontalAdvance(name) + 12
        if room - used > 60:
            painter.setPen(QColor(theme.muted))
            folder = metrics.elidedText(str(self._path.parent), Qt.TextElideMode.ElideMiddle, room - used)
            place = QRectF(32 + used, 0, room - used, self.height())
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), folder)
        painter.end()
