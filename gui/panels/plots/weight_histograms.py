"""How the weights (or their gradients) are spread, one small histogram for each layer."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QWidget

from engine.training.history import History
from engine.training.snapshot import Histogram, LayerSnapshot, Snapshot, Wanted
from gui.kit import PlainScrollArea
from gui.panels.plots.base import LivePlot
from gui.panels.plots.export import Table, table_text
from gui.panels.plots.heading import Entry
from gui.panels.plots.histogram_rows import ROW_PX, HistogramRows

MOST_ROWS_AT_FIRST = 3
"""More layers than these are scrolled to."""
WHAT = {"weights": "Weights", "gradients": "Gradients"}


class WeightHistogramsPlot(LivePlot):
    name = "weight_histograms"
    heading = "Weights"
    icon = "chart-bar"
    description = "How the weights of every layer are spread, and their gradients."
    empty_sentence = "Choose data and layers to see the weights."
    logarithmic: ClassVar[bool | None] = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.what = "weights"
        self._history: History | None = None
        self._snapshot: Snapshot | None = None
        self.rows = HistogramRows()
        self._scroll = PlainScrollArea(self.rows)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._scroll.setAccessibleName(self.heading)
        self._fill_with(self._scroll)
        self._choices = QActionGroup(self)
        for key, title in WHAT.items():
            action = self._choices.addAction(title)
            action.setCheckable(True)
            action.setChecked(key == self.what)
            action.triggered.connect(lambda _=False, key=key: self.show_what(key))
        self.title.set_entries([Entry("now, per layer")])
        self._say(self.empty_sentence)
        self._dress()

    def sizeHint(self) -> QSize:
        return QSize(340, 40 + ROW_PX * min(max(len(self.rows.layers), 1), MOST_ROWS_AT_FIRST))

    def wanted(self) -> Wanted:
        return Wanted(histograms=True)

    def show_history(self, history: History | None) -> None:
        if history is not self._history:
            self._history = history
            self._snapshot = None
            self.rows.show_layers([])
            self._say(self.empty_sentence)

    def show_what(self, what: str) -> None:
        """ "weights" or "gradients"."""
        self.what = what
        self.title.set_title(WHAT[what])
        self.refresh(self._snapshot)

    def _refresh(self, snapshot: Snapshot | None) -> None:
        if snapshot is None:
            return
        layers = [(layer.name, found) for layer in snapshot.layers if (found := self._of(layer)) is not None]
        if not layers:
            return
        self._snapshot = snapshot
        self.rows.show_layers(layers, noun=self.what[:-1])
        self._show_body()

    def _of(self, layer: LayerSnapshot) -> Histogram | None:
        return layer.weight_histogram if self.what == "weights" else layer.gradient_histogram

    def _scale_changed(self) -> None:
        self.rows.set_logarithmic(self.log_action.isChecked())

    def _dress(self) -> None:
        super()._dress()
        self.rows.update()

    def _menu_actions(self) -> list[list[QAction]]:
        return [self._choices.actions(), *super()._menu_actions()]

    def _picture(self) -> QWidget:
        return self.rows

    def _table(self) -> Table:
        layers = tuple(self.rows.layers)
        return Table(_pieces(layers), 1 + len(layers))


def _pieces(layers: Sequence[tuple[str, Histogram]]) -> Iterator[str]:
    yield table_text([["layer", "from", "to", "count"]])
    for name, found in layers:
        edges, counts = found.edges.tolist(), found.counts.tolist()
        rows: list[list[object]] = [[name, None, edges[0], found.below]]
        rows += [[name, *ends] for ends in zip(edges[:-1], edges[1:], counts, strict=True)]
        rows += [[name, edges[-1], None, found.above], [name, "not finite", None, found.non_finite]]
        yield table_text(rows)
