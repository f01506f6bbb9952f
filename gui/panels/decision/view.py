"""The decision map: what the network predicts at every place of a plane of two inputs, the others held."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.insight.plane_slice import (
    InputFactsQuery,
    Plane,
    SliceMapQuery,
    SlicePoints,
    SlicePointsQuery,
)
from engine.insight.query import Query
from engine.insight.run_queries import DecisionMap, DecisionMapQuery
from gui.core.figure_saving import offer_figure
from gui.core.messages import Answers
from gui.core.model_summary import DataPoints, ModelSummary
from gui.core.selection import Selected
from gui.kit import LinkButton, Toggle
from gui.kit.colour_maps import class_colours
from gui.kit.numbers import count_text
from gui.kit.plot_parts import MOST_POINTS, Entry, LegendBar, part_names
from gui.kit.text import tr
from gui.kit.theme import GRID, current
from gui.panels.base import PanelContext, PanelSpec, View
from gui.panels.decision.canvas import DecisionCanvas
from gui.panels.decision.plane import is_plane, name_of_class, reason_for_no_map
from gui.panels.decision.slice_controls import SliceControls

MAP_SIDE = 80
"""Points along each side that the worker is asked for; splines fill in between."""
_MAP = DecisionMapQuery(MAP_SIDE)
_FACTS = InputFactsQuery()
FAINTEST = 0.15
"""Opacity of a point that is far from the plane."""
MOST_NAMED = 12
"""Classes that the legend names."""
PART_WORDS = {
    "training": tr("training"),
    "validation": tr("validation (hollow)"),
    "test": tr("test (diamond)"),
}


FEWER, FEWEST = 40, 24
"""The same for networks of which so many predictions would hold up the training."""


def side_for(model: ModelSummary) -> int:
    """Points along each side of the map for a network of this size."""
    parameters = sum(layer.parameters for layer in model.layers)
    return MAP_SIDE if parameters < 200_000 else FEWER if parameters < 2_000_000 else FEWEST


class DecisionMapView(View):
    """Class probabilities or predicted values over two inputs; of more inputs, over two chosen columns."""

    spec = PanelSpec(
        "decision_map",
        tr("Decision map"),
        "map-trifold",
        "centre",
        tr("What the network predicts at every point of a plane of two inputs."),
        reason_against=reason_for_no_map,
        order=10,
        opens_first=is_plane,
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.canvas = DecisionCanvas()
        self.legend = LegendBar()
        title = self.spec.title
        offer_figure(self.canvas, title, "decision_map", context.exports, context.preferences, aspect=0.9)
        self.controls = SliceControls()
        self.controls.hide()
        self.controls.changed.connect(self._move_plane)
        self.canvas.sample_picked.connect(lambda sample: context.selection.select(sample=sample))
        self.canvas.sample_opened.connect(lambda: context.requests.show_panel.emit("inspector"))
        self.inspect = LinkButton(tr("Inspect"))
        self.inspect.setToolTip(tr("Show the selected sample's way through the network."))
        self.inspect.clicked.connect(lambda: context.requests.show_panel.emit("inspector"))
        self.inspect.hide()
        self._plane: Plane | None = None
        self._points: SlicePoints | None = None
        self.show_test = Toggle(tr("Show test points"))
        self.show_test.setToolTip(
            tr("Test points are for judging the finished model; look at them last, or they judge nothing.")
        )
        self.show_test.edited.connect(self._choose_parts)
        head = QHBoxLayout()
        head.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 0)
        head.setSpacing(4 * GRID)
        head.addWidget(self.legend, 1)
        head.addWidget(self.inspect)
        head.addWidget(self.show_test)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addLayout(head)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.controls)
        self._fill_with(content)

    def queries(self) -> Collection[Query[Any]]:
        if self._model is None or self.sentence:
            return ()
        if is_plane(self._model):
            return (_MAP,)
        return (_FACTS,) if self._plane is None else (_FACTS, *self._slice_queries(self._plane))

    def show_model(self, summary: ModelSummary) -> None:
        super().show_model(summary)
        reason = self.spec.reason_against(summary)
        if reason:
            self.canvas.set_model(None)
            self._say(reason)
            return
        self.controls.setVisible(not is_plane(summary))
        self._plane = None
        self.canvas.set_model(summary)
        self._move_plane()
        self._choose_parts()
        self._show_content()
        self.show_selection(self.context.selection.selected, self.context.selection.selected)

    def refresh(self, answers: Answers) -> None:
        model = self._model
        if model is None or self.sentence:
            return
        field = answers.get(_MAP) if is_plane(model) else self._slice_of(answers)
        if field is None:
            return
        expected = {1, len(model.class_names)} if model.task != "regression" else {1}
        if field.values.ndim == 3 and field.values.shape[2] in expected and min(field.values.shape[:2]) >= 2:
            self.canvas.set_map(field)

    def _slice_queries(self, plane: Plane) -> tuple[SliceMapQuery, SlicePointsQuery]:
        side = side_for(self._model) if self._model is not None else FEWEST
        return SliceMapQuery(plane, side), SlicePointsQuery(plane, MOST_POINTS)

    def _slice_of(self, answers: Answers) -> DecisionMap | None:
        """What is predicted over the plane that is chosen; takes what is told of columns and samples too."""
        facts = answers.get(_FACTS)
        if facts and facts != self.controls.facts:
            self.controls.set_facts(facts)
            self._move_plane()
        if self._plane is None:
            return None
        predicted, near = self._slice_queries(self._plane)
        points = answers.get(near)
        if points is not None and points is not self._points:
            self._points = points
            nearness = np.clip(np.exp(-(points.distances**2)), FAINTEST, 1.0)
            self.canvas.set_points(
                DataPoints(points.x, points.targets, points.parts, points.indices, nearness)
            )
            self._choose_parts()
        return answers.get(predicted)

    def _move_plane(self) -> None:
        """Another plane was chosen, or its columns are known now."""
        model = self._model
        if model is None or is_plane(model):
            return
        plane = self.controls.plane
        if plane is not None and not {plane.x, plane.y} <= set(model.numeric_columns):
            plane = None
        before, self._plane = self._plane, plane
        if plane is not None and (before is None or (before.x, before.y) != (plane.x, plane.y)):
            axes = (plane.x, plane.y)
            ranges = (plane.x_range, plane.y_range)
            self._points = None
            self.canvas.set_model(replace(model, axis_names=axes, plane=ranges, points=None))
        self.queries_changed.emit()

    def show_selection(self, new: Selected, old: Selected) -> None:
        self.canvas.set_sample(new.sample)
        self.inspect.setVisible(new.sample is not None)

    def clear(self) -> None:
        super().clear()
        self.canvas.set_model(None)
        self._choose_parts()

    def _choose_parts(self) -> None:
        points = self._shown_points()
        present = part_names(np.unique(points.parts).tolist()) if points is not None else ()
        self.show_test.setVisible("test" in present)
        shown = tuple(part for part in present if part != "test" or self.show_test.value())
        self.canvas.set_parts(shown)
        self.legend.set_entries(self._legend_entries(shown))

    def _shown_points(self) -> DataPoints | SlicePoints | None:
        if self._model is None or is_plane(self._model):
            return self._model.points if self._model else None
        return self._points

    def _legend_entries(self, shown: tuple[str, ...]) -> tuple[Entry, ...]:
        model = self._model
        if model is None:
            return ()
        classes = min(len(model.class_names) if model.task != "regression" else 0, MOST_NAMED)
        entries = [
            Entry(name_of_class(model, index), colour=colour)
            for index, colour in enumerate(class_colours(current(), classes))
        ]
        if model.task == "regression":
            entries.append(Entry(tr("Colour: {target_name}", target_name=model.target_name)))
        entries += [Entry(PART_WORDS[part], part=part) for part in part_names(shown)]
        if classes < len(model.class_names) and model.task != "regression":
            more = len(model.class_names) - classes
            entries.insert(classes, Entry(tr("{count} more classes", count=more)))
        if self._points is not None and not is_plane(model):
            entries.append(Entry(tr("paler: further from the plane")))
        total = int(np.isin(model.points.parts, shown).sum()) if model.points is not None else 0
        if total > MOST_POINTS:
            every = -(-total // MOST_POINTS)
            entries.append(
                Entry(tr("every {every}th of {total} points", every=every, total=count_text(total)))
            )
        return tuple(entries)

    def apply_theme(self) -> None:
        self.canvas.repaint_all()
        self._choose_parts()
