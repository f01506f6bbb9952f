"""The loss surface: its values are losses of the model with these parameters set; the run stays as it is."""

import numpy as np
import pytest

from engine.insight.contours import contour_levels, level_range
from engine.insight.loss_surface import LossSurfaceQuery, plane_ranges, resolution
from engine.insight.weight_path import (
    ParameterPlace,
    PathRecord,
    WeightPath,
    WeightPlane,
    principal_directions,
    random_directions,
)
from engine.training.checkpoint import capture
from engine.training.parameter_edits import ParameterEdit
from tests.engine.training.runs import bits, dense, experiment, take, trainer

PARAMETERS = WeightPlane("parameters", ParameterPlace(0, "weight", (1, 2)), ParameterPlace(1, "bias", (3,)))
RANDOM, PATH = WeightPlane("random"), WeightPlane("path")
IMAGES = [
    {"kind": "conv2d", "filters": 4},
    "batch_norm",
    {"kind": "dropout", "rate": 0.3},
    "flatten",
    dense(7),
]


def whole(run, plane, **more):
    """The answer once all of the surface is there."""
    query = LossSurfaceQuery(plane, piece=10.0, **more)
    found = query.answer(run)
    assert found.done == 1.0
    return found


def by_hand(run, surface, row, column):
    """Loss and penalty of a run of the same state, edited to a point of the surface."""
    x = np.linspace(*surface.x_range, len(surface.values))[column]
    y = np.linspace(*surface.y_range, len(surface.values))[row]
    other = take(trainer(run.experiment), run.step)
    other.edit_parameters(surface.frame.edits(other.network, (x, y)))
    loss = other.evaluate("training").loss
    weights = [views["weight"].astype(np.float64) for views in other.network.parameter_views]
    training = run.experiment.training
    l1, l2 = (sum(power(w).sum() for w in weights) for power in (np.abs, np.square))
    return loss + training.l1 * l1 + training.l2 / 2 * l2


@pytest.mark.parametrize("plane", [PARAMETERS, RANDOM], ids=lambda plane: plane.kind)
@pytest.mark.parametrize("penalty", [{}, {"l1": 0.01, "l2": 0.03}], ids=["plain", "penalized"])
def test_values_are_losses_of_a_run_edited_by_hand(plane, penalty):
    run = take(trainer(experiment(precision="float64", **penalty)), 7)
    before = bits(capture(run))
    surface = whole(run, plane).surface
    assert surface.rows == surface.of_rows == run.dataset.training.rows_count
    assert surface.with_penalty == bool(penalty)
    for row, column in ((0, 0), (32, 5), (11, 20), (16, 31)):
        assert surface.values[row, column] == pytest.approx(by_hand(run, surface, row, column), rel=1e-10)
    assert bits(capture(run)) == before


def test_the_plane_goes_through_the_present_weights():
    run = take(trainer(experiment(precision="float64")), 7)
    for plane in (PARAMETERS, RANDOM):
        found = whole(run, plane)
        again = whole(run, plane, probe=found.surface.here)
        assert again.probed == pytest.approx(run.evaluate("training").loss, rel=1e-10)
        assert found.surface.loss == pytest.approx(run.evaluate("training").loss, rel=1e-10)
    weight = run.network.parameter_views[0]["weight"][1, 2]
    assert whole(run, PARAMETERS).surface.here == (weight, run.network.parameter_views[1]["bias"][3])


def test_dropout_and_batch_statistics_are_those_of_prediction_and_nothing_of_the_run_changes():
    settings = experiment(IMAGES, {"source": {"kind": "digits"}}, epochs=1, batch_size=64)
    run, other = trainer(settings), trainer(settings)
    query = LossSurfaceQuery(RANDOM, piece=0.0)
    for _, _ in zip(range(3), run.run(), strict=False):
        before = bits(capture(run))
        found = query.answer(run)
        assert bits(capture(run)) == before
    assert found.surface is None
    assert 0 < found.done < 1
    assert bits(capture(run)) == bits(capture(take(other, 3)))


def test_a_surface_is_that_of_one_step_though_the_run_goes_on():
    run = trainer(experiment(precision="float64"))
    steps = run.run()
    next(steps)
    query = LossSurfaceQuery(PARAMETERS, piece=0.0)
    query.answer(run)
    expected = run.evaluate("training").loss
    next(steps)
    rest = LossSurfaceQuery(PARAMETERS, piece=10.0).answer(run)
    assert (rest.surface.step, run.step) == (1, 2)
    assert rest.surface.loss == pytest.approx(expected, rel=1e-10)
    assert rest.path.steps.tolist() == [1, 2]
    assert LossSurfaceQuery(PARAMETERS, piece=10.0).answer(run).surface.step == 2
    steps.close()


def test_the_path_holds_the_two_weights_of_each_look_and_is_bounded():
    run = trainer(experiment(epochs=200))
    seen = []
    record = PathRecord(run.network)
    frame = record.frame(run.network, PARAMETERS, None)
    for _, _ in zip(run.run(), range(1000), strict=False):
        record.observe(run, frame)
        views = run.network.parameter_views
        seen.append((run.step, views[0]["weight"][1, 2], views[1]["bias"][3]))
    path = record.path(frame)
    assert len(path.points) <= 400
    expected = {step: (x, y) for step, x, y in seen}
    assert path.steps[0] == seen[0][0]
    assert path.steps[-1] == seen[-1][0]
    assert [tuple(point) for point in path.points] == [expected[step] for step in path.steps.tolist()]


