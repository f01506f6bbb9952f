"""The embedding: what a layer makes of the samples, in two dimensions, live."""

import time
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.insight.embedding_map import EmbeddingMap, EmbeddingMapQuery, aligned
from engine.insight.evaluation_pass import image_shape
from engine.insight.query import Query
from gui.core.figure_saving import offer_figure
from gui.core.messages import Answers, Prepared
from gui.core.model_summary import ModelSummary
from gui.core.selection import PartName, Sample, Selected
from gui.kit import Choice, Label
from gui.kit.colour_maps import class_colours, sequential_colour
from gui.kit.numbers import count_text, quantity_text
from gui.kit.plot_parts import Axis, Entry, LegendBar
from gui.kit.sample_pictures import Samples
from gui.kit.text import tr
from gui.kit.theme import GRID, current, set_sizes
from gui.kit.wrapping import WrappingRow
from gui.panels.base import PanelContext, PanelSpec, View
from gui.panels.embedding.canvas import EmbeddingCanvas

INPUT = -1
MOST_ENTRIES = 12
"""Classes in the legend; of more, the first ten, as colours repeat from there on."""
COLOURS = 64
"""Of the scale of numbers."""
LEAST_PAUSE = 8.0
"""How many times as long as an answer took the run goes on before the next one is asked for."""


