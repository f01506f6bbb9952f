"""Coded columns and an Embedding in runs: trained, saved, gone on with, predicted from, split up, refused."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

from engine.arrays import IntegerEncodedColumn
from engine.data import describe
from engine.errors import ShapeError, UserError
from engine.experiment import Experiment
from engine.files.run_file import load, save, saved_run
from engine.insight import diagnosis
from engine.insight.gradient_check import check_trainer
from engine.layers.embedding import Embedding
from engine.losses.regression import MeanSquaredError
from engine.model import Model
from engine.network import Network
from engine.network_assembly import network_layers
from engine.training.data_parallel import DataParallelGradient
from engine.training.gradient import BatchGradient
from engine.training.worker_pool import WorkerPool
from tests.engine.data.tables import numbers, table, texts
from tests.engine.files.archives import parts_of, write_parts
from tests.engine.files.test_continuation_laws import goes_on
from tests.engine.training.runs import dataset, dense, experiment, finish, take, trainer, with_training

SHOPS = [f"shop {number}" for number in range(1, 13)]
DAYS = ["Fri", "Mon", "Sat", "Sun"]
EMBEDDING = {"kind": "embedding", "size": 3}


def sale(generator: random.Random) -> str:
    """A row: the shop's own level, times what the day is worth; some days are missing."""
    shop, day, size = generator.choice(SHOPS), generator.choice([*DAYS, ""]), generator.uniform(-1, 1)
    level = len(shop) * 3 + (int(shop.split()[1]) * 7) % 11
    sales = level * (2 if day in ("Sat", "Sun") else 1) + 4 * size
    return f"{size:.3f},{shop},{day},{sales:.2f}"


