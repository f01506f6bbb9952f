"""Each check of the data doctor, on a table where it must speak, and on one where it must not."""

import numpy as np
import pytest

from engine.data import Column, DataSettings, describe, prepare
from engine.data.checks import CHECKS
from engine.data.columns.types import with_types
from engine.data.settings import Split
from engine.data.table import Table
from engine.settings import kind_of
from tests.engine.data.checks.check_cases import (
    CASES,
    ROWS,
    SETTINGS,
    Case,
    changed,
    classes,
    complete,
    days,
    every,
    lognormal,
    noise,
    normal,
    of,
    twice,
)
from tests.engine.data.tables import numbers, table, texts


@pytest.mark.parametrize("case", CASES, ids=[f"{one.kind} {' '.join(one.columns)}".strip() for one in CASES])
def test_a_check_speaks_and_is_silent(case: Case) -> None:
    (found,) = (one for one in of(*complete(case.speaks())) if one.kind == case.kind)
    assert set(found.columns) == set(case.columns)
    assert case.evidence in found.sentence
    if case.count >= 0:
        assert (found.count, len(found.rows)) == (case.count, case.count)
    assert (found.remedies[0].title if found.remedies else "") == case.remedy
    assert found.title
    assert case.kind not in [one.kind for one in of(*complete(case.silent()))]


@pytest.mark.parametrize("case", CASES, ids=[f"{one.kind} {' '.join(one.columns)}".strip() for one in CASES])
def test_a_remedy_takes_its_finding_away(case: Case) -> None:
    data = table(*complete(case.speaks()))
    (found,) = (one for one in describe(data, SETTINGS).findings if one.kind == case.kind)
    for remedy in found.remedies:
        if case.kind != "code_like":
            settings = remedy.apply(SETTINGS)
            again = describe(settings.with_missing(data), settings).findings
            assert not {(one.kind, one.columns) for one in again} & {(found.kind, found.columns)}, remedy


def test_rows_of_a_finding_are_those_of_the_table() -> None:
    columns = (numbers("height", changed(normal(1, 1.7, 0.1), r17=171.0, r40=168.0)), classes())
    settings = SETTINGS.replace(left_out=(3, 17))
    (found,) = (one for one in describe(table(*columns), settings).findings if one.kind == "outliers")
    assert (found.rows, found.count) == ((40,), 1)


def test_rows_left_out_are_in_no_part() -> None:
    data = table(noise("x", 1), classes())
    dataset = prepare(SETTINGS.replace(left_out=(0, 5, 299)), data)
    used = np.concatenate([dataset.part(name).rows for name in ("training", "validation", "test")])
    assert sorted(used) == sorted(set(range(ROWS)) - {0, 5, 299})
    assert "3 rows are left out, as chosen." in dataset.notes


def test_duplicates_across_parts_are_counted() -> None:
    """Against a comparison row by row."""
    columns = twice(60)
    (found,) = (one for one in of(*columns) if one.kind == "duplicate_rows")
    dataset = prepare(SETTINGS, table(*columns))
    rows = list(zip(*(column.values.tolist() for column in columns), strict=True))
    trained = {rows[row] for row in dataset.training.rows}
    held_out = [*dataset.validation.rows, *dataset.test.rows]
    leaked = sum(rows[row] in trained for row in held_out)
    assert leaked > 5
    assert (
        f"{leaked} rows of validation and test ({leaked / len(held_out):.1%}) are in training"
        in found.sentence
    )
    assert found.severity == "warning"
    assert found.rows == tuple(range(ROWS - 60, ROWS))


def test_three_hundred_constant_columns_are_one_finding() -> None:
    constant = [numbers(f"c{number}", [number] * ROWS) for number in range(300)]
    (found,) = (one for one in of(noise("x", 1), *constant, classes()) if one.kind == "constant")
    assert len(found.columns) == 300
    assert found.sentence.startswith("300 columns are constant and tell nothing: “c0” (0), “c1” (1), ")
    assert found.sentence.endswith("“c4” (4) and 295 more.")
    assert found.remedies[0].apply(SETTINGS).ignored == tuple(f"c{number}" for number in range(300))


def test_each_column_with_a_mark_gets_its_own() -> None:
    columns = (
        numbers("a", every(normal(1), 20, -999.0)),
        numbers("b", every(normal(2), 30, 9999.0)),
        classes(),
    )
    data = table(*columns)
    (found,) = (one for one in describe(data, SETTINGS).findings if one.kind == "sentinel")
    settings = found.remedies[0].apply(SETTINGS)
    assert settings.column("a").missing_numbers == (-999.0,)
    assert settings.column("b").missing_numbers == (9999.0,)
    assert settings.read_from != SETTINGS.read_from
    assert [one.missing for one in settings.with_missing(data).columns] == [15, 10, 0]


def test_every_check_is_silent_on_a_table_of_one_row() -> None:
    assert {one.kind for one in of(numbers("x", [1.0]), texts("t", ["a"]))} <= {
        "constant",
        "few_rows",
        "rare_classes",
    }


