"""The network, live: units with weighted edges, folded where there are many, and blocks between them."""

from collections.abc import Collection
from typing import Any

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.insight.connections import ConnectionsQuery, UnitOutputsQuery
from engine.insight.query import Query
from engine.insight.run_queries import NeuronMapsQuery
from gui.core.messages import Answers
from gui.core.model_summary import ModelSummary
from gui.core.selection import Selected
from gui.kit.text import tr
from gui.panels.base import PanelContext, PanelSpec, View
from gui.panels.network.canvas import NetworkCanvas
from gui.panels.network.drawing import Picked
from gui.panels.network.editing import open_editor
from gui.panels.network.flow import SAMPLES
from gui.panels.network.plan import Plan, plan_of
from gui.panels.network.saving import DrawingSaver
from gui.panels.network.toolbar import NetworkToolbar
from gui.panels.network.values import values_of

MAP_SIDE = 24
"""Points along each side of a unit's map; a unit is at most 38 pixels wide."""
LARGEST_MAPPED = 512
"""Layers with more units get no maps: all of their outputs would have to be computed for twelve."""


def queries_of(plan: Plan) -> tuple[ConnectionsQuery, NeuronMapsQuery | None]:
    """What the drawing of a plan shows: weights, and maps where there are two inputs."""
    connections = ConnectionsQuery(plan.shown)
    if plan.columns[0].shape != (2,):
        return connections, None
    mapped = tuple(
        (stage.layer, stage.shown)
        for stage in plan.columns[1:]
        if stage.layer is not None and stage.shown and stage.units <= LARGEST_MAPPED
    )
    return connections, NeuronMapsQuery(MAP_SIDE, mapped)


class NetworkView(View):
    """The whole network. Hover reads, a click selects a layer, unit or weight, and opens an edge's weight."""

    spec = PanelSpec(
        "network",
        tr("Network"),
        "graph",
        "centre",
        tr("The layers of the network with their units and weights, live."),
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.canvas = NetworkCanvas()
        self.canvas.picked.connect(self._select)
        self.canvas.edit_wanted.connect(self._edit)
        self._wanted: Plan | None = None
        """The plan with the units that are strongest now; drawn as soon as their weights are there."""
        self._known = False
        self._flow_query: UnitOutputsQuery | None = None
        self.saver = DrawingSaver(self.canvas, context)
        self.toolbar = NetworkToolbar(self.canvas, self.saver)
        self.toolbar.flow_asked.connect(self._let_flow)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.toolbar)
        layout.addWidget(self.canvas, 1)
        self._fill_with(content)

    def queries(self) -> Collection[Query[Any]]:
        if self._wanted is None:
            return ()
        asked: list[Query[Any] | None] = [*queries_of(self._wanted), self._sample_query(), self._flow_query]
        return tuple(query for query in asked if query is not None)

    def show_model(self, summary: ModelSummary) -> None:
        super().show_model(summary)
        self._wanted, self._known, self._flow_query = plan_of(summary), False, None
        self.canvas.set_plan(self._wanted)
        self._show_content()
        self.show_selection(self.context.selection.selected, self.context.selection.selected)

    def update_settings(self, summary: ModelSummary) -> None:
        super().update_settings(summary)
        if self._wanted is not None:
            self._wanted = plan_of(summary).showing(self._wanted)
            self.canvas.update_plan(self._wanted)

    def refresh(self, answers: Answers) -> None:
        # A frame that was made for something else (a plot's histograms) must not blank the weights.
        if self._wanted is None:
            return
        connections, maps = queries_of(self._wanted)
        found = answers.get(connections)
        if found:
            known = answers.get(maps) if maps is not None else None
            drawn = {layer: values for layer, values in (known or {}).items()}
            values = values_of(self._wanted, found, drawn)
            if self.canvas.plan == self._wanted:
                self.canvas.set_values(values)
            else:
                self.canvas.update_plan(self._wanted, values)
            strongest = self._wanted.with_strongest(found, first=not self._known)
            self._known = True
            if strongest != self._wanted:
                self._wanted = strongest
                self.queries_changed.emit()
        sample = self._sample_query()
        self.canvas.set_outputs((answers.get(sample) or {}) if sample is not None else {})
        if self._flow_query is not None and (flowing := answers.get(self._flow_query)):
            self._flow_query = None
            self.canvas.flow.start(flowing)

    def show_selection(self, new: Selected, old: Selected) -> None:
        picked = None
        if new.layer is not None:
            name, index = new.parameter or ("", ())
            edge = (index[0], index[1]) if name == "weight" and len(index) == 2 else None
            picked = Picked(new.layer, new.unit, edge)
        self.canvas.set_selected(picked)
        if new.sample != old.sample:
            self.queries_changed.emit()

    def clear(self) -> None:
        super().clear()
        self._wanted, self._flow_query = None, None
        self.canvas.set_plan(None)

    def apply_theme(self) -> None:
        self.canvas.rebuild()

    def _select(self, picked: Picked) -> None:
        parameter = ("weight", picked.weight) if picked.weight is not None else None
        self.context.selection.select(layer=picked.layer, unit=picked.unit, parameter=parameter)

    def _edit(self, picked: Picked) -> None:
        if self._model is not None:
            open_editor(self.canvas, self.context.weights, self._model, picked)

    def _layers(self) -> tuple[int, ...]:
        columns = self._wanted.columns if self._wanted is not None else ()
        return tuple(stage.layer for stage in columns if stage.layer is not None and stage.shown)

    def _sample_query(self) -> UnitOutputsQuery | None:
        sample = self.context.selection.selected.sample
        if sample is None:
            return None
        return UnitOutputsQuery(sample.part, (sample.index,), self._layers())

    def _let_flow(self) -> None:
        """Ask once for what the units answer to some samples of the training part, drawn at random."""
        rows = np.random.default_rng().integers(0, 2**31, SAMPLES).tolist()
        self._flow_query = UnitOutputsQuery("training", tuple(rows), self._layers(), around=True)
        self.queries_changed.emit()
