"""Going back in a run by some steps, to weights from before a number was not finite. No Qt."""

from engine.training.recent_states import rewind_edits
from engine.training.stopping import StopReason
from gui.core.edit_orders import EditOrder
from gui.core.messages import Edited
from gui.core.runs import Run


class RewindOrder(EditOrder):
    """Sets the weights to those of 20 steps before, or more, and the optimizer's memory to none.

    The record of the steps stays, with a mark. Taken back, the weights are as they were.
    """

    def __init__(self, text: str) -> None:
        super().__init__((), text)
        self._reason: StopReason | None = None

    def apply(self, run: Run, command: int) -> Edited:
        trainer = run.trainer
        self.edits = rewind_edits(trainer)
        edited = super().apply(run, command)
        if edited.error is None and self.edits:
            self._reason, trainer.stop_reason = trainer.stop_reason, None
            # Gradients that have gone astray live on in it.
            trainer.updater.reset()
        return edited

    def take_back(self, run: Run, command: int) -> Edited:
        edited = super().take_back(run, command)
        if run.trainer.stop_reason is None and self._reason is not None:
            run.trainer.stop_reason = self._reason
        return edited
