"""What every metric is: settings that say what is measured, read from sums that several metrics share."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from engine.settings import Settings, kind_of
from engine.tasks import Task

Numbers = NDArray[np.float64]
Direction = Literal["up", "down"]
Format = Literal["percent", "score", "number"]
"""percent : a fraction of 1 shown in percent. score : a number without unit, 1 at best. number : in the unit
of the target, or without bounds."""


NAMES = ("Cohen's", "Matthews", "Brier")
"""People, whose names keep their capitals."""


class Statistic(ABC):
    """What is gathered of predictions that come piece by piece, and metrics are computed from.

    outputs : number of columns of the predictions.
    """

    def __init__(self, outputs: int) -> None:
        self.outputs = outputs

    @abstractmethod
    def update(
        self, outputs: NDArray[np.floating], targets: NDArray[np.number], weights: Numbers | None
    ) -> None:
        """Add the predictions of some more rows."""


class Metric(Settings):
    """A measure of how good predictions are.

    Predictions are probabilities, shape (rows, classes), with class indices, shape (rows,), as targets; the
    probability of "yes", shape (rows, 1) or (rows, labels), with targets of 0 and 1; or numbers in the
    target's unit, shape (rows, outputs), with targets of the same shape.
    """

    explanation: ClassVar[str] = ""
    """What it measures, in one sentence; for tips and the command line."""
    better: ClassVar[Direction] = "up"
    """Whether a larger value is better."""
    format: ClassVar[Format] = "score"
    in_target_unit: ClassVar[bool] = False
    """Whether it has the unit of what is predicted."""
    keeps_rows: ClassVar[bool] = False
    """Whether its statistic keeps the predictions of all rows, which many classes make large."""
    statistic: ClassVar[type[Any]]
    """The `Statistic` that it is computed from; metrics of the same statistic share one."""

    @classmethod
    def variants(cls) -> tuple[Self, ...]:
        """The metric in each of the ways that are usual: with each averaging, for instance."""
        return (cls(),)

    @classmethod
    def named(cls, name: str) -> Self | None:
        """The metric of this class that has a name in a history; None where none of its variants has."""
        return next((one for one in cls.variants() if one.name == name), None)

    @abstractmethod
    def suits(self, task: Task) -> bool:
        """Whether it can be computed for this kind of task."""

    @property
    def title(self) -> str:
        """What it is called in tables and plots, its averaging included ("F1 (macro)")."""
        return self.heading

    @property
    def title_in_sentence(self) -> str:
        """The title in the middle of a sentence: "accuracy", but "F1 (macro)" and "ROC AUC"."""
        title = self.title
        as_it_is = not title[1:2].islower() or title.split()[0] in NAMES
        return title if as_it_is else title[0].lower() + title[1:]

    @property
    def name(self) -> str:
        """Its name in histories and JSON."""
        return kind_of(type(self))

    @abstractmethod
    def result(self, statistic: Any) -> float:
        """The value for all rows that were added to the statistic; NaN where it is not defined.

        statistic : an instance of `self.statistic`.
        """

    def improves(self, value: float, best: float) -> bool:
        """Whether a value is better than the best so far. NaN improves on nothing, all improves on NaN."""
        if np.isnan(best):
            return not np.isnan(value)
        return value > best if self.better == "up" else value < best


class Measurement:
    """Computes several metrics of predictions that come piece by piece.

    Parameters
    ----------
    metrics : what to compute.
    outputs : number of columns of the predictions.

    Attributes
    ----------
    statistics : one for each type of statistic that the metrics need.
    """

    def __init__(self, metrics: Iterable[Metric], outputs: int) -> None:
        self._metrics = tuple(metrics)
        kinds = dict.fromkeys(metric.statistic for metric in self._metrics)
        self.statistics: Mapping[type[Any], Any] = {kind: kind(outputs) for kind in kinds}

    def update(
        self, outputs: NDArray[np.floating], targets: NDArray[np.number], weights: Numbers | None = None
    ) -> None:
        """Add the predictions of some more rows; `weights`, shape (rows,), says how much each counts."""
        self.add(np.asarray(outputs, np.float64), targets, weights)

    def add(
        self, outputs: NDArray[np.floating], targets: NDArray[np.number], weights: Numbers | None = None
    ) -> None:
        """As `update`, in the precision that the predictions have."""
        for statistic in self.statistics.values():
            statistic.update(outputs, targets, weights)

    def result(self) -> dict[str, float]:
        """The metrics by name, of all rows that were added."""
        return {metric.name: metric.result(self.statistics[metric.statistic]) for metric in self._metrics}
