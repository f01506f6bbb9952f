"""The wines of three growers."""

from typing import ClassVar, Literal

import numpy as np

from engine.data.sources.bundled import Bundled, number_columns
from engine.data.table import Column, Table
from engine.progress import Progress
from engine.tasks import Task


class Wine(Bundled):
    """Thirteen chemical measurements of 178 wines from three growers."""

    heading: ClassVar[str] = "Wines"
    icon: ClassVar[str] = "wine"
    kind: Literal["wine"] = "wine"
    usual_target: ClassVar[str] = "grower"
    usual_task: ClassVar[Task | None] = "classification"
    origin: ClassVar[str] = (
        "Chemical analyses of 178 Italian wines of three growers, by M. Forina and others, UCI 1991."
    )

    def read(self, progress: Progress) -> Table:
        from sklearn.datasets import load_wine

        bunch = load_wine()
        growers = np.array([f"grower {index + 1}" for index in bunch.target], dtype=object)
        return self.table((*number_columns(bunch), Column(self.usual_target, "category", growers)))
