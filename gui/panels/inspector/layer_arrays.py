"""A network that is too large to draw: a strip of layers, and the arrays of the selected one as pictures."""

import dataclasses
from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from engine.arrays import Array
from engine.insight.trace.derivation import Derivation, Place, Quantity
from engine.insight.trace.trace import Trace
from gui.core.model_summary import ModelSummary
from gui.kit.text import tr
from gui.kit.theme import GRID
from gui.kit.wrapping import WrappingRow
from gui.panels.inspector.layer_strip import LayerStrip
from gui.panels.inspector.tensor import TensorPicture
from gui.panels.inspector.walk import array_of
from gui.panels.inspector.windows import Index, window_of

MOST_PICTURES = 28
QUANTITIES: tuple[tuple[Quantity, str], ...] = (("input", "x"), ("pre_activation", "z"), ("output", "y"))
MAIN_PAIRS = 3
"""Input, sum and output, each with its gradient below it; the other pairs stand apart."""


class _Pair(QWidget):
    """An array above its gradient."""

    def __init__(self, upper: TensorPicture, lower: TensorPicture) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 2 * GRID, 0)
        column.setSpacing(GRID)
        column.addWidget(upper)
        column.addWidget(lower)
        column.addStretch(1)


class LayerArrays(QWidget):
    """`chosen`: the Place of a cell that was clicked; of the one that is explained already, `value_asked`."""

    chosen = Signal(object)
    value_asked = Signal(object, QRect)
    step_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strip = LayerStrip()
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.strip)
        self.strip.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        self._area = area
        self.pictures = [TensorPicture() for _ in range(MOST_PICTURES)]
        self._places: list[Place] = [Place(-1, "input")] * MOST_PICTURES
        """What the pictures are of: places without an index."""
        pairs = [_Pair(*self.pictures[n : n + 2]) for n in range(0, MOST_PICTURES, 2)]
        self._pairs = pairs
        self.further = WrappingRow(pairs[MAIN_PAIRS:], at_top=True)
        """Parameters and what else there is of a layer, to stand below the formula."""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3 * GRID)
        layout.addWidget(area)
        layout.addWidget(WrappingRow(pairs[:MAIN_PAIRS], at_top=True))
        layout.addStretch(1)
        for number, picture in enumerate(self.pictures):
            picture.picked.connect(lambda index, number=number: self._pick(number, index))
        self.strip.layer_chosen.connect(self._choose_layer)
        self.strip.step_asked.connect(self.step_asked)
        self._trace: Trace | None = None
        self._focus: Place | None = None
        self._backwards = True
        self.field: tuple[Index, ...] = ()
        """The cells of the input that the number that is looked at is made from."""

    def show_model(self, model: ModelSummary | None) -> None:
        """Another network, or None."""
        self._trace = self._focus = None
        self.strip.show_model(model)
        self.strip.select(-1)
        self._area.setFixedHeight(
            self.strip.sizeHint().height() + self._area.horizontalScrollBar().sizeHint().height() + 2
        )
        for picture in self.pictures:
            picture.clear()
        for pair in self._pairs:
            pair.hide()

    def show_trace(
        self, trace: Trace, focus: Place | None, derivation: Derivation | None, *, backwards: bool
    ) -> None:
        """Show the arrays of the layer that the focus is in, and where its terms come from."""
        self._trace, self._focus, self._backwards = trace, focus, backwards
        layer = focus.layer if focus is not None else -1
        self.field = window_of(trace, focus) if focus is not None else ()
        norms = {one.index: float(np.linalg.norm(one.dy)) for one in trace.layers}
        self.strip.show_norms(norms if backwards else {})
        self.strip.select(layer)
        area = self.strip.area_of(layer).toAlignedRect()
        self._area.ensureVisible(area.center().x(), area.center().y(), area.width(), 0)
        main, further = _pairs_of(trace, layer, backwards)
        slots = [*main, *[()] * (MAIN_PAIRS - len(main)), *further]
        for number, pair in enumerate(self._pairs):
            shown = slots[number] if number < len(slots) else ()
            for lower, picture in enumerate(self.pictures[2 * number : 2 * number + 2]):
                picture.setVisible(lower < len(shown))
                if lower < len(shown):
                    place, title, values = shown[lower]
                    self._places[2 * number + lower] = place
                    picture.show_array(title, values, gradient=place.gradient)
                    chosen = focus.index if focus is not None and _same_array(place, focus) else None
                    framed = self.field if place.quantity == "input" else ()
                    picture.show_places(chosen, list(_marks(place, derivation, trace)), framed)
            pair.setVisible(bool(shown))

    def show_pointed(self, pointed: Place | None) -> None:
        """Point a number out, or none."""
        for place, picture in zip(self._places, self.pictures, strict=True):
            if picture.isHidden():
                continue
            focus = self._focus
            chosen = focus.index if focus is not None and _same_array(place, focus) else None
            found = _as_seen(place, pointed) if pointed is not None else None
            framed = self.field if place.quantity == "input" else ()
            picture.show_places(chosen, [(found.index, 1.0)] if found is not None else (), framed)

    def apply_theme(self) -> None:
        """Colours are others."""
        for picture in self.pictures:
            picture.forget()

    def _pick(self, number: int, index: tuple[int, ...]) -> None:
        place = dataclasses.replace(self._places[number], index=index)
        if place == self._focus and place.quantity in ("input", "output", "parameter"):
            picture = self.pictures[number]
            area = picture.area_of(index)
            area.moveTopLeft(picture.mapTo(self, area.topLeft()))
            self.value_asked.emit(dataclasses.replace(place, gradient=False), area)
            return
        self.chosen.emit(place)

    def _choose_layer(self, layer: int) -> None:
        trace = self._trace
        if trace is None:
            return
        if layer < 0:
            values: Array = trace.x
            place = Place(-1, "input", "", (), self._backwards)
        else:
            values = trace.layers[layer].dy if self._backwards else trace.layers[layer].y
            place = Place(layer, "output", "", (), self._backwards)
        # The largest: what is nothing has nothing to explain.
        at = np.unravel_index(int(np.argmax(np.abs(np.nan_to_num(values)))), values.shape)
        self.chosen.emit(dataclasses.replace(place, index=tuple(map(int, at))))


