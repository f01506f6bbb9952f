"""What every view of the centre is: a picture of the run, or a sentence in its place."""

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from gui.core.messages import Invalid
from gui.kit import Label
from gui.kit.theme import current
from gui.panels.base import Panel, PanelContext


class View(Panel):
    """One tab of the centre: `_fill_with` takes what it shows, `_say` a sentence to stand there instead."""

    empty_sentence: ClassVar[str] = "Choose data on the left to begin."

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.setObjectName(f"view-{self.spec.id}")
        self._sentence = Label(self.empty_sentence, "muted", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        # Narrow enough that a sentence of two parts breaks between them.
        self._sentence.setFixedWidth(320)
        self._empty_page = QWidget()
        centred = QHBoxLayout(self._empty_page)
        centred.addWidget(self._sentence, 0, Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty_page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

    @property
    def sentence(self) -> str:
        """The quiet sentence that stands here instead of a picture; empty while there is a picture."""
        return self._sentence.text() if self._pages.currentWidget() is self._empty_page else ""

    def clear(self) -> None:
        super().clear()
        self._say(self.empty_sentence)

    def show_preparing(self) -> None:
        self.clear()

    def show_problem(self, invalid: Invalid) -> None:
        """Say why instead of showing the network that was."""
        self.clear()
        self._say(str(invalid.error))

    def _fill_with(self, content: QWidget) -> None:
        """Put the widget in place that stands here when there is something to see."""
        self._content = content
        self._pages.addWidget(content)

    def _say(self, sentence: str) -> None:
        self._sentence.setText(sentence)
        self._pages.setCurrentWidget(self._empty_page)

    def _show_content(self) -> None:
        self._pages.setCurrentWidget(self._content)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), QColor(current().page))
