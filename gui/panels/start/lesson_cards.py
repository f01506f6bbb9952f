"""The lessons on the start page: a card for each, which says how far a person has come."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from engine.lessons import Lesson
from gui.core.lessons import Progress
from gui.kit.text import tr
from gui.kit.theme import GRID, caption_font, current, icon, scaled
from gui.panels.start.cards import LINE, PADDING, Card

LINES = 3
"""Of the summary."""
ICON = 14


class LessonCard(Card):
    """One lesson: its title and summary, its number, and "Continue" or "Done" once a person knows it."""

    def __init__(self, number: int, name: str, lesson: Lesson, parent: QWidget | None = None) -> None:
        super().__init__(name, tr(lesson.title), tr(lesson.summary), parent)
        self.number, self._steps = number, len(lesson.steps)
        self._sign = "graduation-cap"
        self._colour = "muted"
        self.setToolTip(f"{tr(lesson.title)}: {tr(lesson.summary)}")
        self.show_progress(Progress())

    @property
    def state(self) -> str:
        """What stands under the summary: how far a person has come."""
        return self._state

    def show_progress(self, progress: Progress) -> None:
        """How far a person has come."""
        number = self.number
        if progress.step:
            self._sign, self._colour = "play", "accent"
            here, count = progress.step + 1, self._steps
            self._state = tr("Continue at step {step} of {count}", step=here, count=count)
        elif progress.finished:
            self._sign, self._colour = "check", "good"
            self._state = tr("Lesson {number} · done", number=number)
        else:
            self._sign, self._colour = "graduation-cap", "muted"
            self._state = tr("Lesson {number}", number=number)
        self.setAccessibleDescription(f"{self._description} {self._state}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(220, self.heightForWidth(220))

    def heightForWidth(self, width: int) -> int:
        return 2 * PADDING + (2 + LINES) * scaled(LINE) + GRID

    def _fill(self, painter: QPainter) -> None:
        inner = self.width() - 2 * PADDING - 8
        room = QRectF(PADDING + 4, PADDING, inner, self.height() - 2 * PADDING)
        self._write(painter, room, LINES)
        high, side = scaled(LINE), scaled(ICON)
        top = self.height() - PADDING - high
        left, middle = PADDING + 4, top + (high - side) // 2
        icon(self._sign, self._colour).paint(painter, left, middle, side, side)
        painter.setFont(caption_font())
        painter.setPen(QColor(current().ink(self._colour)))
        words = QRectF(left + side + 6, top, inner - side - 6, high)
        text = QFontMetricsF(caption_font()).elidedText(
            self._state, Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), text)
