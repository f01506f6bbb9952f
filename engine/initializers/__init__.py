"""How parameters start: one initializer a file, listed here."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.initializers.base import Initializer, fans
from engine.initializers.constant import Constant
from engine.initializers.glorot import GlorotNormal, GlorotUniform
from engine.initializers.he import HeNormal, HeUniform
from engine.initializers.lecun import LeCunNormal, LeCunUniform
from engine.initializers.normal import Normal
from engine.initializers.orthogonal import Orthogonal
from engine.initializers.uniform import Uniform
from engine.initializers.zeros import Zeros
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
