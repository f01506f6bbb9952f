"""The breast cancer measurements of Wisconsin."""

from typing import ClassVar, Literal

from engine.data.sources.bundled import Bundled
from engine.data.table import Table
from engine.progress import Progress
from engine.tasks import Task


class BreastCancer(Bundled):
    """Thirty measurements of cell nuclei from 569 tumours, malignant or benign."""

    heading: ClassVar[str] = "Breast cancer"
    icon: ClassVar[str] = "first-aid-kit"
    kind: Literal["breast_cancer"] = "breast_cancer"
    usual_target: ClassVar[str] = "diagnosis"
    usual_task: ClassVar[Task | None] = "classification"
    origin: ClassVar[str] = (
        "Cell nuclei of 569 tumours, measured by W. H. Wolberg, W. N. Street and O. L. Mangasarian, "
        "Wisconsin 1993."
    )

    def read(self, progress: Progress) -> Table:
        from sklearn.datasets import load_breast_cancer

        return self.class_table(load_breast_cancer())
