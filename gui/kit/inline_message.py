"""A sentence in its place: what is wrong, and where possible a button that mends it."""

from typing import Literal

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gui.kit import theme
from gui.kit.labels import IconLabel, Label

Level = Literal["error", "warning", "good", "accent"]
_ICONS = {"error": "warning-circle", "warning": "warning", "good": "check-circle", "accent": "info"}


class InlineMessage(QWidget):
    """Hidden while it has nothing to say. The button emits `acted`."""

    acted = Signal()

    def __init__(
        self, text: str = "", level: Level = "error", action: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._level: Level = level
        self._icon = IconLabel(_ICONS[level], level)
        self._text = Label("", wrap=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._button = QPushButton()
        self._button.setProperty("small", True)
        self._button.clicked.connect(self.acted)
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(self._text)
        words.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 7, 8, 7)
        row.setSpacing(8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.show_message(text, level, action)

    def text(self) -> str:
        return self._text.text()

    def action(self) -> str:
        return self._button.text()

    def show_message(self, text: str, level: Level | None = None, action: str = "") -> None:
        """Say something, with or without a button; an empty text hides the message."""
        if level is not None and level != self._level:
            self._level = level
            self._icon.set_icon(_ICONS[level], level)
        self._text.setText(text)
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.update()

    def clear(self) -> None:
        self.show_message("")

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.tint(self._level)))
        painter.drawRoundedRect(QRectF(self.rect()), theme.RADIUS, theme.RADIUS)
        painter.end()
