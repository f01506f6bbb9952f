"""The decision map: what the network predicts at every place of the plane of two inputs."""

from typing import ClassVar

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.training.snapshot import Snapshot, Wanted
from gui.core.model_summary import ModelSummary
from gui.kit import Toggle
from gui.kit.colours import class_colours
from gui.kit.legend import MOST_POINTS, Entry, LegendBar, part_names
from gui.kit.number_text import count_text
from gui.kit.theme import GRID, current
from gui.panels.base import View
from gui.panels.decision.canvas import DecisionCanvas
from gui.panels.decision.plane import name_of_class, reason_for_no_map

MAP_SIDE = 80
"""Points along each side that the worker is asked for; splines fill in between."""
PART_WORDS = {"training": "training", "validation": "validation (hollow)", "test": "test (diamond)"}


class DecisionMapView(View):
    """Class probabilities or predicted values over two inputs."""

    name: ClassVar[str] = "decision_map"
    heading: ClassVar[str] = "Decision map"
    icon: ClassVar[str] = "map-trifold"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = DecisionCanvas()
        self.legend = LegendBar()
        self.show_test = Toggle("Show test points")
        self.show_test.setToolTip(
            "Test points are for judging the finished model; look at them last, or they judge nothing."
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

    def wanted(self) -> Wanted:
        shown = self.isVisible() and self._model is not None and not self.sentence
        return Wanted(decision_map=MAP_SIDE) if shown else Wanted()

    def show_model(self, summary: ModelSummary) -> None:
        super().show_model(summary)
        reason = reason_for_no_map(summary)
        if reason:
            self.canvas.set_model(None)
            self._say(reason)
            return
        self.canvas.set_model(summary)
        self._choose_parts()
        self._show_content()

    def refresh(self, snapshot: Snapshot) -> None:
        model, field = self._model, snapshot.decision_map
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
            entries.append(Entry(f"Colour: {model.target_name}"))
        entries += [Entry(PART_WORDS[part], part=part) for part in part_names(shown)]
        total = int(np.isin(model.points.parts, shown).sum()) if model.points is not None else 0
        if total > MOST_POINTS:
            every = -(-total // MOST_POINTS)
            entries.append(Entry(f"every {every}th of {count_text(total)} points"))
        return tuple(entries)

    def _dress(self) -> None:
        self.canvas.repaint_all()
        self._choose_parts()
