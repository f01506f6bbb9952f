"""The live plots: a new one is a file here and a line below. The window opens with the first three."""

from gui.plots.base import LivePlot
from gui.plots.gradient_norm import GradientNormPlot
from gui.plots.learning_rate import LearningRatePlot
from gui.plots.loss import LossPlot
from gui.plots.metrics import MetricsPlot
from gui.plots.update_ratio import UpdateRatioPlot
from gui.plots.weight_histograms import WeightHistogramsPlot

PLOTS: tuple[type[LivePlot], ...] = (
    LossPlot,
    GradientNormPlot,
    WeightHistogramsPlot,
    MetricsPlot,
    UpdateRatioPlot,
    LearningRatePlot,
)

__all__ = ["PLOTS", "LivePlot"]
