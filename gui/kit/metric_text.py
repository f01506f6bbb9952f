"""Scores as the window writes them: title, format and tip, read from the registry of metrics."""

import math
from dataclasses import dataclass

from engine.metrics import metric_named
from gui.kit.number_text import percent_text, reading_text

UNDEFINED = "–"
"""Stands in place of a score that has no value."""


@dataclass(frozen=True)
class MetricText:
    """How a score is called and written.

    title : on its own. in_sentence : after another word. tip : what it measures. in_percent : whether it is
    written in percent. in_target_unit : whether it has the unit of what is predicted.
    """

    title: str
    in_sentence: str
    tip: str
    in_percent: bool = False
    in_target_unit: bool = False

    def write(self, value: float) -> str:
        """The value with the digits that matter."""
        if not math.isfinite(value):
            return UNDEFINED
        return percent_text(value) if self.in_percent else reading_text(value)


LOSS = MetricText("Loss", "loss", "What training makes small, as a mean over the rows, without penalties.")


def metric_text(name: str) -> MetricText:
    """The text of a score by its name in histories; one that is in no registry is called by its name."""
    if name == "loss":
        return LOSS
    metric = metric_named(name)
    if metric is None:
        words = name.replace("_", " ")
        return MetricText(words.capitalize(), words, "")
    return MetricText(
        metric.title,
        metric.title_in_sentence,
        metric.explanation,
        metric.format == "percent",
        metric.in_target_unit,
    )
