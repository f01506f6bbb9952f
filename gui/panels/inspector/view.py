"""The inspector: one sample through the network and back, in steps, with one formula at a time."""

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QWidget

from engine.insight.query import Query
from engine.insight.trace.derivation import Derivation, Place
from engine.insight.trace.derive import derivation
from engine.insight.trace.recording import TraceQuery
from engine.insight.trace.trace import Mode, TracedSample
from gui.core.messages import Answers, Prepared
from gui.core.model_summary import ModelSummary
from gui.core.selection import Sample, Selected
from gui.kit.text import tr
from gui.panels.base import PanelContext, PanelSpec, View
from gui.panels.inspector import words
from gui.panels.inspector.dialogs import SampleDialogs
from gui.panels.inspector.inspection import Inspection, unit_of
from gui.panels.inspector.page import InspectorPage
from gui.panels.inspector.side import Side
from gui.panels.inspector.what_if import ValueEditor, edit_parameter


class InspectorView(View):
    """Asks for the trace of the selected sample while it is in sight; nothing of the run is changed."""

    spec = PanelSpec(
        "inspector",
        tr("Inspector"),
        "magnifying-glass-plus",
        "centre",
        tr("Every number of one sample's forward and backward pass, and how it comes about."),
        order=15,
        menu="View",
        keys=("Ctrl+I",),
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.inspection = Inspection()
        self.derivation: Derivation | None = None
        """How the number that is looked at comes about."""
        self._following = False
        """Whether the selection is being told of this view's own choice."""
        self.page = page = InspectorPage()
        self.bar, self.canvas, self.layers = page.bar, page.canvas, page.layers
        self.formula, self.what_if = page.formula, page.what_if
        self.side = Side(context, self.inspection, page.column)
        self.editor = ValueEditor(self)
        self.dialogs = SampleDialogs(self, context)
        self._connect()
        self._fill_with(page)

    def _connect(self) -> None:
        bar = self.bar
        bar.sample.sample_chosen.connect(self._choose_sample)
        bar.sample.list_asked.connect(lambda: self.dialogs.open_list(self.model, self.inspection.sample))
        bar.sample.typing_asked.connect(lambda: self.dialogs.open_typing(self.model, self.inspection.trace))
        bar.sample.mode_chosen.connect(self._set_mode)
        bar.phases.chosen.connect(self._enter)
        bar.steps.step_asked.connect(self._step)
        bar.steps.pace_chosen.connect(self._set_pace)
        for widget in (self.canvas, self.layers):
            widget.chosen.connect(self._go)
            widget.step_asked.connect(self._step)
            widget.value_asked.connect(self._edit_value)
        self.formula.chosen.connect(self._go)
        self.formula.pointed.connect(self._point)
        self.formula.back_asked.connect(self._go_back)
        self.what_if.reset.clicked.connect(lambda: self._use_values(None))
        self.editor.entered.connect(self._override)
        self.dialogs.sample_chosen.connect(self._choose_sample)
        self.dialogs.values_typed.connect(self._use_values)
        back = QShortcut(QKeySequence(Qt.Key.Key_Backspace), self)
        back.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        back.activated.connect(self._go_back)
        self.side.changed.connect(self._show_update)
        self.side.wanted.connect(lambda: QTimer.singleShot(0, self, self.queries_changed.emit))
        self.page.column.batch.edited.connect(lambda _value: self.queries_changed.emit())

    # --- what the window asks and tells ------------------------------------------------------------------

    def queries(self) -> Collection[Query[Any]]:
        if self.model is None:
            return ()
        return (self._query, *self.side.queries())

    @property
    def _query(self) -> TraceQuery:
        return TraceQuery(self.inspection.sample, self.inspection.mode, self.inspection.overridden)

    def show_prepared(self, prepared: Prepared) -> None:
        self.bar.sample.show_data(prepared.dataset, prepared.network.layers)

    def show_model(self, model: ModelSummary) -> None:
        super().show_model(model)
        self.inspection.forget()
        self.derivation = None
        self._take_sample(self.context.selection.selected)
        self.page.show_model(model)
        self.formula.show_derivation(None)
        self.side.show_model(model)
        self._show_content()
        self._show()

    def end_run(self) -> None:
        self.bar.steps.stop()
        self.side.end_run()
        self.dialogs.close_all()

    def clear(self) -> None:
        super().clear()
        self.bar.steps.stop()
        self.inspection.forget()
        self.inspection.sample = TracedSample()
        self.page.show_model(None)
        self.formula.show_derivation(None)
        self.formula.set_counter("")
        self.formula.set_back(False)
        self.what_if.show_overrides({}, self.inspection.sample)
        self.page.status.setText("")
        self.page.message.clear()
        self.bar.phases.show_phase(self.inspection.phase)
        self.side.clear()

    def set_locked(self, locked: bool) -> None:
        self.side.set_locked(locked)

    def refresh(self, answers: Answers) -> None:
        error = answers.error(self._query) if self.model is not None else None
        if error is not None:
            self.page.message.show_message(str(error))
            return
        trace = answers.get(self._query) if self.model is not None else None
        if trace is None or self.model is None:
            return
        self.page.message.clear()
        if [one.y.shape for one in trace.layers] != [one.output_shape for one in self.model.layers]:
            # It is of another network.
            return
        if trace is not self.inspection.trace:
            self.inspection.show_trace(trace)
            self._show()
        self.side.refresh(answers)

    def show_selection(self, new: Selected, old: Selected) -> None:
        if self._following or self.model is None:
            return
        if new.sample != old.sample:
            self._take_sample(new)
            self.queries_changed.emit()
        if (new.layer, new.unit, new.parameter) != (old.layer, old.unit, old.parameter):
            place = self.inspection.place_of(new.layer, new.unit, new.parameter)
            if place is not None and place != self.inspection.focus:
                self.inspection.go(place)
                self._show()

    def apply_theme(self) -> None:
        self.canvas.rebuild()
        self.page.fit_drawing()
        self.layers.apply_theme()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.page.set_width(event.size().width())
        super().resizeEvent(event)

    # --- what a person does ------------------------------------------------------------------------------

    def _choose_sample(self, part: Any, index: int) -> None:
        self.inspection.overrides.clear()
        self.inspection.sample = TracedSample(part, index)
        self.bar.sample.show_sample(part, index)
        self._tell(sample=Sample(part, index))
        self._ask()

    def _take_sample(self, selected: Selected) -> None:
        chosen = selected.sample
        sample = TracedSample(chosen.part, chosen.index) if chosen is not None else TracedSample()
        if sample != self.inspection.sample:
            self.inspection.sample = sample
            self.inspection.overrides.clear()
        self.bar.sample.show_sample(sample.part, sample.index)

    def _use_values(self, values: tuple[float, ...] | None) -> None:
        """Look at these inputs, or at the sample's own; nothing else is set by hand."""
        sample = self.inspection.sample
        self.inspection.overrides.clear()
        self.inspection.sample = TracedSample(sample.part, sample.index, values)
        self._ask()

    def _set_mode(self, mode: Mode) -> None:
        self.inspection.mode = mode
        self._ask()

    def _ask(self) -> None:
        """Another trace is wanted."""
        self.what_if.show_overrides(self.inspection.overrides, self.inspection.sample)
        self.side.forget_checks()
        self.queries_changed.emit()

    def _go(self, place: Place) -> None:
        self.bar.steps.stop()
        self.inspection.go(place)
        self._show(tell=True)

    def _go_back(self) -> None:
        self.inspection.go_back()
        self._show(tell=True)

    def _enter(self, phase: Any) -> None:
        self.inspection.enter(phase)
        self._show(tell=True)

    def _set_pace(self, pace: Any) -> None:
        self.inspection.set_pace(pace)
        self._show()

    def _step(self, way: int) -> None:
        if not self.inspection.step(way):
            self.bar.steps.stop()
        self._show(tell=True)

    def _point(self, place: Place | None) -> None:
        self.canvas.show_trace(pointed=place)
        if not self.page.shows_diagram:
            self.layers.show_pointed(place)

    def _edit_value(self, place: Place, area: QRect) -> None:
        trace, model = self.inspection.trace, self.model
        drawing = self.canvas if self.page.shows_diagram else self.layers
        if trace is None or model is None:
            return
        if place.quantity == "parameter":
            edit_parameter(self.context.weights, drawing, area, model, trace, place)
        else:
            area.moveTopLeft(drawing.mapTo(self, area.topLeft()))
            self.editor.open(place, words.value_of(trace, place), area)

    def _override(self, place: Place, value: float) -> None:
        self.inspection.overrides[place] = value
        self._ask()

    def _show_update(self) -> None:
        """What the step makes of the weight is known."""
        state = self.inspection
        if state.trace is not None and state.focus is not None:
            label = words.edge_label(state.trace, state.focus, state.phase, self.side.new_value)
            self.canvas.show_trace(label=label)
            if state.phase == "update" and (update := self.side.update) is not None:
                self.formula.show_update(update)

    # --- showing -----------------------------------------------------------------------------------------

    def _tell(self, **choice: Any) -> None:
        self._following = True
        self.context.selection.select(**choice)
        self._following = False

    def _show(self, *, tell: bool = False) -> None:
        """Show what is looked at now. tell : the other panels follow."""
        state = self.inspection
        trace, focus = state.trace, state.focus
        self.bar.phases.show_phase(state.phase)
        self.what_if.show_overrides(state.overrides, state.sample)
        if trace is None or focus is None or self.model is None:
            self.page.status.setText(tr("Computing…") if self.model is not None else "")
            return
        self.derivation = derivation(trace, focus)
        self.formula.show_derivation(self.derivation)
        self.formula.set_counter(words.counter(state))
        self.formula.set_back(bool(state.back))
        if self.page.shows_diagram:
            self.canvas.show_trace(
                trace=trace,
                phase=state.phase,
                focus=focus,
                pointed=None,
                label=words.edge_label(trace, focus, state.phase, self.side.new_value),
                reached=state.reached,
                changed=frozenset(state.overrides),
            )
        else:
            self.layers.show_trace(
                trace, focus, self.derivation, backwards=state.phase in ("backward", "update")
            )
        self.side.show_trace(trace, focus)
        self._show_update()
        self.page.status.setText(words.status(state, self.derivation))
        if tell and focus.layer >= 0:
            parameter = (focus.name, focus.index) if focus.quantity == "parameter" else None
            self._tell(layer=focus.layer, unit=unit_of(focus), parameter=parameter)
            QTimer.singleShot(0, self, self.queries_changed.emit)
