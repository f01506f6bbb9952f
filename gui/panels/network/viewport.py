"""The part of a drawing that is seen: zoomed, panned, or fitted into its widget."""

from PySide6.QtCore import QPointF, QSizeF
from PySide6.QtGui import QTransform

LEAST_ZOOM, MOST_ZOOM = 0.2, 8.0
STEP = 1.25
"""Of one press of + or −, and of one notch of the wheel."""


class Viewport:
    """Places of a drawing on a widget: place × zoom + origin."""

    def __init__(self) -> None:
        self.zoom = 1.0
        self.origin = QPointF(0, 0)
        self.fitted = True
        """Whether all of the drawing is in sight; it stays so when the widget gets another size."""

    @property
    def transform(self) -> QTransform:
        """From the drawing to the widget."""
        return QTransform(self.zoom, 0, 0, self.zoom, self.origin.x(), self.origin.y())

    def on_widget(self, place: QPointF) -> QPointF:
        return place * self.zoom + self.origin

    def in_drawing(self, place: QPointF) -> QPointF:
        return (place - self.origin) / self.zoom

    def fit(self, drawing: QSizeF, widget: QSizeF) -> None:
        """All of it, centred; never enlarged."""
        across, down = drawing.width() or 1.0, drawing.height() or 1.0
        self.zoom = min(1.0, widget.width() / across, widget.height() / down) or 1.0
        self.origin = QPointF(
            (widget.width() - across * self.zoom) / 2, (widget.height() - down * self.zoom) / 2
        )
        self.fitted = True

    def zoom_by(self, factor: float, around: QPointF) -> None:
        """Zoom so that what is at this place of the widget stays there."""
        place = self.in_drawing(around)
        self.zoom = min(max(self.zoom * factor, LEAST_ZOOM), MOST_ZOOM)
        self.origin = around - place * self.zoom
        self.fitted = False

    def pan(self, way: QPointF) -> None:
        self.origin += way
        self.fitted = False
