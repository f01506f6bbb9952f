"""How wrong a batch of outputs is: one loss a file, listed here."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.losses.base import Link, Loss
from engine.losses.binary_cross_entropy import BinaryCrossEntropy
from engine.losses.binary_focal import BinaryFocal
from engine.losses.cosine_similarity import CosineSimilarity
from engine.losses.focal import Focal
from engine.losses.hinge import Hinge
from engine.losses.huber import Huber
from engine.losses.kullback_leibler import KullbackLeibler
from engine.losses.log_cosh import LogCosh
from engine.losses.mean_absolute_error import MeanAbsoluteError
from engine.losses.mean_squared_error import MeanSquaredError
from engine.losses.multiclass_hinge import MulticlassHinge
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.settings import expand_kind, members

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

__all__ = ["LOSSES", "AnyLoss", "Link", "Loss"]
