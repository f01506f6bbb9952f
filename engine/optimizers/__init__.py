"""How gradients change the parameters: one update rule a file, listed here."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.optimizers.adagrad import AdaGrad
from engine.optimizers.adam import Adam
from engine.optimizers.adamw import AdamW
from engine.optimizers.base import Optimizer
from engine.optimizers.momentum import Momentum
from engine.optimizers.nesterov import Nesterov
from engine.optimizers.rmsprop import RMSProp
from engine.optimizers.sgd import SGD
from engine.settings import expand_kind, members

_Union = Annotated[
    Adam | AdamW | SGD | Momentum | Nesterov | AdaGrad | RMSProp,
    Field(discriminator="kind"),
]
AnyOptimizer = Annotated[_Union, BeforeValidator(expand_kind)]
OPTIMIZERS: tuple[type[Optimizer], ...] = members(_Union)

__all__ = ["OPTIMIZERS", "AnyOptimizer", "Optimizer"]
