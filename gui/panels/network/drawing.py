"""The drawing of a network as a widget: what it shows, and how much of that is seen."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QHideEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from engine.arrays import Array
from gui.kit.text import tr
from gui.kit.theme import RADIUS, current, set_sizes, text_font
from gui.panels.network.descriptions import (
    describe_edge,
    describe_fold,
    describe_network,
    describe_stage,
    describe_unit,
)
from gui.panels.network.flow import Flow
from gui.panels.network.geometry import Layout
from gui.panels.network.layout import lay_out, least_size
from gui.panels.network.overlay import paint_card, paint_flow, paint_highlights, paint_selection
from gui.panels.network.pictures import HINTS, Pictures
from gui.panels.network.plan import Plan
from gui.panels.network.values import NOTHING_KNOWN, LiveValues, Quantity
from gui.panels.network.viewport import Viewport


@dataclass(frozen=True)
class Picked:
    """What was chosen in the drawing: a layer, a unit of it, a weight into that unit.

    weight : (input, unit), where an edge was chosen.
    """

    layer: int
    unit: int | None = None
    weight: tuple[int, int] | None = None


class NetworkDrawing(QWidget):
    """Draws a plan with live values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(tr("Network"))
        set_sizes(self, least_width=240, least_height=200)
        self.viewport = Viewport()
        self.flow = Flow(self)
        self.flow.moved.connect(self.update)
        self._plan: Plan | None = None
        self._values = NOTHING_KNOWN
        self._quantity: Quantity = "weight"
        self._outputs: Mapping[int, Array] = {}
        self._selected: Picked | None = None
        self._hovered_unit: tuple[int, int] | None = None
        self._hovered_edge: tuple[int, int] | None = None
        self._layout: Layout | None = None
        self._pictures = Pictures()

    # --- what is drawn ------------------------------------------------------------------------------------

    @property
    def plan(self) -> Plan | None:
        return self._plan

    @property
    def values(self) -> LiveValues:
        """What is known of the run."""
        return self._values

    @property
    def quantity(self) -> Quantity:
        """What edges show."""
        return self._quantity

    @property
    def selection(self) -> Picked | None:
        """What is selected, where the network shown has it."""
        known = self._plan is not None and self._selected and self._selected.layer in self._plan.layers
        return self._selected if known else None

    @property
    def selected(self) -> int | None:
        """Index of the selected layer, where the network shown has it."""
        return self.selection.layer if self.selection else None

    @property
    def geometry_now(self) -> Layout | None:
        """Where everything lies in the drawing; None without a network. See `on_widget`."""
        if self._layout is None and self._plan is not None:
            least = least_size(self._plan)
            size = QSizeF(max(self.width(), least.width()), max(self.height(), least.height()))
            self._layout = layout_of(self._plan, size)
            if self.viewport.fitted:
                self.viewport.fit(size, QSizeF(self.size()))
        return self._layout

    def on_widget(self, place: QPointF) -> QPointF:
        """Where a place of the drawing lies on the widget."""
        return self.viewport.on_widget(place)

    def set_plan(self, plan: Plan | None) -> None:
        """Another network, or None."""
        self._values, self._outputs = NOTHING_KNOWN, {}
        self.viewport.fitted = True
        self.flow.stop()
        if plan is not None:
            self.update_plan(plan)
        else:
            self._plan = None
            self._describe()
            self.rebuild()

    def update_plan(self, plan: Plan, values: LiveValues | None = None) -> None:
        """The same network with other settings of its layers, or other units: what is known of it stays."""
        self._plan = plan
        self._values = values if values is not None else self._values
        self._hovered_unit = self._hovered_edge = None
        self._describe()
        self.rebuild()

    def set_values(self, values: LiveValues) -> None:
        """New weights, biases, maps."""
        self._values = values
        self._pictures.forget(values_only=True)
        self.update()

    def set_outputs(self, outputs: Mapping[int, Array]) -> None:
        """What units answer to the selected sample, by layer: (1, units)."""
        self._outputs = outputs

    def set_quantity(self, quantity: Quantity) -> None:
        """Edges by weight or by gradient."""
        self._quantity = quantity
        self._pictures.forget(values_only=True)
        self.update()

    def set_selected(self, selected: Picked | None) -> None:
        """Frame a layer, a unit, an edge; None for nothing. Emits nothing."""
        self._selected = selected
        self._describe()
        self.update()

    def rebuild(self) -> None:
        """Forget all that was remembered for painting: size, theme or network changed."""
        self._layout = None
        self._pictures.forget()
        self.update()

    # --- what is seen of it -------------------------------------------------------------------------------

    def fit(self) -> None:
        """All of the drawing in sight."""
        if (layout := self.geometry_now) is not None:
            self.viewport.fit(layout.size, QSizeF(self.size()))
            self._pictures.forget()
            self.update()

    def zoom_by(self, factor: float, around: QPointF | None = None) -> None:
        """Larger or smaller, around a place of the widget or its middle."""
        self.viewport.zoom_by(factor, around if around is not None else QPointF(self.rect().center()))
        self._pictures.forget()
        self.update()

    def tip_at(self, position: QPointF) -> str:
        """What a tooltip says of a place of the widget; empty where there is nothing."""
        layout, place = self.geometry_now, self.viewport.in_drawing(position)
        if layout is None:
            return ""
        if (unit := layout.unit_at(place)) is not None:
            return describe_unit(layout, self._values, *unit, self._outputs)
        if (edge := self.edge_at(place)) is not None:
            return describe_edge(layout, self._values, *edge)
        for column in layout.columns:
            if column.fold is not None and column.fold.contains(place):
                return describe_fold(column.stage)
        stage = layout.stage_at(place)
        return describe_stage(stage, self._values) if stage is not None else ""

    def edge_at(self, place: QPointF) -> tuple[int, int] | None:
        """The edge that the pointer means: none on a unit, in a block or on a gate, which lie over edges."""
        layout = self.geometry_now
        if layout is None or layout.unit_at(place) is not None:
            return None
        covered = [gate.body for gate in layout.gates]
        covered += [column.body if not column.units else column.heading for column in layout.columns]
        if any(rect.contains(place) for rect in covered):
            return None
        return layout.edge_at(place, reach=5.0 / min(self.viewport.zoom, 1.0))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, layout = current(), self.geometry_now
        painter = QPainter(self)
        if layout is None:
            painter.fillRect(self.rect(), QColor(theme.page))
            return
        about = (self.size(), self.devicePixelRatioF(), self.viewport, layout, self._values, self._quantity)
        edges, units = self._pictures.edges(*about, theme), self._pictures.units(*about, theme)
        chosen = self._highlighted(layout)
        if chosen:
            painter.fillRect(self.rect(), QColor(theme.page))
            painter.setOpacity(0.22)
        painter.drawImage(0, 0, edges)
        painter.setOpacity(1.0)
        painter.setRenderHints(HINTS)
        painter.setTransform(self.viewport.transform)
        paint_highlights(painter, layout, self._values, self._quantity, theme, chosen, self.selection)
        painter.resetTransform()
        painter.drawImage(0, 0, units)
        painter.setTransform(self.viewport.transform)
        if self.flow.running:
            paint_flow(painter, layout, self.flow, self._values, theme)
        paint_selection(painter, layout, self.selection, self._hovered_unit, theme, self.hasFocus())
        painter.resetTransform()
        if self.hasFocus() and self.selection is None:
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(2, 2, -2, -2), RADIUS, RADIUS)
        if self._hovered_unit is not None and not self.flow.running:
            rect = self.viewport.transform.mapRect(
                layout.columns[self._hovered_unit[0]].units[self._hovered_unit[1]]
            )
            text = describe_unit(layout, self._values, *self._hovered_unit, self._outputs)
            paint_card(
                painter, layout, self._hovered_unit, rect, QSizeF(self.size()), self._values, text, theme
            )

    def _highlighted(self, layout: Layout) -> list[tuple[int, int]]:
        """The edge under the pointer, or all that end in the unit under it (at the input: begin in it)."""
        if self._hovered_edge is not None:
            return [self._hovered_edge]
        if self._hovered_unit is None:
            return []
        place, unit = self._hovered_unit
        into = {edges.source + 1: bundle for bundle, edges in enumerate(layout.edges)}
        if place in into:
            units = len(layout.columns[place].units)
            sources = len(layout.columns[place - 1].units)
            return [(into[place], source * units + unit) for source in range(sources)]
        if place + 1 in into:
            targets = len(layout.columns[place + 1].units)
            return [(into[place + 1], unit * targets + target) for target in range(targets)]
        return []

    def _describe(self) -> None:
        chosen, name = self.selection, ""
        if chosen is not None and self._plan is not None:
            columns = self._plan.columns
            stages = [stage for column in columns for stage in (column, *column.gates)]
            # What is selected may be of another network than the one that is drawn.
            stage = next((stage for stage in stages if stage.layer == chosen.layer), None)
            if stage is not None:
                unit = chosen.unit
                name = stage.name if unit is None or unit >= stage.units else stage.unit_name(unit)
        self.setAccessibleDescription(describe_network(self._plan, name))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.rebuild()

    def hideEvent(self, event: QHideEvent) -> None:
        self.flow.stop()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()


def layout_of(plan: Plan, size: QSizeF) -> Layout:
    """A plan in a size, with the fonts of the theme."""
    strong, plain = QFontMetricsF(text_font(strong=True)), QFontMetricsF(text_font())
    return lay_out(plan, size, lambda text, bold: (strong if bold else plain).horizontalAdvance(text))
