"""Texts that are only read: labels by their quality, titles with a caption, texts that shorten, icons."""

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from gui.kit import theme

Quality = Literal["", "muted", "strong", "error", "warning", "good"]


class Label(QLabel):
    """A line of plain text; `quality` says how it is written, `caption` makes it 11 px."""

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
            self.setFont(theme.caption_font())


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
        self.setFixedSize(size, size)

    def set_icon(self, name: str, colour: str = "text") -> None:
        self._icon = theme.icon(name, colour)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._icon.paint(painter, self.rect())
        painter.end()
