"""Loss functions, and the automatic loss of each task."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.losses.base import InverseLink, Loss
from engine.losses.binary_cross_entropy import BinaryCrossEntropy, BinaryFocal
from engine.losses.hinge import Hinge, MulticlassHinge
from engine.losses.regression import CosineSimilarity, Huber, LogCosh, MeanAbsoluteError, MeanSquaredError
from engine.losses.softmax_cross_entropy import Focal, KullbackLeibler, SoftmaxCrossEntropy
from engine.settings import expand_kind, members
from engine.tasks import Task

_Union = Annotated[
    SoftmaxCrossEntropy
    | Focal
    | KullbackLeibler
    | MulticlassHinge
    | BinaryCrossEntropy
    | BinaryFocal
    | Hinge
    | MeanSquaredError
    | MeanAbsoluteError
    | Huber
    | LogCosh
    | CosineSimilarity,
    Field(discriminator="kind"),
]
AnyLoss = Annotated[_Union, BeforeValidator(expand_kind)]
LOSSES: tuple[type[Loss], ...] = members(_Union)

AUTOMATIC_LOSSES: Mapping[Task, Loss] = {
    "classification": SoftmaxCrossEntropy(),
    "binary": BinaryCrossEntropy(),
    "multilabel": BinaryCrossEntropy(),
    "regression": MeanSquaredError(),
    "reconstruction": MeanSquaredError(),
}
"""The loss of each task where none is chosen."""

__all__ = ["AUTOMATIC_LOSSES", "LOSSES", "AnyLoss", "InverseLink", "Loss"]
