"""The progression of diabetes."""

from typing import ClassVar, Literal

import numpy as np

from engine.data.sources.bundled import Bundled, number_columns
from engine.data.table import Column, Table
from engine.progress import Progress
from engine.tasks import Task


class Diabetes(Bundled):
    """Ten measurements of 442 patients, and how far their disease had gone a year later."""

    heading: ClassVar[str] = "Diabetes progression"
    icon: ClassVar[str] = "drop"
    kind: Literal["diabetes"] = "diabetes"
    usual_target: ClassVar[str] = "progression"
    usual_task: ClassVar[Task | None] = "regression"
    origin: ClassVar[str] = (
        "Age, sex, body mass index, blood pressure and six blood values of 442 patients, "
        "by B. Efron and others, 2004."
    )

    def read(self, progress: Progress) -> Table:
        from sklearn.datasets import load_diabetes

        # scaled=False: years, kg/m² and the like, so that a person can read and enter them.
        bunch = load_diabetes(scaled=False)
        progression = np.asarray(bunch.target, dtype=np.float64)
        return self.table((*number_columns(bunch), Column(self.usual_target, "number", progression)))
