"""The layers that a network is built from: one a file, listed here."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.layers.activation import Activation
from engine.layers.base import Buffer, Layer, Workspace, shape_text
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.layers.flatten import Flatten
from engine.settings import expand_kind, members

_Union = Annotated[
    Dense | Activation | Dropout | Flatten,
    Field(discriminator="kind"),
]
AnyLayer = Annotated[_Union, BeforeValidator(expand_kind)]
LAYERS: tuple[type[Layer], ...] = members(_Union)

__all__ = ["LAYERS", "AnyLayer", "Buffer", "Layer", "Workspace", "shape_text"]
