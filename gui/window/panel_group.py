"""All panels of the window: passes events to them, and collects their queries."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from engine.experiment import Experiment
from gui.core.messages import Answers, Frame, Invalid, Prepared, Queries, Scored
from gui.core.model_summary import ModelSummary, summarize, with_settings
from gui.core.pace import StaggeredRefresh
from gui.core.selection import PartName
from gui.panels import PANELS
from gui.panels.base import Panel, PanelContext, Place

PARTS: tuple[PartName, ...] = ("training", "validation", "test")
NO_ANSWERS = Answers()


class PanelGroup(QObject):
    """The registered panels. A tool is made when it is first wanted, and then told how things stand.

    `queries_changed`: what panels in sight ask of the run is another.
    """

    queries_changed = Signal()

    def __init__(
        self, context: PanelContext, kinds: Sequence[type[Panel]] = PANELS, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._kinds = sorted(kinds, key=lambda kind: kind.spec.order)
        self._panels: dict[str, Panel] = {}
        self._refresh = StaggeredRefresh(self)
        self._run = 0
        self._model: ModelSummary | None = None
        self._invalid: Invalid | None = None
        self._scored: Scored | None = None
        self._frame: Frame | None = None
        """How the run at hand stands: None where there is none."""
        self._locked = False
        for kind in self._kinds:
            if kind.spec.place != "tool":
                self._make(kind)
        context.document.changed.connect(self._show_experiment)

    def kinds_of(self, place: Place) -> list[type[Panel]]:
        """The registered panels of one place, in their order."""
        return [kind for kind in self._kinds if kind.spec.place == place]

    def of(self, place: Place) -> list[Panel]:
        """The panels of one place, in their order; of tools those that there are."""
        return [panel for panel in self._panels.values() if panel.spec.place == place]

    def __getitem__(self, id: str) -> Panel:
        """A panel by its id; a tool is made if it is not there."""
        if id not in self._panels:
            panel = self._make(next(kind for kind in self._kinds if kind.spec.id == id))
            self._bring_up_to_date(panel)
        return self._panels[id]

    @property
    def run(self) -> int:
        """Number of the run that is shown; 0 where there is none."""
        return self._run

    @property
    def model(self) -> ModelSummary | None:
        """What is shown; None while there is nothing to show."""
        return self._model

    def queries(self) -> Queries:
        """What the panels in sight ask of the run; what several ask is asked once."""
        asked = (query for panel in self._in_sight() for query in panel.queries())
        return tuple(dict.fromkeys(asked))

    def ids_in_sight(self) -> frozenset[str]:
        """The ids of the panels that a person sees."""
        return frozenset(panel.spec.id for panel in self._in_sight())

    # --- what they are told ------------------------------------------------------------------------------

    def clear(self) -> None:
        """Another document: of the last one nothing stays, also where the new one cannot run."""
        self._forget()
        for panel in self._panels.values():
            panel.clear()

    def end_run(self) -> None:
        """Another run takes the place of this one."""
        self._run = 0
        self._frame = self._scored = None
        self._context.selection.end_run()
        for panel in self._panels.values():
            panel.end_run()

    def show_preparing(self) -> None:
        """It takes long until the next run is there: nothing is shown of the last one any longer."""
        self._forget()
        for panel in self._panels.values():
            panel.show_preparing()

    def show_prepared(self, prepared: Prepared) -> None:
        """A run is there, or the one at hand can take the settings again."""
        model, another = summarize(prepared), prepared.run != self._run
        self._run, self._model, self._invalid = prepared.run, model, None
        self._select_in(prepared)
        for panel in self._panels.values():
            if another:
                panel.show_preparing()
            panel.show_fault(None)
            panel.show_prepared(prepared)
            panel.show_model(model)

    def show_problem(self, invalid: Invalid) -> None:
        """The experiment cannot run as it is."""
        self._forget()
        self._invalid = invalid
        sections = self.of("setup")
        # Where no section says that it is concerned, it is the first one.
        # One of negative order, such as that of a lesson, stands above those of the experiment.
        own = [panel for panel in sections if panel.spec.order >= 0]
        concerned = [*(panel for panel in own if panel.concerns(invalid.error)), *own][:1]
        for panel in self._panels.values():
            panel.show_problem(invalid)
            panel.show_fault(invalid.error if panel in concerned else None)

    def update_settings(self, experiment: Experiment) -> None:
        """An edit in mid-run: what panels show of the settings of layers follows it at once."""
        if self._model is None:
            return
        self._model = with_settings(self._model, experiment)
        for panel in self._panels.values():
            panel.update_settings(self._model)

    def show_scores(self, scored: Scored) -> None:
        """Scores on all parts of the data."""
        if scored.run == self._run:
            self._scored = scored
            for panel in self._panels.values():
                panel.show_scores(scored)

    def show_frame(self, frame: Frame) -> None:
        """How the run stands: the panels in sight are refreshed, one after the other."""
        locked = frame.status == "training"
        if locked != self._locked:
            self._locked = locked
            for panel in self._panels.values():
                panel.set_locked(locked)
        if frame.run == self._run and frame.history is not None:
            self._frame = frame
            self._refresh.refresh([partial(self._refresh_one, panel) for panel in self._to_refresh()])

    # --- parts -------------------------------------------------------------------------------------------

    def _make(self, kind: type[Panel]) -> Panel:
        panel = self._panels[kind.spec.id] = kind(self._context)
        panel.queries_changed.connect(self.queries_changed)
        return panel

    def _bring_up_to_date(self, panel: Panel) -> None:
        panel.set_locked(self._locked)
        if self._invalid is not None:
            panel.show_problem(self._invalid)
        elif self._model is not None:
            panel.show_model(self._model)
        if self._scored is not None:
            panel.show_scores(self._scored)

    def _select_in(self, prepared: Prepared) -> None:
        units = tuple(shape[-1] if shape else 0 for shape in prepared.network.shapes[1:])
        samples = {name: prepared.dataset.part(name).rows_count for name in PARTS}
        self._context.selection.begin_run(prepared.run, units, samples)

    def _forget(self) -> None:
        self._run = 0
        self._model = self._invalid = self._scored = self._frame = None

    def _show_experiment(self, new: Experiment, old: Experiment) -> None:
        for panel in self._panels.values():
            panel.show_experiment(new)

    def _in_sight(self) -> list[Panel]:
        return [panel for panel in self._panels.values() if panel.in_sight]

    def _to_refresh(self) -> list[Panel]:
        """The others would have nothing new to show."""
        return [panel for panel in self._in_sight() if panel.follows_history or panel.queries()]

    def _refresh_one(self, panel: Panel) -> None:
        frame = self._frame
        if frame is not None and panel.in_sight:
            panel.show_history(frame.history)
            panel.refresh(frame.answers or NO_ANSWERS)
