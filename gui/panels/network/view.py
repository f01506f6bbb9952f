"""The network, live: units and weighted edges while it is small, blocks when it is large."""

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from engine.training.snapshot import Snapshot, Wanted
from gui.core.model_summary import ModelSummary
from gui.panels.network.canvas import NetworkCanvas
from gui.panels.network.plan import NOTHING_KNOWN, plan_of, values_of
from gui.panels.view import View

MAP_SIDE = 24
"""Points along each side of a unit's map; a unit is at most 38 pixels wide."""


class NetworkView(View):
    """The whole network. Hover reads weights and biases; a click or Left and Right select a layer."""

    name: ClassVar[str] = "network"
    heading: ClassVar[str] = "Network"
    icon: ClassVar[str] = "graph"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = NetworkCanvas()
        self.canvas.layer_clicked.connect(self.layer_selected)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setWidget(self.canvas)
        self._fill_with(area)

    def wanted(self) -> Wanted:
        if not self.isVisible() or self.canvas.plan is None:
            return Wanted()
        maps = self.canvas.plan.unitwise and self.canvas.plan.columns[0].units == 2
        return Wanted(weights=True, neuron_maps=MAP_SIDE if maps else 0)

    def show_model(self, summary: ModelSummary) -> None:
        super().show_model(summary)
        self.canvas.set_plan(plan_of(summary))
        self._show_content()

    def update_settings(self, summary: ModelSummary) -> None:
        super().update_settings(summary)
        if self.canvas.plan is not None:
            self.canvas.update_plan(plan_of(summary))

    def refresh(self, snapshot: Snapshot) -> None:
        if self.canvas.plan is None:
            return
        values = values_of(snapshot)
        # A snapshot that was made for something else (a plot's histograms) must not blank the weights.
        if values.weights:
            self.canvas.set_values(values)

    def select_layer(self, index: int | None) -> None:
        self.canvas.set_selected(index)

    def clear(self) -> None:
        super().clear()
        self.canvas.set_plan(None)
        self.canvas.set_values(NOTHING_KNOWN)

    def _dress(self) -> None:
        self.canvas.rebuild()
