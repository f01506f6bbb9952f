"""Layers that are disabled: they stay in the experiment, and the network is as if they were not there."""

import json

import numpy as np
import pytest

from engine.data import prepare
from engine.errors import ShapeError
from engine.experiment import Experiment, from_json
from engine.files.run_file import load, resume, save, saved_run
from engine.layers.dense import Dense
from engine.training.trainer import Trainer

LAYERS = [
    {"kind": "dense", "units": 6},
    {"kind": "batch_norm"},
    {"kind": "dense", "units": 5, "activation": "tanh"},
    {"kind": "dropout"},
    {
        "kind": "residual",
        "layers": [{"kind": "dense", "units": 5}, {"kind": "gaussian_noise"}, {"kind": "activation"}],
    },
]


def experiment_of(layers):
    training = {"epochs": 2, "batch_size": 50}
    return Experiment.model_validate({"data": {"source": "moons"}, "layers": layers, "training": training})


def without(numbers):
    """The layers with some of them disabled, and with them taken out."""
    kept = [layer for number, layer in enumerate(LAYERS) if number not in numbers]
    disabled = [
        {**layer, "enabled": False} if number in numbers else layer for number, layer in enumerate(LAYERS)
    ]
    return experiment_of(disabled), experiment_of(kept)


def trained(experiment):
    trainer = Trainer(experiment, prepare(experiment.data, experiment.data.load(), experiment.dtype))
    for _ in trainer.run():
        pass
    return trainer


def assert_equal_networks(one, other):
    """But for the last bits: layers that are neighbours may be computed together."""
    parameters = (trainer.model.network.parameters for trainer in (one, other))
    np.testing.assert_allclose(*parameters, rtol=1e-4, atol=1e-6, strict=True)
    assert one.evaluate("validation").loss == pytest.approx(other.evaluate("validation").loss, rel=1e-4)


@pytest.mark.parametrize("numbers", [(1,), (3,), (0, 3), (4,), (0, 1, 2, 3, 4)])
def test_a_network_learns_as_if_its_disabled_layers_were_not_there(numbers):
    disabled, taken_out = map(trained, without(numbers))
    assert_equal_networks(disabled, taken_out)
    assert len(disabled.model.network.layers) == len(LAYERS) + 1


def test_a_layer_inside_another_one_can_be_disabled():
    inner = LAYERS[4]["layers"]
    off = {**LAYERS[4], "layers": [inner[0], {**inner[1], "enabled": False}, inner[2]]}
    gone = {**LAYERS[4], "layers": [inner[0], inner[2]]}
    disabled, taken_out = (trained(experiment_of([*LAYERS[:2], layer])) for layer in (off, gone))
    assert_equal_networks(disabled, taken_out)


def test_names_stay_when_a_layer_is_disabled():
    network = trained(without((0,))[0]).model.network
    assert network.names[:3] == ("Dense 1", "Batch normalization", "Dense 2")
    assert network.trained_layers == (1, 2, 4, 5)


def test_shapes_are_checked_without_it_and_a_fault_keeps_its_place():
    misfit = {"kind": "conv2d", "enabled": False}
    trained(experiment_of([misfit, *LAYERS]))
    with pytest.raises(ShapeError) as raised:
        trained(experiment_of([{**LAYERS[0], "enabled": False}, {**misfit, "enabled": True}]))
    assert raised.value.layer_index == 1


def test_only_a_disabled_layer_says_so_in_a_file():
    assert "enabled" not in Dense().model_dump_json()
    off = Dense(enabled=False)
    assert list(json.loads(off.model_dump_json()))[-1] == "enabled"
    experiment = Experiment(layers=(off, Dense()))
    assert from_json(experiment.to_json(), "test") == experiment


def test_a_saved_run_goes_on_with_its_disabled_layers(tmp_path):
    trainer = trained(without((1, 3))[0])
    save(tmp_path / "a.gradwright", saved_run(trainer))
    again = resume(load(tmp_path / "a.gradwright"), trainer.dataset, "a")
    assert [layer.enabled for layer in again.experiment.layers] == [True, False, True, False, True]
    assert again.evaluate("test").loss == trainer.evaluate("test").loss
