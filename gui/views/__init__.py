"""The views of the centre. A new one is a file with a View and a line here."""

from gui.views.base import View
from gui.views.decision_map import DecisionMapView
from gui.views.evaluation import EvaluationView
from gui.views.model_summary import DataPoints, LayerSummary, ModelSummary
from gui.views.network_view import NetworkView
from gui.views.start_page import StartPage

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
