"""Where the parts of the inspector stand: tools above, network and formula, cards beside or below."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from gui.core.model_summary import ModelSummary
from gui.kit import InlineMessage
from gui.kit.labels import WrappedLabel
from gui.kit.theme import GRID, scaled
from gui.panels.inspector.canvas import TraceCanvas
from gui.panels.inspector.diagram import can_be_drawn
from gui.panels.inspector.formula import FormulaCard
from gui.panels.inspector.layer_arrays import LayerArrays
from gui.panels.inspector.phase_bar import InspectorBar
from gui.panels.inspector.side_column import SideColumn
from gui.panels.inspector.what_if import WhatIf

SIDE_WIDTH, SIDE_BY_SIDE_FROM = 292, 880
FORMULA_ROOM = 268
"""Kept for the formula under the drawing, so that both are seen; its own height is another at each step."""
_UNBOUND = 16_777_215


class InspectorPage(QWidget):
    """All widgets of the inspector; what they show and do is the view's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar, self.canvas, self.layers = InspectorBar(), TraceCanvas(), LayerArrays()
        self.formula, self.message, self.what_if = FormulaCard(), InlineMessage(), WhatIf()
        self.column, self.status = SideColumn(), WrappedLabel("", "muted")
        self._diagram_area = _area(self.canvas)
        self._drawing = QStackedWidget()
        self._drawing.addWidget(self._diagram_area)
        self._drawing.addWidget(self.layers)
        left = QVBoxLayout()
        left.setSpacing(3 * GRID)
        left.addWidget(self.message)
        left.addWidget(self.what_if)
        left.addWidget(self._drawing, 1)
        left.addWidget(self.formula)
        left.addWidget(self.layers.further)
        inner = QWidget()
        self._halves = QBoxLayout(QBoxLayout.Direction.TopToBottom, inner)
        self._halves.setContentsMargins(4 * GRID, GRID, 4 * GRID, 3 * GRID)
        self._halves.setSpacing(5 * GRID)
        self._halves.addLayout(left, 1)
        self._halves.addWidget(self.column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 3 * GRID, 0, 2 * GRID)
        layout.setSpacing(2 * GRID)
        self._page_area = _area(inner)
        for widget, stretch in ((self.bar, 0), (self._page_area, 1), (self.status, 0)):
            layout.addWidget(widget, stretch)
        self.bar.setContentsMargins(4 * GRID, 0, 4 * GRID, 0)
        self.status.setContentsMargins(4 * GRID, 0, 4 * GRID, 0)
        self._page_area.viewport().installEventFilter(self)

    @property
    def shows_diagram(self) -> bool:
        """Whether each number is drawn, not the arrays layer by layer."""
        return self._drawing.currentWidget() is self._diagram_area

    def show_model(self, model: ModelSummary | None) -> None:
        """Make room for another network: drawn whole where it is small enough."""
        small = model is None or can_be_drawn(model)
        self.canvas.show_model(model if small else None)
        self.layers.show_model(None if small else model)
        self.layers.further.setVisible(not small)
        self._drawing.setCurrentWidget(self._diagram_area if small else self.layers)
        self.fit_drawing()

    def fit_drawing(self) -> None:
        """All units are seen at once, and the formula with them where there is room for both."""
        if not self.shows_diagram:
            self._drawing.setMinimumHeight(0)
            return
        needed, bar = self.canvas.minimumSize(), self._diagram_area.horizontalScrollBar().sizeHint().height()
        least = needed.height() + (bar if needed.width() > self._diagram_area.width() else 0)
        room = self._page_area.viewport().height() - scaled(FORMULA_ROOM)
        self._drawing.setMinimumHeight(max(least, room))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Also when the tools above take another line is there another height for both.
        if event.type() == QEvent.Type.Resize:
            self.fit_drawing()
        return super().eventFilter(watched, event)

    def set_width(self, width: int) -> None:
        """Wide enough, the cards stand beside the network; where it is narrow, below the formula."""
        wide = width >= scaled(SIDE_BY_SIDE_FROM)
        direction = QBoxLayout.Direction
        self._halves.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
        self.column.set_columns(1 if wide else 2)
        self.column.setMinimumWidth(scaled(SIDE_WIDTH) if wide else 0)
        self.column.setMaximumWidth(scaled(SIDE_WIDTH) if wide else _UNBOUND)


def _area(content: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidgetResizable(True)
    area.setWidget(content)
    # Only now: setWidget gives what it holds a ground of its own.
    content.setAutoFillBackground(False)
    area.viewport().setAutoFillBackground(False)
    return area
