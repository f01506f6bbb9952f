"""The bar under the menu: train, step, stop and reset; progress; the figures that matter; the state."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QProgressBar, QToolButton, QVBoxLayout, QWidget

from engine.training.history import History
from gui.core.messages import Frame, Scored
from gui.kit import theme
from gui.kit.labels import ElidedLabel, Label
from gui.kit.number_text import count_text, duration_text
from gui.kit.number_tile import Figure

PROGRESS_STEPS = 1000
TRAIN_WIDTH = 98
PROGRESS_WIDTH = 190
"""Of the text on progress, where there is room for more than the epoch."""
BETWEEN_PARTS = 8
STATE_COLOURS = {
    "preparing": "muted",
    "invalid": "error",
    "ready": "accent",
    "training": "good",
    "paused": "warning",
    "stopped": "muted",
    "finished": "good",
}
STATE_WORDS = {
    "preparing": "Preparing",
    "invalid": "Needs attention",
    "ready": "Ready",
    "training": "Training",
    "paused": "Paused",
    "stopped": "Stopped",
    "finished": "Finished",
}

METRIC_WORDS = {"accuracy": "accuracy", "r2": "R²", "explained_variance": "explained"}
IN_PERCENT = ("accuracy", "explained_variance")


class TransportBar(QWidget):
    """Shows how the run stands; its buttons are the window's actions.

    In a narrow window its parts give way in turn: what Train would do, which its tool tip says too; the
    scores, the end of the text on progress, the words on the buttons, the losses. Scores and losses also
    stand in the plots.

    step_actions : what the step button's menu offers; the first is what it does at a click.
    """

    def __init__(
        self,
        train: QAction,
        step_actions: list[QAction],
        stop: QAction,
        reset: QAction,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("transport")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._train = _button(train)
        self._train.setProperty("primary", True)
        # "Pause" is wider than "Train": at one width the buttons beside it keep their places.
        self._train.setFixedWidth(TRAIN_WIDTH)
        step = _button(step_actions[0])
        self._worded = [step, _button(stop), _button(reset)]
        self._words_width = 0
        self._worded_now = True
        menu = QMenu(step)
        menu.addActions(step_actions)
        step.setMenu(menu)
        step.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self._progress_text = ElidedLabel("", "muted", separator=" · ")
        self._epoch_width = self._hint_width = 0
        """Of the text on progress up to the epoch, and with what Train would do, where that is said."""
        self._progress = QProgressBar()
        self._progress.setRange(0, PROGRESS_STEPS)
        self._progress.setValue(0)
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(6)
        self._progress.setAccessibleName("Progress of training")
        self.figures = {
            "training_loss": Figure("Training loss", colour="accent", template="0.0000"),
            "validation_loss": Figure("Validation loss", colour="validation", template="0.0000"),
            "training_score": Figure("Training accuracy", colour="accent", template="100.0 %"),
            "validation_score": Figure("Validation accuracy", colour="validation", template="100.0 %"),
        }
        self._dot = Label("●")
        self._state = Label("")
        self._status = ""
        self._scored: Scored | None = None
        self._shown_epochs = (0, 0)
        """Of which run and after how many of its epochs the figures are, or later."""
        figures = list(self.figures.values())
        self._losses, self._scores = _group(figures[:2]), _group(figures[2:])
        self._lay_out()
        theme.notifier().changed.connect(self._dress)
        self.show_status("preparing")

    def show_status(self, status: str) -> None:
        """One of `gui.core.messages.Status`."""
        if status != self._status:
            self._status = status
            self._state.setText(STATE_WORDS[status])
            self._dress()

    def show_frame(self, frame: Frame, train_hint: str = "") -> None:
        """How the run stands, in its newest numbers. train_hint : what Train would do ("Train: 100 more")."""
        self.show_status(frame.status)
        done = f"Epoch {count_text(int(frame.position))} of {count_text(frame.epochs)}"
        text = done if frame.epochs else ""
        hinted = bool(text and train_hint) and frame.status != "training"
        if hinted:
            text += f" · {train_hint}"
        elif frame.status == "training" and frame.samples_per_second:
            if frame.seconds_left is not None:
                text += f" · {duration_text(frame.seconds_left)} left"
            text += f" · {count_text(frame.samples_per_second)} samples/s"
        self._hint_width = self._text_width(text) if hinted else 0
        self.show_progress(frame.position, frame.epochs, text)
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
        for figure in self.figures.values():
            figure.set_outdated(at_rest and not of_now)

    def clear(self) -> None:
        """Forget the run: no figure and no progress of it stays; the state is that of the next frame."""
        self._scored = None
        self._shown_epochs = (0, 0)
        for figure in self.figures.values():
            figure.clear()
        self.show_progress(0.0, 0, "")

    def show_scored(self, message: Scored) -> None:
        """Scores of the weights as they now are: they count until training goes on."""
        self._scored = message

    def _show_final(self, message: Scored, metric: str) -> None:
        for scores in message.scores:
            if f"{scores.part}_loss" in self.figures:
                self.show_figure(f"{scores.part}_loss", loss_text(scores.loss))
                self._show_score(scores.part, metric, scores.metrics[metric])

    def _show_newest(self, history: History) -> None:
        last = history.epochs.count - 1
        metric = history.metrics[0]
        for part in ("training", "validation"):
            self.show_figure(f"{part}_loss", loss_text(newest(history, f"{part}_loss", last)))
            score = newest(history, f"{part}_{metric}", last)
            self._show_score(part, metric, score)

    def _show_score(self, part: str, metric: str, score: float) -> None:
        caption = f"{part.capitalize()} {METRIC_WORDS.get(metric, metric)}"
        self.show_figure(f"{part}_score", score_text(metric, score), caption)

    def show_progress(self, position: float, epochs: int, text: str) -> None:
        """position : in epochs. text : "Epoch 31 of 50", and after it what there is to say."""
        widest = f"Epoch {count_text(epochs)} of {count_text(epochs)}"
        self._epoch_width = self._text_width(widest)
        self._progress.setValue(round(PROGRESS_STEPS * min(position / epochs, 1.0)) if epochs else 0)
        self._progress_text.setText(text)

    def show_figure(self, name: str, value: str, caption: str | None = None) -> None:
        """name : a key of `figures`."""
        self.figures[name].set_value(value)
        if caption is not None:
            self.figures[name].set_caption(caption)

    def _lay_out(self) -> None:
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(BETWEEN_PARTS)
        for button in (self._train, *self._worded):
            row.addWidget(button)
        row.addSpacing(4)
        row.addWidget(_rule())
        row.addSpacing(4)
        progress = QVBoxLayout()
        progress.setSpacing(5)
        progress.addStretch()
        progress.addWidget(self._progress_text)
        progress.addWidget(self._progress)
        progress.addStretch()
        row.addLayout(progress, 3)
        row.addSpacing(4)
        row.addWidget(_rule())
        row.addSpacing(4)
        row.addWidget(self._losses)
        row.addWidget(self._scores)
        row.addStretch(1)
        row.addWidget(self._dot)
        row.addWidget(self._state)

    def _dress(self) -> None:
        colour = theme.current().ink(STATE_COLOURS[self._status])
        self._dot.setStyleSheet(f"color: {colour};")

    def _fit(self) -> None:
        """Show as much as there is room for."""
        self._measure_words()
        scores, losses = (group.sizeHint().width() + BETWEEN_PARTS for group in (self._scores, self._losses))
        text = max(PROGRESS_WIDTH, self._epoch_width)
        hint = max(self._hint_width - text, 0)
        needed = self._row.minimumSize().width() + text + hint - self._progress_text.minimumWidth()
        needed += scores * self._scores.isHidden() + losses * self._losses.isHidden()
        needed += self._words_width * (not self._worded_now)
        fits = []
        for width in (hint, scores, text - self._epoch_width, self._words_width, losses):
            fits.append(needed <= self.width())
            needed -= width * (not fits[-1])
        self._scores.setVisible(fits[1])
        words = text + hint if fits[0] else text if fits[2] else self._epoch_width
        self._progress_text.setMinimumWidth(words)
        self._set_worded(fits[3])
        self._losses.setVisible(fits[4])
        self._row.activate()

    def _text_width(self, text: str) -> int:
        """Of a text on progress."""
        return self._progress_text.fontMetrics().horizontalAdvance(text) + 2

    def _measure_words(self) -> None:
        """How much narrower the buttons are without their words."""
        if self._words_width:
            return
        for button in self._worded:
            button.ensurePolished()
        with_words = sum(button.sizeHint().width() for button in self._worded)
        self._set_worded(False)
        self._words_width = with_words - sum(button.sizeHint().width() for button in self._worded)
        self._set_worded(True)

    def _set_worded(self, worded: bool) -> None:
        self._worded_now = worded
        styles = Qt.ToolButtonStyle
        for button in self._worded:
            button.setToolButtonStyle(
                styles.ToolButtonTextBesideIcon if worded else styles.ToolButtonIconOnly
            )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._words_width = 0
        # A figure, the state or the progress needs more or less room than before.
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setIconSize(QSize(16, 16))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setProperty("button", True)
    button.setAccessibleName(action.text())
    return button


def _group(figures: Sequence[Figure]) -> QWidget:
    """Figures that come and go together."""
    group = QWidget()
    row = QHBoxLayout(group)
    row.setContentsMargins(0, 0, 12, 0)
    row.setSpacing(20)
    for figure in figures:
        row.addWidget(figure)
    return group


def _rule() -> QFrame:
    rule = QFrame()
    rule.setFrameShape(QFrame.Shape.VLine)
    rule.setProperty("rule", True)
    return rule


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
    return f"{100 * value:.1f} %" if metric in IN_PERCENT else f"{value:.3f}"
