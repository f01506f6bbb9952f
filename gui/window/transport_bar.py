"""The top of the window: the menu bar, and under it train, step, stop, reset, progress, figures and state."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QProgressBar, QToolButton, QVBoxLayout, QWidget

from gui.core.messages import Frame, Scored
from gui.kit import theme
from gui.kit.indicators import NumberTile
from gui.kit.labels import ElidedLabel, Label
from gui.kit.numbers import count_text, duration_text
from gui.kit.text import tr
from gui.window.status_line import RunFigures

PROGRESS_STEPS = 1000
TRAIN_WIDTH = 98
PROGRESS_WIDTH = 190
"""Of the text on progress, where there is room for more than the epoch."""
BETWEEN_PARTS = 8
STATE_COLOURS = {
    "preparing": "muted",
    "empty": "muted",
    "invalid": "error",
    "ready": "accent",
    "training": "good",
    "paused": "warning",
    "stopped": "muted",
    "finished": "good",
}
STATE_WORDS = {
    "preparing": tr("Preparing"),
    "empty": tr("No data yet"),
    "invalid": tr("Needs attention"),
    "ready": tr("Ready"),
    "training": tr("Training"),
    "paused": tr("Paused"),
    "stopped": tr("Stopped"),
    "finished": tr("Finished"),
}


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
        self.setWhatsThis(tr("The bar at the top trains, pauses and stops, and shows how the run stands."))
        self._train = _button(train)
        self._train.setProperty("primary", True)
        # "Pause" is wider than "Train": at one width the buttons beside it keep their places.
        theme.set_sizes(self._train, width=TRAIN_WIDTH)
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
        self._progress.setAccessibleName(tr("Progress of training"))
        self._progress.setWhatsThis(tr("How much of the training ordered is done, in epochs."))
        self._figures = RunFigures()
        self._dot = Label("●")
        self._state = Label("")
        self._status = ""
        self._losses, self._scores = self._figures.losses, self._figures.scores
        self._lay_out()
        theme.notifier().changed.connect(self.apply_theme)
        self.show_status("preparing")

    @property
    def figures(self) -> dict[str, NumberTile]:
        """The tiles by what they show: training_loss, validation_loss, training_score, validation_score."""
        return self._figures.tiles

    @property
    def state(self) -> str:
        """The word that says how the run stands."""
        return self._state.text()

    def show_status(self, status: str) -> None:
        """One of `gui.core.messages.Status`."""
        if status != self._status:
            self._status = status
            self._state.setText(STATE_WORDS[status])
            self.apply_theme()

    def show_frame(self, frame: Frame, train_hint: str = "") -> None:
        """How the run stands, in its newest numbers. train_hint : what Train would do ("Train: 100 more")."""
        self.show_status(frame.status)
        done = tr(
            "Epoch {epoch} of {epochs}",
            epoch=count_text(int(frame.position)),
            epochs=count_text(frame.epochs),
        )
        text = done if frame.epochs else ""
        hinted = bool(text and train_hint) and frame.status != "training"
        if hinted:
            text += f" · {train_hint}"
        elif frame.status == "training" and frame.samples_per_second:
            if frame.seconds_left is not None:
                text += tr(" · {duration} left", duration=duration_text(frame.seconds_left))
            text += tr(
                " · {samples_per_second} samples/s", samples_per_second=count_text(frame.samples_per_second)
            )
        self._hint_width = self._text_width(text) if hinted else 0
        self.show_progress(frame.position, frame.epochs, text)
        self._figures.show_frame(frame)

    def clear(self) -> None:
        """Forget the run: no figure and no progress of it stays; the state is that of the next frame."""
        self._figures.clear()
        self.show_progress(0.0, 0, "")

    def show_scored(self, message: Scored) -> None:
        """Scores of the weights as they now are: they count until training goes on."""
        self._figures.show_scored(message)

    def forget_scored(self) -> None:
        """The weights were edited: what was scored is of others."""
        self._figures.forget_scored()

    def show_progress(self, position: float, epochs: int, text: str) -> None:
        """position : in epochs. text : "Epoch 31 of 50", and after it what there is to say."""
        widest = tr("Epoch {epochs} of {epochs}", epochs=count_text(epochs))
        self._epoch_width = self._text_width(widest)
        self._progress.setValue(round(PROGRESS_STEPS * min(position / epochs, 1.0)) if epochs else 0)
        self._progress_text.setText(text)

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

    def apply_theme(self) -> None:
        colour = theme.current().ink(STATE_COLOURS[self._status])
        self._dot.setStyleSheet(f"color: {colour};")

    def _fit(self) -> None:
        """Show as much as there is room for."""
        self._measure_words()
        scores, losses = (group.sizeHint().width() + BETWEEN_PARTS for group in (self._scores, self._losses))
        text = max(theme.scaled(PROGRESS_WIDTH), self._epoch_width)
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
    theme.set_sizes(button, icon=16)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setProperty("button", True)
    button.setAccessibleName(action.text())
    return button


def _rule() -> QFrame:
    rule = QFrame()
    rule.setFrameShape(QFrame.Shape.VLine)
    rule.setProperty("rule", True)
    return rule
