"""Losses of an autoencoder: which serve, and which are refused."""

import math

import numpy as np
import pytest

from engine.errors import ShapeError, UserError
from tests.engine.training.autoencoders import FLATTEN, autoencoder
from tests.engine.training.runs import dense, finish, trainer


def test_cross_entropy_for_inputs_from_0_to_1():
    settings = autoencoder(
        [FLATTEN, dense(16, "relu")],
        "digits",
        loss="binary_cross_entropy",
        epochs=3,
        data={"scaling": "minmax"},
    )
    run = trainer(settings)
    assert run.loss.inverse_link == "sigmoid"
    finish(run)
    x = run.dataset.test.inputs
    back = run.predict(x)
    assert 0 <= back.min() <= back.max() <= 1
    scores = run.evaluate("test")
    expected = ((back.astype(float) - x.reshape(len(x), 64)) ** 2).mean()
    assert scores.metrics["mse"] == pytest.approx(expected, rel=1e-6)
    t, y = x.reshape(len(x), 64).astype(float), back.astype(float).clip(1e-12, 1 - 1e-7)
    by_hand = -(t * np.log(y) + (1 - t) * np.log(1 - y)).mean()
    assert scores.loss == pytest.approx(by_hand, rel=1e-4)


def test_cross_entropy_of_held_out_inputs_beyond_the_range_has_a_lower_bound():
    """Scaled to the training's range, they count as shares of yes of 0 or 1; their error is the real one."""
    data = {"scaling": "minmax"}
    run = trainer(autoencoder([dense(3)], "wine", loss="binary_cross_entropy", data=data))
    targets = run.dataset.validation.targets
    assert targets.max() > 1
    run.network.parameters[...] = 0
    run.network.parameter_views[-1]["bias"][...] = np.where(targets.max(axis=0) > 1, 40.0, 0.0)
    shares, sure = targets.clip(0, 1), targets.max(axis=0) > 1
    by_hand = np.where(sure, 40 * (1 - shares), math.log(2)).mean()
    scores = run.evaluate("validation")
    assert scores.loss == pytest.approx(by_hand, rel=1e-5)
    answers = np.where(sure, 1.0, 0.5)
    assert scores.metrics["mse"] == pytest.approx(((targets - answers) ** 2).mean(), rel=1e-5)


def test_cross_entropy_is_refused_for_other_inputs():
    with pytest.raises(UserError) as caught:
        trainer(autoencoder(loss="binary_cross_entropy"))
    sentence = str(caught.value)
    assert "Training, loss: expected targets in 0 … 1 for binary cross-entropy, found -" in sentence
    assert "“Range 0 to 1”" in sentence


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "hinge", "focal"])
def test_losses_of_other_tasks_are_refused(loss):
    with pytest.raises(UserError, match="Training, loss: expected a loss for the input itself"):
        trainer(autoencoder(loss=loss))


@pytest.mark.parametrize(
    "loss", ["mean_squared_error", "mean_absolute_error", "huber", "log_cosh", "cosine_similarity"]
)
def test_losses_of_numbers_serve(loss):
    run = trainer(autoencoder(loss=loss, epochs=15, optimizer={"kind": "adam", "learning_rate": 0.01}))
    before = run.evaluate("training").loss
    assert finish(run).evaluate("training").loss < before


def test_an_image_needs_to_be_flattened_somewhere():
    with pytest.raises(ShapeError):
        trainer(autoencoder([{"kind": "conv2d", "filters": 2}], "digits"))
