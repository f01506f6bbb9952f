"""Fills the cards beside the network: the sample, the checks, the update to come, the gradient by layer."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
import shiboken6
from PySide6.QtCore import QObject, Signal

from engine.errors import UserError
from engine.insight.query import Query
from engine.insight.trace.derivation import Place
from engine.insight.trace.numeric import NumericCheck, check_parameters, numeric_check, worst_of
from engine.insight.trace.trace import Trace
from engine.insight.trace.update import UpdateQuery, UpdateTrace
from engine.progress import Progress
from gui.core.jobs import Job
from gui.core.messages import Answers
from gui.core.model_summary import ModelSummary
from gui.kit.numbers import count_text, quantity_text
from gui.kit.text import tr
from gui.panels.base import PanelContext
from gui.panels.inspector import words
from gui.panels.inspector.inspection import Inspection
from gui.panels.inspector.side_column import SideColumn
from gui.panels.inspector.symbols import short_text
from gui.panels.inspector.update_words import AllChecked, checked_words, loss_changes, step_words, workings

ALL_UP_TO = 20_000
"""Parameters up to which each is checked; of larger networks, some of each array."""
OF_EACH_ARRAY = 60
LIVE_UP_TO = 50_000
"""Parameters up to which the update to come is followed while the run trains: it is a step on a copy."""


class Side(QObject):
    """Asks for the update while it can be seen, and checks numbers in jobs."""

    wanted = Signal()
    """The update is of another parameter than was asked for: ask again."""
    changed = Signal()
    """What the update makes of the selected parameter is known, or is another."""

    def __init__(self, context: PanelContext, state: Inspection, column: SideColumn) -> None:
        super().__init__(column)
        self._context, self._state, self.column = context, state, column
        self._model: ModelSummary | None = None
        self._update: UpdateTrace | None = None
        self._asked: UpdateQuery | None = None
        self._locked = False
        self._check: Job | None = None
        self._checked: tuple[Trace, Place] | None = None
        self._all: Job | None = None
        column.check_asked.connect(self.check_all)
        column.step_wanted.connect(self._take_step)

    @property
    def update(self) -> UpdateTrace | None:
        """What a step makes of the selected parameter, where it is known."""
        return self._update if self.new_value is not None else None

    @property
    def new_value(self) -> float | None:
        """What the selected parameter becomes, where it is known."""
        update, focus = self._update, self._state.focus
        known = update is not None and focus is not None and _bare(update.place) == _bare(focus)
        known = known and not self._state.overrides
        return update.after if known and update is not None else None

    # --- the update --------------------------------------------------------------------------------------

    @property
    def _query(self) -> UpdateQuery | None:
        focus = self._state.focus
        if focus is None or focus.quantity != "parameter" or self._state.overrides:
            return None
        large = self._model is None or sum(one.parameters for one in self._model.layers) > LIVE_UP_TO
        if self._locked and large:
            return None
        return UpdateQuery(self._state.sample, _bare(focus), self.column.batch.value())

    def queries(self) -> Collection[Query[Any]]:
        """What is asked of the run for the cards."""
        query = self._query
        return () if query is None else (query,)

    def refresh(self, answers: Answers) -> None:
        """The run's answers."""
        query = self._query
        if query != self._asked:
            # It follows from the trace, which may have come only now.
            self._asked = query
            if query is not None and answers.get(query) is None:
                self.wanted.emit()
        error = answers.error(query) if query is not None else None
        found = answers.get(query) if query is not None else None
        if error is not None:
            self.column.show_update(str(error))
        if found is not None and found is not self._update:
            self._update = found
            self._show_update()
            self.changed.emit()

    def _show_update(self) -> None:
        update, state = self._update, self._state
        self.column.update_head.set_caption(
            tr("{optimizer}, rate {rate}", optimizer=update.optimizer, rate=short_text(update.rate, 4))
            if update is not None
            else ""
        )
        if state.overrides:
            self.column.show_update(tr("With numbers set by hand there is no update: reset what-if first."))
        elif state.focus is None or state.focus.quantity != "parameter":
            self.column.show_update(tr("Choose a weight or a bias to see what a step makes of it."))
        elif update is None or self.new_value is None:
            self.column.show_update(tr("Computing…") if self._query else tr("Pause to see the update."))
        else:
            self.column.show_update(step_words(update), workings(update), loss_changes(update))
        taken = self.column.batch.value() == "next"
        self.column.take.setEnabled(taken and not self._locked and not state.overrides)
        rows = quantity_text(update.rows, "sample", "samples") if update is not None else ""
        if self._locked:
            reason = tr("The run is training: pause it first.")
        elif not taken:
            reason = tr("A run trains on its next batch, not on one sample alone: choose the next batch.")
        else:
            reason = tr(
                "Trains on the next batch of the run, {rows}: every parameter is updated. It is one step of "
                "the run, as Step batch takes it.",
                rows=rows or tr("of its size"),
            )
        self.column.take_words.setText(reason)

    def _take_step(self) -> None:
        self._context.session.train("batch")

    # --- checks ------------------------------------------------------------------------------------------

    def forget_checks(self) -> None:
        """The numbers are others: what was checked no longer holds."""
        self._checked = None
        if self._all is not None:
            self._context.jobs.cancel(self._all)
        self._all = None
        self.column.show_all_checked(None, tr("All parameters: not checked"))

    def _check_one(self, trace: Trace, focus: Place) -> None:
        """Check the selected number, unless it is being done."""
        if self._checked == (trace, focus) or self._check is not None:
            return
        if self._locked or focus.quantity not in ("parameter", "output", "input", "pre_activation"):
            locked = tr("This number: checked while the run is paused")
            self.column.show_check(None, locked if self._locked else tr("This number: not a gradient"))
            return
        self._checked = trace, focus

        def done(found: NumericCheck) -> None:
            self._check = None
            if not shiboken6.isValid(self.column):
                # The window has been closed meanwhile.
                return
            if self._checked == (trace, focus):
                self.column.show_check(found)
            if self._state.trace is not None and self._state.focus is not None:
                self._check_one(self._state.trace, self._state.focus)

        def work(progress: Progress) -> NumericCheck:
            return numeric_check(trace, focus)

        def end(error: UserError | None = None) -> None:
            self._check = None

        title, jobs = tr("Numeric check"), self._context.jobs
        self._check = jobs.start(title, work, done, end, end, quiet=True, announced=False)

    def check_all(self) -> None:
        """Check all parameters, or some of each array of a large network."""
        trace = self._state.trace
        if trace is None or self._all is not None:
            return
        total = sum(array.size for layer in trace.layers for array in layer.parameters.values())
        most = 0 if total <= ALL_UP_TO else OF_EACH_ARRAY
        arrays = [array.size for layer in trace.layers for array in layer.parameters.values()]
        wanted = total if not most else sum(min(most, size) for size in arrays)

        def work(progress: Progress) -> AllChecked:
            checks = []
            for check in check_parameters(trace, most):
                checks.append(check)
                progress.report(len(checks) / max(wanted, 1))
            kinks = sum(check.kink for check in checks)
            return AllChecked(len(checks), total, kinks, worst_of(checks))

        def done(found: AllChecked) -> None:
            self._all = None
            if not shiboken6.isValid(self.column):
                return
            self.column.show_all_checked(
                found.worst.relative_error if found.worst is not None else None, checked_words(found)
            )

        def end() -> None:
            self._all = None

        self.column.show_all_checked(None, tr("All parameters: being checked"))
        self._all = self._context.jobs.start(tr("Checking all parameters"), work, done, cancelled=end)

    # --- what the view tells -----------------------------------------------------------------------------

    def show_model(self, model: ModelSummary) -> None:
        """Another network."""
        self._model, self._update, self._asked = model, None, None
        self.forget_checks()

    def end_run(self) -> None:
        """Another run: what was asked of the last one is not."""
        self._update = None
        self._asked = None
        self.forget_checks()

    def clear(self) -> None:
        """Nothing is shown any longer."""
        self._model = None
        self.end_run()
        self.column.clear()

    def set_locked(self, locked: bool) -> None:
        """Training is under way, or no longer."""
        self._locked = locked
        if self._model is not None:
            self._show_update()
            if not locked and self._state.trace is not None and self._state.focus is not None:
                self._check_one(self._state.trace, self._state.focus)

    def show_trace(self, trace: Trace, focus: Place) -> None:
        """Show all of a trace."""
        if self._model is None:
            return
        self.column.sample_head.set_caption(
            tr("{part}, {number}", part=tr(trace.sample.part), number=count_text(trace.sample.index + 1))
        )
        self.column.rows.show_rows(words.sample_rows(trace, self._model), coloured=3)
        norms = []
        for layer in trace.layers:
            if layer.gradients:
                total = sum(float(np.square(one).sum()) for one in layer.gradients.values())
                norms.append((layer.name, float(np.sqrt(total))))
        self.column.bars.show_norms(norms)
        self._show_update()
        self._check_one(trace, focus)


def _bare(place: Place) -> Place:
    return replace(place, gradient=False)
