"""The sliders of the unit laboratory: which unit of which layer, and what is done with it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.insight.laboratory import LaboratoryChanges
from gui.core.model_summary import ModelSummary
from gui.core.parameter_names import unit_names
from gui.kit import Choice, Label, NumberField, Range, SliderField, Toggle
from gui.kit.layouts import Row, Stack
from gui.kit.text import tr
from gui.kit.theme import GRID, set_sizes


class Controls(QWidget):
    """`changed` : what they say is another. `layer_chosen`, `unit_chosen` : by a person."""

    changed = Signal()
    layer_chosen = Signal(object)
    unit_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layer = Choice(name=tr("Layer"))
        self.layer.setWhatsThis(tr("The layer with the unit to try things on."))
        self.unit = NumberField(Range(1, 1, whole=True), value=1, name=tr("Unit"))
        self.unit.setWhatsThis(tr("The unit of the layer, counted from 1."))
        self.unit_name = Label("", "muted")
        self.bias = SliderField(Range(-3, 3), value=0.0, name=tr("Shift bias by"))
        self.scale = SliderField(Range(-2, 3), value=1.0, name=tr("Multiply weights by"))
        self.off = Toggle(tr("Switch off"), name=tr("Switch the unit off"))
        self.prune = SliderField(Range(0, 100), value=0.0, unit="%", name=tr("Prune the smallest"))
        self.noise = SliderField(Range(0, 2), value=0.0, name=tr("Noise on the inputs"))
        self.temperature = SliderField(Range(0.1, 10), value=1.0, logarithmic=True, name=tr("Temperature"))
        sliders = (self.bias, self.scale, self.prune, self.noise, self.temperature)
        self._neutral = {field: field.value() for field in sliders}
        self.bias_row = Row(tr("Shift bias by"), self.bias, tr("Added to the bias of the unit."))
        self.scale_row = Row(
            tr("Weights times"), self.scale, tr("All weights that lead to the unit are multiplied by it.")
        )
        self.noise_row = Row(
            tr("Input noise"), self.noise, tr("Standard deviation of normal noise on the prepared inputs.")
        )
        self.temperature_row = Row(
            tr("Temperature"),
            self.temperature,
            tr("The outputs before softmax or sigmoid are divided by it."),
        )
        self._build()
        for field in (*sliders, self.off):
            field.set_default(field.value())
            field.edited.connect(lambda _: self.changed.emit())
        self.layer.edited.connect(self.layer_chosen)
        self.unit.edited.connect(lambda _: self.unit_chosen.emit())

    @property
    def changes(self) -> LaboratoryChanges:
        """What the sliders say; what a layer does not have stays as it is."""
        scale = self.scale.value() if self.scale.isEnabled() else None
        temperature = self.temperature.value() if self.temperature.isEnabled() else None
        return LaboratoryChanges(
            self.layer.value() or 0,
            round(self.unit.value() or 1) - 1,
            (self.bias.value() or 0.0) if self.bias.isEnabled() else 0.0,
            1.0 if scale is None else scale,
            self.off.value(),
            (self.prune.value() or 0.0) / 100,
            (self.noise.value() or 0.0) if self.noise.isEnabled() else 0.0,
            1.0 if temperature is None else temperature,
        )

    def reset(self, *, keep_looks: bool = False) -> None:
        """Put all back to where they change nothing. keep_looks : but for noise and temperature."""
        for field, value in self._neutral.items():
            if not (keep_looks and field in (self.noise, self.temperature)):
                field.set_value(value)
        self.off.set_value(False)
        self.changed.emit()

    def show_units(self, count: int, unit: int) -> None:
        """The layer has so many units, of which this one is looked at."""
        self.unit.set_allowed(Range(1, max(count, 1), whole=True))
        self.unit.set_value(min(unit, max(count - 1, 0)) + 1)

    def name_unit(self, model: ModelSummary) -> None:
        """Say which unit it is: of how many, and its class or target where it has one."""
        names, unit = unit_names(model, self.layer.value()), self.changes.unit or 0
        of_all = tr("of {count}", count=len(names))
        numbered = tr("unit {number}", number=unit + 1)
        named = unit < len(names) and names[unit] != numbered
        self.unit_name.setText(f"{of_all}: {names[unit]}" if named else of_all)

    def _build(self) -> None:
        unit = QWidget()
        line = QHBoxLayout(unit)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2 * GRID)
        line.addWidget(self.unit)
        line.addWidget(self.unit_name, 1)
        set_sizes(self.unit, width=72)
        rows = Stack(
            Label(tr("Unit"), "strong"),
            Row(tr("Layer"), self.layer),
            Row(tr("Unit"), unit),
            self.bias_row,
            self.scale_row,
            Row(tr("Output"), self.off, tr("Nothing behind the unit gets anything of it.")),
            _heading(tr("Layer")),
            Row(
                tr("Prune smallest"),
                self.prune,
                tr("This share of the layer's weights, the smallest, become 0."),
            ),
            _heading(tr("Only to look at")),
            self.noise_row,
            self.temperature_row,
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 2 * GRID, 0)
        column.addWidget(rows)
        column.addStretch(1)


def _heading(title: str) -> Label:
    """The title of a group of sliders, apart from the group above."""
    label = Label(title, "strong")
    label.setContentsMargins(0, 2 * GRID, 0, 0)
    return label
