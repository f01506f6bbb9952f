"""Built-in data: the data sets that scikit-learn carries, so that nothing is downloaded."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np

from engine.data.columns.settings import ColumnType
from engine.data.sources.base import Source
from engine.data.table import Column, Table
from engine.progress import Progress
from engine.tasks import Task


class Bundled(Source):
    """A data set without settings, which scikit-learn carries."""

    group: ClassVar[str] = "Built-in data"
    loader: ClassVar[str]
    """Name of the function in `sklearn.datasets` that loads it."""
    origin: ClassVar[str]
    """Who collected it and where it was published."""

    def read(self, progress: Progress, types: Mapping[str, ColumnType]) -> Table:
        return self.table(self.bunch())

    def bunch(self, **options: Any) -> Any:
        """What scikit-learn's loader gives: `data`, `feature_names`, `target` and `target_names`."""
        # Imported only here: importing scikit-learn takes a second or more.
        from sklearn import datasets

        return getattr(datasets, self.loader)(**options)

    def table(self, bunch: Any) -> Table:
        """The inputs and then the target, as a table that names its origin."""
        return Table(self.heading, (*self.inputs(bunch), self.target(bunch)), (self.origin,))

    def inputs(self, bunch: Any) -> tuple[Column, ...]:
        """A column of numbers for each feature, by its name."""
        values = np.asarray(bunch.data, dtype=np.float64)
        return tuple(Column(str(n), "number", values[:, i].copy()) for i, n in enumerate(bunch.feature_names))

    def target(self, bunch: Any) -> Column:
        """The class of each row, by its name."""
        names = self.class_names(bunch)
        values = np.array([names[index] for index in bunch.target], dtype=object)
        return Column(self.usual_target, "category", values)

    def class_names(self, bunch: Any) -> list[str]:
        """What the classes are called."""
        return [str(name) for name in bunch.target_names]


class BreastCancer(Bundled):
    """Thirty measurements of cell nuclei from 569 tumours, malignant or benign."""

    heading: ClassVar[str] = "Breast cancer"
    icon: ClassVar[str] = "first-aid-kit"
    kind: Literal["breast_cancer"] = "breast_cancer"
    loader: ClassVar[str] = "load_breast_cancer"
    usual_target: ClassVar[str] = "diagnosis"
    usual_task: ClassVar[Task | None] = "classification"
    origin: ClassVar[str] = (
        "Cell nuclei of 569 tumours, measured by W. H. Wolberg, W. N. Street and O. L. Mangasarian, "
        "Wisconsin 1993."
    )


class Diabetes(Bundled):
    """Ten measurements of 442 patients, and how far their disease had gone a year later."""

    heading: ClassVar[str] = "Diabetes progression"
    icon: ClassVar[str] = "drop"
    kind: Literal["diabetes"] = "diabetes"
    loader: ClassVar[str] = "load_diabetes"
    usual_target: ClassVar[str] = "progression"
    usual_task: ClassVar[Task | None] = "regression"
    origin: ClassVar[str] = (
        "Age, sex, body mass index, blood pressure and six blood values of 442 patients, "
        "by B. Efron and others, 2004."
    )

    def read(self, progress: Progress, types: Mapping[str, ColumnType]) -> Table:
        # scaled=False: years, kg/m² and the like, so that a person can read and enter them.
        return self.table(self.bunch(scaled=False))

    def target(self, bunch: Any) -> Column:
        return Column(self.usual_target, "number", np.asarray(bunch.target, dtype=np.float64))


class Digits(Bundled):
    """1,797 images of 8 × 8 pixels with the values 0 (paper) to 16 (ink), and the digit they show."""

    heading: ClassVar[str] = "Handwritten digits"
    icon: ClassVar[str] = "number-square-eight"
    kind: Literal["digits"] = "digits"
    loader: ClassVar[str] = "load_digits"
    usual_target: ClassVar[str] = "digit"
    usual_task: ClassVar[Task | None] = "classification"
    origin: ClassVar[str] = (
        "1,797 digits of 8 × 8 pixels, written by 43 people, by E. Alpaydin and C. Kaynak, UCI 1998."
    )

    def inputs(self, bunch: Any) -> tuple[Column, ...]:
        images = np.asarray(bunch.images, dtype=np.float32)[..., np.newaxis]
        return (Column("image", "image", images),)


class Iris(Bundled):
    """Four measurements of 150 flowers of three species."""

    heading: ClassVar[str] = "Iris flowers"
    icon: ClassVar[str] = "flower"
    kind: Literal["iris"] = "iris"
    loader: ClassVar[str] = "load_iris"
    usual_target: ClassVar[str] = "species"
    usual_task: ClassVar[Task | None] = "classification"
    origin: ClassVar[str] = (
        "Sepals and petals of 150 irises, measured by E. Anderson, published by R. A. Fisher in 1936."
    )


class Wine(Bundled):
    """Thirteen chemical measurements of 178 wines from three growers."""

    heading: ClassVar[str] = "Wines"
    icon: ClassVar[str] = "wine"
    kind: Literal["wine"] = "wine"
    loader: ClassVar[str] = "load_wine"
    usual_target: ClassVar[str] = "grower"
    usual_task: ClassVar[Task | None] = "classification"
    origin: ClassVar[str] = (
        "Chemical analyses of 178 Italian wines of three growers, by M. Forina and others, UCI 1991."
    )

    def class_names(self, bunch: Any) -> list[str]:
        return [f"grower {index + 1}" for index in range(len(bunch.target_names))]
