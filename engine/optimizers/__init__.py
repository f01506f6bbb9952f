"""How gradients change the parameters: one update rule a file, listed here."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.optimizers.adadelta import Adadelta
from engine.optimizers.adagrad import AdaGrad
from engine.optimizers.adam import Adam
from engine.optimizers.adamax import Adamax
from engine.optimizers.adamw import AdamW
from engine.optimizers.base import Optimizer
from engine.optimizers.lbfgs import LBFGS
from engine.optimizers.lion import Lion
from engine.optimizers.momentum import Momentum
from engine.optimizers.nadam import NAdam
from engine.optimizers.nesterov import Nesterov
from engine.optimizers.rmsprop import RMSProp
from engine.optimizers.rprop import Rprop
from engine.optimizers.sgd import SGD
from engine.settings import expand_kind, members

_Union = Annotated[
    Adam
    | AdamW
    | SGD
    | Momentum
    | Nesterov
    | AdaGrad
    | RMSProp
    | Adadelta
    | Adamax
    | NAdam
    | Lion
    | Rprop
    | LBFGS,
    Field(discriminator="kind"),
]
AnyOptimizer = Annotated[_Union, BeforeValidator(expand_kind)]
OPTIMIZERS: tuple[type[Optimizer], ...] = members(_Union)

__all__ = ["OPTIMIZERS", "AnyOptimizer", "Optimizer"]
