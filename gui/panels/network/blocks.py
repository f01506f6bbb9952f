"""Paints a layer without units of its own as a block, lines from and to it, and shortcuts around it."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from gui.kit.numbers import count_text
from gui.kit.text import tr
from gui.kit.theme import RADIUS, Theme, caption_font, figure_font, mixed, scaled
from gui.panels.network.geometry import Arc, Column, Layout
from gui.panels.network.plan import Stage

MOST_SHEETS = 4
"""Feature maps of which the edges are seen behind the first."""


def paint_block(painter: QPainter, column: Column, theme: Theme) -> None:
    """One layer or the input as a block; feature maps as a stack of sheets."""
    body, stage = column.body, column.stage
    painter.setPen(QPen(QColor(theme.edge), 1))
    painter.setBrush(QColor(theme.surface))
    sheets = min(stage.shape[2], MOST_SHEETS) if len(stage.shape) == 3 else 1
    step = scaled(4)
    for sheet in reversed(range(sheets)):
        painter.drawRoundedRect(body.translated(sheet * step, -sheet * step), RADIUS, RADIUS)
    _paint_facts(painter, body, stage, theme)


def _paint_facts(painter: QPainter, body: QRectF, stage: Stage, theme: Theme) -> None:
    """What a sample is here: a count and its noun."""
    number, noun = _facts(stage)
    high = scaled(20)
    painter.setFont(figure_font())
    painter.setPen(QColor(theme.text))
    upper = QRectF(body.left(), body.center().y() - high, body.width(), high)
    painter.drawText(upper, int(Qt.AlignmentFlag.AlignCenter), number)
    painter.setFont(caption_font())
    painter.setPen(QColor(theme.muted))
    painter.drawText(upper.translated(0, scaled(19)), int(Qt.AlignmentFlag.AlignCenter), noun)


def _facts(stage: Stage) -> tuple[str, str]:
    if stage.skipped:
        return count_text(len(stage.skipped)), tr("inside")
    if len(stage.shape) == 3:
        if stage.layer is None:
            return f"{stage.shape[0]}×{stage.shape[1]}", tr("image")
        return count_text(stage.shape[2]), tr("maps")
    if len(stage.shape) == 2:
        return count_text(stage.shape[0]), tr("steps")
    return count_text(stage.units), tr("values")


def paint_links(painter: QPainter, layout: Layout, theme: Theme) -> None:
    """Lines that stand for all weights into or out of a block, with an arrow where they end in one."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    many = len(layout.links) >= len(layout.columns)
    fan = mixed(theme.page, theme.edge, 0.45)
    for start, end, _ in layout.links:
        painter.setPen(QPen(QColor(fan if many else theme.edge), 1.25))
        path = QPainterPath(start)
        middle = (start.x() + end.x()) / 2
        path.cubicTo(middle, start.y(), middle, end.y(), end.x(), end.y())
        painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.edge))
    for tip in {end.toTuple() for _, end, arrow in layout.links if arrow}:
        point = QPointF(*tip)
        painter.drawPolygon(QPolygonF([point, point + QPointF(-7, -3.5), point + QPointF(-7, 3.5)]))


def paint_arc(painter: QPainter, arc: Arc, theme: Theme) -> None:
    """A shortcut, and the sign where it is added."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.accent), 1.5))
    painter.drawPath(arc.path)
    painter.setBrush(QColor(theme.surface))
    painter.drawEllipse(arc.plus)
    centre, arm = arc.plus.center(), arc.plus.width() * 0.26
    painter.drawLine(centre - QPointF(arm, 0), centre + QPointF(arm, 0))
    painter.drawLine(centre - QPointF(0, arm), centre + QPointF(0, arm))
