"""Built-in data: the data sets that scikit-learn carries, so that nothing is downloaded."""

from typing import Any, ClassVar, Literal

import numpy as np

from engine.data.sources.base import Source
from engine.data.table import Column, Table
from engine.progress import Progress
from engine.tasks import Task

# What the data sets that come along share: scikit-learn carries them, nothing is fetched.
#
# scikit-learn is imported only when such a set is loaded, because importing it takes a second or more.


class Bundled(Source):
    """A data set without settings."""

    group: ClassVar[str] = "Built-in data"
    origin: ClassVar[str]
    """Who collected it and where it was published."""

    def table(self, columns: tuple[Column, ...]) -> Table:
        """A table that names its origin."""
        return Table(self.heading, columns, (self.origin,))

    def class_table(self, bunch: Any) -> Table:
        """The table of a scikit-learn Bunch: number columns by their names, then the class by name."""
        return self.table((*number_columns(bunch), class_column(self.usual_target, bunch)))


def number_columns(bunch: Any) -> tuple[Column, ...]:
    """The inputs of a scikit-learn Bunch."""
    values = np.asarray(bunch.data, dtype=np.float64)
    return tuple(Column(str(n), "number", values[:, i].copy()) for i, n in enumerate(bunch.feature_names))


def class_column(name: str, bunch: Any) -> Column:
    """The target of a scikit-learn Bunch, as names."""
    names = [str(title) for title in bunch.target_names]
    return Column(name, "category", np.array([names[index] for index in bunch.target], dtype=object))


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


class Digits(Bundled):
    """1,797 images of 8 × 8 pixels with the values 0 (paper) to 16 (ink), and the digit they show."""

    heading: ClassVar[str] = "Handwritten digits"
    icon: ClassVar[str] = "number-square-eight"
    kind: Literal["digits"] = "digits"
    usual_target: ClassVar[str] = "digit"
    usual_task: ClassVar[Task | None] = "classification"
    origin: ClassVar[str] = (
        "1,797 digits of 8 × 8 pixels, written by 43 people, by E. Alpaydin and C. Kaynak, UCI 1998."
    )

    def read(self, progress: Progress) -> Table:
        from sklearn.datasets import load_digits

        bunch = load_digits()
        images = np.asarray(bunch.images, dtype=np.float32)[..., np.newaxis]
        return self.table((Column("image", "image", images), class_column(self.usual_target, bunch)))


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
