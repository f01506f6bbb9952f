"""Filters, feature maps, the most exciting samples and the embedding, against the arrays of the run."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from engine.files.run_file import captured_run
from engine.insight import embedding_map, exciting_samples
from engine.insight.embedding_map import EmbeddingMapQuery, aligned, principal_components
from engine.insight.evaluation_pass import EvaluationPass, positions_of
from engine.insight.exciting_samples import TOP, RegionsQuery
from engine.insight.exciting_samples import exciting_samples as find
from engine.insight.feature_maps import FeatureMapsQuery, FiltersQuery
from engine.insight.saliency import SaliencyQuery
from engine.progress import Cancelled, Progress
from tests.engine.insight.explained_runs import DIGITS, KINDS, convolutions, run_with
from tests.engine.training.runs import bits, dense, experiment, take, trainer


def outputs_of(run, layer, part="training"):
    """What a layer makes of all samples of a part."""
    examples = run.dataset.part(part)
    shape = run.network.shapes[layer + 1]
    wanted = {layer: np.empty((examples.rows_count, *shape), run.network.dtype)}
    return run.evaluator.all_activations(examples.inputs, wanted)[layer]


# --- filters and feature maps ------------------------------------------------------------------------------


def test_filters_are_the_weights_of_a_convolution():
    run = take(convolutions(), 2)
    weight = run.network.parameter_views[4]["weight"]
    found = FiltersQuery(4, 1, 3).answer(run)
    assert (found.total, found.first, found.of) == (6, 1, "channels")
    np.testing.assert_array_equal(found.values, np.moveaxis(weight[..., 1:4], -1, 0))
    assert found.largest == np.abs(weight).max()
    for layer in (1, 2, 6, 99):
        assert FiltersQuery(layer, 0, 4).answer(run) is None


def test_a_dense_layer_on_images_and_inner_convolutions_have_filters_too():
    flat = trainer(experiment(["flatten", {"kind": "dropout", "rate": 0.2}, dense(5)], DIGITS))
    found = FiltersQuery(2, 0, 9).answer(flat)
    weight = flat.network.parameter_views[2]["weight"]
    assert (found.of, found.values.shape) == ("image", (5, 8, 8, 1))
    np.testing.assert_array_equal(found.values[3], weight[:, 3].reshape(8, 8, 1))
    inner = {
        "kind": "residual",
        "layers": [{"kind": "conv2d", "filters": 1}, {"kind": "conv2d", "filters": 1}],
    }
    nested = trainer(experiment([inner, "flatten"], DIGITS))
    found = FiltersQuery(0, 0, 4, "1.weight").answer(nested)
    assert (found.parameters, found.parameter) == (("0.weight", "1.weight"), "1.weight")


def test_filters_along_a_sequence_have_steps_to_the_right():
    front = {"kind": "reshape", "target_shape": "sequence", "channels": 8}
    run = trainer(experiment([front, {"kind": "conv1d", "filters": 3, "kernel_size": 5}, "flatten"], DIGITS))
    found = FiltersQuery(1, 0, 3).answer(run)
    weight = run.network.parameter_views[1]["weight"]
    assert (found.of, found.values.shape) == ("sequence", (3, 8, 5, 1))
    np.testing.assert_array_equal(found.values[2, :, :, 0], weight[:, :, 2].T)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_layer_has_maps_exciting_samples_and_points(kind):
    run, layer = run_with(kind)
    shape = run.network.shapes[layer + 1]
    maps = FeatureMapsQuery(layer, "training", 7, 0, shape[-1]).answer(run)
    values = outputs_of(run, layer)
    np.testing.assert_allclose(
        maps.values.reshape(shape[-1], -1).T.reshape(shape), values[7], rtol=1e-4, atol=1e-5
    )
    assert (maps.total, maps.low) == (shape[-1], pytest.approx(values[7].min(), rel=1e-4, abs=1e-5))
    found = find(run, layer, "training", Progress())
    own = positions_of(run.network.layers[layer], values)
    peaks = own.max(axis=1)
    brute = -np.sort(-peaks, axis=0)[:TOP].T
    np.testing.assert_allclose(found.activations, brute, rtol=1e-4, atol=1e-5)
    for unit in range(shape[-1]):
        rows = found.indices[unit]
        assert len(set(rows.tolist())) == TOP
        np.testing.assert_allclose(peaks[rows, unit], found.activations[unit], rtol=1e-4, atol=1e-5)
        at = own[rows, found.positions[unit], unit]
        np.testing.assert_allclose(at, found.activations[unit], rtol=1e-4, atol=1e-5)
    points = EmbeddingMapQuery(layer, "training").answer(run)
    assert points.points.shape == (len(values), 2)
    assert np.isfinite(points.points).all()


def test_maps_of_some_channels_share_the_scale_of_all():
    run = take(convolutions(), 2)
    some, whole = (FeatureMapsQuery(4, "validation", 2, *span).answer(run) for span in ((2, 3), (0, 6)))
    np.testing.assert_array_equal(some.values, whole.values[2:5])
    assert (some.low, some.high) == (whole.values.min(), whole.values.max())
    assert FeatureMapsQuery(4, "validation", 10**6, 0, 6).answer(run) is None
    assert FeatureMapsQuery(40, "validation", 0, 0, 6).answer(run) is None


# --- samples -----------------------------------------------------------------------------------------------


def test_exciting_samples_say_what_is_predicted_and_blocks_change_nothing(monkeypatch):
    run = take(convolutions(), 6)
    found = find(run, 0, "validation", Progress())
    said = run.dataset.preparation.predictions(run.predict(run.dataset.validation.inputs))
    np.testing.assert_array_equal(found.predictions[run.dataset.target], said[found.indices])
    monkeypatch.setattr(exciting_samples, "MOST_ROWS_AT_ONCE", 7)
    again = find(run, 0, "validation", Progress())
    np.testing.assert_array_equal(found.indices, again.indices)


def test_of_a_long_part_a_sample_of_rows_is_looked_at(monkeypatch):
    run = take(convolutions(), 2)
    monkeypatch.setattr(exciting_samples, "MOST_ROWS", 50)
    found = find(run, 4, "training", Progress())
    rows = np.linspace(0, found.of_rows - 1, 50).astype(int)
    assert (found.rows, found.of_rows) == (50, run.dataset.training.rows_count)
    peaks = outputs_of(run, 4)[rows].max(axis=(1, 2))
    np.testing.assert_allclose(found.activations, -np.sort(-peaks, axis=0)[:TOP].T, rtol=1e-5)
    assert set(found.indices.ravel()) <= set(rows)


def test_looking_for_them_can_be_cancelled():
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        find(convolutions(), 0, "training", progress)


def test_the_region_of_a_unit_is_what_moves_it():
    """A 3 × 3 window at row 4, column 2 of an image with a border of one pixel."""
    run = convolutions()
    place = 4 * 8 + 2
    region = RegionsQuery(0, 1, "training", (3, 5), (place, 0), (8, 8, 1)).answer(run)
    np.testing.assert_array_equal(region, [[3, 1, 6, 4], [0, 0, 2, 2]])
    assert (RegionsQuery(0, 99, "training", (3,), (0,), (8, 8, 1)).answer(run) == 0).all()


# --- embedding ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(150, 4), (400, 150), (60, 700), (500, 300), (5, 2), (400, 1)])
def test_components_are_those_of_scikit_learn_up_to_sign(shape):
    draws = np.random.default_rng(1)
    scales = 4.0 / (1 + np.arange(shape[1])) ** 0.7
    x = draws.normal(size=shape) * scales + 3
    count = min(2, *shape)
    pca = PCA(count, svd_solver="full").fit(x)
    points, explained = principal_components(x)
    wanted = pca.transform(x)
    signs = np.sign((points[:, :count] * wanted).sum(axis=0))
    np.testing.assert_allclose(points[:, :count], wanted * signs, atol=2e-2 * np.abs(wanted).max())
    np.testing.assert_allclose(explained[:count], pca.explained_variance_ratio_, rtol=1e-3)
    assert (points[:, count:] == 0).all()


def test_without_spread_or_with_what_is_not_finite_there_are_points_all_the_same():
    assert (principal_components(np.ones((5, 3)))[0] == 0).all()
    x = np.random.default_rng(0).normal(size=(30, 3))
    x[0] = np.nan
    assert np.isfinite(principal_components(x)[0]).all()


def test_axes_do_not_flip_from_frame_to_frame():
    before = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    now = before * np.array([-1, 1], np.float32) + 0.01
    np.testing.assert_allclose(aligned(now, before), before + np.array([-0.01, 0.01], np.float32), atol=1e-6)
    np.testing.assert_array_equal(aligned(now[:5], before), now[:5])


def test_points_carry_classes_or_values_and_wide_layers_have_fewer(monkeypatch):
    run = take(convolutions(), 4)
    found = EmbeddingMapQuery(6, "training", 100).answer(run)
    np.testing.assert_array_equal(found.targets, run.dataset.training.targets[found.indices])
    said = run.predict(run.dataset.training.inputs[found.indices]).argmax(axis=1)
    np.testing.assert_array_equal(found.predicted, said)
    monkeypatch.setattr(embedding_map, "MOST_NUMBERS", 12 * 50)
    assert len(EmbeddingMapQuery(6, "training").answer(run).points) == 50
    diabetes = trainer(experiment([dense(4)], {"source": {"kind": "diabetes"}}, epochs=1))
    found = EmbeddingMapQuery(-1, "validation").answer(diabetes)
    examples = diabetes.dataset.validation
    np.testing.assert_allclose(
        found.targets, diabetes.dataset.in_target_units(examples.targets[found.indices])
    )
    assert (found.predicted, found.numbers) == (None, 10)
    assert EmbeddingMapQuery(7, "validation").answer(diabetes) is None


# --- the laws of queries -----------------------------------------------------------------------------------

QUERIES = (
    FiltersQuery(0, 0, 4),
    FeatureMapsQuery(0, "training", 1, 0, 4),
    SaliencyQuery("training", 1),
    SaliencyQuery("training", 1, method="smooth_grad"),
    EmbeddingMapQuery(4, "training", 60),
    RegionsQuery(0, 1, "training", (0, 1), (9, 10), (8, 8, 1)),
)


def test_a_run_that_is_asked_has_the_bits_of_one_that_is_not():
    asked, alone = convolutions(weight_averaging=0.9), convolutions(weight_averaging=0.9)
    for _ in asked.run():
        for query in QUERIES:
            assert hash(query) == hash(query)
            query.answer(asked)
        find(asked, 4, "validation", Progress())
    for _ in alone.run():
        pass
    assert bits(captured_run(asked).state) == bits(captured_run(alone).state)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: type(query).__name__)
def test_an_answer_stays_as_it_is(query):
    run = take(convolutions(), 2)
    found = query.answer(run)
    arrays = (
        [found]
        if isinstance(found, np.ndarray)
        else [v for v in vars(found).values() if isinstance(v, np.ndarray)]
    )
    copies = [array.copy() for array in arrays]
    take(run, 2)
    query.answer(run)
    for array, before in zip(arrays, copies, strict=True):
        assert not array.flags.writeable
        np.testing.assert_array_equal(array, before)


def test_a_pass_is_as_wide_as_memory_allows(monkeypatch):
    monkeypatch.setattr("engine.insight.evaluation_pass.NUMBERS_AT_ONCE", 5000)
    assert EvaluationPass(convolutions().network, 64).rows < 64
