"""Paints what stands around the units and edges: headings, gates, what is folded, and the legend."""

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from gui.kit.numbers import reading_text
from gui.kit.text import tr
from gui.kit.theme import RADIUS, Theme, caption_font, scaled, text_font
from gui.panels.network.geometry import Column, Gate, Layout
from gui.panels.network.layout import fold_text
from gui.panels.network.painting import widest_edge
from gui.panels.network.plan import STRONGEST
from gui.panels.network.values import LiveValues, Quantity


def paint_names(painter: QPainter, layout: Layout, theme: Theme) -> None:
    """Gates, headings and folds, which stay as they are while weights change."""
    for gate in layout.gates:
        _paint_gate(painter, gate, theme)
    for column in layout.columns:
        _paint_heading(painter, column, theme)
        if column.fold is not None:
            painter.setFont(caption_font())
            painter.setPen(QColor(theme.muted))
            text = fold_text(column.stage.hidden)
            painter.drawText(column.fold, int(Qt.AlignmentFlag.AlignCenter), text)


def _paint_heading(painter: QPainter, column: Column, theme: Theme) -> None:
    for text, strong, colour, top in (
        (column.lines[0], True, theme.text, column.heading.top()),
        (column.lines[1], False, theme.muted, column.heading.top() + scaled(18)),
    ):
        font = text_font(strong=strong)
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, column.heading.width())
        painter.setFont(font)
        painter.setPen(QColor(colour))
        line = QRectF(column.heading.left(), top, column.heading.width(), scaled(18))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignCenter), shown)


def _paint_gate(painter: QPainter, gate: Gate, theme: Theme) -> None:
    """A bar with its name along it; only a dashed bar where even that has no room."""
    rect, stage = gate.body, gate.stage
    painter.setPen(QPen(QColor(theme.edge), 1, Qt.PenStyle.DashLine))
    painter.setBrush(QColor(theme.raised))
    painter.drawRoundedRect(rect, RADIUS, RADIUS)
    font = caption_font()
    metrics = QFontMetricsF(font)
    full = f"{stage.name} · {stage.subtitle}" if stage.subtitle else stage.name
    text = full if metrics.horizontalAdvance(full) <= rect.height() - 12 else stage.name
    if rect.width() < metrics.height():
        return
    painter.save()
    painter.translate(rect.center())
    painter.rotate(-90)
    painter.setFont(font)
    painter.setPen(QColor(theme.text))
    along = QRectF(-rect.height() / 2 + 4, -rect.width() / 2, rect.height() - 8, rect.width())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, along.width())
    painter.drawText(along, int(Qt.AlignmentFlag.AlignCenter), shown)
    painter.restore()


def paint_legend(
    painter: QPainter, size: QSizeF, layout: Layout, values: LiveValues, quantity: Quantity, theme: Theme
) -> None:
    """In the lower left corner: how width and colour read as a weight or a gradient. size : of the canvas."""
    if not layout.edges:
        return
    # What follows is as large as all else in the window, however the drawing is zoomed.
    known = bool(values.edges(quantity))
    scale = reading_text(values.scale_of(quantity), 2) if known else ""
    font = caption_font(tabular=True)
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    y, x, drop, wide = size.height() - scaled(20), 16.0, scaled(4), 96.0
    name = tr("Weight") if quantity == "weight" else tr("Gradient of the weight")
    if quantity == "weight":
        low, high = (f"−{scale}", f"+{scale}") if known else (tr("negative"), tr("positive"))
    else:
        low, high = "0", f"±{scale}" if known else tr("large")
    painter.setPen(QColor(theme.muted))
    painter.drawText(QPointF(x, y + drop), name)
    x += metrics.horizontalAdvance(name) + 10
    painter.drawText(QPointF(x, y + drop), low)
    x += metrics.horizontalAdvance(low) + 6
    thick = max(widest_edge(layout), 3.0)
    if quantity == "weight":
        _paint_wedge(painter, x, y, wide, thick, theme)
    else:
        _paint_triangle(painter, QPointF(x + wide, y), QPointF(x, y), thick, theme.gradient)
    painter.setPen(QColor(theme.muted))
    painter.drawText(QPointF(x + wide + 6, y + drop), high)
    note = _legend_note(layout, values)
    width = metrics.horizontalAdvance(note)
    if note and x + 130 + metrics.horizontalAdvance(high) + width < size.width():
        painter.drawText(QPointF(size.width() - 16 - width, y + drop), note)


def _legend_note(layout: Layout, values: LiveValues) -> str:
    if layout.plan.folded:
        return tr("Of large layers the strongest {count} units", count=STRONGEST)
    if values.maps:
        return tr("Squares: what a unit answers over the plane of the inputs")
    if values.templates:
        return tr("Pictures in units: their weights from the image")
    return ""


def _paint_wedge(painter: QPainter, x: float, y: float, width: float, height: float, theme: Theme) -> None:
    """From a broad orange end through nothing to a broad blue end."""
    middle = QPointF(x + width / 2, y)
    for end, colour in ((x, theme.validation), (x + width, theme.accent)):
        _paint_triangle(painter, QPointF(end, y), middle, height, colour)


def _paint_triangle(painter: QPainter, end: QPointF, tip: QPointF, height: float, colour: str) -> None:
    path = QPainterPath(end + QPointF(0, -height / 2))
    path.lineTo(end + QPointF(0, height / 2))
    path.lineTo(tip + QPointF(0, 0.4))
    path.lineTo(tip - QPointF(0, 0.4))
    path.closeSubpath()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawPath(path)
