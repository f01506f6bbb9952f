"""Parts that a person names: by a column, or by files of their own for validation and for test."""

from pathlib import Path

import numpy as np
import pytest

from engine.data import Dataset, DataSettings, Split, prepare
from engine.data.columns.dates import date_text
from engine.data.columns.sentinel_values import without_numbers
from engine.data.columns.settings import ColumnSettings
from engine.data.sources.csv_file import CSVFile
from engine.data.splitting.folds import folds
from engine.data.stored_arrays import NumberFile, StoredColumn, is_stored
from engine.data.table import Table
from engine.errors import UserError
from tests.engine.data.tables import numbers, table, texts

MAIN = "size,colour,kind\n" + "".join(
    f"{row},{'red' if row % 2 else 'blue'},{'cat' if row % 3 else 'dog'}\n" for row in range(60)
)


def csv_file(folder: Path, name: str, text: str) -> CSVFile:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return CSVFile(path=str(path))


def prepared(folder: Path, test: str | None = None, validation: str | None = None, **changes) -> Dataset:
    chosen = DataSettings(
        source=csv_file(folder, "main.csv", MAIN),
        test_source=None if test is None else csv_file(folder, "test.csv", test),
        validation_source=None if validation is None else csv_file(folder, "validation.csv", validation),
        target="kind",
        **changes,
    )
    return prepare(chosen, chosen.load())


def test_files_of_their_own_are_the_parts(tmp_path):
    test = "kind,colour,extra,size\ndog,blue,7,100\ncat,red,8,101\ncat,green,9,102\n"
    dataset = prepared(tmp_path, test, "size,colour,kind\n-1,blue,dog\n-2,red,cat\n")
    assert np.array_equal(dataset.training.rows, np.sort(dataset.training.rows)) is False
    assert sorted(dataset.training.rows) == list(range(60))
    assert list(dataset.validation.rows) == [60, 61]
    assert list(dataset.test.rows) == [62, 63, 64]
    # The preparation is that of the training part, its categories and class names, too.
    assert dataset.classes == ("cat", "dog")
    assert list(dataset.validation.targets.ravel()) == [1, 0]
    assert list(dataset.test.targets.ravel()) == [1, 0, 0]
    assert dataset.feature_names == ("size", "colour = blue", "colour = red")
    mean, deviation = np.arange(60).mean(), np.arange(60).std()
    assert dataset.test.inputs[:, 0] == pytest.approx((np.array([100, 101, 102]) - mean) / deviation)
    assert np.array_equal(dataset.test.inputs[:, 1:] > 0, [[True, False], [False, True], [False, False]])
    assert "Of 65 rows, 60 for training, 2 for validation, 3 for test." in dataset.notes


def test_without_a_file_for_validation_its_rows_are_drawn(tmp_path):
    dataset = prepared(tmp_path, "size,colour,kind\n1,red,cat\n2,red,dog\n")
    assert [dataset.part(name).rows_count for name in ("training", "validation", "test")] == [51, 9, 2]
    assert "No rows are named for validation: rows of the others were taken for it." in dataset.notes


def test_a_class_may_be_called_by_a_number_in_one_file_and_by_a_word_in_another(tmp_path):
    main = "x,y\n" + "".join(f"{row},{'a' if row % 2 else 1}\n" for row in range(40))
    chosen = DataSettings(
        source=csv_file(tmp_path, "a.csv", main),
        test_source=csv_file(tmp_path, "b.csv", "x,y\n1,1\n2,1\n"),
        target="y",
    )
    dataset = prepare(chosen, chosen.load())
    assert dataset.classes == ("1", "a")
    assert list(dataset.test.targets) == [0, 0]


@pytest.mark.parametrize(
    ("test", "sentence"),
    [
        (
            "size,kind\n1,cat\n2,dog\n",
            "test.csv, for test: expected the columns of main.csv, found no “colour”",
        ),
        (
            "size,colour,kind\nbig,red,cat\nsmall,red,dog\n",
            "test.csv, for test, column “size”: expected numbers, as for training, found “big”",
        ),
        (
            "size,colour,kind\n1,red,cat\n2,red,cow\n",
            "Target “kind”: expected rows of every class to train on, found “cow” in other parts alone",
        ),
    ],
)
def test_files_that_do_not_fit_are_refused_with_a_sentence(tmp_path, test, sentence):
    with pytest.raises(UserError) as caught:
        prepared(tmp_path, test)
    assert str(caught.value).startswith(sentence)


def test_a_column_that_is_ignored_may_be_missing(tmp_path):
    dataset = prepared(tmp_path, "size,kind\n1,cat\n2,dog\n", ignored=("colour",))
    assert dataset.test.rows_count == 2


