"""Activation functions, each beside its derivative: one a file, listed here."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.activations.base import ActivationFunction
from engine.activations.elu import ELU
from engine.activations.gelu import GELU
from engine.activations.leaky_relu import LeakyReLU
from engine.activations.linear import Linear
from engine.activations.relu import ReLU
from engine.activations.sigmoid import Sigmoid
from engine.activations.silu import SiLU
from engine.activations.softmax import Softmax
from engine.activations.softplus import Softplus
from engine.activations.tanh import Tanh
from engine.settings import expand_kind, members

_Union = Annotated[
    ReLU | LeakyReLU | ELU | GELU | SiLU | Sigmoid | Tanh | Softplus | Softmax | Linear,
    Field(discriminator="kind"),
]
AnyActivation = Annotated[_Union, BeforeValidator(expand_kind)]
ACTIVATIONS: tuple[type[ActivationFunction], ...] = members(_Union)

__all__ = ["ACTIVATIONS", "ActivationFunction", "AnyActivation"]
