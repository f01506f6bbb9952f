"""The laboratory: its scores are those of a network changed by hand, and the run stays as it is."""

from dataclasses import replace

import numpy as np
import pytest

from engine.errors import UserError
from engine.insight.laboratory import LaboratoryChanges, LaboratoryQuery, rows_scored
from engine.insight.unit_edits import switch_off
from engine.training.checkpoint import capture
from engine.training.parameter_edits import ParameterEdit, PruneSmallest, apply_edits
from tests.engine.training.runs import bits, dense, experiment, take, trainer

LAYERS = [dense(6), {"kind": "dropout", "rate": 0.2}, dense(5)]
IMAGES = [
    {"kind": "conv2d", "filters": 4, "height": 3, "width": 3, "activation": "relu"},
    "batch_norm",
    {"kind": "max_pool"},
    "flatten",
    dense(7),
]
DIGITS = {"source": {"kind": "digits"}}


def tried(run, **changes):
    return LaboratoryQuery(LaboratoryChanges(**changes)).answer(run)


def by_hand(run, *edits):
    """A run of the same state whose parameters are edited."""
    other = take(trainer(run.experiment), run.step)
    other.edit_parameters(edits)
    return other


@pytest.fixture(scope="module")
def run():
    return take(trainer(experiment(LAYERS)), 9)


