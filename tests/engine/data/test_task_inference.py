"""The target and the task are found out as documented, can be chosen, and misfits are refused."""

import numpy as np
import pytest

from engine.data import DataSettings
from engine.data.sources.bundled import Diabetes
from engine.data.sources.csv_file import CSVFile
from engine.data.table import Column, Table
from engine.data.task_inference import check_target, inferred_task, target_column, task_of
from engine.errors import UserError
from engine.tasks import Task
from tests.engine.data.tables import flags, images, numbers, table, texts

FROM_FILE = CSVFile(path="any.csv")


@pytest.mark.parametrize(
    ("column", "task"),
    [
        pytest.param(texts("t", ["a", "b"] * 5), "classification", id="two texts"),
        pytest.param(texts("t", ["a", "b", "c"]), "classification", id="texts"),
        pytest.param(flags("t", [0, 1] * 5), "binary", id="yes and no"),
        pytest.param(numbers("t", [0, 1, None, 1, 0]), "binary", id="0 and 1"),
        pytest.param(numbers("t", [1, 2] * 5), "classification", id="1 and 2"),
        pytest.param(numbers("t", [1, 2, 3, 4, 5] * 10), "classification", id="ratings"),
        pytest.param(numbers("t", [1, 2, 3, 4, 5]), "regression", id="each number once"),
        pytest.param(numbers("t", list(range(21)) * 10), "regression", id="21 whole numbers"),
        pytest.param(numbers("t", [0.5, 1.5] * 10), "regression", id="fractions"),
        pytest.param(numbers("t", [18.0, 15.5, 16.0, 17.2]), "regression", id="measurements"),
    ],
)
def test_the_task_is_inferred(column: Column, task: Task) -> None:
    assert inferred_task(column) == task


def test_the_task_can_be_chosen() -> None:
    column = numbers("t", [1, 2, 3] * 10)
    assert task_of(DataSettings(source=FROM_FILE), column) == "classification"
    assert task_of(DataSettings(source=FROM_FILE, task="regression"), column) == "regression"


def test_a_source_knows_the_task_of_its_usual_target_only() -> None:
    loaded = Diabetes().load()
    assert task_of(DataSettings(source=Diabetes()), loaded.column("progression")) == "regression"
    assert task_of(DataSettings(source=Diabetes()), loaded.column("sex")) == "classification"


def test_the_target_is_guessed_as_the_last_column_that_suits() -> None:
    columns = (
        texts("kind", ["a", "b"] * 20),
        numbers("size", range(40)),
        texts("name", [f"name {i}" for i in range(40)]),
        numbers("empty", [np.nan] * 40),
        images("picture", 40),
    )
    settings = DataSettings(source=FROM_FILE)
    assert target_column(settings, table(*columns)).name == "size"
    assert target_column(settings.replace(ignored=("size",)), table(*columns)).name == "kind"
    assert target_column(settings.replace(target="name"), table(*columns)).name == "name"
    with pytest.raises(UserError, match="expected a column that can be predicted"):
        target_column(settings, table(*columns[2:]))


def test_a_last_column_of_one_value_is_not_passed_over_in_silence() -> None:
    constant = texts("kind", ["a"] * 40)
    settings = DataSettings(source=FROM_FILE)
    assert target_column(settings, table(numbers("size", range(40)), constant)).name == "kind"
    with pytest.raises(UserError, match="“kind”"):
        check_target(constant, "classification")


def test_a_target_that_is_not_there() -> None:
    settings = DataSettings(source=FROM_FILE, target="spezies")
    with pytest.raises(
        UserError, match=r"^table, target: expected one of the columns “a”, “b”, found “spezies”"
    ):
        target_column(settings, table(numbers("a", [1]), numbers("b", [2])))


@pytest.mark.parametrize(
    ("column", "task", "sentence"),
    [
        (
            texts("t", ["x"] * 9),
            "classification",
            "Target “t”: expected at least two classes, found only “x”.",
        ),
        (flags("t", [1] * 9), "binary", "Target “t”: expected at least two classes, found only “yes”."),
        (numbers("t", [0] * 9), "binary", "Target “t”: expected at least two classes, found only “0”."),
        (
            numbers("t", [2] * 9),
            "regression",
            "Target “t”: expected numbers that differ, found 2 in every row.",
        ),
        (texts("t", ["x", "y"]), "regression", "expected numbers, for regression, found text such as “x”."),
        (flags("t", [0, 1]), "regression", "expected numbers, for regression, found text such as “no”."),
        (texts("t", ["x", "y", "z"]), "binary", "expected two different values, for yes or no, found 3."),
        (numbers("t", [None] * 9), "regression", "expected values to learn from, found none in any row."),
        (images("t", 9), "classification", "expected numbers, yes and no, or classes, found images."),
        (
            texts("t", [f"name {i}" for i in range(50)]),
            "classification",
            "found 50 different values in 50 rows. It looks like a name or an identifier",
        ),
        (
            texts("t", [f"2020-{i // 28 + 1:02}-{i % 28 + 1:02}" for i in range(50)]),
            "classification",
            "50 different values in 50 rows. It holds dates: choose the type Date for it, or choose another",
        ),
        (
            numbers("t", [i % 2000 for i in range(9000)]),
            "classification",
            "expected at most 1,000 classes, found 2,000 different values in 9,000 rows. Choose the task",
        ),
    ],
)
def test_what_cannot_be_a_target(column: Column, task: Task, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        check_target(column, task)
    assert sentence in str(caught.value)
    assert caught.value.help


@pytest.mark.parametrize("task", ["classification", "binary"])
def test_two_values_of_any_kind_can_be_told_apart(task: Task) -> None:
    for column in (texts("t", ["x", "y"]), flags("t", [0, 1]), numbers("t", [1.5, 7])):
        check_target(column, task)


def test_a_small_table_of_rare_classes_is_allowed() -> None:
    check_target(texts("t", ["a", "b", "c", "d"]), "classification")


def test_taking_rows_keeps_names_and_kinds() -> None:
    chosen = Table("t", (flags("a", [0, 1, 1], ("nein", "ja")),)).take(np.array([2, 0]))
    assert chosen.column("a").labels == ("nein", "ja")
    assert list(chosen.column("a").values) == [1, 0]
