"""The live plots that are lines: loss, scores, learning rate, and gradient norm and update ratio of each
layer.
"""

from collections.abc import Sequence

import numpy as np
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QWidget

from engine.training.history import History
from gui.kit import scales
from gui.kit.numbers import reading_text
from gui.kit.settings_text import metric_text
from gui.kit.text import tr
from gui.kit.theme import current
from gui.panels.base import PanelContext, PanelSpec
from gui.panels.plots.annotations import Guide, Point
from gui.panels.plots.axis import TickMaker
from gui.panels.plots.chart import Chart
from gui.panels.plots.hover_cursor import Reading
from gui.panels.plots.lines import Line, RecordName, plain, shade

FEWEST_EPOCHS = 3
"""Before that, the best of them says nothing."""


class LossPlot(Chart):
    spec = PanelSpec(
        "loss",
        tr("Loss"),
        "chart-line",
        "plots",
        tr("How wrong the network is, on the data it learns from and on data it does not see."),
        order=0,
        shown_at_first=True,
    )
    empty_sentence = tr("Press Train to see the loss.")
    upright_title = tr("mean loss of a sample")
    logarithmic = False

    def lines(self, history: History) -> Sequence[Line]:
        return (
            Line("steps", "loss", tr("training"), plain("accent"), 1.75, smooth=True),
            Line(
                "epochs",
                "validation_loss",
                tr("validation"),
                plain("validation"),
                1.75,
                dashed=True,
                smooth=True,
            ),
        )

    def remarks(self, history: History) -> list[str]:
        count = history.steps.count
        penalty = float(history.steps.read("penalty", count - 1, count)[0])
        if penalty == 0:
            return []
        return [tr("without the penalty of {penalty}", penalty=reading_text(penalty))]

    def points(self, history: History) -> list[Point]:
        """The lowest validation loss."""
        best = self._best.find(history)
        if best is None or history.epochs.count < FEWEST_EPOCHS:
            return []
        return [Point(*best, current().validation, ring=f"best {reading_text(best[1])}")]

    def further_readings(self, history: History, x: float) -> list[Reading]:
        if not self.samplers["epochs"].count:
            return []
        row = self.samplers["epochs"].nearest(x)
        mean = self.samplers["epochs"].value_at("training_loss", row)
        epoch = self.samplers["epochs"].x_at(row)
        return [
            Reading(
                tr("training, mean of epoch {epoch:g}", epoch=epoch),
                reading_text(mean, digits=4),
                current().accent,
            )
        ]

    def further_columns(self, history: History) -> dict[RecordName, list[str]]:
        return {"steps": ["penalty"], "epochs": ["training_loss"]}

    def show_history(self, history: History | None) -> None:
        self._best = Lowest("validation_loss")
        super().show_history(history)


class Lowest:
    """Where a column of the epochs was lowest so far; reads each row once."""

    def __init__(self, column: str) -> None:
        self._column = column
        self._read = 0
        self._best: tuple[float, float] | None = None

    def find(self, history: History) -> tuple[float, float] | None:
        """(epoch, value); None where there is no finite value."""
        count = history.epochs.count
        if count > self._read:
            values = history.epochs.read(self._column, self._read, count)
            finite = np.where(np.isfinite(values), values, np.inf)
            row = int(finite.argmin())
            if np.isfinite(finite[row]) and (self._best is None or finite[row] < self._best[1]):
                epoch = history.epochs.read("epoch", self._read + row, self._read + row + 1)[0]
                self._best = float(epoch), float(finite[row])
            self._read = count
        return self._best


