"""How the kinds of layers explain their numbers: one entry a kind; all others generically."""

from collections.abc import Mapping

from engine.insight.trace.kinds.attention import AttentionExplanation
from engine.insight.trace.kinds.base import Explanation, Sum, View
from engine.insight.trace.kinds.convolution import ConvolutionExplanation
from engine.insight.trace.kinds.elementwise import ActivationExplanation
from engine.insight.trace.kinds.embedding import EmbeddingExplanation
from engine.insight.trace.kinds.gated import GRUExplanation, LSTMExplanation
from engine.insight.trace.kinds.noise import MaskExplanation, NoiseExplanation
from engine.insight.trace.kinds.normalization import (
    FixedBatchNormExplanation,
    LayerNormExplanation,
    NormalizationExplanation,
)
from engine.insight.trace.kinds.pooling import GlobalMaxPoolExplanation, MaxPoolExplanation
from engine.insight.trace.kinds.recurrent import RecurrentExplanation
from engine.insight.trace.kinds.residual import ResidualExplanation
from engine.insight.trace.kinds.weighted import DenseExplanation
from engine.layers import Layer
from engine.layers.activation import Activation
from engine.layers.batch_norm import BatchNorm, FixedBatchNorm
from engine.layers.conv import Conv1D, Conv2D
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout, GaussianNoise, SpatialDropout
from engine.layers.embedding import Embedding
from engine.layers.global_pooling import GlobalMaxPool
from engine.layers.gru import GRU
from engine.layers.layer_norm import LayerNorm
from engine.layers.lstm import LSTM
from engine.layers.pooling import MaxPool
from engine.layers.residual import Residual
from engine.layers.self_attention import SelfAttention
from engine.layers.simple_recurrent import SimpleRecurrent

EXPLANATIONS: Mapping[type[Layer], Explanation] = {
    Dense: DenseExplanation(),
    Conv1D: ConvolutionExplanation(),
    Conv2D: ConvolutionExplanation(),
    Activation: ActivationExplanation(),
    Dropout: MaskExplanation(),
    SpatialDropout: MaskExplanation(),
    GaussianNoise: NoiseExplanation(),
    MaxPool: MaxPoolExplanation(),
    GlobalMaxPool: GlobalMaxPoolExplanation(),
    BatchNorm: NormalizationExplanation(),
    FixedBatchNorm: FixedBatchNormExplanation(),
    LayerNorm: LayerNormExplanation(),
    SimpleRecurrent: RecurrentExplanation(),
    LSTM: LSTMExplanation(),
    GRU: GRUExplanation(),
    SelfAttention: AttentionExplanation(),
    Embedding: EmbeddingExplanation(),
    Residual: ResidualExplanation(),
}
"""By the class of the layer, or one that it is derived from."""

GENERIC = Explanation()


def explanation_of(layer: Layer) -> Explanation:
    """That of the layer's class, or of the nearest class that it is derived from, or the generic one."""
    return next((EXPLANATIONS[kind] for kind in type(layer).__mro__ if kind in EXPLANATIONS), GENERIC)


__all__ = ["EXPLANATIONS", "GENERIC", "Explanation", "Sum", "View", "explanation_of"]