def test_settings_with_files_come_back_from_json(tmp_path):
    chosen = DataSettings(test_source=csv_file(tmp_path, "b.csv", "x,y\n1,1\n"), group="g", part="p")
    assert DataSettings.model_validate_json(chosen.model_dump_json()) == chosen
    assert chosen.read_from != chosen.replace(test_source=None).read_from


def parted(words, **changes):
    rows = 60
    data = table(
        texts("use", [words[row % len(words)] for row in range(rows)]),
        numbers("x", range(rows)),
        texts("y", ["a" if row % 5 else "b" for row in range(rows)]),
    )
    return prepare(DataSettings(target="y", part="use", split=Split(**changes)), data)


@pytest.mark.parametrize("words", [("Train", "VAL", "test"), ("training", "dev", "hold-out")])
def test_a_column_names_the_parts_in_usual_spellings(words):
    dataset = parted(words)
    for place, name in enumerate(("training", "validation", "test")):
        assert sorted(dataset.part(name).rows) == list(range(place, 60, 3))
    assert dataset.feature_names == ("x",)


def test_a_column_names_the_parts_in_values_that_are_chosen():
    dataset = parted(("1", "2", "3", None), validation_values=("2",), test_values=("3",))
    assert sorted(dataset.training.rows) == list(range(0, 60, 4))
    assert sorted(dataset.test.rows) == list(range(2, 60, 4))
    assert "15 rows were left out, because “use” names no part there." in dataset.notes
    dataset = parted(("1", "2", "3"), training_values=("1",), test_values=("2",), validation=0)
    assert dataset.training.rows_count + dataset.test.rows_count == 40


def test_values_that_name_no_part_are_refused_with_a_sentence():
    with pytest.raises(UserError, match="expected train, validation or test in every row") as caught:
        parted(("A", "B"))
    assert caught.value.place == ("data", "split", "training_values")


def test_types_that_were_chosen_hold_for_all_files(tmp_path):
    main = "day,zip,on,kind\n" + "".join(
        f"{1 + row % 28}/2/2020,0{row % 7},{'oui' if row % 3 else 'non'},{'a' if row % 2 else 'b'}\n"
        for row in range(60)
    )
    chosen = DataSettings(
        source=csv_file(tmp_path, "main.csv", main),
        test_source=csv_file(
            tmp_path, "test.csv", "day,zip,on,kind\n3/2/2020,05,oui,a\n4/2/2020,06,maybe,b\n"
        ),
        target="kind",
        columns=(
            ColumnSettings(name="day", type="date"),
            ColumnSettings(name="zip", type="code"),
            ColumnSettings(name="on", type="boolean"),
        ),
    )
    loaded = chosen.load()
    assert [column.kind for column in loaded.columns] == ["date", "code", "boolean", "category"]
    assert [date_text(seconds) for seconds in loaded.column("day").values[-2:]] == [
        "2020-02-03",
        "2020-02-04",
    ]
    assert list(loaded.column("zip").values[-2:]) == ["05", "06"]
    assert np.array_equal(loaded.column("on").values[-2:], [1, np.nan], equal_nan=True)
    assert any("test.csv: Column “on”: 1 value" in note for note in loaded.notes)
    assert prepare(chosen, loaded).test.rows_count == 2


def test_rows_left_out_are_in_no_file_and_no_fold(tmp_path):
    dataset = prepared(tmp_path, "size,colour,kind\n1,red,cat\n2,red,dog\n", left_out=(0, 61))
    used = np.concatenate([dataset.part(name).rows for name in ("training", "validation", "test")])
    assert sorted(used) == list(range(1, 61))
    columns = table(numbers("x", range(30)), texts("y", ["a", "b", "c"] * 10))
    for fold in folds(DataSettings(target="y", left_out=(3, 4)), columns, 3):
        rows = np.concatenate([fold.parts.training, fold.parts.validation, fold.parts.test])
        assert sorted(rows) == sorted(set(range(30)) - {3, 4})


def test_marks_of_missing_values_hold_for_all_files(tmp_path):
    dataset = prepared(
        tmp_path,
        "size,colour,kind\n-999,red,cat\n2,red,dog\n",
        columns=(ColumnSettings(name="size", missing_numbers=(-999.0,)),),
    )
    assert dataset.test.inputs[0, 0] == pytest.approx(0, abs=0.05)


def test_numbers_in_a_file_are_joined_and_marked_in_a_file():
    file = NumberFile(1, 4)
    file.array[0] = [1, -999, 3, 4]
    stored = Table("stored", (StoredColumn.of("x", file, 0, 4),))
    found = without_numbers(stored, {"x": (-999.0,)}).column("x")
    assert np.array_equal(found.values, [1, np.nan, 3, 4], equal_nan=True)
    assert is_stored(found.values)
    assert file.array[0, 1] == -999