class MetricsPlot(Chart):
    spec = PanelSpec(
        "metrics",
        tr("Scores"),
        "target",
        "plots",
        tr("Accuracy, R² and their kin after each epoch, on training and on validation data."),
        order=30,
    )
    empty_sentence = tr("Press Train to see the scores.")
    logarithmic = None

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        self.shown_metric = ""
        self._preferred = ""
        self._choices: QActionGroup | None = None
        super().__init__(context, parent)

    def lines(self, history: History) -> Sequence[Line]:
        if not self.shown_metric:
            return ()
        return (
            Line(
                "epochs", f"training_{self.shown_metric}", tr("training"), plain("accent"), 1.75, smooth=True
            ),
            Line(
                "epochs",
                f"validation_{self.shown_metric}",
                tr("validation"),
                plain("validation"),
                1.75,
                dashed=True,
                smooth=True,
            ),
        )

    def linear_ticks(self) -> TickMaker:
        return scales.percent_ticks if metric_text(self.shown_metric).in_percent else scales.linear_ticks

    def show_history(self, history: History | None) -> None:
        if history is not self._history:
            metrics = history.metrics if history is not None else ()
            self._offer(metrics)
            # What a person chose comes back with the next run that has it.
            offered = self._preferred in metrics
            self._choose(self._preferred if offered else next(iter(metrics), ""))
        super().show_history(history)

    def show_metric(self, metric: str) -> None:
        """Show another score of the run, and of the runs after it that have one."""
        self._preferred = metric
        self._choose(metric)
        self._make_lines()

    def _choose(self, metric: str) -> None:
        self.shown_metric = metric
        self.title.set_title(metric_text(metric).title if metric else self.spec.title)
        self.canvas.left.set_ticks(self.linear_ticks())
        self.canvas.set_titles(metric_text(metric).title.lower() if metric else "", tr("epoch"))

    def _offer(self, metrics: Sequence[str]) -> None:
        if self._choices is not None:
            self._choices.deleteLater()
        self._choices = QActionGroup(self)
        for metric in metrics:
            action = self._choices.addAction(metric_text(metric).title)
            action.setCheckable(True)
            action.setData(metric)
        self._choices.triggered.connect(lambda action: self.show_metric(action.data()))

    def _menu_actions(self) -> list[list[QAction]]:
        actions = self._choices.actions() if self._choices else []
        for action in actions:
            action.setChecked(action.data() == self.shown_metric)
        return [actions, *super()._menu_actions()]


class LearningRatePlot(Chart):
    spec = PanelSpec(
        "learning_rate",
        tr("Learning rate"),
        "gauge",
        "plots",
        tr("The learning rate of every step, with warm-up, schedule and changes by hand."),
        order=50,
    )
    empty_sentence = tr("Press Train to see the learning rate.")
    upright_title = tr("learning rate")
    # It is set, not measured: what is far from the rest, as in a warm-up, is meant.
    robust = False
    logarithmic = False

    def caption_now(self, history: History | None) -> str:
        if history is None or not history.steps.count:
            return ""
        count = history.steps.count
        return f"now {reading_text(float(history.steps.read('learning_rate', count - 1, count)[0]))}"

    def lines(self, history: History) -> Sequence[Line]:
        return (Line("steps", "learning_rate", tr("learning rate"), plain("accent"), 1.75),)


# One line for each layer, in shades of one colour: the first layer faintest, the last one strongest.
#
# They are means without the faint line of single steps: from batch to batch these change so much that those
# of two layers already cover one another.

FAINTEST, STRONGEST = 0.55, 0.15
"""How much of the ground is in the shades of the first and the last layer."""


def layer_lines(what: str, history: History, colour: str) -> list[Line]:
    """Lines for the columns "gradient_norm/0", … of the layers that have parameters."""
    count = len(history.layer_names)
    lines = []
    for position, (index, name) in enumerate(history.layer_names.items()):
        share = FAINTEST + (STRONGEST - FAINTEST) * position / max(count - 1, 1)
        lines.append(
            Line(
                "steps",
                f"{what}/{index}",
                name,
                shade(colour, share),
                width=1.5,
                smooth=True,
                faint=False,
                label=True,
            )
        )
    return lines


class GradientNormPlot(Chart):
    spec = PanelSpec(
        "gradient_norm",
        tr("Gradient norm"),
        "trend-down",
        "plots",
        tr("How strongly each layer is told to change; where it vanishes or explodes, learning fails."),
        order=10,
        shown_at_first=True,
    )
    empty_sentence = tr("Press Train to see the gradient norm.")
    upright_title = tr("norm of ∂L/∂w")
    logarithmic = True

    def caption_now(self, history: History | None) -> str:
        return tr("per layer")

    def lines(self, history: History) -> Sequence[Line]:
        whole = Line(
            "steps", "gradient_norm", tr("all layers"), plain("gradient"), 1.75, smooth=True, label=True
        )
        return (*layer_lines("gradient_norm", history, "gradient"), whole)


USUAL_RATIO = 1e-3
"""Rule of thumb for plain SGD (Karpathy, CS231n notes, "Ratio of weights:updates")."""


class UpdateRatioPlot(Chart):
    spec = PanelSpec(
        "update_ratio",
        tr("Update ratio"),
        "arrows-out-line-vertical",
        "plots",
        tr("The length of a step beside the length of the weights; about a thousandth is usual."),
        order=40,
    )
    empty_sentence = tr("Press Train to see the update ratio.")
    upright_title = tr("‖change‖ / ‖weights‖")
    logarithmic = True
    guides = (Guide(USUAL_RATIO, tr("10⁻³ is usual")),)

    def caption_now(self, history: History | None) -> str:
        return tr("‖change‖ / ‖weights‖, per layer")

    def lines(self, history: History) -> Sequence[Line]:
        return layer_lines("update_ratio", history, "gradient")
