"""Random numbers by row: those of the whole batch, whoever draws them, and distributed as they should be."""

import math

import numpy as np
import pytest

from engine.layers import LAYERS
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout, GaussianNoise, SpatialDropout
from engine.layers.reshape import Flatten
from engine.layers.residual import Residual
from engine.layers.self_attention import SelfAttention
from engine.losses.regression import MeanSquaredError
from engine.network import Network
from engine.training.data_parallel import DataParallelGradient
from engine.training.gradient import BatchGradient
from engine.training.rng import RowGenerator
from engine.training.worker_pool import WorkerPool
from tests.engine.sample_shapes import fitting_shapes
from tests.engine.variants import variants

SHAPES = [(), (1,), (2,), (3,), (7, 5), (100,)]
"""Of a row; some end in the middle of a word of the generator."""


def source(seed=1):
    return np.random.Generator(np.random.SFC64(seed))


def drawn(generator, rows, dtype):
    """Several calls after one another, as of several layers: each has to find its place."""
    arrays = []
    for shape in (*SHAPES, *SHAPES):
        for draw in (generator.random, generator.standard_normal):
            arrays.append(np.empty((rows, *shape), dtype))
            draw(dtype=arrays[-1].dtype, out=arrays[-1])
    return arrays


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("first", "own", "rows"), [(0, 4, 13), (4, 4, 13), (8, 5, 13), (1, 1, 2), (63, 65, 128)]
)
def test_a_stretch_of_rows_draws_what_the_whole_batch_draws_for_them(first, own, rows, dtype):
    whole, part = RowGenerator(source()), RowGenerator(source())
    for _ in range(3):
        seed = whole.seed()
        assert part.seed() == seed
        whole.begin(seed, 0, rows, rows)
        part.begin(seed, first, own, rows)
        for found, of_all in zip(drawn(part, own, dtype), drawn(whole, rows, dtype), strict=True):
            assert np.array_equal(found, of_all[first : first + own])


def test_batches_rows_and_calls_draw_different_numbers():
    generator, found = RowGenerator(source()), []
    for _ in range(2):
        generator.begin(generator.seed(), 0, 4, 4)
        for _ in range(2):
            array = np.empty((4, 64))
            found += [*generator.random(dtype=array.dtype, out=array)]
    assert len({row.tobytes() for row in found}) == 16


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_uniform_and_normal_numbers_have_their_distribution(dtype):
    generator = RowGenerator(source())
    generator.begin(generator.seed(), 500, 500, 2000)
    uniform, normal = np.empty((2, 500, 1001), dtype)
    generator.random(dtype=uniform.dtype, out=uniform)
    generator.standard_normal(dtype=normal.dtype, out=normal)
    count = uniform.size
    assert uniform.min() >= 0
    assert uniform.max() < 1
    # Within four standard errors; those of the moments are √(1/12), √(1/180), 1, √2, √15 and √96.
    for values, mean, deviation in [
        (uniform, 1 / 2, math.sqrt(1 / 12)),
        ((uniform - 0.5) ** 2, 1 / 12, math.sqrt(1 / 180)),
        (normal, 0, 1),
        (normal**2, 1, math.sqrt(2)),
        (normal**3, 0, math.sqrt(15)),
        (normal**4, 3, math.sqrt(96)),
        # The two numbers of a pair have nothing to do with one another.
        (normal[:, :500] * normal[:, 501:], 0, 1),
        ((normal[:, :500] ** 2 - 1) * (normal[:, 501:] ** 2 - 1), 0, 2),
    ]:
        assert float(values.mean(dtype=np.float64)) == pytest.approx(
            mean, abs=4 * deviation / math.sqrt(values.size)
        )
    beyond = float((np.abs(normal) > 3).mean())
    assert beyond == pytest.approx(0.0026998, abs=4 * math.sqrt(0.0027 / count))


RANDOM = [
    Dropout(rate=0.5),
    GaussianNoise(std=0.5),
    SpatialDropout(rate=0.5),
    SelfAttention(heads=2, dropout=0.5),
    Residual.model_validate(
        {
            "layers": [
                {"kind": "dropout"},
                {"kind": "residual", "layers": [{"kind": "gaussian_noise"}], "drop_rate": 0.4},
            ],
            "drop_rate": 0.3,
        }
    ),
]


def test_all_random_layers_are_tried():
    assert {type(layer) for layer in RANDOM} == {
        cls for cls in LAYERS if any(layer.random for layer in variants(cls))
    }


@pytest.mark.parametrize("layer", RANDOM, ids=lambda layer: layer.kind)
@pytest.mark.parametrize("rows", [13, 5, 4])
def test_a_row_gets_the_same_numbers_in_any_number_of_parts(layer, rows):
    """Outputs of two batches behind random layers; 5 and 4 rows are too few for three parts."""
    shape = next(
        shape for shape in fitting_shapes(layer) if len(shape) > 1 or layer.kind in ("dropout", "residual")
    )
    x = np.random.default_rng(3).normal(size=(rows, *shape)).astype(np.float32)
    found = []
    for parts in (1, 2, 3):
        network = Network([layer, layer, Flatten(), Dense(units=2)], shape)
        network.initialize(np.random.default_rng(2))
        pool, loss = WorkerPool(parts), MeanSquaredError()
        arguments = (network, loss, 13, source())
        gradient = DataParallelGradient(*arguments, pool) if parts > 1 else BatchGradient(*arguments)
        outputs = []
        for _ in range(2):
            gradient.evaluate(x, np.zeros((rows, 2), np.float32))
            count = parts if rows >= 2 * parts else 1
            ends = [rows * number // count for number in range(count + 1)]
            outputs += [
                part.workspaces.rows(stop - start)[1]["y"].copy()
                for part, start, stop in zip(gradient.parts, ends, ends[1:], strict=False)
            ]
        pool.shutdown()
        found.append(np.concatenate(outputs))
        first, second = np.split(found[-1], 2)
        assert not np.array_equal(first, second)
    for other in found[1:]:
        # Where there are products, as in attention, they may be rounded otherwise for fewer rows.
        np.testing.assert_allclose(other, found[0], rtol=1e-5, atol=1e-6)
