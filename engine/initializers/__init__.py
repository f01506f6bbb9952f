"""How parameters start: one initializer a file, listed here."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.initializers.base import Initializer, fans
from engine.initializers.fixed_scale import Constant, Normal, Orthogonal, Uniform, Zeros
from engine.initializers.variance_scaling import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LeCunNormal,
    LeCunUniform,
)
from engine.settings import expand_kind, members

_Union = Annotated[
    GlorotUniform
    | GlorotNormal
    | HeUniform
    | HeNormal
    | LeCunUniform
    | LeCunNormal
    | Orthogonal
    | Normal
    | Uniform
    | Zeros
    | Constant,
    Field(discriminator="kind"),
]
AnyInitializer = Annotated[_Union, BeforeValidator(expand_kind)]
INITIALIZERS: tuple[type[Initializer], ...] = members(_Union)

__all__ = ["INITIALIZERS", "AnyInitializer", "Initializer", "fans"]
