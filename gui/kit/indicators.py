"""Indicators: a number under its caption, and a slim progress bar."""

import math

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetrics, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.kit import theme
from gui.kit.text import tr


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
        self._template, self._widest = template, 0
        self._take_fonts()
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

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._take_fonts()

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

    def _take_fonts(self) -> None:
        self._caption_font, self._value_font = theme.caption_font(), theme.figure_font()
        self._widest = max(self._value_width(self._template), self._value_width(self._value))

    def _value_width(self, value: str) -> int:
        return QFontMetrics(self._value_font).horizontalAdvance(value)

    def _name_it(self) -> None:
        earlier = tr(", of an earlier step") if self._outdated else ""
        self.setAccessibleName(f"{self._caption} {self._value}{earlier}")


HEIGHT = 4
FRAME_MS = 50
"""How often the piece of a bar moves that knows no end: seldom enough to cost nothing."""
ROUND_S = 1.6
PIECE = 0.3
"""Of the bar, while it is not known how far the job is."""


class SlimProgress(QWidget):
    """Painted by hand: a progress bar of a style sheet stands still where the end is not known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fraction: float | None = 0.0
        self._turn = 0.0
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._clock = QTimer(self)
        self._clock.setInterval(FRAME_MS)
        self._clock.timeout.connect(self._move)

    def fraction(self) -> float | None:
        return self._fraction

    def show_fraction(self, fraction: float | None) -> None:
        """0 to 1; None where it is not known how far it is."""
        if fraction is not None:
            fraction = min(max(fraction, 0.0), 1.0) if math.isfinite(fraction) else 0.0
        if fraction != self._fraction:
            self._fraction = fraction
            self.setAccessibleDescription(percent(fraction))
            self._run_clock()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, HEIGHT)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._run_clock()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(0, 0, 0, 0))
        whole = QRectF(self.rect())
        painter.setBrush(QColor(colours.track))
        painter.drawRoundedRect(whole, HEIGHT / 2, HEIGHT / 2)
        done = QRectF(whole)
        if self._fraction is None:
            done.setWidth(PIECE * whole.width())
            # There and back, slower at the ends.
            done.moveLeft((whole.width() - done.width()) * (0.5 - 0.5 * math.cos(2 * math.pi * self._turn)))
        else:
            done.setWidth(self._fraction * whole.width())
        painter.setBrush(QColor(colours.accent))
        painter.drawRoundedRect(done, HEIGHT / 2, HEIGHT / 2)
        painter.end()

    def _run_clock(self) -> None:
        if self._fraction is None and self.isVisible():
            self._clock.start()
        else:
            self._clock.stop()

    def _move(self) -> None:
        self._turn = (self._turn + FRAME_MS / 1000 / ROUND_S) % 1.0
        self.update()


def percent(fraction: float | None) -> str:
    """ "40 %"; empty where it is not known."""
    return "" if fraction is None else f"{100 * fraction:.0f} %"
