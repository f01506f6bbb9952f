"""Where data comes from and how it is prepared for training: source → table → preparation → dataset."""

from engine.data.checks.finding import Finding
from engine.data.dataset import Dataset, Part, prepare
from engine.data.description import ColumnSummary, Description, describe
from engine.data.preparation import Preparation
from engine.data.settings import DataSettings, Missing
from engine.data.splitting.settings import Split
from engine.data.table import Column, Table

__all__ = [
    "Column",
    "ColumnSummary",
    "DataSettings",
    "Dataset",
    "Description",
    "Finding",
    "Missing",
    "Part",
    "Preparation",
    "Split",
    "Table",
    "describe",
    "prepare",
]
