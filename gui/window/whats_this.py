"""*What is this?*: the next click explains what it hits instead of pressing it; a lesson is a click away."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QFrame, QMenu, QMenuBar, QVBoxLayout, QWidget

from gui.actions import Actions
from gui.core.lessons import Lessons
from gui.kit import Label
from gui.kit.labels import LinkButton
from gui.kit.text import tr
from gui.kit.theme import GRID, current, scaled
from gui.window.explanations import (
    Explanation,
    explanation_of,
    explanation_of_action,
    lesson_named,
)

WIDTH = 320
BESIDE = 3 * GRID
"""Between what is explained and its explanation."""
HINT = tr("Click what you want explained; Enter explains what has the focus, Escape leaves it at that.")
NOTHING = tr("There is nothing to explain here: try a control, a number or a plot.")


class WhatsThis(QObject):
    """Waits for a click, or for Enter on what has the focus, and explains what that is.

    A filter over the events of the program is there only while it waits.
    """

    def __init__(
        self, actions: Actions, lessons: Lessons, note: Callable[[str], None], window: QWidget
    ) -> None:
        super().__init__(window)
        self._lessons, self._note, self._window = lessons, note, window
        self._waits = False
        self._hit: tuple[QWidget, QPoint] | None = None
        """What was pressed: explained when the button is let go."""
        self.card: ExplanationCard | None = None
        actions["whats_this"].triggered.connect(lambda _=False: self.begin())

    @property
    def waits(self) -> bool:
        """Whether the next click is answered by an explanation."""
        return self._waits

    def begin(self) -> None:
        """Wait for a click; asked for a second time, explain what has the focus."""
        if self._waits:
            self._explain_focus()
            return
        self._waits, self._hit = True, None
        QApplication.setOverrideCursor(Qt.CursorShape.WhatsThisCursor)
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)
        self._note(HINT)

    def end(self) -> None:
        """Clicks are clicks again."""
        if not self._waits:
            return
        self._waits = False
        QApplication.restoreOverrideCursor()
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)

    def claims(self, event: QEvent) -> bool:
        """Of an event of the program: whether it asks for help in a dialog, where no menu is at hand."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        asks = _is_shift_f1(event) and not self._waits and QApplication.activeWindow() is not self._window
        if asks:
            self.begin()
        return asks

    def explain(self, widget: QWidget, place: QPoint) -> None:
        """Show what a widget is. place : the point in it."""
        self._show(explanation_of(widget, place), widget.mapToGlobal(place), widget)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) and isinstance(event, QKeyEvent):
            return self._take_key(event)
        if isinstance(event, QMouseEvent) and isinstance(watched, QWidget):
            return self._take_mouse(watched, event)
        return False

    def _take_key(self, event: QKeyEvent) -> bool:
        """Enter, Escape and the shortcut itself; with all other keys one goes to what is meant."""
        enters = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or _is_shift_f1(event)
        if not enters and event.key() != Qt.Key.Key_Escape:
            return False
        event.accept()
        if event.type() == QEvent.Type.KeyPress:
            if enters:
                self._explain_focus()
            else:
                self.end()
        return True

    def _take_mouse(self, widget: QWidget, event: QMouseEvent) -> bool:
        kind, place = event.type(), event.position().toPoint()
        if isinstance(widget, QMenuBar):
            return False
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            self._hit = widget, place
        elif kind == QEvent.Type.MouseButtonRelease and (hit := self._hit) is not None:
            self._hit = None
            self.end()
            if isinstance(hit[0], QMenu):
                self._explain_entry(hit[0], hit[1])
            else:
                self.explain(*hit)
        else:
            return False
        return True

    def _explain_entry(self, menu: QMenu, place: QPoint) -> None:
        action, where = menu.actionAt(place), menu.mapToGlobal(place)
        while (popup := QApplication.activePopupWidget()) is not None and popup.close():
            pass
        self._show(explanation_of_action(action) if action is not None else None, where, self._window)

    def _explain_focus(self) -> None:
        self.end()
        # What closes above a window may leave the program without a focus; the window still has its own.
        widget = QApplication.focusWidget() or self._window.focusWidget()
        if widget is None:
            self._note(NOTHING)
        else:
            self.explain(widget, QPoint(min(widget.width() // 2, scaled(60)), widget.height() // 2))

    def _forget(self, card: "ExplanationCard") -> None:
        if self.card is card:
            self.card = None

    def _show(self, found: Explanation | None, where: QPoint, parent: QWidget) -> None:
        if found is None:
            self._note(NOTHING)
            return
        card = self.card = ExplanationCard(found, parent.window())
        card.closed.connect(lambda: self._forget(card))
        if found.lesson:
            lesson = lesson_named(found.lesson)
            card.link.clicked.connect(lambda: self._lessons.wanted.emit(lesson, found.lesson))
        card.open_at(where)


class ExplanationCard(QFrame):
    """Title, two sentences, and a link to the lesson. A click beside it or Escape closes it."""

    closed = Signal()

    def __init__(self, explanation: Explanation, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(explanation.title)
        self.setAccessibleDescription(explanation.text)
        self.title = Label(explanation.title, "strong", wrap=True)
        self.text = Label(explanation.text, wrap=True)
        self.link = LinkButton()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self.title)
        layout.addWidget(self.text)
        if explanation.lesson:
            self.link.setText(tr("Lesson: {title}", title=tr(lesson_named(explanation.lesson).title)))
            self.link.setToolTip(tr("Begin this lesson, or go on with it."))
            layout.addWidget(self.link)
        else:
            self.link.setParent(self)
            self.link.hide()
        self.link.clicked.connect(self.close)
        width = scaled(WIDTH)
        self.setFixedSize(width, layout.totalHeightForWidth(width))

    def open_at(self, place: QPoint) -> None:
        """Below a point of the screen, or above it where there is more room."""
        parent = self.parentWidget()
        screen = (self if parent is None else parent).screen().availableGeometry()
        left = min(place.x(), screen.right() - self.width() - GRID)
        top = place.y() + BESIDE
        if top + self.height() > screen.bottom():
            top = place.y() - BESIDE - self.height()
        self.move(max(left, screen.left()), max(top, screen.top()))
        self.show()
        (self if self.link.isHidden() else self.link).setFocus(Qt.FocusReason.PopupFocusReason)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.key() != Qt.Key.Key_Escape and self.link.hasFocus():
                self.link.click()
            else:
                self.close()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(QColor(current().edge)))
        painter.setBrush(QColor(current().surface))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()


def _is_shift_f1(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_F1 and event.modifiers() == Qt.KeyboardModifier.ShiftModifier
