"""The iris flowers."""

from typing import ClassVar, Literal

from engine.data.sources.bundled import Bundled
from engine.data.table import Table
from engine.progress import Progress
from engine.tasks import Task


class Iris(Bundled):
    """Four measurements of 150 flowers of three species."""

    heading: ClassVar[str] = "Iris flowers"
    icon: ClassVar[str] = "flower"
    kind: Literal["iris"] = "iris"
    usual_target: ClassVar[str] = "species"
    usual_task: ClassVar[Task | None] = "classification"
    origin: ClassVar[str] = (
        "Sepals and petals of 150 irises, measured by E. Anderson, published by R. A. Fisher in 1936."
    )

    def read(self, progress: Progress) -> Table:
        from sklearn.datasets import load_iris

        return self.class_table(load_iris())
