"""Where data comes from and how it is prepared for training: source → table → preparation → dataset.

sources : one a file; what they read with stands in `delimited` (text) and `images` (pictures).
columns : a column by itself: type, role, settings, texts. checks : what is wrong with a table.
splitting : which rows are for training, validation, test. encoders : columns to numbers and back.
augmentation : random changes to training examples.
"""

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
