"""The status line, which says in words what is happening, and the tiles with losses and scores."""

import math
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QHBoxLayout, QStatusBar, QWidget

from engine.errors import NoDataYet, UserError
from engine.insight.diagnosis import RunFinding
from engine.training.history import History
from gui.core.jobs import Job, JobRunner
from gui.core.messages import Frame, Scored, Status
from gui.kit.indicators import NumberTile
from gui.kit.labels import ElidedLabel, Label, LinkButton
from gui.kit.settings_text import metric_text
from gui.kit.text import tr
from gui.window.banners import OpeningBanner
from gui.window.file_commands import FileCommands
from gui.window.job_list import JobList, JobView

TRAINING_LOSS = tr(
    "How wrong the network is on the rows that it learns from: the mean loss of a sample. "
    "Training makes it small."
)
VALIDATION_LOSS = tr(
    "How wrong the network is on rows that it does not learn from: the mean loss of a sample. "
    "Where it rises while the training loss falls, the network learns its examples by heart."
)
SCORE = tr("How good the predictions are, by the first of the chosen metrics.")


class RunFigures:
    """Four tiles in two groups, `losses` and `scores`, for the widget that has room for them."""

    def __init__(self) -> None:
        self.tiles = {
            "training_loss": NumberTile(tr("Training loss"), colour="accent", template="0.0000"),
            "validation_loss": NumberTile(tr("Validation loss"), colour="validation", template="0.0000"),
            "training_score": NumberTile(tr("Training accuracy"), colour="accent", template="100.0 %"),
            "validation_score": NumberTile(
                tr("Validation accuracy"), colour="validation", template="100.0 %"
            ),
        }
        self.tiles["training_loss"].setWhatsThis(TRAINING_LOSS)
        self.tiles["validation_loss"].setWhatsThis(VALIDATION_LOSS)
        for part in ("training", "validation"):
            self.tiles[f"{part}_loss"].setProperty("topics", ["loss"])
            self.tiles[f"{part}_score"].setProperty("topics", ["metrics"])
            self.tiles[f"{part}_score"].setWhatsThis(SCORE)
        self._scored: Scored | None = None
        self._shown_epochs = (0, 0)
        """Of which run and after how many of its epochs the figures are, or later."""
        tiles = list(self.tiles.values())
        self.losses, self.scores = _group(tiles[:2]), _group(tiles[2:])

    def show_frame(self, frame: Frame) -> None:
        """The newest numbers of the run."""
        if frame.history is None:
            return
        scored = self._scored
        of_now = scored is not None and (scored.run, scored.step) == (frame.run, frame.step)
        epochs = frame.run, frame.history.epochs.count
        if scored is not None and of_now:
            self._show_final(scored, frame.history.metrics[0])
        elif epochs != self._shown_epochs:
            self._show_newest(frame.history)
        # Else an epoch is under way, and no scores of it are known: those shown last are the newest.
        self._shown_epochs = epochs
        at_rest = frame.status in ("paused", "stopped", "finished")
        for figure in self.tiles.values():
            figure.set_outdated(at_rest and not of_now)

    def show_scored(self, message: Scored) -> None:
        """Scores of the weights as they now are: they count until training goes on."""
        self._scored = message

    def forget_scored(self) -> None:
        """The scores are of other weights: those of the last epoch are the newest until others come."""
        self._scored, self._shown_epochs = None, (0, 0)

    def clear(self) -> None:
        """Forget the run."""
        self._scored = None
        self._shown_epochs = (0, 0)
        for tile in self.tiles.values():
            tile.clear()

    def _show_final(self, message: Scored, metric: str) -> None:
        for scores in message.scores:
            if f"{scores.part}_loss" in self.tiles:
                self._show(f"{scores.part}_loss", loss_text(scores.loss))
                self._show_score(scores.part, metric, scores.metrics[metric])

    def _show_newest(self, history: History) -> None:
        last = history.epochs.count - 1
        metric = history.metrics[0]
        for part in ("training", "validation"):
            self._show(f"{part}_loss", loss_text(newest(history, f"{part}_loss", last)))
            score = newest(history, f"{part}_{metric}", last)
            self._show_score(part, metric, score)

    def _show_score(self, part: str, metric: str, score: float) -> None:
        score_name = metric_text(metric).in_sentence
        caption = (
            tr("Training {score}", score=score_name)
            if part == "training"
            else tr("Validation {score}", score=score_name)
        )
        self._show(f"{part}_score", score_text(metric, score), caption)
        self.tiles[f"{part}_score"].setWhatsThis(metric_text(metric).tip or SCORE)

    def _show(self, name: str, value: str, caption: str | None = None) -> None:
        """name : a key of `tiles`."""
        self.tiles[name].set_value(value)
        if caption is not None:
            self.tiles[name].set_caption(caption)


def _group(tiles: Sequence[NumberTile]) -> QWidget:
    """NumberTiles that come and go together."""
    group = QWidget()
    row = QHBoxLayout(group)
    row.setContentsMargins(0, 0, 12, 0)
    row.setSpacing(20)
    for tile in tiles:
        row.addWidget(tile)
    return group


