"""ARFF, SVMlight, NumPy and JSON: what their own rules ask for."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.data.columns.texts import texts_of
from engine.data.sources import ReadingRules, source_for
from engine.data.sources.arff_file import ARFFFile
from engine.data.sources.json_file import JSONFile
from engine.data.sources.numpy_file import NumPyFile
from engine.data.sources.svmlight_file import SVMLightFile
from engine.errors import UserError
from engine.first_model import first_experiment

HEADER = """% a comment
@RELATION 'my cars'

@attribute 'miles per gallon' INTEGER
@attribute doors { 4 , 2 , 'two and a half' }
@attribute made date "dd/MM/yyyy HH:mm"
@attribute note string
@ATTRIBUTE Class {yes,no}
@data
"""


@pytest.fixture
def arff(tmp_path):
    def source(rows, header=HEADER):
        path = tmp_path / "t.arff"
        path.write_text(header + rows, encoding="utf-8")
        return ARFFFile(path=str(path))

    return source


def values(table, name):
    return list(texts_of(table.column(name)))


def test_dense_arff(arff):
    rows = (
        "4.7, 'two and a half', '29/02/2024 13:05', 'it\\'s, old', yes\n"
        "% between\n"
        '?, 2, "01/01/2023 00:00", "?", no, {2.5}\n'
        "1e3,4,?,?,yes\n"
    )
    table = arff(rows).load()
    np.testing.assert_array_equal(table.column("miles per gallon").values, [4.7, np.nan, 1000])
    assert values(table, "doors") == ["two and a half", "2", "4"]
    assert table.column("doors").levels == ("4", "2", "two and a half")
    assert values(table, "made") == ["2024-02-29 13:05:00", "2023-01-01 00:00:00", None]
    assert values(table, "note") == ["it's, old", "?", None]
    assert (table.column("Class").kind, table.column("Class").values.tolist()) == ("boolean", [1, 0, 1])


def test_nominal_numbers_stay_categories_in_their_order(arff):
    header = "@relation r\n@attribute size {10, 9, 11}\n@attribute x real\n@data\n"
    column = arff("9,1\n10,2\n9,3\n", header).load().column("size")
    assert (column.kind, column.levels, list(texts_of(column))) == (
        "category",
        ("10", "9", "11"),
        ["9", "10", "9"],
    )


@pytest.mark.parametrize("chosen", ["number", "code", "boolean"])
def test_a_chosen_type_comes_before_what_arff_declares(arff, chosen):
    header = "@relation r\n@attribute size {1, 0}\n@attribute x real\n@data\n"
    source = arff("1,1\n0,2\n1,3\n", header)
    for table in (
        source.load(types={"size": chosen}),
        source.load_with_fields({}, (), ReadingRules({"size": chosen}))[0],
    ):
        column = table.column("size")
        assert column.kind == chosen
        assert list(texts_of(column)) == ["1", "0", "1"]
        assert column.levels == (("1", "0") if chosen == "code" else ())
        assert table.decimal is None


def test_a_nominal_value_that_looks_like_a_missing_one(arff):
    header = "@relation r\n@attribute pool {NA, yes}\n@attribute sign {+, -}\n@data\n"
    table = arff("NA,+\nyes,-\nNA,?\n", header).load()
    assert values(table, "pool") == ["NA", "yes", "NA"]
    assert values(table, "sign") == ["+", "-", None]


def test_sparse_arff(arff):
    header = "@relation r\n@attribute a numeric\n@attribute b {first, second}\n@attribute c numeric\n@data\n"
    table = arff("{0 1.5, 1 second}\n{}\n{1 ?, 2 -3}, {2}\n", header).load()
    assert table.column("a").values.tolist() == [1.5, 0, 0]
    # What is left out of a nominal column is its first value.
    assert values(table, "b") == ["second", "first", None]
    assert table.column("c").values.tolist() == [0, 0, -3]


def test_the_class_of_arff_is_the_target(arff):
    path = arff("1,4,?,a,yes\n2,4,?,b,no\n").path
    assert first_experiment(Path(path)).data.target == "Class"
    assert first_experiment(Path(path), "doors").data.target == "doors"


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("1,4,?,a\n", "line 10: expected 5 values, one for each attribute, found 4"),
        ("1,5,?,a,yes\n", "line 10: expected one of “4”, “2”, “two and a half” in “doors”, found “5”"),
        ("x,4,?,a,yes\n", "line 10: expected a number in “miles per gallon”, found “x”"),
        ("1,4,2024-01-01,a,yes\n", "line 10: expected a date of its pattern in “made”, found “2024-01-01”"),
        ("1,4,?,'a,yes\n", "line 10: expected quotes that are closed"),
        ("{9 1}\n", "line 10: expected an index up to 4, found 9"),
    ],
)
def test_rows_of_arff_that_do_not_fit(arff, rows, sentence):
    with pytest.raises(UserError) as caught:
        arff(rows).load()
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("@relation r\n@attribute a relational\n", "line 2: expected numeric, string, date"),
        ("@relation r\n@attribute a numeric\n", "expected a line @data with rows below it"),
        ("@relation r\n@attribute a numeric\n@attribute a real\n@data\n", "line 3: expected different names"),
        ("a,b\n1,2\n", "line 1: expected @attribute or @data, found “a,b”"),
    ],
)
def test_headers_of_arff_that_cannot_be_read(arff, header, sentence):
    with pytest.raises(UserError) as caught:
        arff("", header).load()
    assert sentence in str(caught.value)


def svm(folder, text, name="t.svmlight", **settings):
    (folder / name).write_text(text)
    return SVMLightFile(path=str(folder / name), **settings)


def test_svmlight(tmp_path):
    table = svm(tmp_path, "+1 qid:7 2:0.5 4:1 # a comment\n# nothing\n-1 qid:8 1:2\n").load()
    assert [column.name for column in table.columns] == ["target", "qid", "x1", "x2", "x3", "x4"]
    assert table.column("target").values.tolist() == [1, -1]
    assert table.column("qid").values.tolist() == [7, 8]
    assert [table.column(f"x{i}").values.tolist() for i in (1, 2, 3, 4)] == [[0, 2], [0.5, 0], [0, 0], [1, 0]]


def test_an_experiment_fixes_base_and_width(tmp_path):
    source = svm(tmp_path, "1 0:1 5:2\n0 3:1\n")
    fixed = first_experiment(Path(source.path)).data.source
    assert (fixed.first_index, fixed.last_index) == (0, 5)
    # Its first column and its last are zero throughout here, and so do not show.
    (tmp_path / "other.svmlight").write_text("1 1:1 4:2\n")
    other = fixed.like(str(tmp_path / "other.svmlight"), ()).load()
    assert [column.name for column in other.columns] == ["target", *(f"x{i}" for i in range(6))]
    assert [column.values.tolist()[0] for column in other.columns] == [1, 0, 1, 0, 0, 2, 0]


def test_indices_of_another_base_are_refused(tmp_path):
    trained = svm(tmp_path, "1 1:1 3:2\n")
    other = svm(tmp_path, "1 0:1 2:2\n", "other.svmlight")
    like = trained.like(other.path, ("x1", "x2", "x3", "target"))
    with pytest.raises(UserError, match=r"other.svmlight, line 1: expected indices from 1 to 3, found 0"):
        like.load()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1 2:x\n", "line 1: expected an index and a value, such as 3:0.5, found “2:x”"),
        ("1 2:1\n1:1\n", "line 2: expected a number, the target, in front of the values, found “1:1”"),
        ("1 2:1 2:3\n", "line 1: expected each index once, found 2 twice"),
        ("1 -2:1\n", "line 1: expected an index from 0, found “-2:1”"),
        ("1 30000:1\n", "expected at most 20,000 columns, found indices up to 30,000"),
    ],
)
def test_broken_svmlight(tmp_path, text, sentence):
    with pytest.raises(UserError) as caught:
        svm(tmp_path, text).load()
    assert sentence in str(caught.value)


def test_arrays_of_inputs_and_targets(tmp_path):
    x, y = np.arange(12.0).reshape(6, 2), np.array(["a", "b"] * 3)
    np.savez_compressed(tmp_path / "t.npz", X=x, y=y, other=np.zeros((6, 3)))
    source = NumPyFile(path=str(tmp_path / "t.npz"))
    table = source.load()
    assert [column.name for column in table.columns] == ["X 1", "X 2", "y"]
    assert table.column("X 2").values.tolist() == [1, 3, 5, 7, 9, 11]
    assert values(table, "y") == ["a", "b"] * 3
    assert source.parts() == ("X", "y", "other")
    assert [column.name for column in source.with_part("other").load().columns][:2] == ["other 1", "other 2"]
    assert first_experiment(tmp_path / "t.npz").data.target == "y"
    with pytest.raises(UserError, match="array of inputs: expected one of “X”, “y”, “other”, found “Z”"):
        source.with_part("Z").load()


def test_kinds_of_arrays(tmp_path):
    fields = np.array(
        [(True, 0.1, "2024-01-02", 90, b"x", 2**62 + 1), (False, 2, "NaT", 1, b"y", 5)],
        dtype=[("b", "?"), ("f", "f4"), ("d", "M8[D]"), ("t", "m8[s]"), ("s", "S3"), ("i", "i8")],
    )
    np.save(tmp_path / "t.npy", fields)
    table = NumPyFile(path=str(tmp_path / "t.npy")).load()
    assert (table.column("b").kind, table.column("b").values.tolist()) == ("boolean", [1, 0])
    assert table.column("f").values.tolist() == [0.1, 2]
    assert values(table, "d") == ["2024-01-02", None]
    assert table.column("t").values.tolist() == [90, 1]
    assert values(table, "s") == ["x", "y"]
    assert values(table, "i") == [str(2**62 + 1), "5"]
    np.save(tmp_path / "f.npy", np.asfortranarray([[1, 2], [3, 4.5]]))
    table = NumPyFile(path=str(tmp_path / "f.npy")).load()
    assert [column.values.tolist() for column in table.columns] == [[1, 3], [2, 4.5]]


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"X": np.array([{}, 1])}, "array “X”: expected numbers, texts or dates, found objects of Python"),
        ({"X": np.zeros((3, 2)), "y": np.zeros(4)}, "found 3 rows of inputs and 4 of targets"),
        ({"a": np.zeros((3, 2)), "b": np.zeros(3)}, "expected one of “a”, “b”, found none"),
        (
            {"X": np.zeros((3, 2, 2))},
            "expected an array of one or two axes",
        ),
        ({"X": np.zeros(3, complex)}, "found values of type complex128"),
    ],
)
def test_arrays_that_are_no_table(tmp_path, arrays, sentence):
    np.savez(tmp_path / "t.npz", **arrays)
    with pytest.raises(UserError) as caught:
        NumPyFile(path=str(tmp_path / "t.npz")).load()
    assert sentence in str(caught.value)


def test_json_lines_and_arrays(tmp_path):
    rows = [{"a": 1, "b": {"c": "x", "d": None}}, {"b": {"c": "y"}, "e": True}, {"a": 2.5, "e": False}]
    (tmp_path / "t.jsonl").write_text("\n\n".join(map(json.dumps, rows)), encoding="utf-8")
    (tmp_path / "t.json").write_text("  " + json.dumps(rows, indent=1), encoding="utf-8")
    assert source_for(tmp_path / "t.json") is JSONFile
    for name in ("t.jsonl", "t.json"):
        table = JSONFile(path=str(tmp_path / name)).load()
        assert [column.name for column in table.columns] == ["a", "b.c", "b.d", "e"]
        np.testing.assert_array_equal(table.column("a").values, [1, np.nan, 2.5])
        assert values(table, "b.c") == ["x", "y", None]
        np.testing.assert_array_equal(table.column("e").values, [np.nan, 1, 0])


def test_an_experiment_is_no_table(tmp_path):
    (tmp_path / "e.json").write_text('{"schema_version": 1}')
    assert source_for(tmp_path / "e.json") is None


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("t.jsonl", '{"a": 1}\n{"a": }\n', 't.jsonl, line 2: expected an object in JSON, found “{"a": }”'),
        (
            "t.jsonl",
            '{"a": 1}\n3\n',
            "t.jsonl, line 2: expected an object with a value",
        ),
        ("t.jsonl", '{"a": [1, 2]}\n', "line 1, column “a”: expected a single value, found a list of 2"),
        (
            "t.json",
            '[{"a": 1},\n{"a": 2',
            "t.json, line 2: expected an array of objects",
        ),
        ("t.json", "[1]", "t.json, object 1: expected an object"),
        ("t.json", "[]", "t.json: expected a table, found no rows"),
    ],
)
def test_broken_json(tmp_path, name, text, sentence):
    (tmp_path / name).write_text(text)
    with pytest.raises(UserError) as caught:
        JSONFile(path=str(tmp_path / name)).load()
    assert sentence in str(caught.value)
