"""The layers that a network is built from: one a file, listed here."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.layers.activation import Activation
from engine.layers.average_pool import AveragePool
from engine.layers.base import Buffer, Layer, Workspace, shape_text
from engine.layers.batch_norm import BatchNorm
from engine.layers.conv1d import Conv1D
from engine.layers.conv2d import Conv2D
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.layers.flatten import Flatten
from engine.layers.gaussian_noise import GaussianNoise
from engine.layers.global_average_pool import GlobalAveragePool
from engine.layers.layer_norm import LayerNorm
from engine.layers.max_pool import MaxPool
from engine.layers.prelu import PReLU
from engine.layers.reshape import Reshape
from engine.layers.spatial_dropout import SpatialDropout
from engine.layers.up_sample import UpSample
from engine.settings import expand_kind, members

_Union = Annotated[
    Dense
    | Activation
    | Dropout
    | Flatten
    | Conv2D
    | Conv1D
    | MaxPool
    | AveragePool
    | GlobalAveragePool
    | UpSample
    | Reshape
    | BatchNorm
    | LayerNorm
    | SpatialDropout
    | GaussianNoise
    | PReLU,
    Field(discriminator="kind"),
]
AnyLayer = Annotated[_Union, BeforeValidator(expand_kind)]
LAYERS: tuple[type[Layer], ...] = members(_Union)

__all__ = ["LAYERS", "AnyLayer", "Buffer", "Layer", "Workspace", "shape_text"]
