"""What every view of the centre is: one face of the current run, fed by the main window."""

from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.training.history import History
from engine.training.snapshot import Snapshot, Wanted
from gui.core.model_summary import ModelSummary
from gui.kit import Label
from gui.kit.theme import current, notifier


class View(QWidget):
    """One tab of the centre. All methods are called in the window's thread.

    A view shows what it was last given. What does not fit the model shown (a late snapshot of an earlier
    network) is passed over, never an error.
    """

    name: ClassVar[str] = ""
    """For settings and commands ("decision_map")."""
    heading: ClassVar[str] = ""
    """On the tab ("Decision map")."""
    icon: ClassVar[str] = ""
    """Name of a Phosphor icon."""
    empty_sentence: ClassVar[str] = "Choose data on the left to begin."

    layer_selected = Signal(int)
    """The person chose a layer here: its index in the network, the output layer included."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"view-{self.name}")
        self.setAccessibleName(self.heading)
        self._model: ModelSummary | None = None
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
        notifier().changed.connect(self._dress)

    @property
    def model(self) -> ModelSummary | None:
        """What is shown now."""
        return self._model

    @property
    def sentence(self) -> str:
        """The quiet sentence that stands here instead of a picture; empty while there is a picture."""
        return self._sentence.text() if self._pages.currentWidget() is self._empty_page else ""

    def wanted(self) -> Wanted:
        """What this view needs of the next snapshot; nothing while it is hidden."""
        return Wanted()

    def show_model(self, summary: ModelSummary) -> None:
        """Another experiment, or an edited one."""
        self._model = summary

    def update_settings(self, summary: ModelSummary) -> None:
        """An edit in mid-run: the same network and run, with other settings of its layers."""
        if self._model is not None:
            self._model = summary

    def refresh(self, snapshot: Snapshot) -> None:
        """A new state of the run; up to 20 times a second."""

    def show_history(self, history: History | None) -> None:
        """The record of the run, for views that show the course of it."""

    def select_layer(self, index: int | None) -> None:
        """Show which layer is selected elsewhere; None for none. Emits nothing."""

    def clear(self) -> None:
        """Forget model and run."""
        self._model = None
        self._say(self.empty_sentence)

    def show_problem(self, sentence: str) -> None:
        """The experiment cannot run as it is: say why instead of showing the network that was."""
        self.clear()
        self._say(sentence)

    def _fill_with(self, content: QWidget) -> None:
        """Put the widget in place that stands here when there is something to see."""
        self._content = content
        self._pages.addWidget(content)

    def _say(self, sentence: str) -> None:
        self._sentence.setText(sentence)
        self._pages.setCurrentWidget(self._empty_page)

    def _show_content(self) -> None:
        self._pages.setCurrentWidget(self._content)

    def _dress(self) -> None:
        """The theme changed: forget whatever was painted in the colours of the other one."""

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), QColor(current().page))
