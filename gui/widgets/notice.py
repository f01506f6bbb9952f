"""A quiet remark for some seconds, where the eye is, with one thing that can be done about it."""

from collections.abc import Callable

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from gui import theme
from gui.widgets.banner import Banner
from gui.widgets.labels import IconLabel, Label

SHOWN_S = 12.0


class Notice(Banner):
    """Says something once: "The trained network is kept: Ctrl+Z brings it back", with a button for it.

    It goes by itself, but not while the pointer or the focus is on it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._callback: Callable[[], object] | None = None
        self._text = Label("", wrap=True)
        self.action = QPushButton()
        self.action.setProperty("small", True)
        self.action.clicked.connect(self._act)
        self.close_button = QToolButton()
        self.close_button.setIcon(theme.icon("x", "muted"))
        self.close_button.setIconSize(QSize(14, 14))
        self.close_button.setToolTip("Dismiss")
        self.close_button.setAccessibleName("Dismiss")
        self.close_button.clicked.connect(self.dismiss)
        self.row.addWidget(IconLabel("info", "accent"))
        self.row.addWidget(self._text, 1)
        self.row.addWidget(self.action)
        self.row.addWidget(self.close_button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._time_out)

    def text(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self._text.text()

    def show_note(
        self,
        text: str,
        action: str = "",
        callback: Callable[[], object] | None = None,
        seconds: float = SHOWN_S,
    ) -> None:
        """Say something in place of what was said before.

        Parameters
        ----------
        text : a sentence.
        action : what the button says; without it there is none.
        callback : called when the button is pressed; the notice goes then.
        seconds : after how long it goes by itself.
        """
        self._text.setText(text)
        self.updateGeometry()
        self._callback = callback
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self.setAccessibleName(text)
        self.show()
        self._timer.start(round(1000 * seconds))
        # A screen reader says it without being asked.
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def sizeHint(self) -> QSize:
        """As wide as the sentence, where there is room: a label that wraps asks for far less."""
        hint = super().sizeHint()
        whole = self._text.fontMetrics().horizontalAdvance(self._text.text()) + 2
        return QSize(hint.width() + max(whole - self._text.sizeHint().width(), 0), hint.height())

    def dismiss(self) -> None:
        """Take it away."""
        self._timer.stop()
        self._callback = None
        self.hide()

    def _time_out(self) -> None:
        focused = self.action.hasFocus() or self.close_button.hasFocus()
        if self.underMouse() or focused:
            self._timer.start(1000)
        else:
            self.dismiss()

    def _act(self) -> None:
        callback = self._callback
        self.dismiss()
        if callback is not None:
            callback()
