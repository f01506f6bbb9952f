"""Saliency against central differences, for every kind of layer; occlusion against direct predictions."""

import numpy as np
import pytest

from engine.errors import UserError
from engine.insight.evaluation_pass import EvaluationPass, image_shape, keeping_layers, positions_of
from engine.insight.occlusion import grey_of, occlusion
from engine.insight.saliency import NOISE, NOISY_COPIES, SaliencyQuery, Subject
from engine.layers import LAYERS
from engine.network import Network
from engine.progress import Cancelled, Progress
from tests.engine.coded_layers import CODED
from tests.engine.insight.explained_runs import DIGITS, KINDS, convolutions, run_with
from tests.engine.nested_layers import NESTED
from tests.engine.sample_shapes import fitting_shapes
from tests.engine.single_layers import central_differences
from tests.engine.training.runs import dense, experiment, take, trainer

LAWS = [
    pytest.param(layer, shape, id=f"{layer.kind}-{number}-{'x'.join(map(str, shape))}")
    for number, layer in enumerate([*(cls() for cls in LAYERS), *NESTED, *CODED])
    for shape in fitting_shapes(layer)
]


@pytest.mark.parametrize(("layer", "shape"), LAWS)
def test_gradients_of_predictions_agree_with_central_differences(layer, shape):
    """Of the input, by the running statistics and without random draws."""
    draws = np.random.default_rng(3)
    network = Network([layer], shape, np.float64)
    network.initialize(draws)
    network.parameters += 0.3 * draws.normal(size=network.parameters.size)
    network.running_statistics[...] = draws.uniform(0.5, 2.0, network.running_statistics.size)
    x, weight = draws.normal(size=(2, *shape)), draws.normal(size=(2, *network.output_shape))
    spaces = network.workspaces(2).rows(2)
    before = network.running_statistics.copy()

    def predicted() -> float:
        return float((network.forward(x, spaces) * weight).sum())

    through = EvaluationPass(network, 2)
    output = through.forward(x)[0].copy()
    np.testing.assert_allclose(output, network.forward(x, spaces), rtol=1e-12, atol=1e-14)
    found = through.input_gradient(0, weight.copy()).copy()
    numeric = central_differences(predicted, x.reshape(-1)).reshape(x.shape)
    assert np.abs(found - numeric).max() <= 1e-6 * max(np.abs(numeric).max(), 1)
    np.testing.assert_array_equal(network.running_statistics, before)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_layer_can_be_explained(kind):
    """The gradient of a unit of any layer is finite, and has the shape of a sample."""
    run, layer = run_with(kind)
    units = run.network.shapes[layer + 1][-1]
    for unit in (0, units - 1):
        found = SaliencyQuery("training", 5, Subject(layer, unit)).answer(run)
        assert found.values.shape == run.network.input_shape
        assert np.isfinite(found.values).all()
        wanted = {layer: np.empty((1, *run.network.shapes[layer + 1]), np.float32)}
        values = run.evaluator.all_activations(run.dataset.training.inputs[5:6], wanted)[layer]
        own = positions_of(run.network.layers[layer], values)[0, :, unit].max()
        assert found.score == pytest.approx(own, rel=1e-5)
    assert SaliencyQuery("training", 5, Subject(layer, units)).answer(run) is None


def score_of(run, x, unit):
    """The network's output before its softmax."""
    return run.evaluator.outputs(x[None])[0, unit]


@pytest.mark.parametrize("unit", [None, 0, 7])
def test_saliency_is_the_slope_of_the_score_by_each_pixel(unit):
    """A class chosen, or the one that is predicted; after some steps, so that statistics have moved."""
    run = take(convolutions(), 6)
    found = SaliencyQuery("validation", 3, Subject(None, unit)).answer(run)
    x = run.dataset.validation.inputs[3].astype(np.float64)
    output = run.evaluator.outputs(x[None].astype(np.float32))[0]
    index = int(output.argmax()) if unit is None else unit
    assert (found.subject.number, found.score) == (index, pytest.approx(output[index], rel=1e-5))
    through = EvaluationPass(run.network)
    for pixel in [(0, 0, 0), (3, 4, 0), (5, 2, 0)]:
        step, scores = 1e-2, []
        for sign in (1, -1):
            moved = x.copy()
            moved[pixel] += sign * step
            scores.append(float(through.forward(moved[None].astype(np.float32))[-1][0, index]))
        assert found.values[pixel] == pytest.approx((scores[0] - scores[1]) / (2 * step), abs=2e-3)
    times = SaliencyQuery("validation", 3, Subject(None, unit), "gradient_input").answer(run)
    np.testing.assert_allclose(times.values, found.values * found.inputs, rtol=1e-6)


