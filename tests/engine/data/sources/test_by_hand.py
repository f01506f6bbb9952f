"""Data made by hand: drawn points, tables that are typed in or pasted, and training on a handful of rows."""

import numpy as np
import pytest

from engine.data import DataSettings, prepare
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.drawn_points import DrawnPoints
from engine.data.sources.typed_cells import MOST_CELLS, cells_of, has_names, pasted_cells, text_of
from engine.data.sources.typed_table import TypedTable
from engine.errors import UserError
from engine.experiment import Experiment
from engine.layers.dense import Dense
from engine.training.trainer import Trainer
from engine.training_settings import Training

WORKED_EXAMPLE = "i1,i2,o1,o2\n0.05,0.10,0.01,0.99\n"
"""M. Mazur, A step by step backpropagation example: one row with two targets."""


def test_drawn_classes_are_letters_in_the_order_of_drawing():
    table = DrawnPoints(points=[(0, 1, 1), (2, -3, 2), (1, 1, 9)]).load()
    assert [column.name for column in table.columns] == ["x₁", "x₂", "y"]
    assert table.column("x₂").values.tolist() == [1, -3, 1]
    assert table.column("y").values.tolist() == ["A", "B", "I"]
    assert table.notes == ("3 points, drawn by hand.",)


def test_drawn_numbers_are_a_regression_even_where_they_are_few():
    source = DrawnPoints(values="numbers", points=[(0, 0, 0.25), (1, 1, -2), (2, 2, 0.25)])
    assert source.load().column("y").values.tolist() == [0.25, -2, 0.25]
    assert prepare(DataSettings(source=source), source.load()).task == "regression"


def test_the_plane_of_drawn_points_stays():
    source = DrawnPoints(points=[(0, 1, 1), (2, 3, 2)])
    dataset = prepare(DataSettings(source=source), source.load())
    assert dataset.plane == ((-6, 6), (-6, 6))
    assert dataset.training.rows_count == 2
    assert dataset.validation.rows_count == dataset.test.rows_count == 0


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ((), "Drawn points: expected points to learn from, found none"),
        (((0, 0, 1), (0, 0, 2.5)), "Drawn points, point 2: expected a class from 1 to 9, found 2.5"),
        (((0, 0, 10),), "point 1: expected a class from 1 to 9, found 10"),
    ],
)
def test_what_cannot_be_learned_from_is_a_sentence(points, sentence):
    with pytest.raises(UserError, match=sentence):
        DrawnPoints(points=points).load()


def test_a_typed_table_is_read_as_the_same_csv_file(tmp_path):
    text = 'size,"colour, outside",price\n"1.234,5",red,3\n"2,5",,4\n"3,25",blue,\n'
    path = tmp_path / "same.csv"
    path.write_text(text, encoding="utf-8")
    typed, file = TypedTable(text=text).load(), CSVFile(path=str(path), delimiter=",").load()
    assert typed.fingerprint == file.fingerprint
    assert typed.column("size").values.tolist() == [1234.5, 2.5, 3.25]
    assert typed.column("colour, outside").values.tolist() == ["red", None, "blue"]


def test_without_names_columns_are_counted():
    table = TypedTable(text="1,2\n3,4\n", header=False).load()
    assert [column.name for column in table.columns] == ["column 1", "column 2"]
    assert table.rows == 2


@pytest.mark.parametrize("text", ["", ",,\n,,\n"])
def test_an_empty_table_is_a_sentence(text):
    with pytest.raises(UserError, match="Typed table: expected a table, found empty cells"):
        TypedTable(text=text).load()


def test_a_damaged_table_names_its_line():
    with pytest.raises(UserError, match="Typed table, line 2: expected 2 fields, as in the header, found 3"):
        TypedTable(text="a,b\n1,2,3\n").load()


def test_the_worked_example_has_two_targets():
    source = TypedTable(text=WORKED_EXAMPLE)
    data = DataSettings(source=source, target="o1", further_targets=("o2",), scaling="none")
    dataset = prepare(data, source.load())
    assert dataset.training.inputs.tolist() == np.float32([[0.05, 0.10]]).tolist()
    assert dataset.in_target_units(dataset.training.targets).tolist() == [[0.01, 0.99]]


def test_a_single_row_can_be_learned():
    source = TypedTable(text=WORKED_EXAMPLE)
    data = DataSettings(source=source, target="o1", ignored=("o2",), scaling="none")
    experiment = Experiment(data=data, layers=[Dense(units=2)], training=Training(epochs=200))
    dataset = prepare(data, source.load())
    assert dataset.training.inputs.tolist() == np.float32([[0.05, 0.10]]).tolist()
    trainer = Trainer(experiment, dataset)
    for _ in trainer.run():
        pass
    losses = trainer.history.epochs.read("training_loss")
    assert len(losses) == 200
    assert losses[-1] < 1e-6 < losses[0]


# --- cells ------------------------------------------------------------------------------------------------


def test_cells_there_and_back():
    cells = [["a", 'b "c"', ""], ["1,5", "line\nbreak", ""], ["", "", ""], ["x", "", ""], ["", "", ""]]
    text = text_of(cells)
    assert text == 'a,"b ""c"""\n"1,5","line\nbreak"\n,\nx,\n'
    assert cells_of(text) == [["a", 'b "c"'], ["1,5", "line\nbreak"], ["", ""], ["x", ""]]
    assert text_of([["", ""], ["", " "]]) == ""


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("a\tb\r\n1\t2\r\n", [["a", "b"], ["1", "2"]]),
        ("a\tb\n1\n", [["a", "b"], ["1", ""]]),
        ('a\t"two\nlines"\n"say ""x"""\t2', [["a", "two\nlines"], ['say "x"', "2"]]),
        ('5"\t6"\n7\t8', [['5"', '6"'], ["7", "8"]]),
        ("1,5\n2,25\n", [["1,5"], ["2,25"]]),
        ("name,age\nAnn,5\n", [["name", "age"], ["Ann", "5"]]),
        ("name;age\nAnn;5,5\n", [["name", "age"], ["Ann", "5,5"]]),
        ("one text, and more", [["one text, and more"]]),
    ],
)
def test_pasted_cells(text, cells):
    assert pasted_cells(text) == cells


def test_a_quote_that_stays_open_is_a_letter():
    rest = "\n".join(f"{number}\t{number}" for number in range(4000))
    cells = pasted_cells(f'"open\tb\n{rest}')
    assert cells[0] == ['"open', "b"]
    assert len(cells) == 4001


@pytest.mark.parametrize(
    ("text", "names"), [("a\tb\n1\t2", True), ("1\t2\n3\t4", False), ("2019\tb\n1\tx", False)]
)
def test_whether_the_first_row_holds_names(text, names):
    assert has_names(pasted_cells(text)) is names


@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_nothing_on_the_clipboard(text):
    with pytest.raises(UserError, match=r"Clipboard: expected a range of cells .+ found no text"):
        pasted_cells(text)


def test_too_large_a_range_is_a_sentence():
    with pytest.raises(UserError, match="expected at most 200,000 cells and 2,000,000 characters"):
        pasted_cells("1\t2\n" * (MOST_CELLS // 2 + 1))
    with pytest.raises(UserError, match="found more characters"):
        pasted_cells("x" * 3_000_000)