CASES = {
    "bias": (
        {"layer": 0, "unit": 2, "bias_shift": 0.7},
        [ParameterEdit(0, "bias", (2,), "add", 0.7)],
    ),
    "scale": (
        {"layer": 2, "unit": 1, "weight_scale": -2.0},
        [ParameterEdit(2, "weight", (..., 1), "multiply", -2.0)],
    ),
    "off": ({"layer": 0, "unit": 3, "off": True}, [ParameterEdit(2, "weight", (3,))]),
    "prune": ({"layer": 2, "pruned": 0.6}, [PruneSmallest(2, 0.6)]),
    "temperature": (
        {"layer": 0, "temperature": 4.0},
        [ParameterEdit(3, "weight", (), "multiply", 0.25), ParameterEdit(3, "bias", (), "multiply", 0.25)],
    ),
    "several": (
        {"layer": 2, "unit": 1, "bias_shift": -0.5, "weight_scale": 2.0, "pruned": 0.5},
        [
            ParameterEdit(2, "bias", (1,), "add", -0.5),
            ParameterEdit(2, "weight", (..., 1), "multiply", 2.0),
            PruneSmallest(2, 0.5),
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_scores_are_those_of_a_network_changed_by_hand(run, name):
    changes, edits = CASES[name]
    before = bits(capture(run))
    result = tried(run, **changes)
    other = by_hand(run, *edits)
    assert [effect.part for effect in result.parts] == ["validation", "training"]
    for effect in result.parts:
        own, changed = run.evaluate(effect.part), other.evaluate(effect.part)
        assert effect.loss == (own.loss, changed.loss)
        assert effect.score == (own.metrics["accuracy"], changed.metrics["accuracy"])
        assert effect.rows == effect.total == own.rows
    inputs = run.dataset.validation.inputs
    different = run.predict(inputs).argmax(axis=1) != other.predict(inputs).argmax(axis=1)
    assert result.changed == different.sum()
    assert bits(capture(run)) == before
    assert run.history.marks == []


def test_noise_is_on_the_inputs_alone_and_always_the_same(run):
    result, again = (tried(run, layer=0, input_noise=0.5) for _ in range(2))
    assert result.parts == again.parts
    part = run.dataset.validation
    noise = np.random.default_rng(0).normal(0.0, 0.5, part.inputs.shape)
    noisy = replace(part, inputs=(part.inputs + noise).astype(np.float32))
    other = replace(run.dataset, validation=noisy)
    assert result.parts[0].loss[1] == run.model.evaluate(other, "validation").loss


def test_without_validation_the_training_part_is_scored_alone():
    run = trainer(
        experiment(LAYERS, data={"source": {"kind": "spiral", "points": 60}, "split": {"validation": 0}})
    )
    assert [effect.part for effect in tried(run, layer=0, pruned=0.5).parts] == ["training"]


def test_of_large_parts_evenly_spaced_rows_are_scored():
    settings = experiment(LAYERS, data={"source": {"kind": "spiral", "points": 20_000}})
    run = trainer(settings)
    limit = rows_scored(run.network)
    validation, training = tried(run, layer=0, unit=0, bias_shift=1.0).parts
    assert (validation.rows, training.rows) == (limit, limit)
    assert training.total == run.dataset.training.rows_count > limit
    assert training.loss[0] == run.evaluate("training", limit).loss


def test_the_decision_map_is_that_of_the_changed_network(run):
    result = LaboratoryQuery(LaboratoryChanges(0, 3, off=True), 7).answer(run)
    before, after = result.maps
    other = by_hand(run, *CASES["off"][1])
    (left, right), (low, high) = run.dataset.plane
    x, y = np.meshgrid(np.linspace(left, right, 7), np.linspace(low, high, 7))
    inputs = run.dataset.plane_inputs(np.column_stack([x.ravel(), y.ravel()]))
    np.testing.assert_array_equal(before.values.reshape(49, -1), run.predict(inputs))
    np.testing.assert_array_equal(after.values.reshape(49, -1), other.predict(inputs))


def test_numbers_move_in_their_own_units():
    data = {"source": {"kind": "diabetes"}}
    run = trainer(experiment(LAYERS, data=data))
    result = tried(run, layer=3, unit=0, bias_shift=0.5)
    assert result.changed is None
    scale = run.dataset.in_target_units(np.array([[1.5]])) - run.dataset.in_target_units(np.array([[1.0]]))
    assert result.moved == pytest.approx(float(scale[0, 0]), rel=1e-5)


@pytest.mark.parametrize("layer", [0, 1])
def test_a_channel_that_is_switched_off_reaches_nothing_behind_it(layer):
    """Through batch normalization, pooling and flattening, up to the weights that lead on from it."""
    run = trainer(experiment(IMAGES, data=DIGITS, batch_size=64))
    network = run.network
    apply_edits(network, switch_off(network, layer, 2))
    x = run.dataset.validation.inputs[:5]
    before = run.predict(x)
    network.parameter_views[0]["weight"][..., 2] += 3
    np.testing.assert_array_equal(run.predict(x), before)
    network.parameter_views[0]["weight"][..., 1] += 3
    assert (run.predict(x) != before).any()


def test_a_unit_of_the_output_answers_nought(run):
    other = by_hand(run, *switch_off(run.network, 3, 1))
    logits = other.evaluator.outputs(run.dataset.validation.inputs)
    assert (logits[:, 1] == 0).all()


@pytest.mark.parametrize(
    ("layers", "changes", "sentence"),
    [
        (
            [dense(4), "layer_norm", dense(4)],
            {"layer": 0, "unit": 1, "off": True},
            "Layer normalization, which mixes",
        ),
        (
            [dense(4), "batch_norm"],
            {"layer": 1, "unit": 1, "bias_shift": 1.0},
            "a bias for each unit, found none",
        ),
        ([dense(4), "batch_norm"], {"layer": 1, "unit": 1, "weight_scale": 2.0}, "found none"),
    ],
)
def test_what_a_layer_does_not_have_gets_a_sentence(layers, changes, sentence):
    with pytest.raises(UserError, match=sentence):
        tried(trainer(experiment(layers)), **changes)


def test_numbers_have_no_temperature():
    run = trainer(experiment(LAYERS, data={"source": {"kind": "diabetes"}}))
    with pytest.raises(UserError, match="expected an output with softmax or sigmoid, found one without"):
        tried(run, layer=0, temperature=2.0)


def test_a_running_generator_is_not_disturbed():
    """Asked between two steps, the run goes on with the bits of one that is not."""
    asked, alone = (trainer(experiment(LAYERS, weight_averaging=0.9)) for _ in range(2))
    for step, _ in enumerate(asked.run()):
        tried(asked, layer=0, unit=1, off=True, input_noise=0.1, temperature=2.0)
        if step == 6:
            break
    take(alone, asked.step)
    assert bits(capture(asked)) == bits(capture(alone))


def test_of_another_network_there_is_nothing_to_say(run):
    assert tried(run, layer=9, unit=0, off=True) is None
    assert tried(run, layer=0, unit=6, bias_shift=1.0) is None