def newest(history: History, column: str, last: int) -> float:
    """A column's value after the last finished epoch; NaN before the first."""
    return float(history.epochs.read(column, last)[0]) if last >= 0 else math.nan


def loss_text(value: float) -> str:
    """Four digits that matter."""
    return f"{value:.4f}" if 0.001 <= value < 100 else "–" if math.isnan(value) else f"{value:.3g}"


def score_text(metric: str, value: float) -> str:
    """Shares in percent, everything else as a number."""
    if math.isnan(value):
        return "–"
    return f"{100 * value:.1f} %" if metric_text(metric).in_percent else f"{value:.3f}"


NOTE_S = 5.0


class StatusLine(QStatusBar):
    """Left a sentence on the run, right the problem that keeps it from starting."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.setContentsMargins(10, 0, 10, 0)
        self._sentence = ElidedLabel("", "muted")
        self._problem = Label("", "error")
        self._problem.setObjectName("problem")
        self._problem.hide()
        self.findings = LinkButton()
        """How many findings there are on the run, the first one behind it; a click opens the list of them."""
        self.findings.setObjectName("finding")
        self.findings.hide()
        self._note_until = 0.0
        self._run_sentence = ""
        self._note_ends = QTimer(self)
        self._note_ends.setSingleShot(True)
        self._note_ends.timeout.connect(lambda: self._sentence.setText(self._run_sentence))
        self._before: tuple[int, Status, int] | None = None
        """How the run stood in the last frame; None since a note was shown."""
        self.addWidget(self._sentence, 1)
        self.jobs = JobList()
        """What runs beside training."""
        self.addPermanentWidget(self.jobs)
        self.addPermanentWidget(self._problem)
        self.addPermanentWidget(self.findings)

    def show_frame(self, frame: Frame) -> None:
        """Say how the run stands, and what stands out in it."""
        now = frame.run, frame.status, frame.step
        if self._before is not None and _begun(self._before, now):
            self._note_until = 0.0
        self._before = now
        self._run_sentence = frame.sentence
        if time.monotonic() >= self._note_until:
            self._sentence.setText(frame.sentence)

    def show_findings(self, found: Sequence[RunFinding]) -> None:
        """Say how many there are, and the first one in a few words."""
        if found:
            title, count = tr(found[0].title), len(found)
            more = count - 1
            text = (
                tr("Finding: {title}", title=title)
                if not more
                else tr("{count} findings: {title} …", count=count, title=title)
            )
            self.findings.setText(text)
            self.findings.setToolTip(tr(found[0].sentence) + "\n" + tr("Click for all, with remedies."))
        self.findings.setVisible(bool(found))

    def show_problem(self, error: UserError | None) -> None:
        """Say where something is wrong with the experiment; None when nothing is."""
        if isinstance(error, NoDataYet):
            error = None
        self._problem.setText(
            "" if error is None else tr("Cannot train: {headline}", headline=error.headline)
        )
        self._problem.setToolTip("" if error is None else str(error))
        self._problem.setVisible(error is not None)

    def show_saved(self, path: Path) -> None:
        """Say for a while that a file was written."""
        self.show_note(tr("Saved {name} in {parent}.", name=path.name, parent=path.parent))

    def show_note(self, sentence: str) -> None:
        """Say something for a while, until the run moves on."""
        self._note_until, self._before = time.monotonic() + NOTE_S, None
        self._sentence.setText(sentence)
        # No frame may come that would take its place.
        self._note_ends.start(round(1000 * NOTE_S))

    @property
    def sentence(self) -> str:
        return self._sentence.text()

    @property
    def problem(self) -> str:
        return self._problem.text()


def _begun(before: tuple[int, Status, int], now: tuple[int, Status, int]) -> bool:
    """Whether another run is at hand, or training has begun, be it for a single step.

    before, now : run, status, step.
    """
    (old_run, old_status, old_step), (run, status, step) = before, now
    if old_status in ("preparing", "training"):
        return False
    return run != old_run or step != old_step or status == "training"


class JobDisplay(QObject):
    """Shows what runs: in the status line, and a file that opens also over the centre."""

    def __init__(
        self, jobs: JobRunner, files: FileCommands, status_line: StatusLine, opening: OpeningBanner
    ) -> None:
        super().__init__(status_line)
        self._jobs, self._files, self._status_line, self._opening = jobs, files, status_line, opening
        jobs.changed.connect(self._show)
        jobs.ended.connect(lambda title: status_line.show_note(tr("{title}: done.", title=title)))
        status_line.jobs.cancel_requested.connect(jobs.cancel)
        opening.cancelled.connect(files.cancel_opening)
        files.opening.connect(self._show)

    def _show(self) -> None:
        listed = [job for job in self._jobs.running if job.listed]
        self._status_line.jobs.show_jobs(
            [JobView(job.number, job.title, _doing(job), job.progress.fraction) for job in listed]
        )
        opening = self._files.job
        if opening in listed:
            self._opening.show_opening(opening.title, opening.progress.fraction)
        else:
            self._opening.finish()


def _doing(job: Job) -> str:
    """What a job is, and what it is at: "Opening big.csv: reading rows"."""
    text = tr(job.progress.text)
    return f"{job.title}: {text[:1].lower()}{text[1:]}" if text else job.title
