"""The loss and the targets in the drawing of a small network, and how its numbers are written."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from engine.insight.trace.derivation import Place
from engine.insight.trace.trace import Trace
from gui.kit.numbers import reading_text, shorter_texts
from gui.kit.text import tr
from gui.kit.theme import RADIUS, Theme, caption_font, figure_font, mixed
from gui.panels.inspector.diagram import Diagram
from gui.panels.inspector.symbols import short_text
from gui.panels.inspector.walk import LOSS, Phase

MOST_TARGETS = 6
UNREACHED = 0.62
"""Share of the ground in the ink of numbers that the walk has not come to."""
CENTRED = int(Qt.AlignmentFlag.AlignCenter)


@dataclass(frozen=True, eq=False)
class Shown:
    """Everything that a picture of a trace depends on, beside where things lie.

    focus : the number that is explained. pointed : another one that is pointed out. label : the lines at the
    selected weight. reached : whether the walk has come to a number. changed : the places set by hand.
    """

    trace: Trace | None = None
    phase: Phase = "backward"
    focus: Place | None = None
    pointed: Place | None = None
    label: tuple[str, ...] = ()
    reached: Callable[[Place], bool] = field(default=lambda place: True)
    changed: frozenset[Place] = frozenset()

    @property
    def backwards(self) -> bool:
        """Whether gradients are shown."""
        return self.phase in ("backward", "update")


def small_figure_font() -> QFont:
    """That of values in a column of many."""
    font = caption_font(tabular=True)
    font.setWeight(QFont.Weight.DemiBold)
    return font


def paint_number(painter: QPainter, area: QRectF, value: float | None, font: QFont, ink: str) -> None:
    painter.setFont(font)
    painter.setPen(QColor(ink))
    metrics = QFontMetricsF(font)
    texts = ["–"] if value is None else [short_text(value), *shorter_texts(value, 2)]
    # Fewer digits before anything is cut off.
    text = next((one for one in texts if metrics.horizontalAdvance(one) <= area.width()), texts[-1])
    painter.drawText(area, CENTRED, metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width()))


def paint_loss(painter: QPainter, diagram: Diagram, shown: Shown, theme: Theme) -> None:
    outputs, area = diagram.columns[-1], diagram.loss
    dashed = QPen(QColor(theme.edge), 1, Qt.PenStyle.DashLine)
    captions = _target_words(shown.trace, len(outputs))
    metrics = QFontMetricsF(caption_font(tabular=True))
    for unit, caption in zip(outputs, captions, strict=True):
        start = QPointF(unit.area.right(), unit.area.center().y())
        reach = (unit.index + 1) / (len(outputs) + 1)
        end = QPointF(area.left(), area.top() + reach * area.height())
        painter.setPen(dashed)
        painter.drawLine(start, end)
        if caption:
            painter.setFont(caption_font(tabular=True))
            width = metrics.horizontalAdvance(caption) + 6
            at = start + (end - start) * 0.42
            left = max(at.x() - width / 2, unit.area.right() + 3)
            words = QRectF(left, at.y() - metrics.height() / 2, width, metrics.height())
            painter.fillRect(words, QColor(theme.page))
            painter.setPen(QColor(theme.muted))
            painter.drawText(words, CENTRED, caption)
    focused = shown.focus == LOSS or shown.phase == "loss"
    pointed = shown.pointed is not None and shown.pointed.quantity in ("loss", "target")
    painter.setPen(QPen(QColor(theme.text if pointed else theme.accent if focused else theme.line), 1.5))
    painter.setBrush(QColor(theme.surface))
    painter.drawRoundedRect(area, RADIUS, RADIUS)
    painter.setFont(caption_font())
    painter.setPen(QColor(theme.muted))
    painter.drawText(area.adjusted(0, 6, 0, -area.height() / 2), CENTRED, tr("loss L"))
    loss = shown.trace.loss if shown.trace is not None else None
    reached = shown.reached(LOSS)
    ink = theme.ink("accent") if reached else mixed(theme.ink("accent"), theme.surface, UNREACHED)
    paint_number(painter, area.adjusted(4, area.height() / 2 - 4, -4, -4), loss, figure_font(), ink)


def _target_words(trace: Trace | None, outputs: int) -> list[str]:
    """What stands at the lines to the loss: the target, and the probability where the output is none."""
    words = [""] * outputs
    if trace is None:
        return words
    target, prediction = np.ravel(trace.target), np.ravel(trace.prediction)
    linked = prediction.size == outputs and not np.array_equal(prediction, np.ravel(trace.output))
    if target.size == outputs and (target.size > 1 or np.issubdtype(target.dtype, np.floating)):
        words = [tr("target {value}", value=short_text(float(one))) for one in target]
    elif target.size == 1 and 0 <= int(target[0]) < outputs:
        words[int(target[0])] = tr("target")
    if outputs <= MOST_TARGETS and linked:
        chances = [tr("p {value}", value=reading_text(float(one), 2)) for one in prediction]
        words = [" · ".join(part for part in pair if part) for pair in zip(chances, words, strict=True)]
    elif outputs > MOST_TARGETS and target.size > 1:
        words = [""] * outputs
    return words
