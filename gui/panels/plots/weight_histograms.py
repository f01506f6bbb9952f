"""How the weights (or their gradients) are spread, one small histogram for each layer."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, ClassVar, Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QWidget

from engine.insight.distributions import Histogram, HistogramsQuery
from engine.insight.query import Query
from engine.training.history import History
from gui.core.messages import Answers
from gui.kit import PlainScrollArea
from gui.kit.text import tr
from gui.kit.theme import scaled
from gui.panels.base import PanelContext, PanelSpec
from gui.panels.plots.base import LivePlot
from gui.panels.plots.export import Table, table_text
from gui.panels.plots.heading import Entry
from gui.panels.plots.histogram_rows import ROW_PX, HistogramRows

MOST_ROWS_AT_FIRST = 3
"""More layers than these are scrolled to."""
Quantity = Literal["weights", "gradients"]
WHAT: dict[Quantity, str] = {"weights": tr("Weights"), "gradients": tr("Gradients")}


class WeightHistogramsPlot(LivePlot):
    spec = PanelSpec(
        "weight_histograms",
        tr("Weights"),
        "chart-bar",
        "plots",
        tr("How the weights of every layer are spread, and their gradients."),
        order=20,
        shown_at_first=True,
        height=12,
    )
    empty_sentence = tr("Choose data and layers to see the weights.")
    logarithmic: ClassVar[bool | None] = False

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.what: Quantity = "weights"
        self._history: History | None = None
        self.rows = HistogramRows()
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
        self.title.set_entries([Entry(tr("now, per layer"))])
        self._say(self.empty_sentence)
        self.apply_theme()

    def sizeHint(self) -> QSize:
        rows = min(max(len(self.rows.layers), 1), MOST_ROWS_AT_FIRST)
        return QSize(340, scaled(40) + scaled(ROW_PX) * rows)

    def queries(self) -> Collection[Query[Any]]:
        return (HistogramsQuery(self.what),)

    def show_history(self, history: History | None) -> None:
        if history is not self._history:
            self._history = history
            self.rows.show_layers([])
            self._say(self.empty_sentence)

    def show_what(self, what: Quantity) -> None:
        """Show weights or gradients, as soon as they are there; until then what was shown stays."""
        self.what = what
        self.queries_changed.emit()

    def _refresh(self, answers: Answers | None) -> None:
        found = answers.get(HistogramsQuery(self.what)) if answers is not None else None
        if not found:
            return
        self.title.set_title(WHAT[self.what])
        self.rows.show_layers([(layer.name, layer.histogram) for layer in found], noun=self.what[:-1])
        self._show_body()

    def _scale_changed(self) -> None:
        self.rows.set_logarithmic(self.log_action.isChecked())

    def apply_theme(self) -> None:
        super().apply_theme()
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
        rows += [[name, edges[-1], None, found.above], [name, tr("not finite"), None, found.non_finite]]
        yield table_text(rows)
