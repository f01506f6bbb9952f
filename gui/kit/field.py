"""What every field has in common: an accent edge where it differs from its default, an error edge with a
sentence where it cannot be used as it stands.

The edges are painted over the finished widget instead of set through the style sheet: a new style
property would have the whole widget polished again at each keystroke.
"""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from PySide6.QtCore import QRectF, Qt, Signal, SignalInstance
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.kit import theme

FIELD_RADIUS = 5


class FieldWidget(Protocol):
    """The face that all fields show to a form."""

    edited: SignalInstance
    """A person gave a new value (the value)."""
    problem: SignalInstance
    """What was typed cannot be used (a sentence), or can again (empty)."""

    def value(self) -> Any: ...
    def set_value(self, value: Any) -> None: ...
    def set_default(self, default: Any) -> None: ...
    def refuse(self, last_good: Any, sentence: str) -> None: ...


if TYPE_CHECKING:
    # The mix-in is always named before a Qt widget, and Qt's classes cannot be inherited from twice.
    _Widget = QWidget
else:
    _Widget = object


class FieldMarker(_Widget):
    """Mix-in for a field's widget, named before the Qt class: paints the edges, keeps the sentence."""

    _default: Any = None
    _has_default: bool = False
    _sentence: str = ""
    _framed: bool = True
    """False: the strip stands free at the left, as there is no frame to follow."""
    _strip: bool = True
    """False: a difference is shown by the widget around this one."""
    _outline: bool = True
    """False: a fault is shown by a widget inside this one."""

    problem: ClassVar[Signal]
    """Made by the field's own class: signals of a mix-in are not found by Qt."""

    @abstractmethod
    def value(self) -> Any: ...

    def set_default(self, default: Any) -> None:
        """The value that counts as not changed: the accent edge shows where the field differs from it."""
        self._default, self._has_default = default, True
        self.update()

    def differs(self) -> bool:
        """True where the value is not the default."""
        return self._has_default and self.value() != self._default

    def sentence(self) -> str:
        """Why the field cannot be used as it stands; empty if it can."""
        return self._sentence

    def show_problem(self, sentence: str) -> None:
        """Give the field an error edge and emit `problem`; an empty sentence takes the edge away."""
        if sentence == self._sentence:
            return
        self._sentence = sentence
        self.setAccessibleDescription(sentence)
        self.update()
        self.problem.emit(sentence)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        faulty = self._outline and bool(self._sentence)
        differs = self._strip and self.differs()
        if self.isEnabled() and (faulty or differs):
            paint_field_marks(self, faulty=faulty, differs=differs, framed=self._framed)


def paint_field_marks(widget: QWidget, *, faulty: bool, differs: bool, framed: bool = True) -> None:
    """Paint over a widget: the whole outline for a fault, a strip on the left for a difference."""
    colours = theme.current()
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outline = QRectF(widget.rect())
    if differs and not framed:
        height = theme.scaled(16)
        painter.fillRect(QRectF(0, (outline.height() - height) / 2, 3, height), QColor(colours.accent))
    elif differs:
        shape = QPainterPath()
        shape.addRoundedRect(outline, FIELD_RADIUS, FIELD_RADIUS)
        painter.setClipPath(shape)
        painter.fillRect(QRectF(0, 0, 3, outline.height()), QColor(colours.accent))
        painter.setClipping(False)
    if faulty:
        painter.setPen(QPen(QColor(colours.error), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(outline.adjusted(1, 1, -1, -1), FIELD_RADIUS - 1, FIELD_RADIUS - 1)
    painter.end()


def commit_field(window: QWidget) -> None:
    """Take over what is being typed in a window, as Enter would: a command means what the person sees."""
    commit = getattr(window.focusWidget(), "commit", None)
    if callable(commit):
        commit()


def is_undo_or_redo(event: QKeyEvent) -> bool:
    """Whether a key asks to take something back, or to do it again."""
    keys = QKeySequence.StandardKey
    return event.matches(keys.Undo) or event.matches(keys.Redo)
