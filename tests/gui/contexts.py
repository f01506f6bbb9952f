"""What a panel is handed by the window, made without one."""

from engine.experiment import Experiment
from gui.core.document import Document
from gui.core.exports import Exports
from gui.core.jobs import JobRunner
from gui.core.preferences import preferences
from gui.core.run_jobs import RunJobs
from gui.core.selection import Selection
from gui.core.session import Session
from gui.panels.base import PanelContext


def panel_context(experiment: Experiment | None = None) -> PanelContext:
    """A context with nothing under way: no worker runs, and no run is at hand."""
    jobs = JobRunner()
    session = Session(tuple, jobs)
    return PanelContext(
        Document(experiment or Experiment()),
        session,
        jobs,
        RunJobs(session, jobs),
        Exports(jobs),
        Selection(),
        preferences(),
    )
