"""What the start page offers: ready experiments with a picture, and recent files."""

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui.kit.colour_maps import empty_layer
from gui.kit.theme import RADIUS, current, icon, notifier, scaled, text_font
from gui.panels.start.thumbnails import paint_thumbnail

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
        return QSize(240, scaled(32))

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
        side, left = scaled(ICON), 16 + scaled(ICON)
        icon("file", "muted").paint(painter, 8, middle - side // 2, side, side)
        metrics = QFontMetricsF(text_font())
        painter.setFont(text_font())
        painter.setPen(QColor(theme.text))
        room = float(self.width() - 8 - left)
        name = metrics.elidedText(self._path.name, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(QRectF(left, 0, room, self.height()), int(Qt.AlignmentFlag.AlignVCenter), name)
        used = metrics.horizontalAdvance(name) + 12
        if room - used > 60:
            painter.setPen(QColor(theme.muted))
            folder = metrics.elidedText(str(self._path.parent), Qt.TextElideMode.ElideMiddle, room - used)
            place = QRectF(left + used, 0, room - used, self.height())
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), folder)
        painter.end()


PADDING = 8
LINE = 18
MOST_LINES = 3
"""Of the description."""
PICTURE_SHARE = 0.5
"""Height of the picture as a share of its width."""


def text_height() -> int:
    """Of title and description."""
    return 12 + (1 + MOST_LINES) * scaled(LINE)


class Card(QAbstractButton):
    """A frame to click: a click, Enter or Space choose it. `_write` writes what stands in it."""

    chosen = Signal(str)

    def __init__(self, name: str, title: str, description: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name, self._title, self._description = name, title, description
        self.setAccessibleName(title)
        self.setAccessibleDescription(description)
        self.setToolTip(description)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: self.chosen.emit(self.name))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self.hasFocus() or self.isDown()
        width = 2.0 if lit else 1.0
        edge = theme.accent if lit else theme.edge if self.underMouse() else theme.line
        painter.setPen(QPen(QColor(edge), width))
        painter.setBrush(QColor(theme.hover if self.underMouse() else theme.surface))
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), RADIUS, RADIUS)
        self._fill(painter)
        painter.end()

    def _fill(self, painter: QPainter) -> None:
        raise NotImplementedError

    def _write(self, painter: QPainter, room: QRectF, most_lines: int) -> None:
        """Title, and the description under it in a few lines."""
        theme, strong, plain, high = current(), text_font(strong=True), text_font(), scaled(LINE)
        painter.setFont(strong)
        painter.setPen(QColor(theme.text))
        right = Qt.TextElideMode.ElideRight
        title = QFontMetricsF(strong).elidedText(self._title, right, room.width())
        painter.drawText(QRectF(room.left(), room.top(), room.width(), high), 0, title)
        painter.setFont(plain)
        painter.setPen(QColor(theme.muted))
        lines = _lines(self._description, room.width(), QFontMetricsF(plain), most_lines)
        for row, line in enumerate(lines, start=1):
            place = QRectF(room.left(), room.top() + 2 + row * high, room.width(), high)
            painter.drawText(place, 0, line)


class PresetCard(Card):
    """A ready experiment, with a picture of it."""

    def __init__(
        self, name: str, title: str, description: str, thumbnail_kind: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(name, title, description, parent)
        self._kind = thumbnail_kind
        self._picture: QImage | None = None
        notifier().changed.connect(self._forget)

    def sizeHint(self) -> QSize:
        return QSize(220, self.heightForWidth(220))

    def heightForWidth(self, width: int) -> int:
        return round((width - 2 * PADDING) * PICTURE_SHARE) + 2 * PADDING + text_height()

    def _fill(self, painter: QPainter) -> None:
        inner = self.width() - 2 * PADDING
        picture = QRectF(PADDING, PADDING, inner, round(inner * PICTURE_SHARE))
        painter.drawImage(picture.topLeft(), self._thumbnail(picture))
        room = QRectF(PADDING + 4, picture.bottom() + 8, inner - 8, text_height() - 8)
        self._write(painter, room, MOST_LINES)

    def _thumbnail(self, picture: QRectF) -> QImage:
        scale = self.devicePixelRatioF()
        size = picture.size().toSize()
        if self._picture is None or self._picture.size() != size * scale:
            self._picture = empty_layer(size, scale)
            painter = QPainter(self._picture)
            paint_thumbnail(painter, QRectF(0, 0, picture.width(), picture.height()), self._kind, current())
            painter.end()
        return self._picture

    def _forget(self) -> None:
        self._picture = None
        self.update()


def _lines(text: str, width: float, metrics: QFontMetricsF, most_lines: int) -> list[str]:
    """A text broken between words; the last line shortened where even that is too long."""
    words = text.split()
    lines: list[str] = []
    while words and len(lines) < most_lines - 1:
        line = words.pop(0)
        while words and metrics.horizontalAdvance(f"{line} {words[0]}") <= width:
            line = f"{line} {words.pop(0)}"
        lines.append(line)
    rest = metrics.elidedText(" ".join(words), Qt.TextElideMode.ElideRight, width)
    return [*lines, rest] if rest else lines
