"""`gradwright predict` on tables with cells that are missing or wrong: which lines it names."""

import json
from pathlib import Path

import pytest

from engine.cli import main
from tests.engine.cli.words import sentence_of

HEADER = "size,zone,garden"
GOOD = f"{HEADER},price\n" + "".join(
    f"{40 + n % 30},{'abc'[n % 3]},{('no', 'yes')[n % 2]},{n % 30 + 10 * (n % 3)}\n" for n in range(60)
)


@pytest.fixture(autouse=True)
def model(tmp_path, capsys):
    """A model of prices, "a.gradwright"."""
    Path("t.csv").write_text(GOOD)
    data = {"source": {"kind": "csv", "path": str(tmp_path / "t.csv")}, "target": "price"}
    Path("a.json").write_text(json.dumps({"data": data, "training": {"epochs": 1}}))
    assert main(["train", "a.json", "--out", "a.gradwright"]) == 0
    capsys.readouterr()


def notes_on(capsys, table: str) -> list[str]:
    Path("in.csv").write_text(table)
    assert main(["predict", "a.gradwright", "--data", "in.csv", "--out", "out.csv"]) == 0
    return capsys.readouterr().err.splitlines()


def refused(capsys, table: str) -> str:
    Path("in.csv").write_text(table)
    return sentence_of(capsys, "predict", "a.gradwright", "--data", "in.csv", "--out", "out.csv")


def test_nothing_is_said_of_whole_tables(capsys):
    assert notes_on(capsys, GOOD) == []
    assert main(["predict", "a.gradwright", "--out", "out.csv"]) == 0
    assert capsys.readouterr().err == ""


def test_lines_with_missing_cells_are_counted_and_named(capsys):
    rows = ["50,a,yes", "NA,a,yes", "50,b,no", "51,,no", "inf,a,"]
    (note,) = notes_on(capsys, "\n".join([HEADER, *rows]) + "\n")
    assert note == (
        "Note: 3 rows lack values in “size”, “zone”, “garden”, for which usual ones of the training stand in "
        "(lines 3, 5, 6)."
    )
    (note,) = notes_on(capsys, f"{HEADER}\n" + "50,a,yes\n,a,yes\n" * 1500)
    assert "1,500 rows lack values in “size”" in note
    assert "(lines 3, 5, 7, 9, 11 and 1,495 more)" in note


def test_a_row_of_nothing_is_told(capsys):
    some, none = notes_on(capsys, f"{HEADER}\n50,a,yes\n,,\n51,b,no\n")
    assert some.startswith("Note: 1 row lacks values in “size”, “zone”, “garden”")
    assert none == (
        "Note: 1 row has no value that the model goes by (line 3): what is predicted for it says nothing."
    )


def test_a_column_of_nothing_and_rows_of_nothing_but_it(capsys):
    _, none = notes_on(capsys, f"{HEADER}\n,,\n,,\n")
    assert none.startswith("Note: 2 rows have no value that the model goes by (lines 2, 3)")
    assert none.endswith("what is predicted for them says nothing.")


@pytest.mark.parametrize(
    ("table", "found"),
    [
        (
            f"{HEADER}\n50,a,yes\n51,a,yes\nbig,b,no\n",
            "in.csv, line 4, column “size”: expected numbers, found “big”.",
        ),
        # Line numbers are those of an editor: blank lines and texts of several lines count.
        (
            f'note,{HEADER}\n"of two\nlines",50,a,yes\n\nx,51,a,yes\ny,4O,b,no\ny,5O,b,no\n',
            "in.csv, line 6, column “size”: expected numbers, found “4O”.",
        ),
        (f"Prices\n\n{HEADER}\n50,a,yes\nbig,a,yes\n", "in.csv, line 5, column “size”"),
        # Decimal commas are numbers; what makes text of the column is in the third row.
        ("size;zone;garden\n50,5;a;yes\n51,5;a;yes\nbig;b;no\n", "in.csv, line 4, column “size”"),
        # Numbers of both kinds: neither row is wrong alone, and the one with a comma is named.
        ("size;zone;garden\n50.5;a;yes\n51,5;a;yes\n", "in.csv, line 3, column “size”"),
        (f"{HEADER}\n50,a,yes\n1_000,a,yes\n", "line 3, column “size”: expected numbers, found “1_000”"),
        (
            f"{HEADER}\n50,a,yes\n50,a,maybe\n",
            "line 3, column “garden”: expected “no” or “yes”, found “maybe”",
        ),
        (f"{HEADER}\n50,a,yes\n1e300,a,yes\n", "line 3, column “size”: expected numbers that the network's"),
        (f"{HEADER}\nyes,a,yes\nno,a,yes\n", "line 2, column “size”: expected numbers, found “yes”"),
    ],
)
def test_what_is_wrong_is_found_at_its_line(table, found, capsys):
    assert found in refused(capsys, table)


def test_how_many_more_are_wrong(capsys):
    told = refused(capsys, f"{HEADER}\nbig,a,yes\n50,a,yes\nx,b,no\ny,b,no\n")
    assert told.endswith(" 2 more rows are like it.\n")
