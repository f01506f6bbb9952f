"""The layers that a network is built from: one a file, listed here."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.arrays import shape_text
from engine.layers.activation import Activation, PReLU
from engine.layers.base import (
    Affine,
    ArraySpec,
    BatchWorker,
    Layer,
    PoolingStep,
    RandomSource,
    Workspace,
)
from engine.layers.batch_norm import BatchNorm
from engine.layers.conv import Conv1D, Conv2D
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout, GaussianNoise, SpatialDropout
from engine.layers.embedding import Embedding
from engine.layers.global_pooling import GlobalAveragePool, GlobalMaxPool
from engine.layers.gru import GRU
from engine.layers.layer_norm import LayerNorm
from engine.layers.lstm import LSTM
from engine.layers.pooling import AveragePool, MaxPool
from engine.layers.positional_encoding import PositionalEncoding
from engine.layers.reshape import Flatten, Reshape, UpSample
from engine.layers.residual import Residual
from engine.layers.self_attention import SelfAttention
from engine.layers.simple_recurrent import SimpleRecurrent
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
    | GlobalMaxPool
    | UpSample
    | Reshape
    | BatchNorm
    | LayerNorm
    | SpatialDropout
    | GaussianNoise
    | PReLU
    | SimpleRecurrent
    | GRU
    | LSTM
    | SelfAttention
    | PositionalEncoding
    | Embedding
    | Residual,
    Field(discriminator="kind"),
]
AnyLayer = Annotated[_Union, BeforeValidator(expand_kind)]
# A residual layer may hold any of them: its own fields are complete only now.
Residual.model_rebuild(_types_namespace={"AnyLayer": AnyLayer})
LAYERS: tuple[type[Layer], ...] = members(_Union)

__all__ = [
    "LAYERS",
    "Affine",
    "AnyLayer",
    "ArraySpec",
    "BatchWorker",
    "Layer",
    "PoolingStep",
    "RandomSource",
    "Workspace",
    "shape_text",
]
