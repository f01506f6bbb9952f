"""The decision map: what the network predicts at every place of the plane of two inputs."""

from collections.abc import Collection
from typing import Any

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.insight.query import Query
from engine.insight.run_queries import DecisionMapQuery
from gui.core.figure_saving import offer_figure
from gui.core.messages import Answers
from gui.core.model_summary import ModelSummary
from gui.kit import Toggle
from gui.kit.colour_maps import class_colours
from gui.kit.numbers import count_text
from gui.kit.plot_parts import MOST_POINTS, Entry, LegendBar, part_names
from gui.kit.text import tr
from gui.kit.theme import GRID, current
from gui.panels.base import PanelContext, PanelSpec, View
from gui.panels.decision.canvas import DecisionCanvas
from gui.panels.decision.plane import name_of_class, reason_for_no_map

MAP_SIDE = 80
"""Points along each side that the worker is asked for; splines fill in between."""
_MAP = DecisionMapQuery(MAP_SIDE)
PART_WORDS = {
    "training": tr("training"),
    "validation": tr("validation (hollow)"),
    "test": tr("test (diamond)"),
}


class DecisionMapView(View):
    """Class probabilities or predicted values over two inputs."""

    spec = PanelSpec(
        "decision_map",
        tr("Decision map"),
        "map-trifold",
        "centre",
        tr("What the network predicts at every point of the plane of two inputs."),
        reason_against=reason_for_no_map,
        order=10,
        opens_first=True,
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.canvas = DecisionCanvas()
        self.legend = LegendBar()
        title = self.spec.title
        offer_figure(self.canvas, title, "decision_map", context.exports, context.preferences, aspect=0.9)
        self.show_test = Toggle(tr("Show test points"))
        self.show_test.setToolTip(
            tr("Test points are for judging the finished model; look at them last, or they judge nothing.")
        )
        self.show_test.edited.connect(self._choose_parts)
        head = QHBoxLayout()
        head.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 0)
        head.setSpacing(4 * GRID)
        head.addWidget(self.legend, 1)
        head.addWidget(self.show_test)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addLayout(head)
        layout.addWidget(self.canvas, 1)
        self._fill_with(content)

    def queries(self) -> Collection[Query[Any]]:
        return () if self._model is None or self.sentence else (_MAP,)

    def show_model(self, summary: ModelSummary) -> None:
        super().show_model(summary)
        reason = self.spec.reason_against(summary)
        if reason:
            self.canvas.set_model(None)
            self._say(reason)
            return
        self.canvas.set_model(summary)
        self._choose_parts()
        self._show_content()

    def refresh(self, answers: Answers) -> None:
        model, field = self._model, answers.get(_MAP)
        if model is None or field is None or self.sentence:
            return
        expected = {1, len(model.class_names)} if model.task != "regression" else {1}
        if field.values.ndim == 3 and field.values.shape[2] in expected and min(field.values.shape[:2]) >= 2:
            self.canvas.set_map(field)

    def clear(self) -> None:
        super().clear()
        self.canvas.set_model(None)
        self._choose_parts()

    def _choose_parts(self) -> None:
        points = self._model.points if self._model else None
        present = part_names(np.unique(points.parts).tolist()) if points is not None else ()
        self.show_test.setVisible("test" in present)
        shown = tuple(part for part in present if part != "test" or self.show_test.value())
        self.canvas.set_parts(shown)
        self.legend.set_entries(self._legend_entries(shown))

    def _legend_entries(self, shown: tuple[str, ...]) -> tuple[Entry, ...]:
        model = self._model
        if model is None:
            return ()
        classes = len(model.class_names) if model.task != "regression" else 0
        entries = [
            Entry(name_of_class(model, index), colour=colour)
            for index, colour in enumerate(class_colours(current(), classes))
        ]
        if model.task == "regression":
            entries.append(Entry(tr("Colour: {target_name}", target_name=model.target_name)))
        entries += [Entry(PART_WORDS[part], part=part) for part in part_names(shown)]
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
