"""Parameters of a layer: all of its weights and biases as a table in which numbers are typed and pasted."""

import math
from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QModelIndex, QSize
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.arrays import Array, Shape
from engine.insight.parameter_block import ParameterBlockQuery, table_shape
from engine.insight.query import Query
from engine.training.parameter_edits import Edit, ParameterEdit
from gui.core.messages import Answers
from gui.core.model_summary import ModelSummary
from gui.core.parameter_names import SIMPLE_BIAS, SIMPLE_WEIGHT, input_names, unit_names
from gui.core.selection import Selected
from gui.kit import Choice, InlineMessage, Label
from gui.kit.numbers import count_text
from gui.kit.text import plural, tr
from gui.kit.theme import GRID, set_sizes
from gui.panels.base import Panel, PanelContext, PanelSpec
from gui.panels.parameters.grid import Grid, WeightGrid

SIZE, LEAST = QSize(760, 520), QSize(460, 320)


def reason_against(model: ModelSummary) -> str:
    """Why there is nothing to show of a model."""
    has_some = any(layer.parameters for layer in model.layers)
    return "" if has_some else tr("No layer of this network has weights.")


class ParametersPanel(Panel):
    """A row for each input of the layer, a column for each unit; biases are the last row."""

    spec = PanelSpec(
        "parameters",
        tr("Parameters of a layer"),
        "table",
        "tool",
        tr("All weights and biases of a layer as a table: type numbers or fractions, or paste a block."),
        reason_against=reason_against,
        order=60,
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.layer = Choice(name=tr("Layer"))
        self.layer.setWhatsThis(tr("The layer whose numbers the table shows."))
        self.array = Choice(name=tr("Parameter"))
        self.array.setWhatsThis(tr("Which array of the layer: its weights, its biases, or another."))
        set_sizes(self.layer, least_width=160)
        set_sizes(self.array, least_width=140)
        self.caption = Label("", "muted")
        self.message = InlineMessage()
        self.table = WeightGrid()
        hint = tr(
            "Type a decimal or a fraction such as 1/3; Ctrl+V pastes a block of numbers. "
            "Each edit is one step to undo; training goes on with it."
        )
        self._shapes: dict[str, Shape] = {}
        """Of the parameters of the layer that is shown."""
        top = QHBoxLayout()
        top.setSpacing(2 * GRID)
        top.addWidget(self.layer)
        top.addWidget(self.array)
        top.addWidget(self.caption, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 4 * GRID, 4 * GRID, 3 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addLayout(top)
        layout.addWidget(self.message)
        layout.addWidget(self.table, 1)
        layout.addWidget(Label(hint, "muted", caption=True, wrap=True))
        self.setMinimumSize(LEAST)
        self.layer.edited.connect(self._choose_layer)
        self.array.edited.connect(lambda _: self._show_array())
        self.table.moved.connect(self.queries_changed)
        self.table.numbers.typed.connect(self._edit)
        self.table.numbers.refused.connect(lambda sentence: self.message.show_message(sentence, "error"))
        self.table.selectionModel().currentChanged.connect(self._select)

    def sizeHint(self) -> QSize:
        return SIZE

    # --- what the window tells ---------------------------------------------------------------------------

    def queries(self) -> Collection[Query[Any]]:
        query = self._query()
        return (query,) if query is not None else ()

    def clear(self) -> None:
        super().clear()
        self._shapes = {}
        self.table.numbers.set_grid(Grid())
        self.caption.setText("")
        self.message.clear()

    def show_preparing(self) -> None:
        self.clear()

    def show_model(self, model: ModelSummary) -> None:
        super().show_model(model)
        layers = [(layer.index, layer.name) for layer in model.layers if layer.parameters]
        chosen = self.context.selection.selected.layer
        known = [index for index, _ in layers]
        before = self.layer.value()
        layer = chosen if chosen in known else before if before in known else next(iter(known), None)
        self.layer.set_options(layers, layer)
        self._show_layer()

    def show_selection(self, new: Selected, old: Selected) -> None:
        layers = [option.value for option in self.layer.options()]
        if new.layer != self.layer.value() and new.layer in layers:
            self.layer.set_value(new.layer)
            self._show_layer()

    def refresh(self, answers: Answers) -> None:
        query = self._query()
        values = answers.get(query) if query is not None else None
        if query is not None and values is not None:
            self.table.numbers.set_values(query.rows[0], query.columns[0], values, self.table.typing)

    # --- which table -------------------------------------------------------------------------------------

    def _query(self) -> ParameterBlockQuery | None:
        if self._model is None or self.array.value() is None or not self._shapes:
            return None
        rows, columns = self.table.part_in_sight()
        return ParameterBlockQuery(self.layer.value(), self.array.value(), rows, columns)

    def _choose_layer(self, layer: int) -> None:
        self._show_layer()
        self.context.selection.select(layer=layer)

    def _show_layer(self) -> None:
        layer = self.layer.value()
        self._shapes = self.context.session.parameter_shapes(layer) if layer is not None else {}
        options: list[tuple[tuple[str, ...], str]] = [((name,), name) for name in self._shapes]
        simple = (SIMPLE_WEIGHT, SIMPLE_BIAS)
        if tuple(self._shapes) == simple and len({shape[-1:] for shape in self._shapes.values()}) == 1:
            options = [(simple, tr("weights and biases"))]
        before = self.array.value()
        known = [names for names, _ in options]
        self.array.set_options(options, before if before in known else next(iter(known), None))
        self.array.setVisible(len(options) > 1)
        self._show_array()

    def _show_array(self) -> None:
        model, names = self._model, self.array.value()
        self.message.clear()
        if model is None or not names or not self._shapes:
            self.table.numbers.set_grid(Grid())
            return
        rows, columns = self._names(model, names)
        self.table.numbers.set_grid(Grid(rows, columns))
        total = sum(math.prod(self._shapes[name]) for name in names)
        numbers = plural(total, "number", "numbers")
        self.caption.setText(
            tr(
                "{rows} × {columns}: {total} {numbers}",
                rows=count_text(len(rows)),
                columns=count_text(len(columns)),
                total=count_text(total),
                numbers=numbers,
            )
        )
        self.queries_changed.emit()

    def _names(self, model: ModelSummary, names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What rows and columns of a table are called."""
        layer = self.layer.value()
        units = unit_names(model, layer)
        _, columns = table_shape([self._shapes[name] for name in names])
        if len(units) != columns:
            units = tuple(str(at + 1) for at in range(columns))
        rows: list[str] = []
        for name in names:
            shape = self._shapes[name][:-1]
            if not shape:
                rows.append(tr("bias") if name == SIMPLE_BIAS else name)
            elif len(shape) == 1 and name == SIMPLE_WEIGHT:
                rows += input_names(model, layer, shape[0])
            else:
                rows += [_place_words(place) for place in _places(shape)]
        return tuple(rows), units

    # --- hands -------------------------------------------------------------------------------------------

    def _edit(self, row: int, column: int, block: Array) -> None:
        """Numbers were typed or pasted: one step to undo, whichever parameters they are of."""
        self.message.clear()
        edits: list[Edit] = []
        start, layer = 0, self.layer.value()
        for name in self.array.value():
            shape = self._shapes[name]
            count = math.prod(shape[:-1])
            top, bottom = max(row - start, 0), min(row + len(block) - start, count)
            for own in range(top, bottom):
                place, values = _place_of(own, shape[:-1]), block[own + start - row]
                span = column if len(values) == 1 else slice(column, column + len(values))
                new = float(values[0]) if len(values) == 1 else values
                edits.append(ParameterEdit(layer, name, (*place, span), values=new))
            start += count
        many = block.size > 1 and self._model is not None
        name = self._model.layers[layer].name if self._model is not None else ""
        self.context.weights.edit(
            edits, tr("Set {count} numbers of {layer}", count=block.size, layer=name) if many else ""
        )

    def _select(self, current: QModelIndex, previous: QModelIndex) -> None:
        """What is chosen here is chosen everywhere."""
        if not current.isValid() or self.array.value() is None or self._model is None:
            return
        row, layer = current.row(), self._model.layers[self.layer.value()]
        for name in self.array.value():
            shape = self._shapes[name]
            count = math.prod(shape[:-1])
            if row < count:
                place = (*_place_of(row, shape[:-1]), current.column())
                of_units = shape[-1:] == layer.output_shape[-1:]
                unit = current.column() if of_units else None
                self.context.selection.select(layer=layer.index, unit=unit, parameter=(name, place))
                return
            row -= count


def _place_words(place: tuple[int, ...]) -> str:
    """A position in a kernel of a convolution, or in any other array."""
    if len(place) == 3:
        return tr(
            "row {row}, column {column}, channel {channel}", row=place[0], column=place[1], channel=place[2]
        )
    if len(place) == 2:
        return tr("step {step}, channel {channel}", step=place[0], channel=place[1])
    return ",".join(map(str, place))


def _places(shape: Shape) -> list[tuple[int, ...]]:
    """Positions in an array, counted from 1."""
    return [tuple(one + 1 for one in _place_of(at, shape)) for at in range(math.prod(shape))]


def _place_of(position: int, shape: Shape) -> tuple[int, ...]:
    """The position in an array of these axes, of one in its flat order."""
    place: list[int] = []
    for size in reversed(shape):
        position, rest = divmod(position, size)
        place.insert(0, rest)
    return tuple(place)
