"""After the first batch, layers allocate nothing that counts."""

import tracemalloc

import numpy as np
import pytest

from engine.activations import ACTIVATIONS
from engine.activations.rectifiers import ReLU
from engine.layers import LAYERS
from engine.layers.activation import Activation, PReLU
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
from engine.network import Network
from tests.engine.coded_layers import CODED

ROWS = 200
BUFFERED_NUMBERS = 64
"""For the time of one call over arrays that are not whole, NumPy takes a buffer of 8,192 numbers for each of
its three. Here it gets small ones, so that arrays of our own cannot hide behind them."""

ALLOWED_BYTES = 8192
"""For views and NumPy's loops; a column of a number for each row has 800 bytes, other arrays have more."""

IMAGE_LAYERS = [
    Conv2D(),
    Conv2D(stride=2),
    Conv2D(groups=2, padding="valid"),
    Conv2D(groups=16, filters=16),
    Conv2D(height=1, width=1),
    Conv2D.model_validate({"activation": "leaky_relu"}),
    MaxPool(),
    MaxPool(pool_size=3, stride=2, padding="same"),
    AveragePool(),
    AveragePool(pool_size=3, stride=2, padding="same"),
    GlobalAveragePool(),
    GlobalMaxPool(),
    UpSample(),
    Reshape(),
    BatchNorm(),
    LayerNorm(),
    LayerNorm(axes="sample"),
    GaussianNoise(),
    PReLU(),
    Residual(activation=ReLU(), drop_rate=0.5),
    Residual(layers=(Conv2D(stride=2), BatchNorm())),
    Dropout(),
    SpatialDropout(),
    Flatten(),
]

SEQUENCE_LAYERS = [
    Conv1D(),
    MaxPool(),
    GlobalMaxPool(),
    Dense(axes="features"),
    Dense.model_validate({"axes": "features", "activation": "gelu"}),
    SimpleRecurrent(),
    SimpleRecurrent.model_validate({"activation": "relu", "returns": "sequence", "direction": "both"}),
    *(cls(returns=returns, units=32) for cls in (GRU, LSTM) for returns in ("last", "sequence")),
    GRU(direction="both", returns="sequence"),
    LSTM(direction="both", bias=False),
    SelfAttention(),
    SelfAttention(heads=3, size=7, causal=True, dropout=0.3),
    PositionalEncoding(),
    PositionalEncoding(encoding="learned"),
]

FLAT_LAYERS = [Dense(), BatchNorm(), LayerNorm(), Residual(drop_rate=0.5), CODED[0], CODED[2]]

BENDS = [Activation(activation=cls()) for cls in ACTIVATIONS]

CASES = [
    *((layer, (20, 18, 16)) for layer in (*IMAGE_LAYERS, *BENDS)),
    *((layer, (60, 16)) for layer in SEQUENCE_LAYERS),
    *((layer, (300,)) for layer in (*FLAT_LAYERS, *BENDS)),
    (Embedding(vocabulary=1000, size=8), (50,)),
]


@pytest.fixture(autouse=True)
def _small_buffers():
    before = np.setbufsize(BUFFERED_NUMBERS)
    yield
    np.setbufsize(before)


def test_every_layer_is_among_them():
    assert {type(layer) for layer, _ in CASES} == set(LAYERS)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [pytest.param(*case, id=f"{case[0].kind}-{number}") for number, case in enumerate(CASES)],
)
def test_a_step_allocates_no_arrays(layer, shape):
    network = Network([layer], shape)
    network.initialize(np.random.default_rng(1))
    space = network.workspaces(ROWS).rows(ROWS)[0]
    space.needs_dx = True
    x = np.random.default_rng(1).normal(size=(ROWS, *shape)).astype(np.float32)
    dy = np.ones((ROWS, *network.output_shape), np.float32)
    parameters, gradients = network.parameter_views[0], network.gradient_views[0]

    def step():
        layer.forward(parameters, x, space, True)
        layer.backward(parameters, gradients, dy, space)

    step()
    tracemalloc.start()
    try:
        step()
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        step()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < ALLOWED_BYTES
    assert after - before < 1024
