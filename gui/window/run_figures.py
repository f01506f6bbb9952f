"""The figures of a run that matter: losses and scores of the training and the validation part."""

import math
from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.training.history import History
from gui.core.messages import Frame, Scored
from gui.kit.indicators import NumberTile
from gui.kit.metric_text import metric_text


class RunFigures:
    """Four tiles in two groups, `losses` and `scores`, for whoever has room for them."""

    def __init__(self) -> None:
        self.tiles = {
            "training_loss": NumberTile("Training loss", colour="accent", template="0.0000"),
            "validation_loss": NumberTile("Validation loss", colour="validation", template="0.0000"),
            "training_score": NumberTile("Training accuracy", colour="accent", template="100.0 %"),
            "validation_score": NumberTile("Validation accuracy", colour="validation", template="100.0 %"),
        }
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
        caption = f"{part.capitalize()} {metric_text(metric).in_sentence}"
        self._show(f"{part}_score", score_text(metric, score), caption)

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
