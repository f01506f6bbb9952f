"""Why a run ends: events, stop reasons, and the best epoch so far, which early stopping keeps."""

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from engine.metrics import Metric
from engine.network import StateVectors
from engine.training_settings import EarlyStopping, Training


class Event(IntEnum):
    """What just happened in a run."""

    STEP = 1
    """An optimizer step."""
    SCORING = 2
    """A part of an epoch's scores: large data is scored in pieces, so that a Stop need not wait."""
    EPOCH = 3
    """The last step of an epoch was taken and scored; the scores are in the history."""


StopKind = Literal["finished", "stopped", "early", "threshold", "converged", "not finite"]

STOP_MARKS: dict[StopKind, str] = {
    "stopped": "stopped",
    "early": "stopped early",
    "threshold": "loss threshold reached",
    "converged": "converged",
    "not finite": "not finite",
}
"""What stands at the end of a run in the plots; a run that took all its epochs needs no mark."""


MUCH_WORSE = 1.1
"""How many times the best loss the last one is, for a person to be told."""


@dataclass(frozen=True)
class StopReason:
    """Why a run ended: a word for programs, a sentence for people."""

    kind: StopKind
    sentence: str


class BestSoFar:
    """The best epoch of a run by its loss, or by the metric monitored: that value, and its weights if kept.

    All three are of one epoch at any time. Patience is counted apart, so that it can begin again.
    """

    def __init__(self) -> None:
        self.value = math.inf
        self.epoch = 0
        """0: none yet."""
        self.weights: StateVectors | None = None
        """With the running statistics that were made with them."""
        self.patience_epoch = 0
        """Epoch from which patience counts: the best one, or a later one where it began again."""
        self.newest = math.inf
        """The last value that was observed."""
        self.watches_loss = True
        """Whether values are losses; otherwise they are of the metric that a rule monitors."""

    def observe(self, value: float, epoch: int, weights: StateVectors, rule: EarlyStopping | None) -> None:
        """Note an epoch's value and, if the rule keeps them, the weights, where they are the best so far.

        value : the loss, or the metric that the rule monitors. A change by no more than the rule's minimum
        change does not make an epoch the best.
        """
        self.newest = value
        monitor, least = (rule.monitor, rule.min_delta) if rule is not None else (None, 0.0)
        self.watches_loss = monitor is None
        gain = value - self.value if monitor is not None and monitor.better == "up" else self.value - value
        if not math.isfinite(value) or (self.epoch and not gain > least):
            return
        self.value, self.epoch, self.patience_epoch = value, epoch, epoch
        if rule is not None and rule.restore_best_weights:
            if self.weights is None:
                self.weights = weights.copy()
            else:
                self.weights.take(weights)

    def missed(self) -> str:
        """What to say of a run that ends well above its best loss, with weights that are not the best."""
        if not self.watches_loss or not self.epoch or not MUCH_WORSE * self.value < self.newest < math.inf:
            return ""
        return (
            f"The loss was best in epoch {self.epoch}, {self.value:.4g}; these weights are not of that "
            "epoch. Early stopping can keep the best."
        )

    def adopt(self, rule: EarlyStopping | None, earlier: EarlyStopping | None, epoch: int) -> None:
        """Take another rule after `epoch`: one that begins to wait or to keep the best begins here.

        So does one that monitors something else.
        """
        keeps, kept = (
            rule is not None and rule.restore_best_weights,
            earlier is not None and earlier.restore_best_weights,
        )
        other = monitor_of(rule) != monitor_of(earlier)
        if (rule is not None and earlier is None) or (keeps and not kept) or other:
            self.begin(epoch)
        elif not keeps:
            self.weights = None

    def begin(self, epoch: int) -> None:
        """Forget what was before the end of this epoch."""
        self.value, self.epoch, self.weights, self.patience_epoch = math.inf, 0, None, epoch


def monitor_of(rule: EarlyStopping | None) -> Metric | None:
    """The metric that decides which epoch is the best; None for the loss."""
    return rule.monitor if rule is not None else None


def monitor_text(rule: EarlyStopping | None) -> str:
    """What decides which epoch is the best, in the middle of a sentence: "loss", "F1 (macro)"."""
    monitor = monitor_of(rule)
    return "loss" if monitor is None else monitor.title_in_sentence


def stop_after_epoch(
    training: Training, best: BestSoFar, epoch: int, training_loss: float, watched: str, at_rest: str = ""
) -> StopReason | None:
    """The rule that ends a run after this epoch, if one does.

    training_loss : of the epoch. watched : the part of the data that `best` has observed. at_rest : why
    further steps would change nothing, as a clause; empty where they do.
    """
    rule = training.early_stopping
    if rule is not None and epoch - best.patience_epoch >= rule.patience:
        what = (
            f"has not improved since epoch {best.epoch}"
            if best.epoch
            else f"has not been a finite number since epoch {best.patience_epoch + 1}"
        )
        return StopReason(
            "early", f"Stopped early in epoch {epoch}: the {watched} {monitor_text(rule)} {what}."
        )
    if training.target_loss is not None and training_loss <= training.target_loss:
        return StopReason(
            "threshold",
            f"Stopped in epoch {epoch}: the training loss, {training_loss:.4g}, is at or below "
            f"{training.target_loss:.4g}.",
        )
    if at_rest:
        return StopReason("converged", f"Stopped in epoch {epoch}: {at_rest}.")
    return None


def all_done(done: int, asked: int) -> str:
    """The sentence for a run that has its epochs, or more: their number can be lowered in mid-run."""
    if done == asked:
        return "The one epoch is done." if asked == 1 else f"All {asked} epochs are done."
    return f"{done} epochs are done; the run was to have {asked}."
