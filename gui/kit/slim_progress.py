"""A slim bar that says how far a job is, or only that it goes on."""

import math

from PySide6.QtCore import QRectF, QSize, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.kit import theme

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
