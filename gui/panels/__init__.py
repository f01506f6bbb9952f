"""The registry of panels: a new one is a file with a `Panel` (see `gui.panels.base`) and a line here."""

from gui.panels.base import Panel
from gui.panels.by_hand.draw_view import DrawView
from gui.panels.by_hand.table_view import TableView
from gui.panels.checks.baselines import BaselinesPanel
from gui.panels.checks.cross_validation import CrossValidationPanel
from gui.panels.checks.gradient_check import GradientCheckPanel
from gui.panels.checks.overfit_check import OverfitCheckPanel
from gui.panels.checks.range_test import RangeTestPanel
from gui.panels.data_viewer.view import DataViewer
from gui.panels.decision.view import DecisionMapView
from gui.panels.embedding.view import EmbeddingView
from gui.panels.evaluation.view import EvaluationView
from gui.panels.features.view import FeaturesView
from gui.panels.findings import FindingsPanel
from gui.panels.inspector.view import InspectorView
from gui.panels.laboratory.panel import LaboratoryPanel
from gui.panels.lesson.panel import LessonPanel
from gui.panels.loss_surface.view import LossSurfaceView
from gui.panels.network.view import NetworkView
from gui.panels.parameters.panel import ParametersPanel
from gui.panels.plots.layer_statistics import LayerStatisticsPlot
from gui.panels.plots.line_plots import (
    GradientNormPlot,
    LearningRatePlot,
    LossPlot,
    MetricsPlot,
    UpdateRatioPlot,
)
from gui.panels.plots.weight_histograms import WeightHistogramsPlot
from gui.panels.setup.data_section import DataSection
from gui.panels.setup.network_section import NetworkSection
from gui.panels.setup.training_section import TrainingSection

PANELS: tuple[type[Panel], ...] = (
    LessonPanel,
    DataSection,
    NetworkSection,
    TrainingSection,
    NetworkView,
    DrawView,
    TableView,
    DecisionMapView,
    InspectorView,
    EvaluationView,
    FeaturesView,
    EmbeddingView,
    LossSurfaceView,
    LossPlot,
    GradientNormPlot,
    WeightHistogramsPlot,
    MetricsPlot,
    UpdateRatioPlot,
    LayerStatisticsPlot,
    LearningRatePlot,
    DataViewer,
    FindingsPanel,
    ParametersPanel,
    LaboratoryPanel,
    BaselinesPanel,
    GradientCheckPanel,
    OverfitCheckPanel,
    RangeTestPanel,
    CrossValidationPanel,
)

__all__ = ["PANELS"]
