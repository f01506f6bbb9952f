"""Going back in a run by some steps, to a state from before a number was not finite. No Qt."""

from engine.training.recent_states import RecentState, put_back, rewind
from engine.training.stopping import StopReason
from gui.core.edit_orders import EditOrder
from gui.core.messages import Edited, in_words
from gui.core.runs import Run
from gui.kit.text import tr


class RewindOrder(EditOrder):
    """Puts a run back into the state of 20 steps before, or more: weights, optimizer, order of the samples.

    The record of the steps stays, with a mark. Taken back, the run is as it was.
    """

    def __init__(self, text: str) -> None:
        super().__init__((), text)
        self._before: RecentState | None = None
        self._reason: StopReason | None = None

    def apply(self, run: Run, command: int) -> Edited:
        reason = run.trainer.stop_reason
        try:
            self._before = rewind(run.trainer, self.text)
        except MemoryError as error:
            self._before = None
            return Edited(run.number, error=in_words(error))
        self._reason = reason
        return Edited(run.number)

    def take_back(self, run: Run, command: int) -> Edited:
        before, self._before = self._before, None
        if before is not None:
            put_back(run.trainer, before, tr("Undone: {edit}", edit=self.text))
            if run.trainer.stop_reason is None:
                run.trainer.stop_reason = self._reason
        return Edited(run.number)
