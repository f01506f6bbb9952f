"""What holds for every query: it can be a key, its answers stay as they are, and the run is not changed."""

import dataclasses
import gc
import weakref

import numpy as np
import pytest

from engine.data import prepare
from engine.data.augmentation.geometric import Rotate
from engine.data.augmentation.intensity import Noise
from engine.errors import UserError
from engine.files.run_file import captured_run
from engine.insight import run_queries
from engine.insight.distributions import QUANTITIES, HistogramsQuery, histogram
from engine.insight.layer_statistics import UnitCorrelationsQuery
from engine.insight.query import Query
from engine.insight.run_queries import AugmentationQuery, DecisionMapQuery, NeuronMapsQuery, ParametersQuery
from engine.training.trainer import Trainer
from tests.engine.training.runs import dense, experiment, take, trainer

ARGUMENTS = {
    ParametersQuery: [()],
    HistogramsQuery: [(quantity,) for quantity in QUANTITIES if quantity != "updates"],
    UnitCorrelationsQuery: [(0,), (1,)],
    DecisionMapQuery: [(2,), (9,)],
    NeuronMapsQuery: [(2,), (9,)],
    AugmentationQuery: [((Noise(),), 1), ((), 0)],
}
CASES = [(kind, arguments) for kind, several in ARGUMENTS.items() for arguments in several]
LAYERS = [dense(6), "batch_norm", {"kind": "dropout", "rate": 0.3}, dense(5)]


def run_to_ask(**settings):
    return trainer(experiment(LAYERS, epochs=3, optimizer={"kind": "adam"}, **settings))


def arrays_in(answer) -> list[np.ndarray]:
    """All arrays of an answer, however it is built."""
    if isinstance(answer, np.ndarray):
        return [answer]
    if dataclasses.is_dataclass(answer):
        answer = [getattr(answer, field.name) for field in dataclasses.fields(answer)]
    elif isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, list | tuple):
        return [array for part in answer for array in arrays_in(part)]
    return []


def test_every_query_is_examined_here():
    kinds = {
        kind
        for kind in vars(run_queries).values()
        if isinstance(kind, type) and issubclass(kind, Query) and kind is not Query
    }
    assert kinds <= set(ARGUMENTS)


@pytest.mark.parametrize(("kind", "arguments"), CASES)
def test_it_is_frozen_and_equal_ones_are_one_key(kind, arguments):
    query = kind(*arguments)
    assert query == kind(*arguments)
    assert len({query, kind(*arguments)}) == 1
    for field in dataclasses.fields(query):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(query, field.name, None)


def test_other_queries_are_other_keys():
    assert len({kind(*arguments) for kind, arguments in CASES}) == len(CASES)


@pytest.mark.parametrize("settings", [{}, {"weight_averaging": 0.9}, {"shuffle": False}], ids=str)
def test_a_run_that_is_asked_has_the_bits_of_one_that_is_not(settings):
    asked, alone = run_to_ask(**settings), run_to_ask(**settings)
    for step, _ in enumerate(asked.run()):
        for kind, arguments in CASES[step % 2 :]:
            kind(*arguments).answer(asked)
    for _ in alone.run():
        pass
    one, other = captured_run(asked).state, captured_run(alone).state
    for arrays, same in ((one.arrays, other.arrays), (one.model, other.model)):
        assert arrays.keys() == same.keys()
        for name, array in arrays.items():
            np.testing.assert_array_equal(array, same[name], err_msg=name)
    for column in ("loss", "gradient_norm"):
        np.testing.assert_array_equal(
            asked.history.steps.read(column, 0, asked.step), alone.history.steps.read(column, 0, alone.step)
        )


@pytest.mark.parametrize(("kind", "arguments"), CASES)
def test_an_answer_stays_as_it_is_while_the_run_goes_on(kind, arguments):
    run = take(run_to_ask(), 2)
    arrays = arrays_in(kind(*arguments).answer(run))
    before = [array.copy() for array in arrays]
    assert arrays
    take(run, 3)
    kind(*arguments).answer(run)
    for array, seen in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, seen)


@pytest.mark.parametrize(("kind", "arguments"), [case for case in CASES if case[0].constant])
def test_a_constant_one_has_the_same_answer_at_each_step(kind, arguments):
    run = run_to_ask()
    first = arrays_in(kind(*arguments).answer(run))
    take(run, 5)
    for one, other in zip(first, arrays_in(kind(*arguments).answer(run)), strict=True):
        np.testing.assert_array_equal(one, other)


def test_maps_lie_over_the_plane_of_the_two_inputs():
    """The map at a grid point is what the network says of that point, row 0 at the lowest x₂."""
    run = take(run_to_ask(), 4)
    found = DecisionMapQuery(3).answer(run)
    (left, right), (low, high) = found.x_range, found.y_range
    corners = np.array([[left, low], [right, low], [left, high], [right, high]])
    said = run.predict(run.dataset.plane_inputs(corners))
    np.testing.assert_allclose(found.values[[0, 0, 2, 2], [0, 2, 0, 2]], said, rtol=1e-6)
    outputs = NeuronMapsQuery(3).answer(run)[len(LAYERS)]
    assert outputs.shape == (said.shape[1], 3, 3)


def test_there_are_no_maps_without_exactly_two_inputs():
    run = trainer(experiment([dense(3)], {"source": {"kind": "iris"}}, epochs=1))
    assert DecisionMapQuery(4).answer(run) is None
    assert NeuronMapsQuery(4).answer(run) == {}


def test_the_grid_of_a_data_set_is_prepared_once_and_keeps_no_data_alive(monkeypatch):
    settings = run_to_ask().experiment
    data = prepare(settings.data, settings.data.source.load(), settings.dtype)
    run = Trainer(settings, data)
    first = DecisionMapQuery(7).answer(run)
    with monkeypatch.context() as patch:
        patch.setattr(type(data), "plane_inputs", None)
        np.testing.assert_array_equal(DecisionMapQuery(7).answer(run).values, first.values)
        assert NeuronMapsQuery(7).answer(run)
    alive = weakref.ref(data)
    del run, data
    gc.collect()
    assert alive() is None


def test_augmentations_that_do_not_fit_are_refused_in_a_sentence():
    with pytest.raises(UserError):
        AugmentationQuery((Rotate(),)).answer(run_to_ask())


@pytest.mark.parametrize("beyond", [[np.inf, -np.inf], [np.nan, np.inf], []])
def test_a_histogram_counts_what_is_not_finite_apart(beyond):
    found = histogram(np.array([-2.0, 1.0, 2.0, *beyond], np.float32))
    assert found.non_finite == len(beyond)
    assert found.counts.sum() == 3
    assert (found.below, found.above, found.largest) == (0, 0, 2.0)


def test_a_histogram_of_numbers_whose_sum_is_infinite_has_all_of_them():
    found = histogram(np.full(10, 3e38, np.float32))
    assert found.non_finite == 0
    assert found.counts.sum() == 10
