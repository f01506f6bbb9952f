"""The unit laboratory: sliders for a unit and its layer, and what they would do to the scores."""

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.insight.laboratory import LaboratoryQuery
from engine.insight.query import Query
from gui.core.messages import Answers
from gui.core.model_summary import ModelSummary
from gui.core.parameter_names import SIMPLE_BIAS, SIMPLE_WEIGHT, unit_names
from gui.core.selection import Selected
from gui.kit import InlineMessage, Label, PlainScrollArea
from gui.kit.text import tr
from gui.kit.theme import GRID, scaled
from gui.panels.base import Panel, PanelContext, PanelSpec
from gui.panels.laboratory.controls import Controls
from gui.panels.laboratory.effects import EffectTable, MapPair
from gui.panels.laboratory.words import (
    LAST_APPLIES,
    NO_BIAS,
    NO_NOISE,
    NO_TEMPERATURE,
    NO_WEIGHTS,
    edit_words,
)

SIZE = QSize(820, 560)
MAP_SIDE = 48
REST_MS = 1000
"""Between an answer and the next question, while training is under way."""
CONTROLS_WIDTH = 332
KIND_WITH_CODES = "embedding"


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
        self.controls = Controls()
        self._training = False
        self._answered: LaboratoryQuery | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.queries_changed)
        self._refused = False
        """Whether what the sliders say is not possible."""
        self.effects, self.maps, self.message = EffectTable(), MapPair(), InlineMessage()
        self.apply_button = QPushButton(tr("Apply to the network"))
        self.apply_button.setProperty("primary", True)
        self.reset_button = QPushButton(tr("Reset sliders"))
        self.reset_button.setWhatsThis(tr("Puts all sliders back to where nothing is changed."))
        self._build()
        self.controls.changed.connect(self._changed)
        self.controls.layer_chosen.connect(self._choose_layer)
        self.controls.unit_chosen.connect(self._choose_unit)
        self.apply_button.clicked.connect(self._apply)
        self.reset_button.clicked.connect(lambda: self.controls.reset())
        self._show_buttons()

    def sizeHint(self) -> QSize:
        return QSize(scaled(SIZE.width()), scaled(SIZE.height()))

    # --- what the window tells ---------------------------------------------------------------------------

    def queries(self) -> Collection[Query[Any]]:
        query = self._query()
        # Trying changes on a large network holds up its training: then not with each frame.
        rests = self._training and self._rest.isActive() and query == self._answered
        return () if query is None or rests else (query,)

    def set_locked(self, locked: bool) -> None:
        self._training = locked
        self.queries_changed.emit()

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
        wanted = [self.context.selection.selected.layer, self.controls.layer.value(), *known]
        self.controls.layer.set_options(layers, next((layer for layer in wanted if layer in known), None))
        self.maps.setVisible(model.plane is not None)
        classifies = model.task in ("classification", "binary", "multilabel")
        self.controls.temperature_row.set_enabled(classifies, NO_TEMPERATURE)
        coded = any(layer.kind == KIND_WITH_CODES for layer in model.layers)
        self.controls.noise_row.set_enabled(not coded, NO_NOISE)
        self._show_layer()

    def show_selection(self, new: Selected, old: Selected) -> None:
        if new.layer is None or self._model is None:
            return
        known = [option.value for option in self.controls.layer.options()]
        if new.layer in known and new.layer != self.controls.layer.value():
            self.controls.layer.set_value(new.layer)
            self._show_layer()
        now = self.controls.changes
        units = len(unit_names(self._model, now.layer))
        if new.unit is not None and new.layer == now.layer and new.unit != now.unit and new.unit < units:
            self.controls.show_units(units, new.unit)
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
            self._answered = query
            self._rest.start()
            self.message.clear()
            self.effects.show_result(result)
            self.maps.show_maps(result.maps or (), self._model)

    def apply_theme(self) -> None:
        self.maps.forget_pictures()

    # --- hands -------------------------------------------------------------------------------------------

    def _query(self) -> LaboratoryQuery | None:
        if self._model is None or self.controls.layer.value() is None:
            return None
        return LaboratoryQuery(self.controls.changes, MAP_SIDE if self._model.plane is not None else 0)

    def _choose_layer(self, layer: int) -> None:
        self._show_layer()
        self.context.selection.select(layer=layer, unit=self.controls.changes.unit)

    def _choose_unit(self) -> None:
        self._show_unit()
        self.context.selection.select(layer=self.controls.layer.value(), unit=self.controls.changes.unit)

    def _apply(self) -> None:
        self.message.clear()
        if self._model is not None:
            self.context.weights.edit(
                self.controls.changes.edits, edit_words(self._model, self.controls.changes)
            )
            self.controls.reset(keep_looks=True)

    def _changed(self) -> None:
        self._show_buttons()
        self.queries_changed.emit()

    # --- what is shown -----------------------------------------------------------------------------------

    def _show_layer(self) -> None:
        model, layer = self._model, self.controls.layer.value()
        if model is None or layer is None:
            return
        units = len(unit_names(model, layer))
        selected = self.context.selection.selected
        own = selected.unit if selected.layer == layer and selected.unit is not None else 0
        self.controls.show_units(units, own)
        shapes = self.context.session.parameter_shapes(layer)
        self.controls.bias_row.set_enabled(shapes.get(SIMPLE_BIAS, ())[-1:] == (units,), NO_BIAS)
        self.controls.scale_row.set_enabled(shapes.get(SIMPLE_WEIGHT, ())[-1:] == (units,), NO_WEIGHTS)
        self._show_unit()

    def _show_unit(self) -> None:
        if self._model is not None and self.controls.layer.value() is not None:
            self.controls.name_unit(self._model)
        self._changed()

    def _show_buttons(self) -> None:
        now = self.controls.changes
        edits = bool(now.bias_shift or now.weight_scale != 1.0 or now.off or now.pruned)
        looks = bool(now.input_noise or now.temperature != 1.0)
        self.apply_button.setEnabled(edits and self._model is not None and not self._refused)
        tip = tr("Make these edits in the run: one step to undo. Training goes on with them.")
        self.apply_button.setToolTip(tip if edits else tr("Move a slider of the unit or the layer first."))
        self.reset_button.setEnabled(edits or looks)

    def _build(self) -> None:
        area = PlainScrollArea(self.controls)
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
