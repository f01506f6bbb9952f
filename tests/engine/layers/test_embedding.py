"""Embeddings: worked by hand, against one input per category, against PyTorch, and what they refuse."""

import json
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from engine.arrays import IntegerEncodedColumn
from engine.errors import ShapeError, UserError
from engine.initializers.fixed_scale import Uniform
from engine.initializers.variance_scaling import GlorotUniform
from engine.layers import AnyLayer
from engine.layers.dense import Dense
from engine.layers.embedding import Embedding
from engine.layers.embedding_tables import LONGEST_DEFAULT, default_size
from engine.network import Network
from engine.settings import read
from tests.engine.golden import golden
from tests.engine.layers.passes import passed

EXACT = {"rtol": 1e-9, "atol": 2e-12}


def embedding(*columns: tuple[int, int], size: int | None = None) -> Embedding:
    return Embedding(columns=tuple(IntegerEncodedColumn(*column) for column in columns), size=size)


# --- results -----------------------------------------------------------------------------------------------


def test_a_coded_column_between_numbers_by_hand():
    """Three inputs, the second a code 0 … 2; the vectors of codes 1 and 2 are (10, 20) and (30, 40).

    The vector comes first, then the numbers; code 0 is (0, 0). The rows of dy over code 2 add up:
    (1, 2) + (100, 200). dx is what of dy stands behind the vectors, and 0 in the place of the code.
    """
    x = np.array([[0.5, 2, -0.5], [1.5, 1, -1.5], [2.5, 0, -2.5], [3.5, 2, -3.5]])
    dy = np.array([[1.0, 2, 7, 8], [10, 20, 5, 6], [1000, 2000, 3, 4], [100, 200, 1, 2]])
    found = passed(embedding((1, 3), size=2), x, dy, {"weight": np.array([10.0, 20, 30, 40])})
    np.testing.assert_array_equal(
        found.y, [[30, 40, 0.5, -0.5], [10, 20, 1.5, -1.5], [0, 0, 2.5, -2.5], [30, 40, 3.5, -3.5]]
    )
    np.testing.assert_array_equal(found.gradients["weight"], [10, 20, 101, 202])
    np.testing.assert_array_equal(found.dx, [[7, 0, 8], [5, 0, 6], [3, 0, 4], [1, 0, 2]])


def test_a_sequence_by_hand():
    """Two steps, codes 0 … 2 with the vectors (1, 2), (3, 4), (5, 6): code 0 has one like any other."""
    x = np.array([[2.0, 0], [2, 2]])
    dy = np.array([[[1.0, 2], [3, 4]], [[10, 20], [100, 200]]])
    found = passed(Embedding(vocabulary=3, size=2), x, dy, {"weight": np.arange(1.0, 7)})
    np.testing.assert_array_equal(found.y, [[[5, 6], [1, 2]], [[5, 6], [5, 6]]])
    np.testing.assert_array_equal(found.gradients["weight"], [3, 4, 0, 0, 111, 222])
    assert not found.dx.any()


@pytest.mark.parametrize("case", golden("embedding")["cases"], ids=lambda case: str(case["settings"]))
def test_against_pytorch(case):
    layer = TypeAdapter(AnyLayer).validate_python(case["settings"])
    weight = {name: np.array(value) for name, value in case["parameters"].items()}
    found = passed(layer, np.array(case["x"]), np.array(case["weight"]), weight)
    np.testing.assert_allclose(found.y, case["y"], **EXACT)
    np.testing.assert_allclose(found.dx, case["dx"], **EXACT)
    np.testing.assert_allclose(found.gradients["weight"], case["gradients"]["weight"], **EXACT)


def test_the_same_as_one_input_per_category_under_a_dense_layer():
    """For each column, with the table as the weights of a dense layer that is linear and has no bias."""
    draws, rows = np.random.default_rng(2), 40
    columns = [(0, 6), (2, 3), (3, 11)]
    layer = embedding(*columns)
    x = draws.normal(size=(rows, 5))
    for place, codes in columns:
        x[:, place] = draws.integers(0, codes, rows)
    weight = draws.normal(size=layer.parameter_shapes((5,))["weight"])
    dy = draws.normal(size=(rows, *layer.output_shape((5,))))
    found = passed(layer, x, dy, {"weight": weight})
    start, gradients = 0, layer.tables(found.gradients["weight"])
    for (place, codes), table, gradient in zip(columns, layer.tables(weight), gradients, strict=True):
        one_hot = np.eye(codes)[x[:, place].astype(int)][:, 1:]
        units, stop = table.shape[1], start + table.shape[1]
        dense = Dense(units=units, activation={"kind": "linear"}, bias=False)
        same = passed(dense, one_hot, dy[:, start:stop], {"weight": table})
        np.testing.assert_allclose(found.y[:, start:stop], same.y, **EXACT)
        np.testing.assert_allclose(gradient, same.gradients["weight"], **EXACT)
        start = stop
    np.testing.assert_array_equal(found.y[:, start:], x[:, [1, 4]])