def test_every_check_bears_an_empty_table() -> None:
    assert len(CHECKS) == len(set(CHECKS))
    describe(Table("none", (numbers("x", []), texts("t", []))), SETTINGS)


def test_a_split_in_order_needs_no_remark_on_time() -> None:
    settings = SETTINGS.replace(split=Split(in_order=True))
    found = describe(table(noise("x", 1), days(rising=True), classes()), settings).findings
    assert "time_leakage" not in [one.kind for one in found]


def test_rows_of_rare_classes_can_be_left_out() -> None:
    target = texts("t", ["a"] * 150 + ["c", None, "c"] + ["b"] * 147)
    data = table(noise("x", 1), target)
    (found,) = (one for one in describe(data, SETTINGS).findings if one.kind == "rare_classes")
    assert (found.rows, found.count) == ((150, 152), 2)
    settings = found.remedies[0].apply(SETTINGS)
    assert "rare_classes" not in [one.kind for one in describe(data, settings).findings]
    assert prepare(settings, data).classes == ("a", "b")


@pytest.mark.parametrize(
    ("values", "title", "kind"),
    [
        (lognormal(1, 1.0), "Take the logarithm", "log"),
        (lognormal(1, 1.0) - 5.0, "Use Yeo-Johnson", "yeo_johnson"),
    ],
)
def test_a_long_tail_is_taken_away_by_one_click(values: np.ndarray, title: str, kind: str) -> None:
    data = table(numbers("income", values.tolist()), noise("x", 1), classes())
    (found,) = (one for one in describe(data, SETTINGS).findings if one.kind == "skew")
    assert [one.title for one in found.remedies] == [title]
    settings = found.remedies[0].apply(SETTINGS)
    assert kind_of(type(settings.column("income").preparation)) == kind
    assert "skew" not in [one.kind for one in describe(data, settings).findings]
    prepared = prepare(settings, data).training.inputs[:, 0]
    low, middle, high = np.quantile(prepared, [0.05, 0.5, 0.95])
    assert abs((low + high - 2 * middle) / (high - low)) < 0.25


def test_dates_become_a_type_by_one_click() -> None:
    data = table(noise("x", 1), days(rising=False), classes())
    (found,) = (one for one in describe(data, SETTINGS).findings if one.kind == "dates")
    settings = found.remedies[0].apply(SETTINGS)
    (name,) = found.columns
    assert settings.column(name).type == "date"
    typed = with_types(data, settings.types)
    assert typed.column(name).kind == "date"
    assert "dates" not in [one.kind for one in describe(typed, settings).findings]


def test_numbers_that_float32_rounds_are_scaled_by_one_click() -> None:
    values = (1e9 + np.arange(ROWS) % 37).tolist()
    data = table(numbers("seconds", values), noise("x", 1), classes())
    settings = SETTINGS.replace(scaling="none")
    (found,) = (one for one in describe(data, settings).findings if one.kind == "float32")
    assert (found.columns, found.remedies[0].title) == (("seconds",), "Standardize it")
    again = describe(data, found.remedies[0].apply(settings)).findings
    assert "float32" not in [one.kind for one in again]


@pytest.mark.parametrize("role", ["group", "weight", "time", "part"])
def test_columns_that_guide_the_split_are_no_inputs(role: str) -> None:
    column = {
        "part": texts("c", ["train", "test", "val"] * (ROWS // 3)),
        "group": texts("c", [f"name {row // 2}" for row in range(ROWS)]),
    }.get(role, numbers("c", [float(row + 1) for row in range(ROWS)]))
    found = describe(table(column, noise("x", 1), classes()), SETTINGS.replace(**{role: "c"})).findings
    assert "c" not in [name for one in found for name in one.columns]


def test_what_gives_the_target_away_is_found_among_many_rows():
    rows = 250_000
    generator = np.random.default_rng(5)
    code = generator.integers(0, 20_000, rows).astype(np.float64)
    target = (code * 7919 % 13 < 6).astype(np.float64)
    told_wrongly = np.where(generator.random(rows) < 0.1, 1 - target, target)
    columns = (
        Column("code", "number", code),
        Column("flag", "boolean", target.copy()),
        Column("noisy", "number", told_wrongly * 50_000 + generator.integers(0, 20_000, rows)),
        Column("chance", "number", generator.integers(0, 20_000, rows).astype(np.float64)),
        Column("y", "boolean", target),
    )
    found = describe(Table("t", columns), DataSettings(target="y")).findings
    away = [one.columns for one in found if one.kind == "gives_target_away"]
    assert away == [("code", "flag")]


def test_a_target_of_nearly_all_numbers_is_taken_as_numbers_and_never_ignored() -> None:
    """One “abc” among prices would make a class of each price."""
    prices = texts("t", [f"{n / 8}" for n in range(ROWS - 1)] + ["abc"])
    (found,) = (one for one in of(noise("x", 1), prices) if one.kind == "nearly_numbers")
    assert [one.title for one in found.remedies] == ["Take it as numbers"]
