"""The unit laboratory: sliders for a unit and its layer, and what they would do to the scores."""

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.insight.laboratory import LaboratoryChanges, LaboratoryQuery
from engine.insight.query import Query
from gui.core.messages import Answers
from gui.core.model_summary import ModelSummary
from gui.core.parameter_names import SIMPLE_BIAS, SIMPLE_WEIGHT, unit_names
from gui.core.selection import Selected
from gui.kit import Choice, InlineMessage, Label, NumberField, PlainScrollArea, Range, SliderField, Toggle
from gui.kit.layouts import Row, Stack
from gui.kit.text import tr
from gui.kit.theme import GRID, scaled, set_sizes
from gui.panels.base import Panel, PanelContext, PanelSpec
from gui.panels.laboratory.effects import EffectTable, MapPair
from gui.panels.laboratory.words import (
    LAST_APPLIES,
    NO_BIAS,
    NO_NOISE,
    NO_TEMPERATURE,
    NO_WEIGHTS,
    edit_words,
)

SIZE, LEAST = QSize(820, 560), QSize(620, 420)
MAP_SIDE = 48
CONTROLS_WIDTH = 332
KIND_WITH_CODES = "embedding"


def _heading(title: str) -> Label:
    """The title of a group of sliders, apart from the group above."""
    label = Label(title, "strong")
    label.setContentsMargins(0, 2 * GRID, 0, 0)
    return label


def reason_against(model: ModelSummary) -> str:
    """Why there is nothing to try on a model."""
    has_some = any(layer.parameters for layer in model.layers)
    return "" if has_some else tr("No layer of this network has weights.")