@settings(max_examples=60)
@given(st.data())
def test_at_random_against_a_loop_over_rows(data):
    inputs = data.draw(st.integers(1, 6))
    places = data.draw(st.lists(st.integers(0, inputs - 1), min_size=1, unique=True))
    columns = [(place, data.draw(st.integers(2, 9))) for place in places]
    size = data.draw(st.none() | st.integers(1, 4))
    draws = np.random.default_rng(data.draw(st.integers(0, 99)))
    layer, rows = embedding(*columns, size=size), data.draw(st.integers(1, 8))
    x = draws.normal(scale=4, size=(rows, inputs))
    weight = draws.normal(size=layer.parameter_shapes((inputs,))["weight"])
    dy = draws.normal(size=(rows, *layer.output_shape((inputs,))))
    found = passed(layer, x, dy, {"weight": weight})
    tables = layer.tables(weight)
    gradients = layer.tables(np.zeros_like(weight))
    plain = [place for place in range(inputs) if place not in places]
    for row, slope, out in zip(x, dy, found.y, strict=True):
        expected: list[float] = []
        for (place, codes), table, gradient in zip(sorted(columns), tables, gradients, strict=True):
            code = min(max(round(row[place]), 0), codes - 1)
            start = len(expected)
            expected += table[code - 1].tolist() if code else [0.0] * table.shape[1]
            if code:
                gradient[code - 1] += slope[start : len(expected)]
        np.testing.assert_array_equal(out, [*expected, *row[plain]])
    for gradient, mine in zip(gradients, layer.tables(found.gradients["weight"]), strict=True):
        np.testing.assert_allclose(mine, gradient, **EXACT)


def test_codes_are_rounded_and_those_out_of_range_taken_for_the_nearest():
    weight = {"weight": np.array([1.0, 2.0])}
    codes = np.array([[-7.0], [0.4], [0.6], [1.4], [2.4], [9.0], [1e30], [np.nan]])
    assert passed(embedding((0, 3), size=1), codes, None, weight).y.ravel().tolist() == [
        0,
        0,
        1,
        1,
        2,
        2,
        2,
        0,
    ]
    sequence = passed(Embedding(vocabulary=2, size=1), codes, None, weight)
    assert sequence.y.ravel().tolist() == [1, 1, 2, 2, 2, 2, 2, 1]


def test_large_codes_are_exact_in_float32():
    most = Embedding.model_fields["vocabulary"].metadata[1].le
    assert np.float32(most - 1) == most - 1
    assert np.float32(most - 2) == most - 2


def test_a_gradient_takes_the_place_of_the_one_before():
    layer = embedding((0, 4), size=2)
    network = Network([layer], (1,), np.float64)
    space = network.workspaces(2).rows(2)[0]
    gradients = network.gradient_views[0]
    for code in (1, 3):
        layer.forward(network.parameter_views[0], np.full((2, 1), float(code)), space, True)
        layer.backward(network.parameter_views[0], gradients, np.ones((2, 2)), space)
    assert gradients["weight"].tolist() == [0, 0, 0, 0, 2, 2]


def test_several_workers_share_the_parameters():
    """Each in its own workspace, at the same time, finds what it finds alone."""
    layer = embedding((0, 50), (1, 30))
    network = Network([layer], (3,), np.float32)
    network.initialize(np.random.default_rng(1))
    x = np.random.default_rng(2).integers(0, 50, (4, 64, 3)).astype(np.float32)
    dy = np.ones((64, *network.output_shape), np.float32)
    parameters, found = network.parameter_views[0], {}

    def work(number):
        space = network.workspaces(64).rows(64)[0]
        gradients = {"weight": np.empty_like(parameters["weight"])}
        for _ in range(20):
            y = layer.forward(parameters, x[number], space, True)
            layer.backward(parameters, gradients, dy, space)
        found.setdefault(number, []).append((y.copy(), gradients["weight"]))

    for number in range(4):
        work(number)
    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for (y, gradient), (same_y, same_gradient) in found.values():
        assert np.array_equal(y, same_y)
        assert np.array_equal(gradient, same_gradient)


# --- sizes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("categories", "size"),
    [(1, 1), (2, 1), (3, 2), (7, 5), (12, 6), (31, 11), (1115, 81), (10**6, LONGEST_DEFAULT)],
)
def test_a_size_that_fits(categories, size):
    assert default_size(categories) == size


