"""What a panel is handed by the window, made without one."""

from engine.experiment import Experiment
from gui.core.document import Document
from gui.core.jobs import JobRunner
from gui.core.session import Session
from gui.panels.base import PanelContext


def panel_context(experiment: Experiment | None = None) -> PanelContext:
    """A context with nothing under way: no worker runs, and no run is at hand."""
    document = Document(experiment or Experiment())
    jobs = JobRunner(document)
    return PanelContext.of(document, Session(tuple, jobs, document), jobs, document)
