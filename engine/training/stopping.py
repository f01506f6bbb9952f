"""Why a run ends: stop reasons, and the best epoch so far that early stopping watches."""

import math
from dataclasses import dataclass
from typing import Literal

from engine.arrays import Array
from engine.training_settings import EarlyStopping, Training

StopKind = Literal["finished", "stopped", "early", "threshold", "not finite"]

STOP_MARKS: dict[StopKind, str] = {
    "stopped": "stopped",
    "early": "stopped early",
    "threshold": "loss threshold reached",
    "not finite": "not finite",
}
"""What stands at the end of a run in the plots; a run that took all its epochs needs no mark."""


@dataclass(frozen=True)
class StopReason:
    """Why a run ended: a word for programs, a sentence for people."""

    kind: StopKind
    sentence: str


class BestSoFar:
    """The epoch with the lowest watched loss of a run: that loss, and its parameters where they are kept.

    All three are of one epoch at any time. Patience is counted apart, so that it can begin anew.
    """

    def __init__(self) -> None:
        self.loss = math.inf
        self.epoch = 0
        """0: none yet."""
        self.parameters: Array | None = None
        self.waiting_since = 0
        """Epoch from which patience counts: the best one, or a later one where it began anew."""

    def observe(self, loss: float, epoch: int, parameters: Array, rule: EarlyStopping | None) -> None:
        """Note an epoch's loss and, if the rule keeps them, the parameters, where they are the best so far.

        A fall by no more than the rule's minimum change does not make an epoch the best.
        """
        least = self.loss - (rule.min_change if rule else 0.0)
        if not math.isfinite(loss) or (self.epoch and loss >= least):
            return
        self.loss, self.epoch, self.waiting_since = loss, epoch, epoch
        if rule is not None and rule.keep_best:
            if self.parameters is None:
                self.parameters = parameters.copy()
            else:
                self.parameters[...] = parameters

    def adopt(self, rule: EarlyStopping | None, earlier: EarlyStopping | None, epoch: int) -> None:
        """Take another rule after `epoch`: one that begins to wait or to keep the best begins here."""
        keeps, kept = rule is not None and rule.keep_best, earlier is not None and earlier.keep_best
        if (rule is not None and earlier is None) or (keeps and not kept):
            self.begin(epoch)
        elif not keeps:
            self.parameters = None

    def begin(self, epoch: int) -> None:
        """Forget what was before the end of this epoch."""
        self.loss, self.epoch, self.parameters, self.waiting_since = math.inf, 0, None, epoch


def stop_after_epoch(
    training: Training, best: BestSoFar, epoch: int, training_loss: float, watched: str
) -> StopReason | None:
    """The rule that ends a run after this epoch, if one does.

    training_loss : of the epoch. watched : the part whose loss `best` has observed.
    """
    rule = training.early_stopping
    if rule is not None and epoch - best.waiting_since >= rule.patience:
        what = (
            f"has not improved since epoch {best.epoch}"
            if best.epoch
            else f"has not been a finite number since epoch {best.waiting_since + 1}"
        )
        return StopReason("early", f"Stopped early in epoch {epoch}: the {watched} loss {what}.")
    if training.stop_below is not None and training_loss <= training.stop_below:
        return StopReason(
            "threshold",
            f"Stopped in epoch {epoch}: the training loss, {training_loss:.4g}, is at or below "
            f"{training.stop_below:.4g}.",
        )
    return None