_Shown = tuple[Place, str, Array]


def _pairs_of(
    trace: Trace, layer: int, backwards: bool
) -> tuple[list[tuple[_Shown, ...]], list[tuple[_Shown, ...]]]:
    """Which arrays of a layer are shown, each with its gradient: input, sum, output; and all others."""
    if layer < 0:
        x = Place(-1, "input")
        return [_with_gradient(trace, x, tr("input x"), "x", backwards)], []
    one = trace.layers[layer]
    main = [
        _with_gradient(trace, Place(layer, quantity), title, title, backwards)
        for quantity, title in QUANTITIES
        if quantity != "pre_activation" or (one.z is not None and not np.array_equal(one.z, one.y))
    ]
    further: list[tuple[_Shown, ...]] = [
        ((Place(layer, "detail", name), _words(name), values),)
        for name, values in one.details.items()
        if values.size
    ]
    further += [
        _with_gradient(trace, Place(layer, "parameter", name), _words(name), _words(name), backwards)
        for name in one.parameters
    ]
    return main, further


def _with_gradient(
    trace: Trace, place: Place, title: str, symbol: str, backwards: bool
) -> tuple[_Shown, ...]:
    values = array_of(trace, place)
    slope_place = dataclasses.replace(place, gradient=True)
    slopes = array_of(trace, slope_place) if backwards else None
    shown: list[_Shown] = [] if values is None else [(place, title, _as_picture(values))]
    if slopes is not None:
        shown.append((slope_place, f"∂L/∂{symbol}", _as_picture(slopes)))
    return tuple(shown)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _as_picture(values: Array) -> Array:
    return values if values.ndim else values.reshape(1)


def _same_array(place: Place, other: Place) -> bool:
    return dataclasses.replace(other, index=()) == place


def _as_seen(place: Place, wanted: Place) -> Place | None:
    """The place itself where it is in this array; also where a layer's input is the output before it."""
    if _same_array(place, wanted):
        return wanted
    outputs = ("output", "input")
    if wanted.quantity not in outputs or place.quantity not in outputs or place.gradient != wanted.gradient:
        return None
    # The output of a layer is the input of the next, the network's input that of the first.
    first = wanted.layer + (wanted.quantity == "output" or wanted.layer < 0)
    mine = place.layer + (place.quantity == "output" or place.layer < 0)
    return wanted if first == mine else None


def _marks(
    place: Place, derivation: Derivation | None, trace: Trace
) -> Iterator[tuple[tuple[int, ...], float]]:
    """The numbers of an array that the terms of a derivation come from, with how much each contributes."""
    if derivation is None:
        return
    shape = array_of(trace, place)
    for term in derivation.terms:
        for factor in term.factors:
            if factor.place is None or (found := _as_seen(place, factor.place)) is None:
                continue
            if shape is not None and len(found.index) == shape.ndim:
                yield found.index, term.value
