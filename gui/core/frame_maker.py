"""Makes frames: the status of the run in numbers and words, and the answers to queries. No Qt."""

import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.errors import UserError
from engine.insight.distributions import DistributionRecord, record_of
from engine.insight.query import Query
from engine.training.stopping import monitor_text
from engine.training.trainer import Trainer
from gui.core.messages import Answers, Crashed, Frame, Queries, Status, in_words
from gui.core.pace import SpeedMeter
from gui.core.runs import Run
from gui.kit.numbers import count_text
from gui.kit.text import tr


class FrameMaker:
    """Makes frames of one run, at its step boundaries.

    report : takes the message that something could not be shown.
    """

    def __init__(self, run: Run, report: Callable[[Crashed], None]) -> None:
        self._run, self._report = run, report
        self._speed = SpeedMeter()
        self._record: DistributionRecord | None = record_of(run.trainer)
        self._constant: dict[Query[Any], Any] = {}
        """Answers that no step changes."""
        self._failed: dict[Query[Any], UserError | None] = {}
        """What cannot be answered in this run, and why; None where that is a fault of the program."""

    def begin(self) -> None:
        """Training goes on now: how fast, is measured from here."""
        self._speed = SpeedMeter()

    def frame(self, status: Status, queries: Queries, command: int, held: bool) -> Frame:
        """How the run stands now, after the command of this number; `held`: by a question that is open."""
        trainer = self._run.trainer
        self._observe(trainer)
        answers = self._answers(queries)
        epochs = trainer.experiment.training.epochs
        speed = self._speed.measure(trainer.position, status == "training")
        left = (epochs - trainer.position) / speed if speed > 0 else None
        return Frame(
            self._run.number,
            status,
            trainer.step,
            trainer.position,
            epochs,
            speed * trainer.batches.total,
            left,
            trainer.threads,
            sentence(trainer, status),
            trainer.history,
            answers,
            command,
            held,
        )

    def _observe(self, trainer: Trainer) -> None:
        """Keep the record of distributions, which panels that are opened later show from the start on."""
        if self._record is None:
            return
        try:
            self._record.observe(trainer)
        except MemoryError:
            # The run matters more than its record.
            self._record = None
        except Exception:
            self._record = None
            self._report(Crashed(traceback.format_exc()))

    def _answers(self, queries: Queries) -> Answers:
        """What was asked for, each once. What fails is said once: the run goes on, and that is not shown."""
        results: dict[Query[Any], Any] = {}
        errors: dict[Query[Any], UserError] = {}
        for query in queries:
            if query not in self._failed and query not in results:
                self._answer(query, results)
            error = self._failed.get(query)
            if error is not None:
                errors[query] = error
        # Of what nobody asks for any longer nothing is kept.
        self._constant = {query: result for query, result in results.items() if query.constant}
        return Answers(self._run.number, self._run.trainer.step, results, errors)

    def _answer(self, query: Query[Any], results: dict[Query[Any], Any]) -> None:
        if query in self._constant:
            results[query] = self._constant[query]
            return
        try:
            results[query] = query.answer(self._run.trainer)
        except (UserError, MemoryError) as error:
            self._failed[query] = in_words(error)
        except Exception:
            # A fault in showing must neither end the training nor come back with each frame.
            self._failed[query] = None
            self._report(Crashed(traceback.format_exc()))


def resting_status(trainer: Trainer) -> Status:
    """How a run stands that is not being trained."""
    reason = trainer.stop_reason
    if reason is None:
        return "paused" if trainer.step else "ready"
    if reason.kind != "finished":
        return "stopped"
    return "paused" if trainer.epoch < trainer.experiment.training.epochs else "finished"


def weights_in_use(trainer: Trainer) -> str:
    """Which weights scores are of, in words: those of the best epoch, once taken back, or today's."""
    best = trainer.best
    if best.weights is not None and best.epoch < trainer.position:
        pairs = zip(trainer.weights.in_use.state_vectors, best.weights, strict=True)
        if all(np.array_equal(one, other) for one, other in pairs):
            return tr("The weights of epoch {epoch}, the best", epoch=best.epoch)
    of = tr("average of the weights") if trainer.weights.average is not None else tr("weights")
    return tr("The {of} after step {step}", of=of, step=count_text(trainer.step))


def sentence(trainer: Trainer, status: Status) -> str:
    """What is happening, in words."""
    if trainer.stop_reason is not None and status in ("stopped", "finished"):
        return trainer.stop_reason.sentence
    epochs = trainer.experiment.training.epochs
    done = tr("{epoch} of {epochs} epochs", epoch=count_text(trainer.epoch), epochs=count_text(epochs))
    if status == "training":
        best = trainer.best
        what = tr("validation") if len(trainer.dataset.validation.inputs) else tr("training")
        name = monitor_text(trainer.experiment.training.early_stopping)
        known = (
            tr(
                " Best {what} {name} {value:.4g} at epoch {epoch}.",
                what=what,
                name=name,
                value=best.value,
                epoch=best.epoch,
            )
            if best.epoch
            else ""
        )
        return tr("Training: {done}.{known}", done=done, known=known)
    if status == "paused":
        return tr("Paused after {done}, step {step}.", done=done, step=count_text(trainer.step))
    return tr("Ready. Press Train or the space bar.")
