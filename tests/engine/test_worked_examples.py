"""Published cases, to the printed digits, and the arithmetic of one step by hand."""

import numpy as np
import pytest

from engine.layers.dense import Dense
from engine.losses.regression import MeanSquaredError
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from engine.network import Network
from engine.optimizers.adam import Adam
from engine.optimizers.gradient_descent import SGD
from engine.training.updater import Updater
from tests.engine.golden import golden


class Lesson:
    """A network that is trained on one batch again and again, by plain gradient descent if not otherwise."""

    def __init__(self, layers, inputs, rate, loss, optimizer=SGD):
        self.network = Network(layers, (inputs,), np.float64)
        self.loss = loss
        self.updater = Updater(optimizer(learning_rate=rate), self.network)
        self.rate = rate

    def gradient(self, x, target):
        """Loss of the batch; the gradients are then in the network."""
        spaces = self.network.workspaces(len(x)).rows(len(x))
        arrays = {
            name: np.empty((len(x), *shape), self.network.dtype)
            for name, shape in self.loss.workspace_arrays(self.network.output_shape).items()
        }
        output = self.network.forward(x, spaces, True)
        value = self.loss.forward(output, target, arrays)
        dy = np.empty_like(output)
        self.loss.backward(output, target, dy, arrays)
        self.network.backward(dy, spaces)
        return value, output.copy(), [space["y"].copy() for space in spaces]

    def step(self, x, target):
        value, _, _ = self.gradient(x, target)
        self.updater.apply(self.rate)
        return value


@pytest.fixture
def mazur():
    """M. Mazur, "A step by step backpropagation example": 2-2-2, sigmoid, loss ½ Σ (target − output)²."""
    sigmoid = {"kind": "sigmoid"}
    layers = [Dense.model_validate({"units": 2, "activation": sigmoid}) for _ in range(2)]
    lesson = Lesson(layers, 2, 0.5, MeanSquaredError(reduction="half_sum"))
    hidden, output = lesson.network.parameter_views
    # w1, w2 lead into h1 and w3, w4 into h2, so they are columns: W[input, unit].
    hidden["weight"][...] = [[0.15, 0.25], [0.20, 0.30]]
    output["weight"][...] = [[0.40, 0.50], [0.45, 0.55]]
    hidden["bias"][...], output["bias"][...] = 0.35, 0.60
    return lesson


X = np.array([[0.05, 0.10]])
TARGET = np.array([[0.01, 0.99]])


def mazur_step(lesson):
    value, _, _ = lesson.gradient(X, TARGET)
    # The example does not train its biases.
    for gradients in lesson.network.gradient_views:
        gradients["bias"][...] = 0
    lesson.updater.apply(lesson.rate)
    return value


def test_mazur_forward(mazur):
    value, output, activations = mazur.gradient(X, TARGET)
    # h1 = σ(.15 · .05 + .20 · .10 + .35) = σ(.3775)
    np.testing.assert_allclose(activations[0], [[0.593269992, 0.596884378]], atol=5e-10)
    # o1 = σ(.40 h1 + .45 h2 + .60) = σ(1.105905967)
    np.testing.assert_allclose(output, [[0.751365070, 0.772928465]], atol=5e-10)
    assert value == pytest.approx(0.298371109, abs=5e-10)


def test_mazur_gradients_and_one_step(mazur):
    mazur_step(mazur)
    hidden, output = mazur.network.gradient_views
    # ∂E/∂w5 = (o1 − t1) · o1 (1 − o1) · h1 = .741365070 · .186815602 · .593269992
    assert output["weight"][0, 0] == pytest.approx(0.082167041, abs=5e-10)
    assert hidden["weight"][0, 0] == pytest.approx(0.000438568, abs=5e-10)
    hidden, output = mazur.network.parameter_views
    assert output["weight"][0, 0] == pytest.approx(0.358916480, abs=5e-10)
    assert hidden["weight"][0, 0] == pytest.approx(0.149780716, abs=5e-10)
    assert mazur.gradient(X, TARGET)[0] == pytest.approx(0.291027774, abs=5e-10)


def test_mazur_after_ten_thousand_steps(mazur):
    for _ in range(10_000):
        mazur_step(mazur)
    assert mazur.gradient(X, TARGET)[0] == pytest.approx(3.510e-5, abs=5e-9)


def test_pytorch_first_example():
    """Linear(10, 5), ReLU, Linear(5, 1), mean squared error, SGD .01: the same losses and parameters."""
    layers = [Dense(units=5), dense(1, "linear")]
    follows("first_example", Lesson(layers, 10, 0.01, MeanSquaredError()))


def test_a_classifier_under_adam():
    """Linear(6, 8), tanh, Linear(8, 7), ELU, Linear(7, 3), cross-entropy, Adam .02: the same again."""
    layers = [dense(8, "tanh"), dense(7, "elu"), dense(3, "linear")]
    follows("classifier", Lesson(layers, 6, 0.02, SoftmaxCrossEntropy(), Adam))


def follows(name, lesson):
    """Every loss and every parameter is PyTorch's, from the first step to the last."""
    case = next(case for case in golden("networks")["cases"] if case["name"] == name)
    lesson.network.parameters[...] = flat(case["parameters"][0])
    x, target = np.array(case["x"]), np.array(case["target"])
    for loss, after in zip(case["losses"], case["parameters"][1:], strict=True):
        assert lesson.step(x, target) == pytest.approx(loss, rel=1e-13)
        np.testing.assert_allclose(lesson.network.parameters, flat(after), rtol=0, atol=1e-15)


def dense(units, activation):
    return Dense.model_validate({"units": units, "activation": activation})


def flat(parameters):
    """PyTorch keeps (outputs, inputs); ours are (inputs, outputs)."""
    return np.concatenate([np.array(array).T.reshape(-1) for array in parameters])
