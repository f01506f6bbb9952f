"""What older versions left out of the record of a run. The experiment has its own migrations, beside it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.experiment import SCHEMA_VERSION

Columns = dict[str, NDArray[Any]]


def migrate_history(columns: Columns, version: int) -> Columns:
    """Bring the record of a file of this version up to date; what is not right in it stays as it is."""
    for step in range(version, SCHEMA_VERSION):
        columns = _MIGRATIONS[step](columns)
    return columns


def _from_version_1(columns: Columns) -> Columns:
    """Nobody counted weights of 0: NaN."""
    steps = columns.get("steps/epoch", np.empty(0))
    return {"steps/zero_weights": np.full(steps.shape, np.nan)} | columns


_MIGRATIONS: Mapping[int, Callable[[Columns], Columns]] = {1: _from_version_1}
"""For each version but the present one, the step to the next."""
