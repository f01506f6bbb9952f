"""What a person's hands do with the parts of a form: choose from a list, type, press a message's button."""

import time
from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPushButton, QWidget

from gui.kit.choice import Choice
from gui.kit.labels import InlineMessage


def click(widget: QWidget, place: QPoint | None = None) -> None:
    """A click of the left button in the middle of something visible, or at a place of its own."""
    assert widget.isVisible(), "what is not shown cannot be clicked"
    assert widget.isEnabled(), "what is disabled cannot be clicked"
    where = widget.rect().center() if place is None else place
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=where)
    settle()


def choose(choice: Choice, value: object) -> None:
    """Open a drop-down list and click the entry of a value, also where it is the chosen one already."""
    (row,) = [row for row in range(choice.count()) if choice.itemText(row) == _title(choice, value)]
    press(choice, Qt.Key.Key_Return)
    view = choice.view()
    assert view.isVisible(), "the list did not open"
    index = choice.model().index(row, 0)
    view.scrollTo(index)
    view.setCurrentIndex(index)
    click(view.viewport(), view.visualRect(index).center())
    assert not view.isVisible(), "the list did not close"


def write(field: QWidget, text: str) -> None:
    """Replace what stands in a field, or in the line that it has inside, and press Return."""
    line = field if isinstance(field, QLineEdit) else field.findChild(QLineEdit)
    line.setFocus()
    line.selectAll()
    if text:
        QTest.keyClicks(line, text)
    else:
        QTest.keyClick(line, Qt.Key.Key_Delete)
    press(line, Qt.Key.Key_Return)


def act(message: InlineMessage) -> None:
    """Press the button under a sentence."""
    click(message.findChild(QPushButton))


def button(parent: QWidget, name: str) -> QAbstractButton:
    """The one button with a text or a spoken name."""
    (found,) = [
        one
        for one in parent.findChildren(QAbstractButton)
        if name in (one.text().replace("&", ""), one.accessibleName())
    ]
    return found


def press(widget: QWidget, key: Qt.Key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    """Press and release a key."""
    QTest.keyClick(widget, key, modifiers)
    settle()


def wheel(widget: QWidget, delta: int) -> None:
    """Turn the mouse wheel over a widget, 120 a notch."""
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(widget.mapToGlobal(QPoint(5, 5))),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def settle() -> None:
    """Let Qt lay out, paint and deliver what has been asked for."""
    for _ in range(3):
        QApplication.processEvents()


def comes_true(holds: Callable[[], bool], patience_s: float = 20.0) -> bool:
    """Whether something becomes true while events are handled, however busy the machine is."""
    limit = time.monotonic() + patience_s
    while not holds() and time.monotonic() < limit:
        QTest.qWait(5)
    return holds()


def _title(choice: Choice, value: object) -> str:
    return next(
        option.title
        for option in choice.options()
        if option.value == value and type(option.value) is type(value)
    )
