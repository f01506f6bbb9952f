"""The findings on the run at hand: asked for about once a second, and shown once they hold."""

import time
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from engine.insight.diagnosis import Diagnosis, DiagnosisQuery, Remedy, RunFinding
from gui.core.document import Document
from gui.core.messages import Frame, Queries
from gui.core.rewinding import RewindOrder
from gui.core.session import Reset, Session
from gui.core.weight_edits import EditWeights, WeightEdits
from gui.kit.text import tr

EVERY_S = 0.7
"""A diagnosis is a few forward passes over a sample: next to nothing at this pace."""
HOLDS = 2
"""So many diagnoses in a row have to agree, while training, before a finding comes or goes."""

QUERY = DiagnosisQuery()


class RunFindings(QObject):
    """What is found in the run at hand. `changed`: `shown` or `training` is another.

    While training goes on, a finding is shown once two diagnoses in a row have it, and goes once two have it
    not; so nothing flickers. Of a run at rest, all that is found is shown at once.
    """

    changed = Signal()

    def __init__(
        self, document: Document, session: Session, weights: WeightEdits, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._session, self._weights = document, session, weights
        self.shown: tuple[RunFinding, ...] = ()
        self.training = False
        """Whether training is under way: settings that are not live cannot be edited then."""
        self._run = self._step = -1
        self._asked = 0.0
        self._seen: dict[str, int] = {}
        """By kind: how many diagnoses in a row have had it; below 0, how many have not, of what is shown."""
        session.frame.connect(self.show_frame)

    def queries(self) -> Queries:
        """What is to be asked of the run with the next frame."""
        due = not self.training or time.monotonic() - self._asked >= EVERY_S
        return (QUERY,) if due else ()

    def is_live(self, remedy: Remedy) -> bool:
        """Whether the run goes on with it, and does not begin again."""
        if remedy.starts_again:
            return False
        try:
            return remedy.is_live(self._document.experiment)
        except ValueError:
            return False

    def title(self, finding: RunFinding, remedy: Remedy) -> str:
        """What a remedy of a finding does, as its button says it."""
        title = tr(remedy.title)
        if not self._rewinds(finding, remedy):
            return title
        return tr("Rewind and {remedy}", remedy=title[:1].lower() + title[1:])

    def apply(self, finding: RunFinding, remedy: Remedy) -> None:
        """Make the edit, and rewind the run where the finding asks for it: one step to undo."""
        document, title = self._document, self.title(finding, remedy)
        changed = remedy.mend(document.experiment)
        rewinds = self._rewinds(finding, remedy)
        if not rewinds and not remedy.starts_again:
            document.edit(changed, title)
            return
        if document.refuses(changed):
            return
        document.undo_stack.beginMacro(title)
        try:
            if rewinds:
                document.push(EditWeights(self._weights, self._session, RewindOrder(title)))
            document.edit(changed, title)
            if remedy.starts_again:
                document.push(Reset(document, self._session))
        finally:
            document.undo_stack.endMacro()

    def _rewinds(self, finding: RunFinding, remedy: Remedy) -> bool:
        return finding.rewinds and self._session.has_run and self.is_live(remedy)

    def show_frame(self, frame: Frame) -> None:
        """Take the diagnosis of a frame, where there is one."""
        training = frame.status == "training"
        news = training != self.training
        self.training = training
        if frame.run != self._run or frame.history is None:
            self._run, self._step, self._seen = frame.run, -1, {}
            if self.shown:
                self.shown, news = (), True
        found = frame.answers.get(QUERY) if frame.answers is not None else None
        if found is not None:
            self._asked = time.monotonic()
            news |= self._take(found, training)
        elif not training and frame.history is not None and self._step != frame.step:
            # The last frame of the training had no diagnosis: it was not due.
            self._step = frame.step
            self._session.request_frame()
        if news:
            self.changed.emit()

    def _take(self, found: Diagnosis, training: bool) -> bool:
        """Whether what is shown is another now."""
        if training and found.step == self._step:
            return False
        self._step = found.step
        shown = self._lasting(found.findings) if training else found.findings
        if not training:
            self._seen = {finding.kind: HOLDS for finding in shown}
        same, self.shown = shown == self.shown, tuple(shown)
        return not same

    def _lasting(self, findings: Sequence[RunFinding]) -> tuple[RunFinding, ...]:
        now, before = {one.kind: one for one in findings}, {one.kind: one for one in self.shown}
        for kind in self._seen | now:
            count = self._seen.get(kind, 0)
            self._seen[kind] = max(count, 0) + 1 if kind in now else min(count, 0) - 1
        kept = [
            one
            for kind, one in (before | now).items()
            if (kind in now and (kind in before or self._seen[kind] >= HOLDS))
            or (kind in before and self._seen[kind] > -HOLDS)
        ]
        self._seen = {kind: count for kind, count in self._seen.items() if kind in now or kind in before}
        order = list(now)
        return tuple(sorted(kept, key=lambda one: order.index(one.kind) if one.kind in now else len(order)))
