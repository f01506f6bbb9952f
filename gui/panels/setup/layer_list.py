"""The network as cards from input to output: added between, reordered, opened one at a time."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from engine.experiment import Experiment
from engine.layers import LAYERS, Layer
from gui.kit import Card
from gui.kit.card_list.card_drag import CardDrag
from gui.kit.card_list.entry_summary import matched
from gui.kit.card_list.kind_picker import KindPicker
from gui.kit.keyboard import chain_tab_order
from gui.kit.layouts import emptied
from gui.panels.setup.add_strip import AddStrip, Gap
from gui.panels.setup.layer_card import PAUSE_FIRST, LayerCard, LayerHeader
from gui.panels.setup.network_facts import NetworkFacts, Stage

_LEAST_PARAMETERS_WIDTH = 34


class LayerList(QWidget):
    """Shows the layers of an experiment, and says what a person wants done with them.

    Signals, all with indices in the experiment's layers: `changed` (index, settings, path; the output has the
    index behind the last layer), `inserted` (index, class of layer), `mended` (index, JSON of a layer),
    `removed`, `duplicated` (index), `moved` (index, its new index), `opened` (index or None), `revealed` (a
    rectangle of this widget that should be seen).
    """

    changed = Signal(int, object, str)
    inserted = Signal(int, object)
    mended = Signal(int, object)
    removed = Signal(int)
    duplicated = Signal(int)
    moved = Signal(int, int)
    opened = Signal(object)
    revealed = Signal(QRect)

    def __init__(self, experiment: Experiment, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._locked = False
        self._input = Card(padding=8, parent=self)
        self._input_header = LayerHeader("arrow-right", movable=False)
        self._input.body.addWidget(self._input_header)
        self._cards: list[LayerCard] = []
        self._gaps: list[Gap] = []
        self._output = self._connected(LayerCard(experiment.head, fixed=True, parent=self))
        self._drag = CardDrag(self, lambda: self.cards[:-1], self._gap_rectangle)
        self._drag.dropped.connect(self._dropped)
        self._drag.moved_over.connect(self.revealed)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._lay_out()
        self._show_strips()

    @property
    def cards(self) -> tuple[LayerCard, ...]:
        """The cards of the layers, then the output's."""
        return (*self._cards, self._output)

    @property
    def strips(self) -> tuple[AddStrip, ...]:
        """Where layers are added: before the first layer, …, behind the last."""
        return tuple(gap.strip for gap in self._gaps)

    @property
    def input_header(self) -> LayerHeader:
        return self._input_header

    def open_index(self) -> int | None:
        """Which card is open."""
        return next((index for index, card in enumerate(self.cards) if card.is_open()), None)

    def show_network(self, experiment: Experiment, facts: NetworkFacts) -> None:
        """Show another state; cards of layers that stay keep their form, their focus and their cursor."""
        self._input_header.show_stage(Stage("Input", facts.input_shape))
        self._input.setAccessibleName(f"Input {self._input_header.shape()}")
        pairing = matched([card.settings for card in self._cards], experiment.layers)
        if pairing != list(range(len(self._cards))):
            self._rebuild(experiment.layers, pairing)
        for card, layer, stage in zip(self._cards, experiment.layers, facts.stages, strict=False):
            card.show_layer(layer, stage)
        self._output.show_layer(experiment.head, facts.stages[-1])
        self._align()

    def open_card(self, index: int | None) -> None:
        """Open one card and close the others; does not emit `opened`."""
        for number, card in enumerate(self.cards):
            if number != index:
                card.set_open(False)
        if index is not None:
            self.cards[index].set_open(True)
        self._show_strips()
        self._chain()

    def set_locked(self, locked: bool) -> None:
        """While training, layers cannot be added, moved or taken away."""
        self._locked = locked
        for card in self.cards:
            card.set_locked(locked)
        self._lock_strips()
        if locked:
            self._drag.cancel()

    def focus_card(self, index: int) -> None:
        """Put the focus on a card, where there is one of that index."""
        if 0 <= index < len(self.cards):
            card = self.cards[index]
            card.setFocus()
            self.revealed.emit(card.geometry())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_strips()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._layout.activate()
            self._place_strips()
        return done

    def _rebuild(self, layers: Sequence[Layer], pairing: list[int | None]) -> None:
        """Bring cards and layers into the same order; make and dispose of cards where need be."""
        kept = {old for old in pairing if old is not None}
        gone = [card for index, card in enumerate(self._cards) if index not in kept]
        focused = next((i for i, card in enumerate(self._cards) if _has_focus(card)), None)
        cards = []
        for old, layer in zip(pairing, layers, strict=True):
            cards.append(self._cards[old] if old is not None else self._new_card(layer))
        loses_focus = focused is not None and focused not in kept
        was_open = self.open_index()
        self._cards = cards
        self._lay_out()
        if loses_focus and focused is not None:
            # The card that took its place, or the last one.
            self.focus_card(min(focused, len(self.cards) - 1))
        for card in gone:
            card.hide()
            card.deleteLater()
        self._show_strips()
        self._chain()
        if self.open_index() != was_open:
            # It went, or has another place now: what shows the selected layer elsewhere follows.
            self.opened.emit(self.open_index())

    def _new_card(self, layer: Layer) -> LayerCard:
        card = self._connected(LayerCard(layer, parent=self))
        card.set_locked(self._locked)
        self._drag.watch(card)
        return card

    def _connected(self, card: LayerCard) -> LayerCard:
        card.edited.connect(lambda settings, path: self.changed.emit(self._index(card), settings, path))
        card.deed.connect(lambda deed: self._do(card, deed))
        card.stepped.connect(lambda step: self.focus_card(self._index(card) + step))
        card.mended.connect(lambda declared: self.mended.emit(self._index(card), declared))
        return card

    def _index(self, card: LayerCard) -> int:
        return self.cards.index(card)

    def _lay_out(self) -> None:
        emptied(self._layout)
        while len(self._gaps) > len(self._cards) + 1:
            gap = self._gaps.pop()
            for widget in (gap.strip, gap):
                widget.hide()
                widget.deleteLater()
        while len(self._gaps) < len(self._cards) + 1:
            self._gaps.append(self._new_gap())
        self._layout.addWidget(self._input)
        for gap, card in zip(self._gaps, self.cards, strict=True):
            self._layout.addWidget(gap)
            self._layout.addWidget(card)
            card.show()
        self._lock_strips()

    def _new_gap(self) -> Gap:
        strip = AddStrip(self)
        gap = Gap(strip, self)
        strip.clicked.connect(lambda: self._offer_layers(gap))
        gap.show()
        strip.show()
        return gap

    def _offer_layers(self, gap: Gap) -> None:
        picker = KindPicker(LAYERS, "Layers", self)
        picker.picked.connect(lambda kind: self.inserted.emit(self._gaps.index(gap), kind))
        picker.open_beside(gap.strip)

    def _do(self, card: LayerCard, deed: str) -> None:
        index = self._index(card)
        if deed == "toggle":
            self.open_card(None if card.is_open() else index)
            self.opened.emit(self.open_index())
            self.revealed.emit(card.geometry())
        elif self._locked:
            return
        elif deed == "remove":
            self.removed.emit(index)
        elif deed == "duplicate":
            self.duplicated.emit(index)
        else:
            target = index + (-1 if deed == "up" else 1)
            if 0 <= target < len(self._cards):
                self.moved.emit(index, target)
                self.focus_card(target)

    def _dropped(self, index: int, gap: int) -> None:
        """A card was let go over a gap; behind its own place the gaps count one less."""
        target = gap - 1 if gap > index else gap
        if target != index:
            self.moved.emit(index, target)
            self.focus_card(target)

    def _show_strips(self) -> None:
        """The strip behind the open layer always shows; without one, the last."""
        opened = self.open_index()
        always = opened + 1 if opened is not None and opened < len(self._cards) else len(self._cards)
        for number, gap in enumerate(self._gaps):
            gap.set_always(number == always)

    def _gap_rectangle(self, number: int) -> QRect:
        return self._gaps[number].geometry()

    def _place_strips(self) -> None:
        for gap in self._gaps:
            gap.place_strip()

    def _lock_strips(self) -> None:
        for strip in self.strips:
            strip.setEnabled(not self._locked)
            strip.setToolTip(PAUSE_FIRST if self._locked else "")

    def showEvent(self, event: QShowEvent) -> None:
        # What was put in order before it came into its window is in another order there.
        super().showEvent(event)
        self._chain()

    def _align(self) -> None:
        """Give the numbers of parameters one column over all cards."""
        headers = [card.header for card in self.cards]
        width = max(_LEAST_PARAMETERS_WIDTH, *(header.parameters_width() for header in headers))
        for header in (self._input_header, *headers):
            header.set_parameters_width(width)

    def _chain(self) -> None:
        """Tab goes from top to bottom through strips, cards and the open form."""
        stops: list[QWidget] = []
        for gap, card in zip(self._gaps, self.cards, strict=True):
            stops += [gap.strip, card]
            if card.inside is not None:
                stops.append(card.inside)
        chain_tab_order(stops)


def _has_focus(card: LayerCard) -> bool:
    """Whether the focus is on the card or in its form."""
    holder = card.window().focusWidget()
    return holder is not None and (holder is card or card.isAncestorOf(holder))
