"""From settings and a table to a dataset: parts, what they are fitted on, and what is refused."""

import numpy as np
import pytest

from engine.data import DataSettings, Split, prepare
from engine.data.encoders.inputs import NumberInput
from engine.data.sources.bundled import Digits
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.two_dimensional import Plane, Spiral
from engine.data.table import Column, Table
from engine.errors import UserError
from tests.engine.data.tables import flags, images, numbers, table, texts

FROM_FILE = DataSettings(source=CSVFile(path="any.csv"), target="t")


def rows_table(rows: int = 100, seed: int = 0) -> Table:
    """Numbers with gaps, categories with gaps, and a class that follows the numbers."""
    generator = np.random.default_rng(seed)
    x = generator.normal(5, 3, rows)
    gaps = [None if i % 7 == 0 else float(value) for i, value in enumerate(x)]
    colours = [None if i % 11 == 0 else ("red", "green", "blue")[i % 3] for i in range(rows)]
    classes = ["big" if value > 5 else "small" for value in x]
    return table(numbers("x", gaps), texts("colour", colours), texts("t", classes))


def test_a_dataset_by_hand() -> None:
    data = table(numbers("x", [1, 2, 3, 4]), flags("t", [0, 1, 0, 1]))
    dataset = prepare(FROM_FILE.replace(split=Split(validation=0, test=0), scaling="none"), data)
    assert (dataset.task, dataset.target, dataset.classes) == ("binary", "t", ("no", "yes"))
    assert (dataset.input_shape, dataset.outputs, dataset.feature_names) == ((1,), 1, ("x",))
    order = dataset.training.rows
    assert sorted(order) == [0, 1, 2, 3]
    assert dataset.training.inputs.ravel().tolist() == [row + 1 for row in order]
    assert dataset.training.targets.ravel().tolist() == [row % 2 for row in order]
    assert dataset.validation.inputs.shape == (0, 1)
    assert dataset.test.targets.shape == (0, 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_are_of_the_precision_asked_for_and_read_only(dtype: type[np.floating]) -> None:
    dataset = prepare(FROM_FILE, rows_table(), dtype)
    for name in ("training", "validation", "test"):
        part = dataset.part(name)
        assert part.inputs.dtype == dtype
        assert part.targets.dtype == np.intp
        assert len(part.inputs) == len(part.targets) == part.rows_count
        with pytest.raises(ValueError, match="read-only"):
            part.inputs[:] = 0
    with pytest.raises(KeyError):
        dataset.part("everything")


def test_the_preparation_is_fitted_on_the_training_part_alone() -> None:
    data = rows_table()
    before = prepare(FROM_FILE, data)
    held_out = np.concatenate([before.validation.rows, before.test.rows])
    x, colour = data.column("x").values.copy(), data.column("colour").values.copy()
    x[held_out] = 1e6
    colour[held_out] = "a colour of its own"
    changed = Table(
        "table", (Column("x", "number", x), Column("colour", "category", colour), data.column("t"))
    )
    after = prepare(FROM_FILE, changed)
    assert after.preparation == before.preparation
    assert np.array_equal(after.training.inputs, before.training.inputs)
    assert not np.array_equal(after.validation.inputs, before.validation.inputs)
    x[before.training.rows[0]] = 1e6
    assert prepare(FROM_FILE, changed).preparation != before.preparation


def test_training_inputs_are_standardized() -> None:
    dataset = prepare(
        FROM_FILE, table(numbers("x", np.random.default_rng(0).normal(5, 3, 99)), flags("t", [0, 1, 1] * 33))
    )
    assert dataset.training.inputs.mean() == pytest.approx(0, abs=1e-6)
    assert dataset.training.inputs.std() == pytest.approx(1, abs=1e-6)


def test_the_same_settings_give_the_same_dataset_and_other_seeds_another() -> None:
    first, again = prepare(FROM_FILE, rows_table()), prepare(FROM_FILE, rows_table())
    other = prepare(FROM_FILE.replace(split=Split(seed=1)), rows_table())
    assert np.array_equal(first.training.inputs, again.training.inputs)
    assert first.fingerprint == again.fingerprint == other.fingerprint
    assert not np.array_equal(first.training.rows, other.training.rows)
    assert prepare(FROM_FILE, rows_table(seed=1)).fingerprint != first.fingerprint


def test_rows_without_a_target_are_left_out_and_told() -> None:
    data = table(numbers("x", range(10)), texts("t", ["a", "b", None, "a", "b", "a", "b", "a", "b", None]))
    dataset = prepare(FROM_FILE, data)
    used = np.concatenate([dataset.part(name).rows for name in ("training", "validation", "test")])
    assert sorted(used) == [0, 1, 3, 4, 5, 6, 7, 8]
    assert dataset.notes == ("2 rows were left out, because “t” is missing there.",)


def test_too_few_rows_for_a_part_are_told() -> None:
    dataset = prepare(FROM_FILE, table(numbers("x", [1, 2, 3]), numbers("t", [1.5, 2.5, 4])))
    assert dataset.notes == (
        "There are too few rows for a validation part.",
        "There are too few rows for a test part.",
    )


def test_every_class_is_trained_on() -> None:
    data = table(numbers("x", range(41)), texts("t", ["a"] * 20 + ["b"] * 20 + ["once"]))
    for seed in range(5):
        dataset = prepare(FROM_FILE.replace(split=Split(validation=0.4, test=0.4, seed=seed)), data)
        assert dataset.training.targets.sum(axis=0).min() >= 1


def test_ignored_columns_are_no_inputs() -> None:
    dataset = prepare(FROM_FILE.replace(ignored=("colour", "no such column")), rows_table())
    assert dataset.feature_names == ("x",)


def test_the_plane_of_two_inputs() -> None:
    dataset = prepare(DataSettings(source=Spiral(noise=0)), Spiral(noise=0).load(), np.float64)
    assert dataset.plane is not None
    points = dataset.plane_points("training")
    (left, right), (low, high) = dataset.plane
    assert left < points[:, 0].min()
    assert points[:, 0].max() < right
    assert low < points[:, 1].min()
    assert points[:, 1].max() < high
    table_ = Spiral(noise=0).load()
    originals = np.column_stack([table_.column("x₁").values, table_.column("x₂").values])
    assert np.allclose(points, originals[dataset.training.rows])
    assert np.allclose(dataset.plane_inputs(points), dataset.training.inputs)


def test_there_is_no_plane_for_other_inputs() -> None:
    assert prepare(FROM_FILE, rows_table()).plane is None
    one = table(numbers("x", range(10)), flags("t", [0, 1] * 5))
    assert prepare(FROM_FILE, one).plane is None
    mixed = table(numbers("x", range(10)), flags("f", [0, 1] * 5), flags("t", [0, 1] * 5))
    assert prepare(FROM_FILE, mixed).plane is None


def test_images_stay_images() -> None:
    dataset = prepare(DataSettings(source=Digits(), scaling="minmax"), Digits().load())
    assert dataset.input_shape == (8, 8, 1)
    assert (dataset.training.inputs.min(), dataset.training.inputs.max()) == (0, 1)
    assert len(dataset.feature_names) == 64


def test_regression_in_the_targets_units() -> None:
    source = Plane(noise=0)
    dataset = prepare(DataSettings(source=source), source.load(), np.float64)
    heights = source.load().column("y").values[dataset.test.rows]
    assert np.allclose(dataset.in_target_units(dataset.test.targets)[:, 0], heights)


def test_missing_values_are_filled_from_training() -> None:
    dataset = prepare(FROM_FILE.replace(scaling="none", ignored=("colour",)), rows_table())
    number = dataset.preparation.inputs[0]
    assert isinstance(number, NumberInput)
    gaps = np.flatnonzero(dataset.test.rows % 7 == 0)
    assert len(gaps) > 0
    assert np.allclose(dataset.test.inputs[gaps, 0], number.missing_value)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        pytest.param(
            [numbers("x", range(9)), texts("t", ["a"] * 9)],
            "Target “t”: expected at least two classes, found only “a”.",
            id="one class",
        ),
        pytest.param(
            [numbers("x", range(9)), texts("u", ["a"] * 9)],
            "table, target: expected one of the columns “x”, “u”, found “t”.",
            id="no target",
        ),
        pytest.param(
            [texts("t", ["a", "b"] * 9)],
            "table: expected at least one input column beside the target, found only “t”.",
            id="no inputs",
        ),
        pytest.param(
            [numbers("x", [None] * 18), texts("t", ["a", "b"] * 9)],
            "Column “x”: expected at least one value in the training part, found none. Ignore this column.",
            id="an all-missing column",
        ),
        pytest.param(
            [numbers("x", range(18)), numbers("t", [None] * 18)],
            "Target “t”: expected values to learn from, found none in any row.",
            id="an all-missing target",
        ),
        pytest.param(
            [numbers("x", [1, 2]), numbers("t", [1, None])],
            "Target “t”: expected numbers that differ, found 1 in every row.",
            id="a constant target",
        ),
        pytest.param(
            [images("image", 9), numbers("x", range(9)), texts("t", ["a", "b", "c"] * 3)],
            "table, column “image”: expected images as the only input, found “x” beside them.",
            id="images beside numbers",
        ),
    ],
)
def test_what_cannot_be_prepared(columns: list[Column], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        prepare(FROM_FILE, table(*columns))
    assert sentence in str(caught.value)
    assert caught.value.help


def test_regression_on_text_is_refused_with_help() -> None:
    with pytest.raises(
        UserError, match="expected numbers, for regression, found text such as “big”"
    ) as caught:
        prepare(FROM_FILE.replace(task="regression"), rows_table())
    assert caught.value.help == "Choose a column of numbers as the target, or the task classification."


def test_too_few_training_rows() -> None:
    data = table(numbers("x", [1, 2, 3]), numbers("t", [1.5, 2.5, 4]))
    with pytest.raises(UserError, match="expected at least 2 rows to train on, found 1"):
        prepare(FROM_FILE.replace(split=Split(validation=0.4, test=0.4)), data)


def test_an_all_missing_column_does_no_harm_when_ignored() -> None:
    data = table(numbers("x", [None] * 18), numbers("y", range(18)), texts("t", ["a", "b"] * 9))
    assert prepare(FROM_FILE.replace(ignored=("x",)), data).feature_names == ("y",)


def test_the_fingerprint_follows_the_content(tmp_path):
    def read(folder, text):
        (folder / "table.csv").write_bytes(text.encode())
        return CSVFile(path=str(folder / "table.csv")).load()

    prints = [
        read(tmp_path, text).fingerprint
        for text in ("a,b\n1,2\n", "a,b\n1,3\n", "a,c\n1,2\n", "a,b\n1,x\n", "a,b\n1,\n")
    ]
    assert len(set(prints)) == len(prints)
    assert read(tmp_path, "a;b\r\n1;2\r\n").fingerprint == prints[0]