class EmbeddingView(View):
    """Principal components of a layer's activations. A point is a sample; choosing it selects it."""

    spec = PanelSpec(
        "embedding",
        tr("Embedding"),
        "dots-nine",
        "centre",
        tr("The samples as a layer sees them: its activations in two dimensions, coloured by class."),
        order=40,
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._samples = Samples(lambda: context.session.dataset)
        self._found: EmbeddingMap | None = None
        self._points: NDArray[np.float32] = np.empty((0, 2), np.float32)
        self._shown_query: EmbeddingMapQuery | None = None
        self._training = False
        self._not_before = 0.0
        self.layer, self.part = Choice(name=tr("Layer")), Choice(name=tr("Part of the data"))
        self.layer.setWhatsThis(tr("The layer whose activations are drawn in two dimensions."))
        self.part.setWhatsThis(
            tr("Which rows are looked at: those of the training, the validation or the test part.")
        )
        self.target = Choice(name=tr("Colours by"))
        self.target.setWhatsThis(tr("The target whose classes colour the points."))
        """Which of several targets gives the colours."""
        self.inspect = QPushButton(tr("Inspect"))
        self.inspect.setToolTip(tr("Follow the selected sample through the network."))
        self.inspect.setProperty("small", True)
        self.canvas, self.legend = EmbeddingCanvas(), LegendBar()
        title = self.spec.title
        offer_figure(self.canvas, title, "embedding", context.exports, context.preferences, aspect=0.9)
        self.caption = Label("", "muted", caption=True, wrap=True)
        set_sizes(self.layer, least_width=150)
        set_sizes(self.part, least_width=110)
        self._build()
        self.layer.edited.connect(self._choose_layer)
        self.part.edited.connect(lambda _: self._ask_anew())
        self.target.edited.connect(lambda _: self._show_points())
        self.inspect.clicked.connect(lambda: context.requests.show_panel.emit("inspector"))
        self.canvas.point_chosen.connect(self._select)
        self.canvas.hovered_changed.connect(self._read)

    @property
    def query(self) -> EmbeddingMapQuery | None:
        """What it wants to see; None while there is nothing."""
        if self._model is None or self.layer.value() is None or self.part.value() is None:
            return None
        return EmbeddingMapQuery(int(self.layer.value()), str(self.part.value()))

    def queries(self) -> Collection[Query[Any]]:
        query = self.query
        # While training goes on, the run has most of the time for itself.
        if query is None or (self._training and time.monotonic() < self._not_before):
            return ()
        return (query,)

    # --- what the window tells ---------------------------------------------------------------------------

    def show_prepared(self, prepared: Prepared) -> None:
        self._samples = Samples(lambda: self.context.session.dataset, image_shape(prepared.network))
        parts = [part for part in ("training", "validation") if prepared.dataset.part(part).rows_count > 1]
        chosen = self.part.value() if self.part.value() in parts else None
        names = {"training": tr("Training"), "validation": tr("Validation")}
        self.part.set_options([(part, names[part]) for part in parts], chosen or parts[0] if parts else None)

    def show_model(self, model: ModelSummary) -> None:
        before = self._model
        super().show_model(model)
        same = before is not None and (before.layers, before.targets) == (model.layers, model.targets)
        options = [(INPUT, tr("Input")), *((layer.index, layer.name) for layer in model.layers)]
        chosen = self.layer.value() if same else self.context.selection.selected.layer
        known = any(value == chosen for value, _ in options)
        self.layer.set_options(options, chosen if known and chosen is not None else len(model.layers) - 2)
        self.target.set_options([(place, name) for place, name in enumerate(model.targets)], 0)
        self.target.setVisible(len(model.targets) > 1)
        self._ask_anew()
        self._show_content()

    def set_locked(self, locked: bool) -> None:
        self._training = locked
        if not locked:
            # The state in which training has ended is shown in any case.
            self._ask_anew()

    def refresh(self, answers: Answers) -> None:
        query = self.query
        found = answers.get(query) if query is not None else None
        if query is None or found is None:
            return
        self._not_before = time.monotonic() + LEAST_PAUSE * found.seconds
        before = self._points if self._shown_query == query else np.empty((0, 2), np.float32)
        self._points = aligned(found.points, before)
        self._found, self._shown_query = found, query
        self._show_points()

    def show_selection(self, new: Selected, old: Selected) -> None:
        model = self._model
        if model is None:
            return
        if new.layer != old.layer and new.layer is not None and new.layer < len(model.layers):
            self.layer.set_value(new.layer)
            self._ask_anew()
        self._mark_selected()

    def end_run(self) -> None:
        self._forget()

    def clear(self) -> None:
        super().clear()
        self._forget()
        for field in (self.layer, self.part, self.target):
            field.set_options(())

    def apply_theme(self) -> None:
        self._show_points()
        self.canvas.forget()

    # --- hands -------------------------------------------------------------------------------------------

    def _choose_layer(self, layer: object) -> None:
        if isinstance(layer, int) and layer >= 0:
            self.context.selection.select(layer=layer)
        self._ask_anew()

    def _select(self, number: int) -> None:
        found, part = self._found, self._part()
        if found is not None and part is not None and number < len(found.indices):
            self.context.selection.select(sample=Sample(part, int(found.indices[number])))

    def _read(self, number: int) -> None:
        found, part = self._found, self._part()
        if found is None or part is None or not 0 <= number < len(found.indices):
            return
        index = int(found.indices[number])
        lines = [Samples.name(part, index)]
        if label := self._samples.label(part, index):
            target = self._model.target_name if self._model is not None else ""
            lines.append(tr("{target}: {label}", target=target, label=label))
        names = self._model.class_names if self._model is not None else ()
        if found.predicted is not None and int(found.predicted[number]) < len(names):
            lines.append(tr("Predicted: {predicted}", predicted=names[int(found.predicted[number])]))
        self.canvas.show_card(tuple(lines), self._samples.picture(part, index))

    # --- what is shown -----------------------------------------------------------------------------------

    def _build(self) -> None:
        row = WrappingRow((self.layer, self.part, self.target, self.inspect))
        head = QHBoxLayout()
        head.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 0)
        head.addWidget(row)
        below = QVBoxLayout()
        below.setContentsMargins(4 * GRID, 0, 4 * GRID, 2 * GRID)
        below.setSpacing(GRID)
        below.addWidget(self.legend)
        below.addWidget(self.caption)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addLayout(head)
        layout.addWidget(self.canvas, 1)
        layout.addLayout(below)
        self._fill_with(content)

    def _part(self) -> PartName | None:
        query = self._shown_query
        return (
            "training" if query is not None and query.part == "training" else "validation" if query else None
        )

    def _ask_anew(self) -> None:
        self._not_before = 0.0
        self.queries_changed.emit()

    def _forget(self) -> None:
        self._found, self._shown_query = None, None
        self._points = np.empty((0, 2), np.float32)
        self._show_points()

    def _show_points(self) -> None:
        found, model = self._found, self._model
        if found is None or model is None:
            nobody: NDArray[np.intp] = np.empty(0, np.intp)
            self.canvas.show_points(None, np.empty((0, 2), np.float32), nobody, ())
            self.legend.set_entries(())
            self.caption.setText("")
            return
        groups, colours, values, entries = self._colouring(found, model)
        self.canvas.show_points(found, self._points, groups, colours, values)
        self.legend.set_entries(entries)
        self.legend.setVisible(bool(entries))
        self.caption.setText(self._words(found))
        self._mark_selected()

    def _words(self, found: EmbeddingMap) -> str:
        shown = quantity_text(len(found.indices), "sample", "samples")
        if len(found.indices) < found.of_rows:
            shown = tr(
                "{count} of {total} samples",
                count=count_text(len(found.indices)),
                total=count_text(found.of_rows),
            )
        numbers = quantity_text(found.numbers, "activation", "activations")
        return tr("Principal components of {numbers}; {shown}.", numbers=numbers, shown=shown)

    def _mark_selected(self) -> None:
        found, sample = self._found, self.context.selection.selected.sample
        self.inspect.setEnabled(sample is not None)
        at = -1
        if found is not None and sample is not None and sample.part == self._part():
            where = np.flatnonzero(found.indices == sample.index)
            at = int(where[0]) if len(where) else -1
        self.canvas.choose(at)

    def _colouring(
        self, found: EmbeddingMap, model: ModelSummary
    ) -> tuple[NDArray[np.intp], tuple[QColor, ...], Axis | None, tuple[Entry, ...]]:
        """Which colour each point has, the colours, their scale for numbers, and the legend for classes."""
        place = int(self.target.value() or 0)
        if model.task == "regression":
            numbers = found.targets[:, min(place, found.targets.shape[1] - 1)]
            name = model.targets[place] if place < len(model.targets) else model.target_name
            axis = Axis.around(float(np.nanmin(numbers)), float(np.nanmax(numbers)), name)
            shares = (np.nan_to_num(numbers, nan=axis.low) - axis.low) / (axis.high - axis.low)
            groups = np.clip(shares * (COLOURS - 1) + 0.5, 0, COLOURS - 1).astype(np.intp)
            colours = tuple(sequential_colour(step / (COLOURS - 1)) for step in range(COLOURS))
            return groups, colours, axis, (Entry(tr("Colour: {target_name}", target_name=name)),)
        if model.task == "reconstruction":
            names, groups = self._labels(found)
        else:
            names = model.class_names
            targets = found.targets if found.targets.ndim == 1 else found.targets[:, place]
            groups = targets.astype(np.intp)
        colours = class_colours(current(), max(len(names), 1))
        shown = names if len(names) <= MOST_ENTRIES else names[:10]
        entries = [Entry(name, colour=colours[number]) for number, name in enumerate(shown) if len(names) > 1]
        if len(shown) < len(names):
            entries.append(Entry(tr("and {count} more, in the same colours", count=len(names) - len(shown))))
        return np.clip(groups, 0, len(colours) - 1), colours, None, tuple(entries)

    def _labels(self, found: EmbeddingMap) -> tuple[tuple[str, ...], NDArray[np.intp]]:
        """For reconstruction: the labels of the samples as classes, where the data has any."""
        part = self._part() or "training"
        texts = [self._samples.label(part, int(index)) for index in found.indices]
        names = sorted(set(texts))
        places = {name: place for place, name in enumerate(names)}
        return tuple(names), np.array([places[text] for text in texts], np.intp)