def test_directions_are_as_long_as_their_filters_and_leave_biases():
    run = take(trainer(experiment()), 3)
    network = run.network
    for direction in random_directions(network, 5):
        for values, weights in zip(network.views(direction), network.parameter_views, strict=True):
            norms = np.linalg.norm(weights["weight"], axis=0)
            np.testing.assert_allclose(np.linalg.norm(values["weight"], axis=0), norms, rtol=1e-5)
            assert not values["bias"].any()
    assert not np.array_equal(random_directions(network, 5), random_directions(network, 6))


def test_principal_directions_are_those_of_a_singular_value_decomposition():
    points = np.random.default_rng(0).normal(size=(9, 40)) * np.linspace(3, 0.1, 40)
    expected = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)[2][:2]
    found = principal_directions(points)
    np.testing.assert_allclose(np.abs((found * expected).sum(axis=1)), 1.0, rtol=1e-9)
    assert principal_directions(np.outer(np.arange(5.0), np.ones(7))) is None


def test_along_the_path_it_waits_for_one_and_then_holds_it():
    run = trainer(experiment(precision="float64"))
    assert LossSurfaceQuery(PATH).answer(run).reason == "short"
    for _, _ in zip(run.run(), range(30), strict=False):
        LossSurfaceQuery(PATH, piece=0.0).answer(run)
    found = whole(run, PATH)
    surface = found.surface if found.surface.step == run.step else whole(run, PATH).surface
    assert surface.loss == pytest.approx(run.evaluate("training").loss, rel=1e-10)
    lengths = np.linalg.norm(surface.frame.directions, axis=1)
    np.testing.assert_allclose(lengths, 1.0)
    for (low, high), values in zip((surface.x_range, surface.y_range), found.path.points.T, strict=True):
        assert low <= values.min()
        assert values.max() <= high


def test_edited_weights_are_another_surface_at_the_same_step():
    run = take(trainer(experiment()), 3)
    first = whole(run, PARAMETERS).surface
    assert whole(run, PARAMETERS).surface is first, "nothing is computed twice"
    run.edit_parameters([ParameterEdit(0, "weight", (0, 0), "add", 1.0)])
    assert whole(run, PARAMETERS).surface is not first


def test_there_is_no_surface_of_parameters_that_there_are_not():
    run = trainer(experiment())
    for place in (None, PARAMETERS.x, ParameterPlace(9, "weight", (0,)), ParameterPlace(0, "weight", (9, 9))):
        found = LossSurfaceQuery(WeightPlane("parameters", PARAMETERS.x, place)).answer(run)
        assert (found.surface, found.path, found.reason) == (None, None, "none")


def test_of_large_networks_fewer_points_and_rows_are_computed():
    digits = {"source": {"kind": "digits"}}
    small = trainer(experiment()).network
    large = trainer(experiment(["flatten", dense(2048), dense(2048)], digits)).network
    assert resolution(small, 50_000) == (33, 400)
    side, rows = resolution(large, 50_000)
    assert side < 33
    assert 32 <= rows < 400
    assert not PathRecord(large).is_whole


def test_levels_are_round_and_not_taken_by_a_steep_corner():
    values = np.linspace(0.0, 10.0, 1000).reshape(40, 25) ** 1
    assert contour_levels(values, 10).tolist() == pytest.approx([1, 2, 3, 4, 5, 6, 7, 8, 9])
    steep = values.copy()
    steep[:2] = 1e9
    steep[2, :3] = np.nan, np.inf, -np.inf
    assert contour_levels(steep, 10).max() <= 10
    assert not len(contour_levels(np.full((5, 5), 3.0)))
    assert not len(contour_levels(np.full((5, 5), np.nan)))


def test_logarithmic_levels_are_even_in_the_logarithm():
    values = 10.0 ** np.linspace(-6, 2, 1001).reshape(77, 13)
    low, high = level_range(values, logarithmic=True)
    levels = contour_levels(values, 7, logarithmic=True)
    assert low == pytest.approx(1e-6)
    np.testing.assert_allclose(np.diff(np.log10(levels)), (np.log10(high) + 6) / 8)
    assert len(contour_levels(np.minimum(values, 0.0), logarithmic=True)) == 0


@pytest.mark.parametrize("shift", [0.0, 0.001])
def test_ranges_hold_the_path_and_keep_still(shift):
    points = np.array([[0.0, 0.0], [1.8, 0.018], [0.36 + shift, 0.036], [np.nan, np.inf]])
    path = WeightPath(PARAMETERS, points, np.arange(4))
    assert plane_ranges(path) == ((-1.0, 3.0), (-1.0, 1.0))
    (low, high), _ = plane_ranges(path, 5.0)
    assert low <= 0.36 <= high
    assert high - low < 2
