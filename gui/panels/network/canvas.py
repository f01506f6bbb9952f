"""The widget on which the network is drawn: painting from caches, hover, click, keys."""

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from gui.kit.colour_maps import empty_layer, with_alpha
from gui.kit.text import tr
from gui.kit.theme import RADIUS, current, text_font
from gui.panels.network.blocks import paint_arrow
from gui.panels.network.geometry import Layout, describe_edge, describe_network, describe_stage, describe_unit
from gui.panels.network.layout import lay_out, least_size
from gui.panels.network.painting import (
    paint_chosen_edges,
    paint_columns,
    paint_edges,
    paint_legend,
    paint_names,
)
from gui.panels.network.plan import NOTHING_KNOWN, LiveValues, Plan, Stage

HINTS = QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing


class NetworkCanvas(QWidget):
    """Draws a plan with live values. Edges and units are painted when they change and kept as pictures."""

    layer_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(tr("Network"))
        self._plan: Plan | None = None
        self._values = NOTHING_KNOWN
        self._selected: int | None = None
        self._unit: tuple[int, int] | None = None
        self._edge: tuple[int, int] | None = None
        self._layout: Layout | None = None
        self._edge_picture: QImage | None = None
        self._unit_picture: QImage | None = None
        self._name_picture: QImage | None = None

    @property
    def plan(self) -> Plan | None:
        return self._plan

    @property
    def selected(self) -> int | None:
        """Index of the selected layer, where the network shown has it."""
        known = self._plan is not None and self._selected in self._plan.layers
        return self._selected if known else None

    @property
    def geometry_now(self) -> Layout | None:
        """Where everything lies at the present size; None without a network."""
        if self._layout is None and self._plan is not None:
            strong, plain = QFontMetricsF(text_font(strong=True)), QFontMetricsF(text_font())
            self._layout = lay_out(
                self._plan,
                QSizeF(self.size()),
                lambda text, bold: (strong if bold else plain).horizontalAdvance(text),
            )
        return self._layout

    def set_plan(self, plan: Plan | None) -> None:
        """Another network, or None."""
        self._plan, self._values = plan, NOTHING_KNOWN
        self._unit = self._edge = None
        self._describe()
        self.rebuild()

    def update_plan(self, plan: Plan) -> None:
        """The same network with other settings of its layers: what is known of its weights stays."""
        self._plan = plan
        self._unit = self._edge = None
        self._describe()
        self.rebuild()

    def set_values(self, values: LiveValues) -> None:
        """New weights, biases, maps."""
        self._values = values
        self._unit_picture = None
        if self._layout is None or self._layout.edges:
            self._edge_picture = None
        self.update()

    def set_selected(self, layer: int | None) -> None:
        """Frame a layer; None for none. Emits nothing."""
        self._selected = layer
        self._describe()
        self.update()

    def rebuild(self) -> None:
        """Forget all that was remembered for painting: size, theme or network changed."""
        self._layout = self._edge_picture = self._unit_picture = self._name_picture = None
        self.setMinimumSize(QSize(0, 0) if self._plan is None else least_size(self._plan).toSize())
        self.update()

    def tip_at(self, position: QPointF) -> str:
        """What a tooltip says of the place; empty where there is nothing."""
        layout = self.geometry_now
        if layout is None:
            return ""
        if (unit := layout.unit_at(position)) is not None:
            return describe_unit(layout, self._values, *unit)
        if (edge := self._edge_at(position)) is not None:
            return describe_edge(layout, self._values, *edge)
        stage = layout.stage_at(position)
        return describe_stage(stage, self._values) if stage is not None else ""

    def _edge_at(self, position: QPointF) -> tuple[int, int] | None:
        """The edge that the pointer means: none on a unit, in a block or on a gate, which lie over edges."""
        layout = self.geometry_now
        if layout is None or layout.unit_at(position) is not None:
            return None
        stage = layout.stage_at(position)
        inside_block = stage is not None and (stage.layer is None or not layout.edges)
        if inside_block or any(gate.stage is stage for gate in layout.gates):
            return None
        return layout.edge_at(position)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, layout = current(), self.geometry_now
        painter = QPainter(self)
        if layout is None:
            painter.fillRect(self.rect(), QColor(theme.page))
            return
        edges, units = self._pictures(layout)
        chosen = self._highlighted(layout)
        if chosen:
            painter.fillRect(self.rect(), QColor(theme.page))
            painter.setOpacity(0.22)
            painter.drawImage(0, 0, edges)
            painter.setOpacity(1)
            painter.setRenderHints(HINTS)
            paint_chosen_edges(painter, layout, self._values, theme, chosen)
        else:
            painter.drawImage(0, 0, edges)
        painter.drawImage(0, 0, units)
        painter.setRenderHints(HINTS)
        self._paint_selection(painter, layout)
        if self._unit is not None:
            column, unit = self._unit
            rect = layout.columns[column].units[unit].adjusted(-2, -2, 2, 2)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.text), 1.5))
            painter.drawRoundedRect(rect, RADIUS, RADIUS)

    def _pictures(self, layout: Layout) -> tuple[QImage, QImage]:
        theme = current()
        if self._edge_picture is None:
            self._edge_picture = empty_layer(self.size(), self.devicePixelRatioF(), QColor(theme.page))
            painter = QPainter(self._edge_picture)
            painter.setRenderHints(HINTS)
            for corners in layout.arrows:
                paint_arrow(painter, corners, theme)
            paint_edges(painter, layout, self._values, theme)
            painter.end()
        if self._name_picture is None:
            self._name_picture = empty_layer(self.size(), self.devicePixelRatioF())
            painter = QPainter(self._name_picture)
            painter.setRenderHints(HINTS)
            paint_names(painter, layout, theme)
            painter.end()
        if self._unit_picture is None:
            self._unit_picture = self._name_picture.copy()
            painter = QPainter(self._unit_picture)
            painter.setRenderHints(HINTS | QPainter.RenderHint.SmoothPixmapTransform)
            paint_columns(painter, layout, self._values, theme)
            paint_legend(painter, layout, self._values, theme)
            painter.end()
        return self._edge_picture, self._unit_picture

    def _highlighted(self, layout: Layout) -> list[tuple[int, int]]:
        """The edge under the pointer, or all that end in the unit under it (at the input: begin in it)."""
        if self._edge is not None:
            return [self._edge]
        if self._unit is None or not layout.edges:
            return []
        column, unit = self._unit
        if column == 0:
            targets = len(layout.columns[1].units)
            return [(0, unit * targets + target) for target in range(targets)]
        units, sources = len(layout.columns[column].units), len(layout.columns[column - 1].units)
        return [(column - 1, source * units + unit) for source in range(sources)]

    def _paint_selection(self, painter: QPainter, layout: Layout) -> None:
        theme = current()
        frame = layout.outline_of(self.selected) if self.selected is not None else None
        if frame is not None:
            painter.setPen(QPen(QColor(theme.accent), 2 if self.hasFocus() else 1.5))
            painter.setBrush(with_alpha(theme.accent, 0.05))
            painter.drawRoundedRect(frame, RADIUS + 2, RADIUS + 2)
        elif self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(2, 2, -2, -2), RADIUS, RADIUS)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        layout, position = self.geometry_now, event.position()
        if layout is None:
            return
        unit, edge = layout.unit_at(position), self._edge_at(position)
        if (unit, edge) != (self._unit, self._edge):
            self._unit, self._edge = unit, edge
            self.update()
        stage = layout.stage_at(position)
        clickable = stage is not None and stage.layer is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if clickable else Qt.CursorShape.ArrowCursor)
        # The small rectangle makes Qt hide the tip as soon as the pointer leaves what it speaks of.
        here = position.toPoint()
        QToolTip.showText(
            event.globalPosition().toPoint(),
            self.tip_at(position),
            self,
            QRect(here.x() - 3, here.y() - 3, 7, 7),
        )

    def leaveEvent(self, event: QEvent) -> None:
        self._unit = self._edge = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        layout = self.geometry_now
        if event.button() != Qt.MouseButton.LeftButton or layout is None:
            super().mousePressEvent(event)
            return
        stage = layout.stage_at(event.position())
        if stage is None and (edge := layout.edge_at(event.position())) is not None:
            stage = layout.columns[layout.edges[edge[0]].source + 1].stage
        self._choose(stage)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if self._plan is None or event.key() not in keys or not self._plan.layers:
            super().keyPressEvent(event)
            return
        layers, way = self._plan.layers, keys[Qt.Key(event.key())]
        if self.selected is None:
            layer = layers[0 if way > 0 else -1]
        else:
            place = layers.index(self.selected) + way
            layer = layers[min(max(place, 0), len(layers) - 1)]
        if layer != self.selected:
            self.set_selected(layer)
            self.layer_clicked.emit(layer)

    def _choose(self, stage: Stage | None) -> None:
        if stage is not None and stage.layer is not None:
            self.set_selected(stage.layer)
            self.layer_clicked.emit(stage.layer)

    def _describe(self) -> None:
        self.setAccessibleDescription(describe_network(self._plan, self.selected))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.rebuild()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