def test_smooth_gradients_are_the_mean_over_noisy_copies():
    run = take(convolutions(), 3)
    found = SaliencyQuery("training", 2, Subject(None, 4), "smooth_grad").answer(run)
    x = run.dataset.training.inputs[2].astype(np.float64)
    noise = np.random.default_rng(2).normal(0, NOISE * np.ptp(x), (NOISY_COPIES, *x.shape))
    through, total = EvaluationPass(run.network), np.zeros(x.shape)
    for one in noise:
        values = through.forward((x + one)[None].astype(np.float32))[-1]
        dy = np.zeros_like(values)
        dy[0, 4] = 1
        total += through.input_gradient(len(run.network.layers) - 1, dy)[0]
    np.testing.assert_allclose(found.values, total / NOISY_COPIES, rtol=1e-3, atol=1e-5)


def yes_or_no(tmp_path):
    """A column of yes and no, to be learned from two numbers."""
    draws = np.random.default_rng(0)
    lines = ["long,wide,ripe"]
    for long, wide in draws.uniform(0, 9, (60, 2)):
        lines.append(f"{long:.2f},{wide:.2f},{'yes' if long > wide else 'no'}")
    (tmp_path / "fruit.csv").write_text("\n".join(lines))
    source = {"kind": "csv", "path": str(tmp_path / "fruit.csv")}
    return take(trainer(experiment([dense(6)], {"source": source, "target": "ripe"}, epochs=1)), 2)


def test_of_yes_and_no_each_can_be_explained_and_columns_have_their_own_units(tmp_path):
    run = yes_or_no(tmp_path)
    assert run.dataset.task == "binary"
    yes = SaliencyQuery("training", 1, Subject(None, 1)).answer(run)
    no = SaliencyQuery("training", 1, Subject(None, 0)).answer(run)
    np.testing.assert_array_equal(yes.values, -no.values)
    usual = SaliencyQuery("training", 1).answer(run)
    assert usual.subject.number == int(usual.prediction[0] >= 0.5)
    scales = [fitted.scale for fitted in run.dataset.preparation.inputs]
    np.testing.assert_allclose(yes.own_units, yes.values / np.array(scales), rtol=1e-6)
    assert SaliencyQuery("training", 1, Subject(None, 2)).answer(run) is None
    assert SaliencyQuery("training", 10_000).answer(run) is None


def test_occlusion_is_what_is_predicted_of_images_with_a_patch():
    run = take(convolutions(), 6)
    found = occlusion(run, "validation", 1, Subject(), 3, Progress())
    x = run.dataset.validation.inputs[1]
    chosen = int(run.predict(x[None])[0].argmax())
    assert (found.subject.number, found.stride, found.scores.shape) == (chosen, 1, (6, 6))
    assert found.before == pytest.approx(run.predict(x[None])[0, chosen], rel=1e-5)
    low, high = run.dataset.training.inputs.min(), run.dataset.training.inputs.max()
    assert found.grey == grey_of(run) == pytest.approx((low + high) / 2)
    drops, counts = np.zeros((8, 8)), np.zeros((8, 8))
    for top in range(6):
        for left in range(6):
            hidden = x.copy()
            hidden[top : top + 3, left : left + 3] = found.grey
            said = run.predict(hidden[None])[0, chosen]
            assert found.scores[top, left] == pytest.approx(said, abs=1e-6)
            drops[top : top + 3, left : left + 3] += found.before - said
            counts[top : top + 3, left : left + 3] += 1
    np.testing.assert_allclose(found.drops, drops / counts, atol=1e-6)


def test_occlusion_of_a_unit_and_of_a_patch_larger_than_the_image():
    run = take(convolutions(), 2)
    found = occlusion(run, "training", 0, Subject(0, 2), 50, Progress())
    assert (found.patch, found.scores.shape) == (8, (1, 1))
    assert (found.drops == found.before - found.scores[0, 0]).all()


def test_occlusion_is_for_images_and_can_be_cancelled():
    table = trainer(experiment([dense(3)], {"source": {"kind": "iris"}}, epochs=1))
    with pytest.raises(UserError, match="images"):
        occlusion(table, "training", 0, Subject(), 3, Progress())
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        occlusion(convolutions(), "training", 0, Subject(), 3, progress)


def test_numbers_that_are_reshaped_into_an_image_are_one():
    front = ["flatten", {"kind": "dropout", "rate": 0.1}]
    assert image_shape(trainer(experiment([*front, dense(3)], DIGITS)).network) == (8, 8, 1)
    iris = {"source": {"kind": "iris"}}
    reshaped = trainer(experiment(["reshape", "conv2d", "flatten", dense(3)], iris)).network
    assert (image_shape(reshaped), keeping_layers(reshaped)) == ((2, 2, 1), 1)
    assert image_shape(trainer(experiment([dense(4), "reshape", "flatten"], iris)).network) is None
    activation = trainer(
        experiment([{"kind": "activation", "activation": "relu"}, "reshape", "flatten"], iris)
    )
    assert image_shape(activation.network) is None
