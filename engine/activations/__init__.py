"""Activation functions, each beside its derivative: one a file, listed here."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.activations.base import ActivationFunction
from engine.activations.rectifiers import ELU, GELU, LeakyReLU, Linear, ReLU, SiLU, Softplus
from engine.activations.sigmoid import Sigmoid, Softmax, Tanh
from engine.settings import expand_kind, members

_Union = Annotated[
    ReLU | LeakyReLU | ELU | GELU | SiLU | Sigmoid | Tanh | Softplus | Softmax | Linear,
    Field(discriminator="kind"),
]
AnyActivation = Annotated[_Union, BeforeValidator(expand_kind)]
ACTIVATIONS: tuple[type[ActivationFunction], ...] = members(_Union)

__all__ = ["ACTIVATIONS", "ActivationFunction", "AnyActivation"]
