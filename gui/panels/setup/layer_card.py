"""A layer of the network as a card: name, output shape, number of parameters, and what is wrong with it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from engine.errors import ShapeError
from engine.layers import LAYERS, Layer
from engine.settings import Settings, kind_of
from gui.kit import Label, theme
from gui.kit.card_list.folding_card import CARD_ACTIONS, CardAction
from gui.kit.card_list.settings_card import CardHeader, CardStatus, SettingsCard
from gui.kit.form import SettingsForm
from gui.kit.numbers import count_text, shape_text, short_count_text
from gui.kit.text import tr
from gui.panels.setup.network_check import LayerCheck, fault_sentence

_FORM_INDENT = 3

CLIPBOARD_ACTIONS = (
    CardAction("cut", tr("Cut"), "Ctrl+X", "scissors", separated=True),
    CardAction("copy", tr("Copy"), "Ctrl+C", "clipboard-text", changes=False),
)
PASTE_BELOW = CardAction("paste", tr("Paste below"), "Ctrl+V", "clipboard")
PASTE_ABOVE = PASTE_BELOW._replace(text=tr("Paste above"), separated=True)
DISABLE = CardAction("enable", tr("Disable"), "Ctrl+E", "prohibit", separated=True)
ENABLE = DISABLE._replace(text=tr("Enable"), icon="check-circle")


class LayerHeader(CardHeader):
    """Shows what is known of a layer: shapes and parameters stand in columns over all cards."""

    def __init__(self, icon: str, *, movable: bool, parent: QWidget | None = None) -> None:
        super().__init__(icon, "", movable=movable, parent=parent)
        self._shape = Label("", "muted")
        self._parameters = Label("")
        for label in (self._shape, self._parameters):
            theme.set_sizes(label, font="tabular")
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            label.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)
        self.row.insertSpacing(self.row.indexOf(self._name), 2)
        self.row.setStretchFactor(self._name, 1)
        self.row.addWidget(self._shape)
        self.row.addSpacing(4)
        self.row.addWidget(self._parameters)

    def show_layer(self, layer: LayerCheck) -> None:
        self.show_enabled(layer.enabled)
        name = layer.name if layer.enabled else tr("{name} · disabled", name=layer.name)
        self._name.setText(name)
        _set(self._shape, "" if layer.shape is None else shape_text(layer.shape))
        _set(self._parameters, "" if layer.parameters is None else short_count_text(layer.parameters))
        exact = "" if layer.parameters is None else count_text(layer.parameters)
        self._parameters.setToolTip(tr("{count} parameters", count=exact) if exact else "")

    def shape(self) -> str:
        return self._shape.text()

    def parameters(self) -> str:
        return self._parameters.text()

    def parameters_width(self) -> int:
        """How much room the number of parameters takes."""
        return self._parameters.fontMetrics().horizontalAdvance(self._parameters.text())

    def set_parameters_width(self, width: int) -> None:
        """Give the last column the width that it has on all cards, so that the shapes align too."""
        if self._parameters.minimumWidth() != width:
            self._parameters.setFixedWidth(width)


class LayerCard(SettingsCard):
    """Shows one layer, or the output (`fixed`)."""

    header: LayerHeader

    def __init__(self, settings: Settings, *, fixed: bool = False, parent: QWidget | None = None) -> None:
        header = LayerHeader(settings.icon or "arrow-line-right", movable=not fixed)
        super().__init__(settings, header, SettingsForm, fixed=fixed, parent=parent)
        self._layer = LayerCheck("")

    def card_actions(self) -> tuple[CardAction, ...]:
        if self._fixed:
            return (PASTE_ABOVE,)
        move, remove = CARD_ACTIONS[:-1], CARD_ACTIONS[-1]
        switch = DISABLE if getattr(self.settings, "enabled", True) else ENABLE
        return (*move, *CLIPBOARD_ACTIONS, PASTE_BELOW, switch, remove)

    def show_layer(self, layer: LayerCheck) -> None:
        """Show what follows from the settings of all layers before it and of its own."""
        if layer != self._layer:
            self._layer = layer
            self.header.show_layer(layer)
            self._describe()
        remedy = _remedy(layer.fault)
        fault = "" if layer.fault is None else fault_sentence(layer.fault, with_help=not remedy)
        self.show_status(CardStatus(fault=fault, remedy=remedy, inner=layer.inner))

    def _make_inside(self) -> QWidget:
        inside = super()._make_inside()
        inside.setContentsMargins(0, _FORM_INDENT, 0, 0)
        return inside

    def _show_inner_status(self) -> None:
        super()._show_inner_status()
        for field in self.inner_lists():
            field.prepare = self._suited

    def _suited(self, layer: Settings, place: int) -> Settings:
        """A new inner layer as it suits the shape at its place, where that is known."""
        shapes = self._layer.inner_shapes
        return layer.suited(shapes[place]) if isinstance(layer, Layer) and place < len(shapes) else layer

    def _describe(self) -> None:
        layer, header = self._layer, self.header
        parts = [layer.name] if layer.enabled else [layer.name, tr("disabled")]
        if layer.shape is not None:
            parts.append(tr("output {shape}", shape=header.shape()))
        if layer.parameters is not None:
            parts.append(tr("{count} parameters", count=header.parameters()))
        parts.append(self._fold_text())
        self.setAccessibleName(", ".join(parts))
        self.setAccessibleDescription(str(layer.fault or ""))


def _remedy(fault: object) -> str:
    """The text of the button that inserts a layer, where that would mend the fault."""
    if not isinstance(fault, ShapeError) or fault.insert_before is None:
        return ""
    kind = fault.insert_before["kind"]
    heading = next(tr(member.heading) for member in LAYERS if kind_of(member) == kind)
    return tr("Insert a {heading}", heading=heading)


def _set(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
