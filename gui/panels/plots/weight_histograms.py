"""How the weights (or their gradients) are spread, one small histogram for each layer."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, ClassVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QWidget

from engine.insight.distributions import (
    LEVELS,
    DistributionsQuery,
    Histogram,
    HistogramsQuery,
    LayerQuantity,
    Snapshot,
)
from engine.insight.query import Query
from engine.training.history import History
from gui.core.messages import Answers
from gui.core.selection import Selected
from gui.kit import PlainScrollArea
from gui.kit.text import tr
from gui.kit.theme import scaled
from gui.panels.base import PanelContext, PanelSpec
from gui.panels.plots.base import LivePlot
from gui.panels.plots.export import Table, table_text
from gui.panels.plots.heading import Entry
from gui.panels.plots.histogram_rows import ROW_PX, HistogramRows, RowView
from gui.panels.plots.over_time import Moment

MOST_ROWS_AT_FIRST = 3
"""More layers than these are scrolled to."""
WHAT: dict[LayerQuantity, str] = {
    "weights": tr("Weights"),
    "biases": tr("Biases"),
    "gradients": tr("Gradients"),
    "activations": tr("Activations"),
    "updates": tr("Updates"),
}
NOUNS: dict[LayerQuantity, str] = {
    "weights": "weight",
    "biases": "bias",
    "gradients": "gradient",
    "activations": "activation",
    "updates": "update",
}
VIEWS: dict[RowView, tuple[str, str]] = {
    "bars": (tr("Bars: now"), tr("now, per layer")),
    "ridges": (tr("Ridges: over the epochs"), tr("over the epochs")),
    "bands": (tr("Bands: quantiles over the epochs"), tr("median, 50 %, 96 %, extremes")),
}


class WeightHistogramsPlot(LivePlot):
    spec = PanelSpec(
        "weight_histograms",
        tr("Weights"),
        "chart-bar",
        "plots",
        tr("How weights, biases, gradients, activations and updates of layers are spread, over time too."),
        order=20,
        shown_at_first=True,
        height=12,
    )
    figure_aspect = 1.2
    empty_sentence = tr("Choose data and layers to see the weights.")
    logarithmic: ClassVar[bool | None] = False

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.what: LayerQuantity = "weights"
        self.view: RowView = "bars"
        self._history: History | None = None
        self._answers: Answers | None = None
        self._snapshots: Sequence[Snapshot] = ()
        self.rows = HistogramRows()
        self.rows.chosen.connect(self._choose_layer)
        self._layers: tuple[int, ...] = ()
        self._scroll = PlainScrollArea(self.rows)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._scroll.setAccessibleName(self.spec.title)
        self._fill_with(self._scroll)
        self._choices = QActionGroup(self)
        for key, title in WHAT.items():
            action = self._choices.addAction(title)
            action.setCheckable(True)
            action.setChecked(key == self.what)
            action.triggered.connect(lambda _=False, key=key: self.show_what(key))
        self._views = QActionGroup(self)
        for view, (title, _) in VIEWS.items():
            action = self._views.addAction(title)
            action.setCheckable(True)
            action.setChecked(view == self.view)
            action.triggered.connect(lambda _=False, view=view: self.show_view(view))
        self.title.set_entries([Entry(VIEWS[self.view][1])])
        self._say(self.empty_sentence)
        self.apply_theme()

    def sizeHint(self) -> QSize:
        rows = min(max(len(self.rows.layers), 1), MOST_ROWS_AT_FIRST)
        return QSize(340, scaled(40) + scaled(ROW_PX) * rows)

    def queries(self) -> Collection[Query[Any]]:
        return (HistogramsQuery(self.what), DistributionsQuery(self.what))

    def show_history(self, history: History | None) -> None:
        if history is not self._history:
            self._history = history
            self._answers, self._snapshots = None, ()
            self.rows.show_layers([])
            self._say(self.empty_sentence)

    def show_what(self, what: LayerQuantity) -> None:
        """Show another quantity, as soon as it is there; until then what was shown stays."""
        self.what = what
        self.queries_changed.emit()

    def show_view(self, view: RowView) -> None:
        """Bars, ridges or bands, as soon as they can be drawn."""
        self.view = view
        self._refresh(self._answers)
        self.queries_changed.emit()

    def _refresh(self, answers: Answers | None) -> None:
        found = answers.get(HistogramsQuery(self.what)) if answers is not None else None
        if answers is None or not found:
            return
        self._answers = answers
        self._snapshots = answers.get(DistributionsQuery(self.what)) or ()
        self.title.set_title(WHAT[self.what])
        self.title.set_entries([Entry(VIEWS[self.view][1])])
        self._layers = tuple(layer.layer for layer in found)
        self._mark(self.context.selection.selected.layer)
        layers = [(layer.name, layer.histogram) for layer in found]
        self.rows.show_layers(layers, NOUNS[self.what], _moments(self._snapshots), self.view)
        self._show_body()

    def show_selection(self, new: Selected, old: Selected) -> None:
        self._mark(new.layer)

    def _mark(self, layer: int | None) -> None:
        self.rows.select(self._layers.index(layer) if layer in self._layers else None)

    def _choose_layer(self, row: int) -> None:
        self.context.selection.select(layer=self._layers[row])

    def _scale_changed(self) -> None:
        self.rows.set_logarithmic(self.log_action.isChecked())

    def apply_theme(self) -> None:
        super().apply_theme()
        self.rows.update()

    def _menu_actions(self) -> list[list[QAction]]:
        return [self._choices.actions(), self._views.actions(), *super()._menu_actions()]

    def _picture(self) -> QWidget:
        return self.rows

    def _table(self) -> Table:
        if self.view != "bars":
            return Table(_quantiles(tuple(self._snapshots)), 1 + len(self._snapshots))
        layers = tuple(self.rows.layers)
        return Table(_pieces(layers), 1 + len(layers))


def _pieces(layers: Sequence[tuple[str, Histogram]]) -> Iterator[str]:
    yield table_text([["layer", "from", "to", "count"]])
    for name, found in layers:
        edges, counts = found.edges.tolist(), found.counts.tolist()
        rows: list[list[object]] = [[name, None, edges[0], found.below]]
        rows += [[name, *ends] for ends in zip(edges[:-1], edges[1:], counts, strict=True)]
        rows += [[name, edges[-1], None, found.above], [name, tr("not finite"), None, found.non_finite]]
        yield table_text(rows)


def _moments(snapshots: Sequence[Snapshot]) -> dict[str, list[Moment]]:
    """By the name of the layer, in the order of their steps."""
    found: dict[str, list[Moment]] = {}
    for snapshot in snapshots:
        for layer in snapshot.layers:
            found.setdefault(layer.name, []).append(Moment(snapshot.epoch, layer.histogram))
    return found


def _quantiles(snapshots: Sequence[Snapshot]) -> Iterator[str]:
    yield table_text([["layer", "step", "epoch", *(f"quantile {level:g}" for level in LEVELS), "not finite"]])
    for snapshot in snapshots:
        yield table_text(
            [
                [
                    layer.name,
                    snapshot.step,
                    snapshot.epoch,
                    *layer.histogram.quantiles.tolist(),
                    layer.histogram.non_finite,
                ]
                for layer in snapshot.layers
            ]
        )
