"""A ready experiment on the start page: picture, title, one line; the whole card is a button."""

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

from gui.theme import RADIUS, current, notifier, text_font
from gui.views.painted_layer import empty_layer
from gui.views.thumbnails import paint_thumbnail

PADDING = 8
LINE = 18
MOST_LINES = 3
"""Of the description."""
TEXT_HEIGHT = 12 + (1 + MOST_LINES) * LINE
PICTURE_SHARE = 0.5
"""Height of the picture as a share of its width."""


class PresetCard(QAbstractButton):
    """Click, Enter or Space choose it."""

    chosen = Signal(str)

    def __init__(
        self, name: str, title: str, description: str, thumbnail_kind: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.name, self._title, self._description = name, title, description
        self._kind = thumbnail_kind
        self._picture: QImage | None = None
        self.setAccessibleName(title)
        self.setAccessibleDescription(description)
        self.setToolTip(description)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: self.chosen.emit(self.name))
        notifier().changed.connect(self._forget)

    def sizeHint(self) -> QSize:
        return QSize(220, self.heightForWidth(220))

    def heightForWidth(self, width: int) -> int:
        return round((width - 2 * PADDING) * PICTURE_SHARE) + 2 * PADDING + TEXT_HEIGHT

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
        inner = self.width() - 2 * PADDING
        picture = QRectF(PADDING, PADDING, inner, round(inner * PICTURE_SHARE))
        painter.drawImage(picture.topLeft(), self._thumbnail(picture))
        self._write(painter, QRectF(PADDING + 4, picture.bottom() + 8, inner - 8, TEXT_HEIGHT - 8))
        painter.end()

    def _write(self, painter: QPainter, room: QRectF) -> None:
        theme, strong, plain = current(), text_font(strong=True), text_font()
        painter.setFont(strong)
        painter.setPen(QColor(theme.text))
        right = Qt.TextElideMode.ElideRight
        title = QFontMetricsF(strong).elidedText(self._title, right, room.width())
        painter.drawText(QRectF(room.left(), room.top(), room.width(), LINE), 0, title)
        painter.setFont(plain)
        painter.setPen(QColor(theme.muted))
        for row, line in enumerate(_lines(self._description, room.width(), QFontMetricsF(plain)), start=1):
            painter.drawText(QRectF(room.left(), room.top() + 2 + row * LINE, room.width(), LINE), 0, line)

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


def _lines(text: str, width: float, metrics: QFontMetricsF) -> list[str]:
    """A text broken between words; the last line shortened where even that is too long."""
    words, lines = text.split(), []
    while words and len(lines) < MOST_LINES - 1:
        line = words.pop(0)
        while words and metrics.horizontalAdvance(f"{line} {words[0]}") <= width:
            line = f"{line} {words.pop(0)}"
        lines.append(line)
    rest = metrics.elidedText(" ".join(words), Qt.TextElideMode.ElideRight, width)
    return [*lines, rest] if rest else lines
