"""Loss over the epochs: every step faintly, their mean boldly, and the validation data's after each epoch."""

from collections.abc import Sequence

import numpy as np

from engine.training.history import History
from gui.kit.number_text import reading_text
from gui.kit.theme import current
from gui.panels.base import PanelSpec
from gui.panels.plots.annotations import Point
from gui.panels.plots.chart import Chart
from gui.panels.plots.hover_cursor import Reading
from gui.panels.plots.lines import Line, RecordName, plain

FEWEST_EPOCHS = 3
"""Before that, the best of them says nothing."""


class LossPlot(Chart):
    spec = PanelSpec(
        "loss",
        "Loss",
        "chart-line",
        "plots",
        "How wrong the network is, on the data it learns from and on data it does not see.",
        order=0,
        shown_at_first=True,
    )
    empty_sentence = "Press Train to see the loss."
    logarithmic = False

    def lines(self, history: History) -> Sequence[Line]:
        return (
            Line("steps", "loss", "training", plain("accent"), 1.75, smooth=True),
            Line(
                "epochs", "validation_loss", "validation", plain("validation"), 1.75, dashed=True, smooth=True
            ),
        )

    def remarks(self, history: History) -> list[str]:
        count = history.steps.count
        penalty = float(history.steps.read("penalty", count - 1, count)[0])
        if penalty == 0:
            return []
        return [f"without the penalty, now {reading_text(penalty)}"]

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
        return [Reading(f"training, mean of epoch {epoch:g}", reading_text(mean, digits=4), current().accent)]

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
