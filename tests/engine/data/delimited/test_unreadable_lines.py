"""Lines that do not fit where nearly all others do are left out and listed; else the table is refused."""

from pathlib import Path

import numpy as np
import pytest

from engine.data.delimited import line_filter
from engine.data.sources.csv_file import CSVFile
from engine.data.table import Unreadable
from engine.errors import UserError

ROWS = [f"{number}.5,x{number}" for number in range(40)]


def file_of(folder: Path, lines: list[str | bytes]) -> CSVFile:
    path = folder / "t.csv"
    path.write_bytes(b"".join((line.encode() if isinstance(line, str) else line) + b"\n" for line in lines))
    return CSVFile(path=str(path))


WRONG: dict[str, tuple[list[str | bytes], int, str]] = {
    "too many": (["1,2,3"], 22, "3 cells where 2 were expected."),
    "too few": (["1"], 22, "1 cell where 2 were expected."),
    "text behind a quote": (['1,"x"y'], 22, "A quote that is not closed at the end of its field."),
    "an open quote": (['1,"x'], 22, "A quote that is not closed at the end of its field."),
    "no UTF-8": (["1,ü", b"2,\xe9"], 23, "The byte 0xE9, which is no text in UTF-8."),
    "a NUL": ([b"1,\0"], 22, "A NUL byte, which no text contains."),
}


@pytest.mark.parametrize(("lines", "line", "reason"), WRONG.values(), ids=WRONG)
def test_a_line_that_does_not_fit_is_left_out_and_listed(tmp_path, lines, line, reason):
    table = file_of(tmp_path, ["a,b", *ROWS[:20], *lines, *ROWS[20:]]).load()
    assert table.unreadable == (Unreadable(line, None, reason),)
    assert table.rows == 40 + len(lines) - 1
    values = table.column("a").values
    kept = np.delete(values, 20) if len(lines) > 1 else values
    np.testing.assert_array_equal(kept, np.arange(40) + 0.5)
    assert table.column("b").values[-1] == "x39"
    assert f"first line {line}: {reason}" in table.notes[-1]


def test_quotes_over_several_lines_are_one_row_and_do_not_hide_the_line_behind_them(tmp_path):
    rows = ['1,"a\nb"', "1,2,3", '2,"c\n\nd"', "4", *ROWS]
    table = file_of(tmp_path, ["a,b", *rows]).load()
    assert [place.line for place in table.unreadable] == [4, 8]
    assert list(table.column("b").values[:2]) == ["a\nb", "c\n\nd"]


def test_a_stray_quote_takes_no_more_than_its_line(tmp_path):
    rows = [f'{number},"x{number}"' for number in range(40)]
    rows[10] = '10,"x'
    table = file_of(tmp_path, ["a,b", *rows]).load()
    assert [place.line for place in table.unreadable] == [12]
    assert list(table.column("a").values) == [number for number in range(40) if number != 10]


def test_a_tenth_of_the_lines_at_most(tmp_path):
    good = ["1,2"] * 18
    assert len(file_of(tmp_path, ["a,b", *good, "3", "4"]).load().unreadable) == 2
    with pytest.raises(UserError, match=r"line 20: expected 2 fields, as in the header, found 1\..* 2 more"):
        file_of(tmp_path, ["a,b", *good, "3", "4", "5"]).load()


def test_no_more_lines_than_anybody_would_look_through(tmp_path, monkeypatch):
    monkeypatch.setattr(line_filter, "MOST_LEFT_OUT", 3)
    assert len(file_of(tmp_path, ["a,b", *["1,2"] * 500, "3", "4"]).load().unreadable) == 2
    with pytest.raises(UserError, match="line 502: expected 2 fields"):
        file_of(tmp_path, ["a,b", *["1,2"] * 500, "3", "4", "5"]).load()


def test_predictions_are_made_for_every_row_so_that_none_is_left_out(tmp_path):
    source = file_of(tmp_path, ["a,b", *ROWS, "1"])
    with pytest.raises(UserError, match="line 42: expected 2 fields, as in the header, found 1"):
        source.load_with_fields({})


def test_a_header_that_is_no_text_is_not_left_out(tmp_path):
    with pytest.raises(UserError, match="line 1"):
        file_of(tmp_path, [b"a,\xe9\x00", *ROWS]).load()
