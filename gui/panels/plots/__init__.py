"""The live plots: a new one is a file here and a line below. The window opens with the first three."""

from gui.panels.plots.base import LivePlot
from gui.panels.plots.layer_lines import GradientNormPlot, UpdateRatioPlot
from gui.panels.plots.learning_rate import LearningRatePlot
from gui.panels.plots.loss import LossPlot
from gui.panels.plots.metrics import MetricsPlot
from gui.panels.plots.weight_histograms import WeightHistogramsPlot

PLOTS: tuple[type[LivePlot], ...] = (
    LossPlot,
    GradientNormPlot,
    WeightHistogramsPlot,
    MetricsPlot,
    UpdateRatioPlot,
    LearningRatePlot,
)

__all__ = ["PLOTS", "LivePlot"]
