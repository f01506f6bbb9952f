"""Columns of plain numbers, which DuckDB reads as such: the same tables as by way of texts."""

import numpy as np
import pytest

from engine.data.delimited import number_columns, text_file
from engine.data.sources.csv_file import CSVFile

NUMBERS = np.random.default_rng(0).standard_normal(300)
TEXTS = [repr(float(number)) for number in NUMBERS]

COLUMNS = {
    "full precision": TEXTS,
    "whole": [str(number) for number in range(300)],
    "exponents": [f"{number:.18e}" for number in NUMBERS],
    "blanks around": [f" {text}\t" for text in TEXTS],
    "missing": [text if place % 3 else "" for place, text in enumerate(TEXTS)],
    "marks": [
        text if place % 7 else ("NA", "?", "nan", " null ")[place % 4] for place, text in enumerate(TEXTS)
    ],
    "a late mark": [*TEXTS[:-1], "NA"],
    "a late code": [*TEXTS[:-1], "007"],
    "a late code with a sign": [*TEXTS[:-1], "-007"],
    "a late text": [*TEXTS[:-1], "x"],
    "a late group": [*TEXTS[:-1], "1_000"],
    "two signs": [*TEXTS[:-1], "+-1"],
    "infinite": [*TEXTS[:-1], "inf"],
    "too large": [*TEXTS[:-1], "1e999"],
    "long whole numbers": [*(str(number) for number in range(299)), "12345678901234567"],
    "exact long ones": [*(str(number) for number in range(299)), "1234567890123456"],
    "in quotes": [f'"{text}"' for text in TEXTS],
    "a mark in quotes": [*TEXTS[:-1], '"NA"'],
    "negative zero": [*TEXTS[:-1], "-0"],
    "decimal commas": [text.replace(".", ",") for text in TEXTS],
    "points that group": [f"{1 + place % 9}.500" for place in range(300)],
    "dates": [f"2015-01-{1 + place % 28:02}" for place in range(300)],
    "nothing": [""] * 300,
    "not a number in C": [*TEXTS[:-1], "."],
}


def by_texts(monkeypatch, source):
    with monkeypatch.context() as patched:
        patched.setattr(text_file, "read_numbers", lambda *_: None)
        return source.load()


@pytest.mark.parametrize("sampled", [False, True], ids=["looked at whole", "guessed from few rows"])
@pytest.mark.parametrize(("beside", "end"), [("points", "\n"), ("commas", "\r\n")], ids=["points", "commas"])
@pytest.mark.parametrize("name", COLUMNS)
def test_numbers_are_read_as_by_way_of_texts(tmp_path, monkeypatch, name, beside, end, sampled):
    if sampled:
        monkeypatch.setattr(number_columns, "WHOLE_BYTES", 0)
    others = [f"{place},5" if beside == "commas" else f"{place}.5" for place in range(300)]
    rows = zip(COLUMNS[name], others, ["a", "b", "c"] * 100, strict=True)
    path = tmp_path / "t.csv"
    path.write_text(end.join(["x;y;z", *map(";".join, rows), ""]), newline="")
    source = CSVFile(path=str(path))
    found, wanted = source.load(), by_texts(monkeypatch, source)
    assert found.notes == wanted.notes
    for column, other in zip(found.columns, wanted.columns, strict=True):
        assert (column.kind, column.infinite) == (other.kind, other.infinite)
        if column.kind == "number":
            assert column.values.tobytes() == other.values.tobytes()
        else:
            assert list(column.values) == list(other.values)


def test_a_wide_table(tmp_path):
    """Each column once took a query of its own: 2,003 of them took twenty seconds."""
    values = np.random.default_rng(0).standard_normal((20, 3000))
    path = tmp_path / "t.csv"
    path.write_text(
        ",".join(f"x{place}" for place in range(3000))
        + "\n"
        + "\n".join(",".join(map(repr, row)) for row in values.tolist())
    )
    table = CSVFile(path=str(path)).load()
    np.testing.assert_array_equal(np.array([column.values for column in table.columns]).T, values)
