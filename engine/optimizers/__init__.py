"""How gradients change the parameters: one update rule a file, listed here."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.optimizers.adagrad import Adadelta, AdaGrad, RMSProp
from engine.optimizers.adam import Adam, Adamax, AdamW
from engine.optimizers.base import Optimizer
from engine.optimizers.gradient_descent import SGD, Momentum, Nesterov
from engine.optimizers.lbfgs import LBFGS
from engine.optimizers.nadam import NAdam
from engine.optimizers.sign_based import Lion, Rprop
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
