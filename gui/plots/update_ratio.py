"""How far a step moves each layer, measured by the size of its weights."""

from collections.abc import Sequence

from engine.training.history import History
from gui.plots.annotations import Guide
from gui.plots.chart import Chart
from gui.plots.layers import layer_lines
from gui.plots.lines import Line

USUAL_RATIO = 1e-3
"""Rule of thumb for plain SGD (Karpathy, CS231n notes, "Ratio of weights:updates")."""


class UpdateRatioPlot(Chart):
    name = "update_ratio"
    heading = "Update ratio"
    icon = "arrows-out-line-vertical"
    description = "The length of a step beside the length of the weights; about a thousandth is usual."
    empty_sentence = "Press Train to see the update ratio."
    logarithmic = True
    guides = (Guide(USUAL_RATIO, "10⁻³ is usual"),)

    def caption_now(self, history: History | None) -> str:
        return "‖change‖ / ‖weights‖, per layer"

    def lines(self, history: History) -> Sequence[Line]:
        return layer_lines("update_ratio", history, "gradient")
