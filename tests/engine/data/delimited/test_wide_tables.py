"""Tables of many columns: each is read as it would be in a table of its own."""

import random

import numpy as np
import pytest

from engine.data.columns.texts import texts_of
from engine.data.delimited.column_values import TEXTS_AT_ONCE
from engine.data.sources.csv_file import CSVFile

KINDS = {
    "number": ["1.5", "-2", "3e4", ""],
    "words": ["red", "green", "dark blue", ""],
    "answer": ["Yes", "no", "YES", ""],
    "truth": ["true", "False", "", "-"],
    "money": ["5 €", "12 €", "1 €"],
    "code": ["007", "010", "123"],
    "marked": ["3", "n/a", "4", "?"],
    "country": ["NA", "EU", "AS"],
    "nothing": [""],
    "signs": ["+", "-"],
}
COLUMNS = 600


def read(folder, header, rows):
    path = folder / "table.csv"
    path.write_text("\n".join(",".join(row) for row in [header, *rows]) + "\n", encoding="utf-8")
    return CSVFile(path=str(path)).load()


def seen(column):
    values = column.values.tolist() if column.kind == "number" else list(texts_of(column))
    return column.kind, ["missing" if value is None or value != value else value for value in values]


def test_a_wide_table_is_read_as_its_columns_alone(tmp_path):
    draw = random.Random(3)
    kinds = [draw.choice(list(KINDS)) for _ in range(COLUMNS)]
    rows = [[str(number), *(draw.choice(KINDS[kind]) for kind in kinds)] for number in range(12)]
    names = ["row", *(f"{kind} {number}" for number, kind in enumerate(kinds))]
    wide = read(tmp_path, names, rows)
    assert len(wide.columns) == 1 + COLUMNS
    for place in draw.sample(range(1, 1 + COLUMNS), 25):
        alone = read(tmp_path, ["row", names[place]], [[row[0], row[place]] for row in rows])
        assert seen(wide.columns[place]) == seen(alone.columns[1]), names[place]
    assert {column.kind for column in wide.columns} == {"number", "category", "boolean"}


@pytest.mark.parametrize("rows", [TEXTS_AT_ONCE, TEXTS_AT_ONCE + 1])
def test_texts_are_the_same_in_short_and_in_long_tables(tmp_path, rows):
    draw = random.Random(rows)
    texts = [draw.choice(["b", "a", "", "ünïcode", "c d"]) for _ in range(rows)]
    column = read(tmp_path, ["text", "n"], [[text, "1"] for text in texts]).columns[0]
    assert list(texts_of(column)) == [text or None for text in texts]
    # Numbered by the row in which each stands first.
    first = list(dict.fromkeys(text for text in texts if text))
    assert column.texts.decoded(np.arange(4)).tolist() == first
