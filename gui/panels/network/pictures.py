"""The drawing as pictures that are kept: edges and units are painted only when they or their place change."""

from PySide6.QtCore import QSize, QSizeF
from PySide6.QtGui import QColor, QImage, QPainter

from gui.kit.colour_maps import empty_layer
from gui.kit.theme import Theme
from gui.panels.network.annotations import paint_legend, paint_names
from gui.panels.network.blocks import paint_arc, paint_links
from gui.panels.network.geometry import Layout
from gui.panels.network.painting import paint_columns, paint_edges
from gui.panels.network.values import LiveValues, Quantity
from gui.panels.network.viewport import Viewport

HINTS = QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing
SMOOTH = HINTS | QPainter.RenderHint.SmoothPixmapTransform


class Pictures:
    """Of one widget. Each is None where it has to be painted again."""

    def __init__(self) -> None:
        self._edges: QImage | None = None
        self._units: QImage | None = None
        self._names: QImage | None = None

    def forget(self, *, values_only: bool = False) -> None:
        """All of them, or only those that change with the weights."""
        self._edges = self._units = None
        if not values_only:
            self._names = None

    def edges(
        self,
        size: QSize,
        ratio: float,
        viewport: Viewport,
        layout: Layout,
        values: LiveValues,
        quantity: Quantity,
        theme: Theme,
    ) -> QImage:
        """What lies behind the units, on the page."""
        if self._edges is None:
            self._edges = empty_layer(size, ratio, QColor(theme.page))
            painter = QPainter(self._edges)
            painter.setRenderHints(HINTS)
            painter.setTransform(viewport.transform)
            paint_ground(painter, layout, values, quantity, theme)
            painter.end()
        return self._edges

    def units(
        self,
        size: QSize,
        ratio: float,
        viewport: Viewport,
        layout: Layout,
        values: LiveValues,
        quantity: Quantity,
        theme: Theme,
    ) -> QImage:
        """Units, blocks, names and the legend, on nothing."""
        if self._names is None:
            self._names = empty_layer(size, ratio)
            painter = QPainter(self._names)
            painter.setRenderHints(HINTS)
            painter.setTransform(viewport.transform)
            paint_names(painter, layout, theme)
            painter.end()
        if self._units is None:
            self._units = self._names.copy()
            painter = QPainter(self._units)
            painter.setRenderHints(SMOOTH)
            painter.setTransform(viewport.transform)
            paint_columns(painter, layout, values, theme)
            painter.resetTransform()
            paint_legend(painter, QSizeF(size), layout, values, quantity, theme)
            painter.end()
        return self._units


def paint_ground(
    painter: QPainter, layout: Layout, values: LiveValues, quantity: Quantity, theme: Theme
) -> None:
    """Edges, lines to blocks and shortcuts."""
    paint_links(painter, layout, theme)
    paint_edges(painter, layout, values, quantity, theme)
    for arc in layout.arcs:
        paint_arc(painter, arc, theme)


def paint_drawing(
    painter: QPainter, layout: Layout, values: LiveValues, quantity: Quantity, theme: Theme
) -> None:
    """The whole drawing at its own size, for a figure."""
    painter.setRenderHints(SMOOTH)
    paint_ground(painter, layout, values, quantity, theme)
    paint_names(painter, layout, theme)
    paint_columns(painter, layout, values, theme)
    paint_legend(painter, layout.size, layout, values, quantity, theme)
