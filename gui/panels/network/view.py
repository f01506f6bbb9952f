"""The network, live: units and weighted edges while it is small, blocks when it is large."""

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from engine.insight.query import Query
from engine.insight.run_queries import NeuronMapsQuery, ParametersQuery
from gui.core.messages import Answers
from gui.core.model_summary import ModelSummary
from gui.core.selection import Selected
from gui.kit.text import tr
from gui.panels.base import PanelContext, PanelSpec, View
from gui.panels.network.canvas import NetworkCanvas
from gui.panels.network.plan import NOTHING_KNOWN, plan_of, values_of

MAP_SIDE = 24
"""Points along each side of a unit's map; a unit is at most 38 pixels wide."""
_MAPS = NeuronMapsQuery(MAP_SIDE)


class NetworkView(View):
    """The whole network. Hover reads weights and biases; a click or Left and Right select a layer."""

    spec = PanelSpec(
        "network",
        tr("Network"),
        "graph",
        "centre",
        tr("The layers of the network with their weights, live."),
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.canvas = NetworkCanvas()
        self.canvas.layer_clicked.connect(lambda layer: context.selection.select(layer=layer))
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setWidget(self.canvas)
        self._fill_with(area)

    def queries(self) -> Collection[Query[Any]]:
        plan = self.canvas.plan
        if plan is None:
            return ()
        return (
            (ParametersQuery(), _MAPS)
            if plan.unitwise and plan.columns[0].units == 2
            else (ParametersQuery(),)
        )

    def show_model(self, summary: ModelSummary) -> None:
        super().show_model(summary)
        self.canvas.set_plan(plan_of(summary))
        self._show_content()

    def update_settings(self, summary: ModelSummary) -> None:
        super().update_settings(summary)
        if self.canvas.plan is not None:
            self.canvas.update_plan(plan_of(summary))

    def refresh(self, answers: Answers) -> None:
        # A frame that was made for something else (a plot's histograms) must not blank the weights.
        parameters = answers.get(ParametersQuery())
        if self.canvas.plan is not None and parameters:
            self.canvas.set_values(values_of(parameters, answers.get(_MAPS) or {}))

    def show_selection(self, new: Selected, old: Selected) -> None:
        self.canvas.set_selected(new.layer)

    def clear(self) -> None:
        super().clear()
        self.canvas.set_plan(None)
        self.canvas.set_values(NOTHING_KNOWN)

    def apply_theme(self) -> None:
        self.canvas.rebuild()
