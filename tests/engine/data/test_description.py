"""What is said of a table before training: what was understood, and what a person should know."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.data import DataSettings, describe
from engine.data.sources.bundled import Digits, Iris
from engine.data.sources.csv_file import CSVFile
from engine.data.table import Column
from engine.tasks import Task
from tests.engine.data.tables import flags, images, numbers, table, texts

FROM_FILE = DataSettings(source=CSVFile(path="any.csv"), target="t")
ROWS = 60
NOISE = numbers("noise", np.random.default_rng(0).normal(size=ROWS).tolist())
CLASSES = texts("t", ["a", "b", "c"] * 20)


def test_iris() -> None:
    found = describe(Iris().load(), DataSettings(source=Iris()))
    assert found.headline == "150 rows · 4 input columns · 3 classes"
    assert (found.task, found.target, found.inputs, found.outputs) == ("classification", "species", 4, 3)
    assert found.classes == (("setosa", 50), ("versicolor", 50), ("virginica", 50))
    assert (found.findings, found.problem) == ((), None)
    first, *_, last = found.columns
    assert (first.role, first.kind, first.distinct, first.summary) == ("input", "number", 35, "4.3 … 7.9")
    assert (last.role, last.inputs, last.summary) == ("target", 0, "setosa, versicolor, virginica")


def test_images() -> None:
    found = describe(Digits().load(), DataSettings(source=Digits()))
    assert (found.inputs, found.outputs, found.columns[0].summary) == (64, 10, "8 × 8 × 1")


def test_every_kind_of_column() -> None:
    columns = (
        numbers("n", [None, *range(ROWS - 1)]),
        texts("c", [None] + ["x"] * 30 + ["y"] * 29),
        flags("f", [0, 1] * 30),
        texts("ignored", ["p", "q"] * 30),
        numbers("empty", [None] * ROWS),
        CLASSES,
    )
    found = describe(table(*columns), FROM_FILE.replace(ignored=("ignored", "empty")))
    assert [(s.name, s.role, s.missing, s.inputs, s.summary) for s in found.columns] == [
        ("n", "input", 1, 1, "0 … 58"),
        ("c", "input", 1, 3, "x, y"),
        ("f", "input", 0, 1, "no, yes"),
        ("ignored", "ignored", 0, 0, "p, q"),
        ("empty", "ignored", ROWS, 0, "no values"),
        ("t", "target", 0, 0, "a, b, c"),
    ]
    assert found.inputs == 5


@pytest.mark.parametrize(
    ("column", "sentence", "ignore"),
    [
        (
            texts("name", [f"n{i}" for i in range(ROWS)]),
            "“name” differs in nearly every row, 60 texts in 60",
            True,
        ),
        (numbers("id", range(7, ROWS + 7)), "“id” only counts the rows", True),
        (numbers("same", [3] * ROWS), "“same” is 3 in every row and tells nothing.", True),
        (texts("same", ["x"] * ROWS), "“same” is x in every row and tells nothing.", True),
        (numbers("empty", [None] * ROWS), "“empty” has no values at all", True),
        (numbers("gaps", [None] * 40 + [1.5, 2.5] * 10), "“gaps” is missing in 40 of 60 rows.", True),
        (texts("twin", ["A", "B", "C"] * 20), "“twin” almost determines the target “t”", True),
        (numbers("code", [7, 8, 9] * 20), "“code” almost determines the target “t”", True),
    ],
)
def test_findings_about_inputs(column: Column, sentence: str, ignore: bool) -> None:
    found = describe(table(NOISE, column, CLASSES), FROM_FILE).findings
    assert [finding.columns for finding in found] == [(column.name,)]
    assert sentence in found[0].sentence
    assert found[0].ignorable == ((column.name,) if ignore else ())


@pytest.mark.parametrize(
    "written",
    [
        *(
            "2020-01-{:02}",
            "2020/1/{}",
            "{:02}.01.2020",
            "{}.1.2020",
            "{}-01-2020",
            "1/{}/20",
            "01/{:02}/2020",
        ),
        *("{:02}.01.20", "{} Jan 2020", "{:02}-JAN-20", "January {}, 2020", "{}. March 2020"),
        *(
            "2020-01-{:02}T08:30:00Z",
            "2020-01-{:02} 08:30:00.125+01:00",
            "{:02}.01.2020 08:30",
            "1/{}/2020 8:30 PM",
        ),
    ],
)
@pytest.mark.parametrize("days", [31, 4], ids=["each its own", "repeated"])
def test_dates(written: str, days: int) -> None:
    column = texts("day", [written.format(row % days + 1) for row in range(ROWS - 2)] + [None, "unknown"])
    found = describe(table(NOISE, column, CLASSES), FROM_FILE).findings
    assert found[0].sentence.startswith("“day” holds dates, which cannot be learned from as they are")
    assert "Choose the type Date for it, which makes year, month and weekday of them" in found[0].sentence
    assert [one.ignorable for one in found] == [("day",)]
    assert [one.title for one in found[0].remedies] == ["Take it as dates", "Ignore it"]


@pytest.mark.parametrize(
    "written",
    [
        *(
            "1.{}.3",
            "{}.4.21",
            "10.0.0.{}",
            "2020-{}",
            "{}-2020",
            "x2020-01-{:02}",
            "2020-01.{:02}",
            "99.{:02}.2020",
        ),
        *("{} Main 2020", "08:{:02}", "{}/3"),
    ],
)
def test_what_only_resembles_dates(written: str) -> None:
    column = texts("code", [written.format(row) for row in range(1, ROWS + 1)])
    found = describe(table(NOISE, column, CLASSES), FROM_FILE).findings
    assert "looks like a name or an identifier" in found[0].sentence


def test_a_few_dates_among_texts_are_texts() -> None:
    values = [f"2020-01-{row % 28 + 1:02}" if row % 5 else f"day {row}" for row in range(ROWS)]
    found = describe(table(NOISE, texts("day", values), CLASSES), FROM_FILE).findings
    assert all("dates" not in finding.sentence for finding in found)


def test_many_categories() -> None:
    rows = 300
    column = texts("place", [f"place {i % 60}" for i in range(rows)])
    target = texts("t", [("a", "b", "c")[i % 7 % 3] for i in range(rows)])
    noise = numbers("noise", np.random.default_rng(0).normal(size=rows).tolist())
    found = describe(table(noise, column, target), FROM_FILE).findings
    assert "“place” has 60 categories, each of which becomes an input of its own." in found[0].sentence


def test_a_good_but_imperfect_column_gives_nothing_away() -> None:
    nearly = texts("nearly", ["A", "B", "C"] * 19 + ["A", "A", "A"])
    assert describe(table(NOISE, nearly, CLASSES), FROM_FILE).findings == ()


def test_a_rare_class_is_not_given_away_by_everything() -> None:
    target = texts("t", ["rare"] * 5 + ["usual"] * 995)
    column = texts("c", ["p", "q"] * 500)
    found = describe(table(column, target), FROM_FILE).findings
    assert [finding.kind for finding in found] == ["imbalance"]


def test_a_number_that_is_the_target_in_other_units() -> None:
    miles = numbers("t", np.random.default_rng(1).uniform(1, 99, ROWS).tolist())
    kilometres = numbers("kilometres", (miles.values * 1.609344).tolist())
    found = describe(table(NOISE, kilometres, miles), FROM_FILE)
    assert found.task == "regression"
    assert [finding.ignorable for finding in found.findings] == [("kilometres",)]


def test_findings_about_the_target() -> None:
    target = texts("t", ["a"] * 30 + ["b"] * 26 + ["once", None, None, None])
    found = describe(table(NOISE, target), FROM_FILE).findings
    assert found[0].sentence == "3 rows are left out, because the target “t” is missing there."
    assert "Classes with fewer than 5 rows: “once”." in found[1].sentence


@pytest.mark.parametrize(
    ("infinite", "missing", "sentence", "words"),
    [
        (2, 0, "“x” is infinite in 2 rows, which counts as missing.", "0 … 59, 2 infinite"),
        (1, 3, "“x” is infinite in 1 row, which counts as missing.", "0 … 59, 1 infinite"),
        (40, 0, "“x” is infinite in 40 of 60 rows.", "0 … 59, 40 infinite"),
        (30, 9, "“x” is missing or infinite in 39 of 60 rows.", "0 … 59, 30 infinite"),
        (60, 0, "“x” has no finite value: ignore it.", "no finite value"),
    ],
)
def test_infinite_is_not_called_missing(
    tmp_path: Path, infinite: int, missing: int, sentence: str, words: str
) -> None:
    gone = ["inf", "-inf"] * (infinite // 2) + ["inf"] * (infinite % 2) + ["NA"] * missing
    finite = [str(n * 59 / max(ROWS - len(gone) - 1, 1)) for n in range(ROWS - len(gone))]
    lines = (f"{x},{'ABC'[n % 3]}" for n, x in enumerate([*gone, *finite]))
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["x,t", *lines]))
    found = describe(CSVFile(path=str(path)).load(), FROM_FILE)
    assert [finding.sentence for finding in found.findings] == [sentence]
    assert found.columns[0].summary == words


def test_rows_whose_target_is_infinite_are_left_out_for_that() -> None:
    values = numbers("t", [None, None, *range(58)])
    found = describe(table(NOISE, replace(values, infinite=2)), FROM_FILE).findings
    assert found[0].sentence == "2 rows are left out, because the target “t” is infinite there."


def test_ignored_columns_that_are_not_there() -> None:
    found = describe(table(NOISE, CLASSES), FROM_FILE.replace(ignored=("gone",))).findings
    assert [finding.sentence for finding in found] == [
        "Ignored, but not in the table: “gone” is without effect."
    ]


@pytest.mark.parametrize(
    ("columns", "task", "expected"),
    [
        ((NOISE, texts("t", ["x"] * ROWS)), None, "at least two classes"),
        ((NOISE, CLASSES), "regression", "numbers, for regression"),
        ((NOISE,), None, "one of the columns “noise”"),
        ((CLASSES,), None, "at least one input column beside the target"),
        ((NOISE, numbers("empty", [None] * ROWS), CLASSES), None, "at least one value"),
        ((images("t", ROWS), NOISE), None, "numbers, yes and no, or classes"),
    ],
)
def test_problems_are_told_not_raised(columns: tuple[Column, ...], task: Task | None, expected: str) -> None:
    found = describe(table(*columns), FROM_FILE.replace(task=task))
    assert found.problem is not None
    assert found.problem.expected.startswith(expected)
    assert len(found.columns) == len(columns)
