"""The views of the centre. A new one is a file with a View and a line here."""

from gui.core.model_summary import DataPoints, LayerSummary, ModelSummary
from gui.panels.decision.view import DecisionMapView
from gui.panels.evaluation.view import EvaluationView
from gui.panels.network.view import NetworkView
from gui.panels.start.page import StartPage
from gui.panels.view import View

VIEWS: tuple[type[View], ...] = (NetworkView, DecisionMapView, EvaluationView)
"""In the order of their tabs."""

__all__ = [
    "VIEWS",
    "DataPoints",
    "DecisionMapView",
    "EvaluationView",
    "LayerSummary",
    "ModelSummary",
    "NetworkView",
    "StartPage",
    "View",
]
