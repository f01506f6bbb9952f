"""Text in panels: labels, icons, headings of sections, and messages with a button."""

from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gui.kit import theme

Quality = Literal["", "muted", "strong", "error", "warning", "good"]
Level = Literal["error", "warning", "good", "accent"]
_ICONS = {"error": "warning-circle", "warning": "warning", "good": "check-circle", "accent": "info"}


class Label(QLabel):
    """A line of plain text; `quality` says how it is written, `caption` makes it small."""

    def __init__(
        self,
        text: str = "",
        quality: Quality = "",
        *,
        caption: bool = False,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        # Names and messages come from files: what looks like markup in them is text.
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("quality", quality)
        self.setWordWrap(wrap)
        if caption:
            theme.set_sizes(self, font="caption")


class ElidedLabel(Label):
    """A label that shortens its text with "…" when there is not enough room, and shows it whole on hover.

    separator : what stands between parts of the text, the most important first; then the last ones give way
    as a whole before anything is cut.
    """

    def __init__(
        self,
        text: str = "",
        quality: Quality = "",
        *,
        caption: bool = False,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        separator: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", quality, caption=caption, parent=parent)
        self._whole = ""
        self._mode, self._separator = mode, separator
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def text(self) -> str:
        """The whole text, not what is left of it on the screen."""
        return self._whole

    def setText(self, text: str) -> None:
        if text == self._whole:
            return
        self._whole = text
        self.setAccessibleName(text)
        self._shorten()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(self._text_width(self._whole) + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        least = min(self._text_width("…"), self._text_width(self._whole))
        return QSize(least, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        text, room = self._whole, max(self.width(), 0)
        shown = self.fontMetrics().elidedText(text, self._mode, room)
        while shown != text and self._separator and self._separator in text:
            text = text.rpartition(self._separator)[0]
            shown = self.fontMetrics().elidedText(text, self._mode, room)
        if shown != super().text():
            super().setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")

    def _text_width(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text)


class WrappedLabel(Label):
    """Sentences in as many lines as they take: layouts by themselves give a wrapped label too few."""

    def __init__(
        self, text: str = "", quality: Quality = "", *, caption: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, quality, caption=caption, wrap=True, parent=parent)

    def setText(self, text: str) -> None:
        super().setText(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        height = self.heightForWidth(self.width()) if self.text() else 0
        if height != self.minimumHeight():
            self.setMinimumHeight(height)


class SectionHeader(QWidget):
    """The title of a section, and at the right what can be said of it in a few words."""

    def __init__(self, title: str, caption: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Label(title, "strong")
        self._caption = ElidedLabel(caption, "muted")
        self._caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2 * theme.GRID)
        self._row.addWidget(self._title)
        self._row.addWidget(self._caption, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_title(self, title: str) -> None:
        self._title.setText(title)

    def set_caption(self, caption: str) -> None:
        self._caption.setText(caption)

    def caption(self) -> str:
        return self._caption.text()

    def add_widget(self, widget: QWidget) -> None:
        """Put a button or the like at the right end."""
        self._row.addWidget(widget)


class IconLabel(QWidget):
    """An icon to look at, in a colour of the theme."""

    def __init__(
        self, name: str, colour: str = "text", *, size: int = 16, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon = theme.icon(name, colour)
        theme.set_sizes(self, width=size, height=size)

    def set_icon(self, name: str, colour: str = "text") -> None:
        self._icon = theme.icon(name, colour)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._icon.paint(painter, self.rect())
        painter.end()


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