class LaboratoryPanel(Panel):
    """Nothing of the run is changed until a person applies it; then it is one step to undo."""

    spec = PanelSpec(
        "laboratory",
        tr("Unit laboratory"),
        "flask",
        "tool",
        tr("Shift, scale, prune or switch off units, and see at once what that does to the scores."),
        reason_against=reason_against,
        order=55,
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.layer = Choice(name=tr("Layer"))
        self.unit = NumberField(Range(1, 1, whole=True), value=1, name=tr("Unit"))
        self.unit_name = Label("", "muted")
        self.bias = SliderField(Range(-3, 3), value=0.0, name=tr("Shift bias by"))
        self.scale = SliderField(Range(-2, 3), value=1.0, name=tr("Multiply weights by"))
        self.off = Toggle(tr("Switch off"), name=tr("Switch the unit off"))
        self.prune = SliderField(Range(0, 100), value=0.0, unit="%", name=tr("Prune the smallest"))
        self.noise = SliderField(Range(0, 2), value=0.0, name=tr("Noise on the inputs"))
        self.temperature = SliderField(Range(0.1, 10), value=1.0, logarithmic=True, name=tr("Temperature"))
        self.sliders = (self.bias, self.scale, self.prune, self.noise, self.temperature)
        self._refused = False
        """Whether what the sliders say is not possible."""
        self._neutral = {field: field.value() for field in self.sliders}
        self.effects, self.maps, self.message = EffectTable(), MapPair(), InlineMessage()
        self.apply_button = QPushButton(tr("Apply to the network"))
        self.apply_button.setProperty("primary", True)
        self.reset_button = QPushButton(tr("Reset sliders"))
        self.setMinimumSize(LEAST)
        self._build()
        for field in (*self.sliders, self.off):
            field.set_default(field.value())
            field.edited.connect(lambda _: self._changed())
        self.layer.edited.connect(self._choose_layer)
        self.unit.edited.connect(self._choose_unit)
        self.apply_button.clicked.connect(self._apply)
        self.reset_button.clicked.connect(self._reset)
        self._show_buttons()

    def sizeHint(self) -> QSize:
        return SIZE

    @property
    def changes(self) -> LaboratoryChanges:
        """What the sliders say; what a layer does not have stays as it is."""
        bias, scale = (field.value() if field.isEnabled() else None for field in (self.bias, self.scale))
        noise, temperature = (
            field.value() if field.isEnabled() else None for field in (self.noise, self.temperature)
        )
        return LaboratoryChanges(
            self.layer.value() or 0,
            round(self.unit.value() or 1) - 1,
            bias or 0.0,
            1.0 if scale is None else scale,
            self.off.value(),
            (self.prune.value() or 0.0) / 100,
            noise or 0.0,
            1.0 if temperature is None else temperature,
        )

    # --- what the window tells ---------------------------------------------------------------------------

    def queries(self) -> Collection[Query[Any]]:
        query = self._query()
        return () if query is None else (query,)

    def clear(self) -> None:
        super().clear()
        self.effects.clear()
        self.maps.show_maps((), None)
        self.message.clear()
        self._show_buttons()

    def show_preparing(self) -> None:
        self.clear()

    def show_model(self, model: ModelSummary) -> None:
        super().show_model(model)
        layers = [(layer.index, layer.name) for layer in model.layers if layer.parameters]
        known = [index for index, _ in layers]
        wanted = [self.context.selection.selected.layer, self.layer.value(), *known]
        self.layer.set_options(layers, next((layer for layer in wanted if layer in known), None))
        self.maps.setVisible(model.plane is not None)
        classifies = model.task in ("classification", "binary", "multilabel")
        self.temperature_row.set_enabled(classifies, NO_TEMPERATURE)
        coded = any(layer.kind == KIND_WITH_CODES for layer in model.layers)
        self.noise_row.set_enabled(not coded, NO_NOISE)
        self._show_layer()

    def show_selection(self, new: Selected, old: Selected) -> None:
        if new.layer is None or self._model is None:
            return
        known = [option.value for option in self.layer.options()]
        if new.layer in known and new.layer != self.layer.value():
            self.layer.set_value(new.layer)
            self._show_layer()
        if new.unit is not None and new.layer == self.layer.value() and new.unit != self.changes.unit:
            self.unit.set_value(new.unit + 1)
            self._show_unit()

    def refresh(self, answers: Answers) -> None:
        query = self._query()
        if query is None:
            return
        error, result = answers.error(query), answers.get(query)
        if (error is not None) != self._refused:
            self._refused = error is not None
            self._show_buttons()
        if error is not None:
            self.effects.clear()
            self.maps.show_maps((), None)
            self.message.show_message(str(error), "error")
        elif result is not None:
            self.message.clear()
            self.effects.show_result(result)
            self.maps.show_maps(result.maps or (), self._model)

    def apply_theme(self) -> None:
        self.maps.forget_pictures()

    # --- hands -------------------------------------------------------------------------------------------

    def _query(self) -> LaboratoryQuery | None:
        if self._model is None or self.layer.value() is None:
            return None
        return LaboratoryQuery(self.changes, MAP_SIDE if self._model.plane is not None else 0)

    def _choose_layer(self, layer: int) -> None:
        self._show_layer()
        self.context.selection.select(layer=layer, unit=self.changes.unit)

    def _choose_unit(self, unit: float) -> None:
        self._show_unit()
        self.context.selection.select(layer=self.layer.value(), unit=self.changes.unit)

    def _apply(self) -> None:
        self.message.clear()
        if self._model is not None:
            self.context.weights.edit(self.changes.edits, edit_words(self._model, self.changes))
            self._reset(keep_looks=True)

    def _reset(self, checked: bool = False, *, keep_looks: bool = False) -> None:
        for field, value in self._neutral.items():
            if not (keep_looks and field in (self.noise, self.temperature)):
                field.set_value(value)
        self.off.set_value(False)
        self._changed()

    def _changed(self) -> None:
        self._show_buttons()
        self.queries_changed.emit()

    # --- what is shown -----------------------------------------------------------------------------------

    def _show_layer(self) -> None:
        model, layer = self._model, self.layer.value()
        if model is None or layer is None:
            return
        units = len(unit_names(model, layer))
        self.unit.set_allowed(Range(1, max(units, 1), whole=True))
        selected = self.context.selection.selected
        own = selected.unit if selected.layer == layer and selected.unit is not None else 0
        self.unit.set_value(min(own, max(units - 1, 0)) + 1)
        shapes = self.context.session.parameter_shapes(layer)
        self.bias_row.set_enabled(shapes.get(SIMPLE_BIAS, ())[-1:] == (units,), NO_BIAS)
        self.scale_row.set_enabled(shapes.get(SIMPLE_WEIGHT, ())[-1:] == (units,), NO_WEIGHTS)
        self._show_unit()

    def _show_unit(self) -> None:
        if self._model is not None and self.layer.value() is not None:
            names, unit = unit_names(self._model, self.layer.value()), self.changes.unit or 0
            of_all = tr("of {count}", count=len(names))
            named = names[unit] if unit < len(names) and names[unit] != f"unit {unit + 1}" else ""
            self.unit_name.setText(f"{of_all}: {named}" if named else of_all)
        self._changed()

    def _show_buttons(self) -> None:
        now = self.changes
        edits = bool(now.bias_shift or now.weight_scale != 1.0 or now.off or now.pruned)
        looks = bool(now.input_noise or now.temperature != 1.0)
        self.apply_button.setEnabled(edits and self._model is not None and not self._refused)
        tip = tr("Make these edits in the run: one step to undo. Training goes on with them.")
        self.apply_button.setToolTip(tip if edits else tr("Move a slider of the unit or the layer first."))
        self.reset_button.setEnabled(edits or looks)

    def _build(self) -> None:
        unit = QWidget()
        line = QHBoxLayout(unit)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2 * GRID)
        line.addWidget(self.unit)
        line.addWidget(self.unit_name, 1)
        set_sizes(self.unit, width=72)
        self.bias_row = Row(tr("Shift bias by"), self.bias, tr("Added to the bias of the unit."))
        self.scale_row = Row(
            tr("Weights times"), self.scale, tr("All weights that lead to the unit are multiplied by it.")
        )
        prune = Row(
            tr("Prune smallest"), self.prune, tr("This share of the layer's weights, the smallest, become 0.")
        )
        self.noise_row = Row(
            tr("Input noise"), self.noise, tr("Standard deviation of normal noise on the prepared inputs.")
        )
        self.temperature_row = Row(
            tr("Temperature"),
            self.temperature,
            tr("The outputs before softmax or sigmoid are divided by it."),
        )
        controls = Stack(
            Label(tr("Unit"), "strong"),
            Row(tr("Layer"), self.layer),
            Row(tr("Unit"), unit),
            self.bias_row,
            self.scale_row,
            Row(tr("Output"), self.off, tr("Nothing behind the unit gets anything of it.")),
            _heading(tr("Layer")),
            prune,
            _heading(tr("Only to look at")),
            self.noise_row,
            self.temperature_row,
        )
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 2 * GRID, 0)
        column.addWidget(controls)
        column.addStretch(1)
        area = PlainScrollArea(left)
        area.setFixedWidth(scaled(CONTROLS_WIDTH))
        result = QVBoxLayout()
        result.setSpacing(4 * GRID)
        result.addWidget(self.message)
        result.addWidget(self.effects)
        result.addWidget(self.maps, 1)
        result.addStretch(0)
        sides = QHBoxLayout()
        sides.setSpacing(6 * GRID)
        sides.addWidget(area)
        sides.addLayout(result, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(3 * GRID)
        buttons.addWidget(self.apply_button)
        buttons.addWidget(self.reset_button)
        buttons.addWidget(Label(LAST_APPLIES, "muted", caption=True, wrap=True), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 4 * GRID, 4 * GRID, 4 * GRID)
        layout.setSpacing(4 * GRID)
        layout.addLayout(sides, 1)
        layout.addLayout(buttons)