@pytest.fixture(scope="module")
def sales(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("sales") / "sales.csv"
    generator = random.Random(4)
    path.write_text("\n".join(["size,shop,day,sales", *(sale(generator) for _ in range(400))]))
    return path


def on(path: Path, *layers, data=None, **training) -> Experiment:
    chosen = {"source": {"kind": "csv", "path": str(path)}, "target": "sales", "categories": "integer"}
    training = {"optimizer": {"kind": "adam", "learning_rate": 0.01}, "epochs": 40} | training
    return experiment([*layers], chosen | (data or {}), **training)


def usual(path: Path, **more) -> Experiment:
    return on(path, EMBEDDING, dense(12), **more)


# --- runs --------------------------------------------------------------------------------------------------


def test_it_learns_what_the_categories_do(sales):
    run = finish(trainer(usual(sales)))
    assert run.evaluate("test").metrics["r2"] > 0.99
    # Two coded columns of three numbers each, then the plain one.
    assert run.network.shapes[:2] == ((3,), (7,))
    assert run.network.layers[0].columns == (IntegerEncodedColumn(1, 13), IntegerEncodedColumn(2, 6))
    tables = run.network.layers[0].tables(run.network.parameter_views[0]["weight"])
    assert [found.shape for found in tables] == [(12, 3), (5, 3)]
    # What the days are worth lies between the two vectors of the weekend and the two of other days.
    fri, mon, sat, sun, _ = tables[1]
    within = np.linalg.norm(fri - mon) + np.linalg.norm(sat - sun)
    assert within < np.linalg.norm(fri - sat) + np.linalg.norm(mon - sun)


@pytest.mark.parametrize("steps", [7, 18])
def test_it_goes_on_from_a_file_bit_for_bit(sales, steps, tmp_path):
    chosen = usual(sales, epochs=3, l2=0.001)
    goes_on(chosen, steps, tmp_path / "a.gradwright")
    saved = load(tmp_path / "a.gradwright")
    # The experiment says nothing of the columns: they are the data's, and come from the preparation.
    assert saved.experiment.layers[0] == Embedding(size=3)
    assert saved.preparation.encoded_columns == (IntegerEncodedColumn(1, 13), IntegerEncodedColumn(2, 6))


def test_settings_change_in_mid_run(sales):
    run = take(trainer(usual(sales, epochs=2)), 5)
    changed = run.experiment.replace(layers=(Embedding(size=3, l2=0.01), *run.experiment.layers[1:]))
    run.change(with_training(changed, epochs=3))
    finish(run)
    assert run.epoch == 3
    assert run.network.layers[0].l2 == 0.01
    assert run.network.layers[0].columns is not None


def test_gradients_are_right(sales):
    run = take(trainer(usual(sales, precision="float64", epochs=2)), 3)
    checks = list(check_trainer(run, rows=40, entries=0))
    assert {check.verdict for check in checks} <= {"right", "fine"}
    assert (checks[0].layer_name, checks[0].checked) == ("Embedding", 12 * 3 + 5 * 3)


def test_parts_of_a_batch_are_worked_on_at_the_same_time(sales):
    """Several workers find what one finds, up to the order in which numbers are added."""
    chosen = usual(sales, precision="float64")
    data = dataset(chosen.data, chosen.dtype)
    layers, _ = network_layers(chosen, data.outputs, data.task, data.preparation.encoded_columns)
    network = Network(layers, data.input_shape, np.float64)
    network.initialize(np.random.default_rng(1))
    x, target, draws = data.training.inputs[:50], data.training.targets[:50], np.random.default_rng(2)
    pool = WorkerPool(2)
    try:
        DataParallelGradient(network, MeanSquaredError(), 50, draws, pool).evaluate(x, target)
    finally:
        pool.shutdown()
    split = network.gradients.copy()
    BatchGradient(network, MeanSquaredError(), 50, draws).evaluate(x, target)
    np.testing.assert_allclose(split, network.gradients, rtol=1e-10, atol=1e-14)


# --- predictions -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model(sales, tmp_path_factory) -> tuple[Model, np.ndarray]:
    """A model from a file, and its tables' weights."""
    path = tmp_path_factory.mktemp("model") / "sales.gradwright"
    save(path, saved_run(finish(trainer(usual(sales, epochs=5)))))
    run = load(path)
    found = Model.from_state(run.experiment, run.preparation, run.state.model)
    return found, found.network.parameter_views[0]["weight"]


def given(*rows: tuple[float, str | None, str | None]):
    size, shop, day = zip(*rows, strict=True)
    return table(numbers("size", size), texts("shop", shop), texts("day", day))


def test_a_model_predicts_what_its_trainer_does(sales, model):
    run = finish(trainer(usual(sales, epochs=5)))
    rows = run.experiment.data.load()
    expected = run.dataset.in_target_units(run.predict(run.dataset.preparation.transform(rows)))[:, 0]
    found = model[0].predict(rows)
    np.testing.assert_array_equal(found.values, expected)
    assert found.notes == ()
    assert set(model[0].text_columns) == {"shop", "day"}


def test_unknown_categories_count_as_none_and_are_named(model):
    predicted, weight = model
    rows = given((0.2, "shop 99", "Mon"), (0.2, "shop 1", None), (0.2, None, "Tue"), (0.2, "shop 99", "Tue"))
    found = predicted.predict(rows)
    assert found.notes == (
        "Column “shop”: “shop 99” did not occur in training and counts as none of its categories, in 2 rows.",
        "Column “day”: “Tue” did not occur in training and counts as none of its categories, in 2 rows.",
    )
    # Shops were never missing in training, so that a missing one is unknown too.
    assert found.values[2] == found.values[3]
    assert found.values[0] != found.values[1]
    before = weight.copy()
    try:
        # Whatever the vectors are: those of unknown categories are zeros.
        weight += 100
        assert predicted.predict(rows).values[3] == found.values[3]
        assert predicted.predict(rows).values[0] != found.values[0]
    finally:
        weight[...] = before


# --- what does not go together -----------------------------------------------------------------------------


RESIDUAL = {"kind": "residual", "layers": [{"kind": "dense", "units": 5}, EMBEDDING]}


@pytest.mark.parametrize(
    ("layers", "data", "index", "sentence"),
    [
        (
            [EMBEDDING],
            {"categories": "one_hot"},
            0,
            "Layer 1, Embedding: needs categories as codes but gets none. "
            "Set Categories to codes in the data panel, or remove the layer.",
        ),
        (
            [dense(4), EMBEDDING],
            {},
            1,
            "Layer 2, Embedding: needs codes as they come from the data but gets what other layers make of "
            "them. Put the Embedding layer in front of all others.",
        ),
        (
            [EMBEDDING, RESIDUAL],
            {},
            1,
            "Layer 2, Residual, Embedding inside it: needs codes as they come from the data but gets what "
            "other layers make of them. Put the Embedding layer in front of all others.",
        ),
        (
            [{"kind": "embedding", "vocabulary": 9}, "flatten"],
            {},
            0,
            "Layer 1, Embedding: needs codes below its vocabulary of 9 but gets a column with 13 codes. "
            "Raise the vocabulary, or leave it empty: then every column has a table of its own.",
        ),
        (
            [{"kind": "embedding", "columns": [[5, 3]]}],
            {},
            0,
            "Layer 1, Embedding: needs at least 6 numbers but gets 3 numbers. "
            "Leave its columns away: they are then taken from the data.",
        ),
    ],
)
def test_a_sentence_says_why_and_what_to_do(sales, layers, data, index, sentence):
    with pytest.raises(ShapeError) as caught:
        trainer(on(sales, *layers, data=data))
    assert str(caught.value) == sentence
    assert caught.value.layer_index == index


def test_a_preparation_with_other_codes_than_the_weights_are_for(sales, tmp_path):
    path = tmp_path / "a.gradwright"
    save(path, saved_run(take(trainer(usual(sales, epochs=1)), 3)))
    parts = parts_of(path)
    values = json.loads(parts["preparation.json"])
    values["inputs"][1]["categories"].pop()
    write_parts(path, parts | {"preparation.json": json.dumps(values).encode()})
    with pytest.raises(UserError, match=r"Embedding\.weight: expected \d+ float32, found"):
        load(path)
    for fitted in values["inputs"]:
        if fitted["kind"] == "integer":
            fitted["kind"] = "category"
    write_parts(path, parts | {"preparation.json": json.dumps(values).encode()})
    with pytest.raises(UserError, match=r"Layer 1, Embedding: expected categories as codes"):
        load(path)


# --- findings ----------------------------------------------------------------------------------------------


def found_in(chosen: Experiment) -> list[str]:
    description = describe(chosen.data.load(), chosen.data)
    return [finding.sentence for finding in diagnosis.embedding_findings(chosen, description)]


def test_codes_without_an_embedding_are_remarked_on(sales):
    expected = (
        "“shop”, “day” come in as codes, and without an Embedding layer in front the network takes them for "
        "quantities: category 3 would be three times category 1. Put an Embedding layer first, or set "
        "Categories to one input per category."
    )
    assert found_in(on(sales, dense(4))) == [expected]
    assert found_in(on(sales)) == [expected]
    (one,) = found_in(on(sales, dense(4), data={"ignored": ["shop"]}))
    assert one.startswith("“day” comes in as a code, and without an Embedding layer")
    assert found_in(usual(sales)) == []
    assert found_in(on(sales, dense(4), data={"categories": "one_hot"})) == []
    assert found_in(on(sales, dense(4), data={"ignored": ["shop", "day"]})) == []


def test_scaled_numbers_under_a_vocabulary_are_remarked_on(sales):
    words, flat = {"kind": "embedding", "vocabulary": 20}, "flatten"
    only = {"ignored": ["shop", "day"]}
    (sentence,) = found_in(on(sales, words, flat, data=only))
    assert sentence == (
        "With a vocabulary, the Embedding layer reads “size” as codes, but scaling makes other numbers of "
        "them. Set Scaling to “As they are”, or leave the vocabulary empty."
    )
    assert found_in(on(sales, words, flat, data=only | {"scaling": "none"})) == []
