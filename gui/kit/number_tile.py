"""A figure that matters: a small caption above a number in digits of one width."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.kit import theme


class NumberTile(QWidget):
    """Caption above number. Painted by hand: it changes many times a second and must not move its neighbours.

    colour : a field of `Theme` that says what the number is ("accent" for training, "validation").
    template : the widest text that is to be expected; the width grows beyond it but never shrinks.
    """

    def __init__(
        self,
        caption: str,
        value: str = "–",
        *,
        colour: str = "text",
        template: str = "0.0000",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._caption = self._first_caption = caption
        self._value = self._first_value = value
        self._colour = colour
        self._outdated = False
        self._caption_font = theme.caption_font()
        self._value_font = theme.figure_font()
        self._widest = max(self._value_width(template), self._value_width(value))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._name_it()

    def value(self) -> str:
        return self._value

    def set_value(self, value: str) -> None:
        """Show another number, already written out ("0.0871", "98.4 %")."""
        if value == self._value:
            return
        self._value = value
        width = self._value_width(value)
        if width > self._widest:
            self._widest = width
            self.updateGeometry()
        self._name_it()
        self.update()

    def clear(self) -> None:
        """Back to the caption and the value of the beginning."""
        self.set_outdated(False)
        self.set_caption(self._first_caption)
        self.set_value(self._first_value)

    def set_outdated(self, outdated: bool) -> None:
        """Whether it is of an earlier step than what stands beside it: then it is grey."""
        if outdated != self._outdated:
            self._outdated = outdated
            self._name_it()
            self.update()

    def set_caption(self, caption: str) -> None:
        if caption != self._caption:
            self._caption = caption
            self.updateGeometry()
            self._name_it()
            self.update()

    def sizeHint(self) -> QSize:
        caption = QFontMetrics(self._caption_font)
        height = caption.height() + QFontMetrics(self._value_font).height() + 2
        return QSize(max(self._widest, caption.horizontalAdvance(self._caption)) + 2, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        height = QFontMetrics(self._caption_font).height()
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        painter = QPainter(self)
        painter.setFont(self._caption_font)
        painter.setPen(QColor(colours.muted))
        painter.drawText(QRect(0, 0, self.width(), height), left, self._caption)
        painter.setFont(self._value_font)
        painter.setPen(QColor(colours.muted if self._outdated else colours.ink(self._colour)))
        painter.drawText(QRect(0, height + 2, self.width(), self.height() - height - 2), left, self._value)
        painter.end()

    def _value_width(self, value: str) -> int:
        return QFontMetrics(self._value_font).horizontalAdvance(value)

    def _name_it(self) -> None:
        earlier = ", of an earlier step" if self._outdated else ""
        self.setAccessibleName(f"{self._caption} {self._value}{earlier}")
