"""A model apart from its trainer: what it says is what the trainer says, and its arrays have stable names."""

import numpy as np
import pytest

from engine.errors import UserError
from engine.layers import LAYERS
from engine.model import Model
from engine.network import OUTPUT_NAME, layer_names
from engine.network_assembly import Architecture, full_names
from engine.settings import kind_of
from tests.engine.sample_shapes import fitting_shapes
from tests.engine.training.runs import dense, experiment, take, trainer

RESIDUAL = {"kind": "residual", "layers": [dense(8), {"kind": "residual", "layers": [dense(5)]}]}
LAYERS_OF_A_RUN = [dense(8), {"kind": "batch_norm"}, RESIDUAL, {"kind": "dropout"}, dense(4)]


@pytest.fixture(scope="module")
def run():
    return take(trainer(experiment(LAYERS_OF_A_RUN, weight_averaging=0.9)), 20)


def test_arrays_carry_the_names_of_their_layers(run):
    assert list(run.model.state_dict()) == [
        "Dense 1.weight",
        "Dense 1.bias",
        "Batch normalization.scale",
        "Batch normalization.shift",
        "Residual.0.weight",
        "Residual.0.bias",
        "Residual.1.0.weight",
        "Residual.1.0.bias",
        "Residual.1.projection.weight",
        "Residual.projection.weight",
        "Dense 2.weight",
        "Dense 2.bias",
        "Output.weight",
        "Output.bias",
        "Batch normalization.mean",
        "Batch normalization.variance",
    ]


def test_a_model_from_its_arrays_says_what_the_trainer_says(run):
    model = Model.from_state(run.experiment, run.dataset.preparation, run.model.state_dict())
    for part in ("training", "validation", "test"):
        inputs = run.dataset.part(part).inputs
        assert model.outputs(inputs).tobytes() == run.predict(inputs).tobytes()
        found, expected = model.evaluate(run.dataset, part), run.evaluate(part)
        assert (found.loss, found.metrics) == (expected.loss, expected.metrics)
    table = run.experiment.data.load()
    found = model.predict(table)
    assert found.classes == model.classes == run.dataset.classes
    rows = run.dataset.test.rows
    np.testing.assert_array_equal(
        found.probabilities[rows].argmax(axis=1), run.predict(run.dataset.test.inputs).argmax(axis=1)
    )


@pytest.mark.parametrize("loss", [{"kind": "softmax_cross_entropy", "balanced": True}, "focal", None])
def test_a_model_from_its_arrays_counts_classes_as_training_did(loss):
    run = take(trainer(experiment(data={"source": "wine"}, loss=loss)), 5)
    model = Model.from_state(run.experiment, run.dataset.preparation, run.model.state_dict())
    found, expected = model.evaluate(run.dataset, "test"), run.evaluate("test")
    assert found.loss == pytest.approx(expected.loss, rel=1e-6)
    assert found.metrics == expected.metrics


def test_a_part_without_rows_cannot_be_scored():
    data = {"source": {"kind": "spiral", "points": 60}, "split": {"training": 1, "validation": 0, "test": 0}}
    run = trainer(experiment(data=data))
    with pytest.raises(ValueError, match="there is no test data"):
        run.model.evaluate(run.dataset, "test")


def test_the_layout_is_known_before_any_array_is_made(run):
    layout = Architecture.of(run.experiment, run.dataset.preparation)
    shapes = layout.parameter_shapes | layout.statistics_shapes
    assert shapes == {name: array.shape for name, array in run.model.state_dict().items()}
    assert [*shapes] == [*run.model.state_dict()]


def test_the_trainers_model_follows_its_settings(run):
    other = trainer(run.experiment)
    plain = run.experiment.replace(training=run.experiment.training.replace(weight_averaging=None))
    other.change(plain)
    assert other.model.experiment == plain
    assert other.model.network is other.network is other.weights.trained


@pytest.mark.parametrize("layer", LAYERS, ids=kind_of)
def test_no_two_arrays_of_a_network_can_have_one_name(layer):
    """A file names them LAYER.ARRAY, with what they belong to in front: optimizer/mean/LAYER.ARRAY."""
    assert not {".", "/"} & {*layer.heading}
    assert layer.heading != OUTPUT_NAME
    assert layer_names([layer(), layer()]) == (f"{layer.heading} 1", f"{layer.heading} 2")
    for before in fitting_shapes(layer()):
        trained, statistics = layer().parameter_shapes(before), layer().statistics_shapes(before)
        assert not trained.keys() & statistics.keys()
        assert not any("/" in name for name in (trained | statistics))


def test_headings_differ():
    assert len({layer.heading for layer in LAYERS}) == len(LAYERS)


def test_full_names_are_in_the_order_of_the_layers():
    assert full_names(("A", "B"), ({"w": 1, "b": 2}, {"0.w": 3})) == {"A.w": 1, "A.b": 2, "B.0.w": 3}


def test_what_does_not_fit_is_refused_before_anything_is_made(run):
    chosen = experiment([{"kind": "conv2d"}])
    with pytest.raises(UserError, match="Layer 1, Conv2D"):
        Model.untrained(chosen, run.dataset.preparation)
