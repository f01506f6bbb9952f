"""Length of the gradient, of the whole network and layer by layer."""

from collections.abc import Sequence

from engine.training.history import History
from gui.plots.chart import Chart
from gui.plots.layers import layer_lines
from gui.plots.lines import Line, plain


class GradientNormPlot(Chart):
    name = "gradient_norm"
    heading = "Gradient norm"
    icon = "trend-down"
    description = "How strongly each layer is told to change; where it vanishes or explodes, learning fails."
    empty_sentence = "Press Train to see the gradient norm."
    logarithmic = True

    def caption_now(self, history: History | None) -> str:
        return "per layer"

    def lines(self, history: History) -> Sequence[Line]:
        whole = Line("steps", "gradient_norm", "whole", plain("gradient"), 1.75, smooth=True, label=True)
        return (*layer_lines("gradient_norm", history, "gradient"), whole)
