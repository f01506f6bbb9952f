"""What the data sets that come along share: scikit-learn carries them, nothing is fetched.

scikit-learn is imported only when such a set is loaded, because importing it takes a second or more.
"""

from typing import Any, ClassVar

import numpy as np

from engine.data.sources.base import Source
from engine.data.table import Column, Table


class Bundled(Source):
    """A data set without settings."""

    group: ClassVar[str] = "Data sets that come along"
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
