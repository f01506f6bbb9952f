"""The learning rate of every step, as schedule, warm-up and hand have set it."""

from collections.abc import Sequence

from engine.training.history import History
from gui.kit.number_text import reading_text
from gui.panels.base import PanelSpec
from gui.panels.plots.chart import Chart
from gui.panels.plots.lines import Line, plain


class LearningRatePlot(Chart):
    spec = PanelSpec(
        "learning_rate",
        "Learning rate",
        "gauge",
        "plots",
        "The learning rate of every step, with warm-up, schedule and changes by hand.",
        order=50,
    )
    empty_sentence = "Press Train to see the learning rate."
    logarithmic = False

    def caption_now(self, history: History | None) -> str:
        if history is None or not history.steps.count:
            return ""
        count = history.steps.count
        return f"now {reading_text(float(history.steps.read('learning_rate', count - 1, count)[0]))}"

    def lines(self, history: History) -> Sequence[Line]:
        return (Line("steps", "learning_rate", "learning rate", plain("accent"), 1.75),)