def test_shapes_and_parameters():
    layer = embedding((0, 8), (4, 13))
    # 7 and 12 categories get 5 and 6 numbers; four other numbers come behind them.
    assert layer.output_shape((6,)) == (5 + 6 + 4,)
    assert layer.parameter_shapes((6,)) == {"weight": (7 * 5 + 12 * 6,)}
    assert [table.shape for table in layer.tables(np.zeros(107))] == [(7, 5), (12, 6)]
    assert embedding((0, 8), (4, 13), size=2).output_shape((6,)) == (2 + 2 + 4,)
    words = Embedding(vocabulary=1000, size=16)
    assert words.output_shape((20,)) == (20, 16)
    assert words.parameter_shapes((20,)) == {"weight": (16_000,)}
    assert words.tables(np.zeros(16_000))[0].shape == (1000, 16)


def test_every_table_starts_as_a_matrix_of_its_own():
    """±√(6 / (30 + 20)) = ±.346 for 30 categories, and ±√(6 / (3 + 20)) = ±.511 for 3."""
    columns = (IntegerEncodedColumn(0, 31), IntegerEncodedColumn(1, 4))
    layer = Embedding(columns=columns, size=20, initializer=GlorotUniform())
    network = Network([layer], (2,), np.float64)
    network.initialize(np.random.default_rng(1))
    large, small = layer.tables(network.parameters)
    assert 0.33 < abs(large).max() <= 0.3465
    assert 0.45 < abs(small).max() <= 0.5108
    # What has a scale of its own is drawn as for one long vector.
    network = Network([layer.replace(initializer=Uniform())], (2,), np.float64)
    network.initialize(np.random.default_rng(1))
    assert np.array_equal(network.parameters, np.random.default_rng(1).uniform(-0.05, 0.05, 33 * 20))


def test_columns_come_from_the_data_unless_they_are_given():
    codes = (IntegerEncodedColumn(0, 3), IntegerEncodedColumn(2, 5))
    assert Embedding(size=4).fitted(codes) == Embedding(size=4, columns=codes)
    given = embedding((1, 9))
    assert given.fitted(codes) is given
    assert given.fitted(()) is given
    words = Embedding(vocabulary=5)
    assert words.fitted(codes) is words


def test_before_it_knows_of_codes_it_hands_all_numbers_on():
    x = np.array([[1.0, 2.5]])
    found = passed(Embedding(), x, np.array([[3.0, 4.0]]))
    assert found.y.tolist() == x.tolist()
    assert found.dx.tolist() == [[3, 4]]
    assert found.gradients == {}


def test_json():
    layer = embedding((1, 9), (0, 2), size=3)
    assert json.loads(layer.model_dump_json())["columns"] == [[1, 9], [0, 2]]
    assert Embedding.model_validate_json(layer.model_dump_json()) == layer


# --- what does not fit -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"columns": [[0, 3], [0, 4]]}, "Here, columns: expected columns at different places"),
        ({"columns": [[-1, 3]]}, "expected a number of at least 0, found -1"),
        ({"columns": [[0, 1]]}, "expected a number of at least 2, found 1"),
        ({"columns": [[0]]}, "Here, columns, entry 1"),
        ({"vocabulary": 1}, "Here, vocabulary: expected a number of at least 2, found 1"),
    ],
)
def test_bad_settings_are_refused(values, sentence):
    with pytest.raises(UserError) as caught:
        read(Embedding, {"kind": "embedding", **values}, "Here")
    assert sentence in str(caught.value)


def test_fewer_inputs_than_columns_are_refused():
    with pytest.raises(ShapeError) as caught:
        Network([embedding((0, 3), (5, 3))], (4,))
    assert str(caught.value) == (
        "Layer 1, Embedding: needs at least 6 numbers but gets 4 numbers. "
        "Leave its columns away: they are then taken from the data."
    )


@pytest.mark.parametrize(
    ("layer", "codes", "sentence"),
    [
        (
            Embedding(),
            (),
            "Embedding: needs categories as codes but gets none. "
            "Set Categories to codes in the data panel, or remove the layer.",
        ),
        (
            Embedding(vocabulary=10),
            (IntegerEncodedColumn(0, 3), IntegerEncodedColumn(1, 12)),
            "Embedding: needs codes below its vocabulary of 10 but gets a column with 12 codes. "
            "Raise the vocabulary, or leave it empty: then every column has a table of its own.",
        ),
    ],
)
def test_data_that_has_nothing_for_it(layer, codes, sentence):
    with pytest.raises(ShapeError) as caught:
        layer.fitted(codes)
    assert str(caught.value) == sentence
