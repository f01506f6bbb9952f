"""A subclass of a layer is trained as what it is, also where its base is computed together with others."""

from typing import ClassVar

import numpy as np
import pytest

from engine.activations.rectifiers import Linear, ReLU
from engine.layers.activation import Activation
from engine.layers.batch_norm import BatchNorm
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense
from engine.layers.pooling import MaxPool
from engine.layers.reshape import Flatten
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.network import Network
from engine.training import sharded_dense
from engine.training.data_parallel import DataParallelGradient
from engine.training.fused_layers import dense_runs, with_fused_pooling
from engine.training.gradient import BatchGradient
from engine.training.worker_pool import WorkerPool


class Halved:
    """Half the output; a mixin, so that no class that is used has methods in its own body."""

    def forward(self, parameters, x, workspace, training):
        y = super().forward(parameters, x, workspace, training)
        # In an array of its own: what the class above keeps has to stay.
        workspace.prepared = 0.5 * y
        return workspace.prepared

    def backward(self, parameters, gradients, dy, workspace):
        return super().backward(parameters, gradients, 0.5 * dy, workspace)


class HalvedDense(Halved, Dense):
    pass


class HalvedNorm(Halved, BatchNorm):
    pass


class HalvedActivation(Halved, Activation):
    pass


class HalvedPool(Halved, MaxPool):
    pass


class ConstantGradient(Dense):
    """Passes a gradient of its own back."""

    def pass_back(self, parameters, dy, workspace):
        dz = super().pass_back(parameters, dy, workspace)
        workspace["dx"].fill(0.25)
        return dz


class Bump(ReLU):
    """Rises and falls, so that the largest number does not stay the largest."""

    in_place: ClassVar[bool] = False

    def forward(self, z, y):
        np.divide(1.0, 1.0 + z * z, out=y)

    def backward(self, z, y, dy, dz):
        # From the output, as |dy/dz| is the same for ± z; the sign is left out.
        np.multiply(dy, -2 * np.sqrt(1 / y - 1) * y * y, dz)


class Doubled(Linear):
    """Twice the sum."""

    def forward(self, z, y):
        np.multiply(z, 2.0, y)

    def backward(self, z, y, dy, dz):
        np.multiply(dy, 2.0, dz)


IMAGE = (6, 6, 2)
CONV, OUT = Conv2D(filters=4, activation="linear"), Dense(units=3, activation="linear")
IN_FRONT_OF_POOLING = {
    "normalization": (CONV, HalvedNorm(), Activation(), MaxPool(), Flatten(), OUT),
    "activation": (CONV, BatchNorm(), HalvedActivation(), MaxPool(), Flatten(), OUT),
    "function": (CONV, BatchNorm(), Activation(activation=Bump()), MaxPool(), Flatten(), OUT),
    "pooling": (CONV, BatchNorm(), Activation(), HalvedPool(), Flatten(), OUT),
}
CASES = {
    "first dense": ((5,), (HalvedDense(units=6), Dense(units=4), OUT)),
    "dense in the middle": ((5,), (Dense(units=6), HalvedDense(units=4), OUT)),
    "last dense": ((5,), (Dense(units=6), HalvedDense(units=3, activation="linear"))),
    "way back": ((5,), (Dense(units=6), ConstantGradient(units=4), OUT)),
    "linear function": ((5,), (Dense(units=6, activation=Doubled()), Dense(units=3, activation=Doubled()))),
    **{name: (IMAGE, layers) for name, layers in IN_FRONT_OF_POOLING.items()},
}
ROWS = 8


def layer_by_layer(network, x, target):
    """Loss and gradients from the layers' own methods, one after the other."""
    loss, spaces = SoftmaxCrossEntropy(), network.workspaces(len(x)).rows(len(x))
    scratch = {
        name: np.empty((len(x), *shape))
        for name, shape in loss.workspace_arrays(network.output_shape).items()
    }
    output = network.forward(x, spaces, training=True)
    value, dy = loss.forward(output, target, scratch), np.empty_like(output)
    loss.backward(output, target, dy, scratch)
    network.backward(dy, spaces)
    return value, network.gradients.copy()


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("case", CASES)
def test_trained_as_it_computes(case, parts, monkeypatch):
    """In one piece, and in parts whose wide layers are shared out."""
    monkeypatch.setattr(sharded_dense, "FEWEST_WEIGHTS", 1)
    shape, layers = CASES[case]
    network, draws = Network(layers, shape, np.float64), np.random.default_rng(1)
    network.initialize(draws)
    network.parameters += 0.2 * draws.normal(size=network.parameters.size)
    x, target = draws.normal(size=(ROWS, *shape)), np.eye(3)[draws.integers(0, 3, ROWS)]
    expected, gradients = layer_by_layer(network, x, target)
    pool, arguments = WorkerPool(parts), (network, SoftmaxCrossEntropy(), ROWS, draws)
    gradient = DataParallelGradient(*arguments, pool) if parts > 1 else BatchGradient(*arguments)
    value, _ = gradient.evaluate(x, target)
    pool.shutdown()
    assert value == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(network.gradients, gradients, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("layers", IN_FRONT_OF_POOLING.values(), ids=IN_FRONT_OF_POOLING)
def test_no_pooling_goes_ahead_of_what_it_does_not_know(layers):
    runs = with_fused_pooling(layers, dense_runs(layers))
    # A ReLU right before a plain pooling can do without its normalization.
    known = [range(2, 4)] if isinstance(layers[1], HalvedNorm) else []
    assert [run for run in runs if len(run) > 1] == known


class Named(Dense):
    """Other settings, the same methods."""

    heading: ClassVar[str] = "Named"
    units: int = 7


class Declared(HalvedDense):
    """Says of itself that it may be computed as f(x W + b)."""

    def affine(self):
        return Dense.affine(self)


def test_a_subclass_with_the_same_methods_is_computed_together_with_others():
    assert dense_runs([Named(), Dense(units=4)]) == [range(0, 2)]
    assert dense_runs([HalvedDense(), Dense(units=4)]) == [range(0, 1), range(1, 2)]
    assert dense_runs([Declared(), Dense(units=4)]) == [range(0, 2)]
