"""The input as its own target: which columns take part, how rows are dealt, and the way back to columns."""

import numpy as np
import pytest

from engine.data import DataSettings, Preparation, Split, describe, prepare
from engine.data.sources.bundled import Digits, Iris
from engine.data.sources.csv_file import CSVFile
from engine.data.table import Column, Table
from engine.data.task_inference import target_and_task
from engine.errors import UserError
from tests.engine.data.tables import flags, images, numbers, table, texts

FROM_FILE = DataSettings(source=CSVFile(path="any.csv"), task="reconstruction")
PARTS = ("training", "validation", "test")


def mixed(rows: int = 60) -> Table:
    """Every kind of column, with gaps."""
    draws = np.random.default_rng(0)
    return table(
        numbers("size", [None if i % 9 == 0 else value for i, value in enumerate(draws.normal(50, 9, rows))]),
        texts("colour", [None if i % 7 == 0 else ("red", "green", "blue")[i % 3] for i in range(rows)]),
        flags("garden", draws.integers(0, 2, rows).tolist()),
        texts("kind", [("a", "b", "b", "b", None)[i % 5] for i in range(rows)]),
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("source", [Digits(), Iris()])
def test_targets_are_the_inputs_and_no_copy_of_them(source: Digits | Iris, dtype: type[np.floating]) -> None:
    dataset = prepare(DataSettings(source=source, task="reconstruction"), source.load(), dtype)
    assert (dataset.task, dataset.classes, dataset.target) == ("reconstruction", (), "input")
    assert dataset.outputs == np.prod(dataset.input_shape) == len(dataset.feature_names)
    for name in PARTS:
        part = dataset.part(name)
        assert part.targets.shape == (part.rows_count, dataset.outputs)
        assert np.array_equal(part.targets, part.inputs.reshape(part.targets.shape))
        assert np.shares_memory(part.targets, part.inputs)
        assert not part.targets.flags.writeable
        assert dataset.in_target_units(part.targets) is part.targets


def test_the_usual_target_only_labels_the_samples() -> None:
    loaded = Iris().load()
    dataset = prepare(DataSettings(source=Iris(), task="reconstruction"), loaded)
    assert dataset.label is not None
    assert dataset.label.name == "species"
    assert not any("species" in name for name in dataset.feature_names)
    assert dataset.outputs == 4
    rows = dataset.test.rows
    assert dataset.label_texts(rows) == tuple(loaded.column("species").values[rows])
    # Every part gets its share of each label.
    for name in PARTS:
        labels = dataset.label_texts(dataset.part(name).rows)
        counts = [labels.count(label) for label in ("setosa", "versicolor", "virginica")]
        assert max(counts) - min(counts) <= 2


def test_without_a_target_every_column_is_an_input() -> None:
    dataset = prepare(FROM_FILE, mixed())
    assert dataset.label is None
    assert dataset.preparation.columns == ("size", "colour", "garden", "kind")
    assert dataset.label_texts(dataset.test.rows) == ("",) * dataset.test.rows_count


def test_a_chosen_target_and_ignored_columns_are_left_out() -> None:
    dataset = prepare(FROM_FILE.replace(target="kind", ignored=("garden",)), mixed())
    assert dataset.preparation.columns == ("size", "colour")
    # A row without a label is as good as any other.
    assert sum(dataset.part(name).rows_count for name in PARTS) == 60
    labels = dataset.label_texts(np.arange(5))
    assert labels == ("a", "b", "b", "b", "")


@pytest.mark.parametrize(
    "label",
    [
        texts("label", [f"name {i}" for i in range(40)]),
        texts("label", [None] * 40),
        numbers("label", [None if i % 4 == 0 else i / 3 for i in range(40)]),
        texts("label", ["only"] * 40),
    ],
    ids=["names", "nothing", "numbers with gaps", "one"],
)
def test_any_label_leaves_rows_to_hold_out(label: Column) -> None:
    data = table(numbers("x", range(40)), label)
    dataset = prepare(FROM_FILE.replace(target="label"), data)
    assert (dataset.training.rows_count, dataset.validation.rows_count, dataset.test.rows_count) == (28, 6, 6)


def test_the_task_is_never_inferred() -> None:
    loaded = Iris().load()
    target, task = target_and_task(DataSettings(source=Iris()), loaded)
    assert target is not None
    assert (target.name, task) == ("species", "classification")
    for settings in (DataSettings(source=Iris(), target="petal width"), FROM_FILE.replace(task=None)):
        column, found = target_and_task(settings.replace(target=loaded.columns[0].name), loaded)
        assert column is loaded.columns[0]
        assert found == "regression"


def test_what_is_understood() -> None:
    found = describe(mixed(), FROM_FILE.replace(target="kind"))
    assert (found.task, found.target, found.classes) == ("reconstruction", "kind", ())
    assert found.problem is None
    assert [column.role for column in found.columns] == ["input", "input", "input", "label"]
    assert found.inputs == found.outputs == 6
    prepared = prepare(FROM_FILE.replace(target="kind"), mixed())
    assert prepared.outputs == found.outputs
    # What it would be without the choice is still told.
    assert found.inferred_task == "classification"


def test_a_label_that_the_inputs_give_away_is_no_finding() -> None:
    data = table(numbers("x", [0, 1] * 40), texts("label", ["a", "b"] * 40))
    settings = FROM_FILE.replace(target="label")
    assert any(
        "determines the target" in each.sentence
        for each in describe(data, settings.replace(task=None)).findings
    )
    assert not describe(data, settings).findings


@pytest.mark.parametrize(
    ("data", "settings", "sentence"),
    [
        (table(texts("only", ["a", "b"] * 9)), {"target": "only"}, "beside the target, found only “only”"),
        (table(numbers("x", range(9))), {"ignored": ("x",)}, "at least one input column, found none"),
        (table(numbers("x", range(9))), {"target": "y"}, "expected one of the columns “x”, found “y”"),
        (table(numbers("x", range(9)), images("i", 9)), {"target": "i"}, "Target “i”: expected numbers"),
        (table(numbers("x", range(9)), images("i", 9)), {}, "images as the only input"),
        (table(numbers("x", [1.0])), {}, "at least 2 rows to train on"),
        (table(numbers("x", [None] * 9)), {}, "at least one value in the training part"),
    ],
)
def test_what_cannot_be_is_refused_in_sentences(data: Table, settings: dict, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        prepare(FROM_FILE.replace(**settings), data)
    assert sentence in str(caught.value)


# --- back to columns ---------------------------------------------------------------------------------------


def test_a_perfect_reconstruction_gives_the_columns_back() -> None:
    data = mixed()
    preparation = prepare(FROM_FILE.replace(split=Split(validation=0, test=0)), data, np.float64).preparation
    size, colour, garden, kind = preparation.reconstruction(preparation.targets(data, np.float64))
    known = ~np.isnan(data.column("size").values)
    np.testing.assert_allclose(size.values[known], data.column("size").values[known], rtol=1e-12)
    # What is missing comes back as what stands in for it.
    assert np.ptp(size.values[~known]) == 0
    assert size.values[~known][0] == pytest.approx(np.nanmedian(data.column("size").values))
    assert colour.values.tolist() == data.column("colour").values.tolist()
    assert kind.values.tolist() == data.column("kind").values.tolist()
    assert np.array_equal(garden.values, data.column("garden").values)
    assert (size.kind, colour.kind, garden.kind, garden.labels) == (
        *("number", "category", "boolean"),
        ("no", "yes"),
    )


def test_images_come_back_in_their_own_units() -> None:
    data = table(images("image", 12, side=3))
    preparation = prepare(FROM_FILE, data).preparation
    (image,) = preparation.reconstruction(preparation.targets(data))
    assert image.kind == "image"
    np.testing.assert_allclose(image.values, data.columns[0].values, atol=1e-5)


def test_categories_and_flags_come_back_as_the_likeliest() -> None:
    preparation = prepare(FROM_FILE.replace(ignored=("size",)), mixed()).preparation
    assert preparation.feature_names == (
        *("colour = blue", "colour = green", "colour = red", "colour missing"),
        *("garden = yes", "kind = a", "kind = b", "kind missing"),
    )
    outputs = np.array([[0.1, 0.7, 0.3, 0.2, 0.49, 2.0, 1.0, 0.0], [0, 0, 0, 0.1, 0.5, 0, 0, 0.1]])
    colour, garden, kind = preparation.reconstruction(outputs)
    assert colour.values.tolist() == ["green", None]
    assert garden.values.tolist() == [0, 1]
    assert kind.values.tolist() == ["a", None]


def test_the_preparation_is_saved_with_its_target() -> None:
    preparation = prepare(FROM_FILE, mixed()).preparation
    again = Preparation.from_json(preparation.to_json(), "file")
    assert again == preparation
    assert (again.task, again.outputs) == ("reconstruction", 9)
    damaged = preparation.to_json().replace('"outputs": 9', '"outputs": 7')
    with pytest.raises(UserError, match="9 outputs, one for each number of a sample"):
        Preparation.from_json(damaged, "file")
