"""Preparations fitted on small tables."""

from typing import Any

from engine.data import Missing, Preparation
from engine.data.settings import Scaling
from engine.data.table import Column
from engine.tasks import Task
from tests.engine.data.tables import numbers, table


def fitted(
    *columns: Column,
    target: Column | None = None,
    task: Task = "regression",
    scaling: Scaling = "standardize",
    **missing: Any,
) -> Preparation:
    """Fitted on the columns; the target is a line of numbers unless given."""
    rows = len(columns[0].values)
    target = target or numbers("target", range(rows))
    names = tuple(column.name for column in columns)
    return Preparation.fit(table(*columns, target), names, target.name, task, scaling, Missing(**missing))
