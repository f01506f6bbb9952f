"""How good predictions are: a metric is a class in a file here, and listed below.

The history, the tables of the window and of the command line, the plots and `--json` read this registry.
"""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.metrics.base import Measurement, Metric, Statistic
from engine.metrics.classification import (
    F1,
    Accuracy,
    BalancedAccuracy,
    CohenKappa,
    MatthewsCorrelation,
    Precision,
    Recall,
    TopKAccuracy,
)
from engine.metrics.multilabel import LabelAccuracy, LabelF1, SubsetAccuracy
from engine.metrics.probability import AveragePrecision, BrierScore, LogLoss, RocAuc
from engine.metrics.regression import (
    R2,
    ExplainedVariance,
    MaximumError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MedianAbsoluteError,
    ReconstructionError,
    RootMeanSquaredError,
    VarianceExplained,
)
from engine.settings import expand_kind, members
from engine.tasks import Task

_Union = Annotated[
    Accuracy
    | BalancedAccuracy
    | F1
    | Precision
    | Recall
    | CohenKappa
    | MatthewsCorrelation
    | TopKAccuracy
    | LogLoss
    | BrierScore
    | RocAuc
    | AveragePrecision
    | LabelAccuracy
    | SubsetAccuracy
    | LabelF1
    | R2
    | RootMeanSquaredError
    | MeanAbsoluteError
    | MedianAbsoluteError
    | MeanAbsolutePercentageError
    | MaximumError
    | ExplainedVariance
    | VarianceExplained
    | ReconstructionError,
    Field(discriminator="kind"),
]
AnyMetric = Annotated[_Union, BeforeValidator(expand_kind)]
METRICS: tuple[type[Metric], ...] = members(_Union)

USUAL: dict[Task, tuple[Metric, ...]] = {
    "classification": (Accuracy(), BalancedAccuracy(), F1(averaging="macro")),
    "binary": (Accuracy(), BalancedAccuracy(), F1(averaging="binary")),
    "multilabel": (LabelAccuracy(), SubsetAccuracy(), LabelF1(averaging="macro")),
    "regression": (R2(), RootMeanSquaredError(), MeanAbsoluteError()),
    "reconstruction": (VarianceExplained(), ReconstructionError()),
}
"""The metrics that every run of a task records after each epoch; the first is the one shown large."""


def metrics_for(task: Task) -> tuple[Metric, ...]:
    """All metrics of a task in each of their variants: the usual ones first, then in the order listed."""
    found = [one for kind in METRICS for one in kind.variants() if one.suits(task)]
    return tuple(dict.fromkeys((*USUAL[task], *found)))


def metric_named(name: str) -> Metric | None:
    """The metric that a history calls so ("f1_macro"); None for a name that nothing here has."""
    found = (kind.named(name) for kind in METRICS)
    return next((one for one in found if one is not None), None)


__all__ = [
    "METRICS",
    "USUAL",
    "AnyMetric",
    "Measurement",
    "Metric",
    "Statistic",
    "metric_named",
    "metrics_for",
]
