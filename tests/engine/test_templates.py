"""Templates: every one that suits some data makes a network for it that learns."""

import numpy as np
import pytest

from engine.activations.rectifiers import Linear
from engine.arrays import IntegerEncodedColumn
from engine.data.dimensions import DataDimensions
from engine.experiment import Experiment
from engine.layers.dense import Dense
from engine.network import Network
from engine.network_assembly import fitted_layers
from engine.templates import TEMPLATES, Autoencoder, LeNet, LinearModel, Recurrent, SmallResNet, halvings

CODES = (IntegerEncodedColumn(0, 4), IntegerEncodedColumn(2, 3))
SAMPLES = {
    "two inputs": DataDimensions((2,), 3, "classification", 100, 20),
    "many inputs": DataDimensions((30,), 1, "regression", 400, 80),
    "codes": DataDimensions((5,), 1, "binary", 400, 80, CODES),
    "tiny images": DataDimensions((8, 8, 1), 10, "classification", 1000, 200),
    "digits": DataDimensions((28, 28, 1), 10, "classification", 1000, 200),
    "flat images": DataDimensions((9, 200, 3), 2, "classification", 1000, 200),
    "large images": DataDimensions((128, 160, 3), 2, "classification", 1000, 200),
}


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_template_fits_the_data_or_says_in_a_sentence_why_not(template, name):
    data = SAMPLES[name]
    reason = template.reason_against(data)
    if reason:
        assert reason[0].isupper()
        assert reason.endswith(".")
        return
    layers = template.layers(data)
    assert Experiment(layers=layers).layers == layers
    output = Dense(units=data.outputs, activation=Linear())
    network = Network((*fitted_layers(layers, data.encoded_columns), output), data.input_shape)
    assert network.shapes[-1] == (data.outputs,)
    # What makes each pixel again needs weights for each.
    assert network.parameters.size < 1_000_000 or template is Autoencoder
    assert np.prod(network.shapes[0]) == np.prod(data.input_shape)


def test_which_suit_is_decided_by_the_samples():
    suiting = {
        name: {kind.__name__ for kind in TEMPLATES if not kind.reason_against(data)}
        for name, data in SAMPLES.items()
    }
    perceptrons = {"LinearModel", "SmallPerceptron", "LargePerceptron", "NormalizedPerceptron"}
    assert suiting["two inputs"] == suiting["codes"] == perceptrons
    assert suiting["many inputs"] == perceptrons | {"Autoencoder", "Recurrent", "TinyAttention"}
    assert suiting["tiny images"] == suiting["many inputs"] | {"SmallResNet"}
    assert suiting["digits"] == suiting["tiny images"] | {"LeNet"}


def test_reasons_name_what_the_data_has():
    assert LeNet.reason_against(SAMPLES["tiny images"]) == (
        "It needs images of at least 12 × 12 pixels: these are 8 × 8."
    )
    assert Recurrent.reason_against(SAMPLES["two inputs"]) == (
        "It needs a sequence of at least 4 steps: these samples have 2."
    )


def test_sizes_follow_the_data():
    assert LinearModel.layers(SAMPLES["many inputs"]) == ()
    units = [layer.units for layer in Autoencoder.layers(SAMPLES["digits"])[1:]]
    assert units == [128, 32, 128]
    assert [layer.units for layer in Autoencoder.layers(SAMPLES["many inputs"])] == [15, 3, 15]
    assert len(halvings((128, 160, 3))) == 2
    assert len(halvings((9, 200, 3))) == 0
    assert halvings((64, 64, 3)) == ()
    assert SmallResNet.layers(SAMPLES["digits"])[0].kind == "conv2d"
