"""What is refused in the end is refused soon, with little memory; and nothing else is refused for it."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from engine.data.delimited import row_check
from engine.data.delimited.csv_dialect import Layout
from engine.data.delimited.row_check import MOST_BAD_ROWS, RowCheck
from engine.data.sources.csv_file import CSVFile
from engine.errors import UserError

ROOT = Path(__file__).parents[4]


def write(folder: Path, text: str | bytes) -> CSVFile:
    path = folder / "t.csv.gz"
    path.write_bytes(gzip.compress(text.encode() if isinstance(text, str) else text, 1))
    return CSVFile(path=str(path))


def passed_on(text: str, names: str = "ab", size: int = 1000) -> tuple[str, RowCheck]:
    """What of a text is passed on, handed over in pieces of this size."""
    check = RowCheck("t.csv", Layout(",", tuple(names), 1, ()))
    pieces = (text[start : start + size] for start in range(0, len(text), size))
    return "".join(check.passed_on(pieces)), check


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize(
    "text",
    [
        "1,2\n" * 500,
        "1,2\n" * 500 + "3,4",
        "1,2\n\n\n" * 100,
        '1,"a, b\nc"\n"x ""y"" z",2\n' * 100,
        '5" pipe,1\n' + "1,2\n" * 500,
        '1,"an open quote\n' + "1,2\n" * 500,
        "1,2,,,\n" * 500,
        "1\n" * (MOST_BAD_ROWS - 1) + "1,2\n",
        "",
        "\n",
        '"',
    ],
)
def test_what_may_be_a_table_is_passed_on_whole(text, size):
    assert passed_on(text, size=size)[0] == text


@pytest.mark.parametrize("size", [100, 2**20])
def test_a_text_of_bad_rows_ends_with_the_last_that_is_listed(size):
    text, check = passed_on("1,2\n" + "1\n" * 50_000, size=size)
    assert check.cut
    assert text == "1,2\n" + "1\n" * MOST_BAD_ROWS


def test_a_text_behind_an_open_quote_ends_soon():
    """DuckDB calls each line below it a bad row."""
    text, check = passed_on('1,2\n3,"x\n' + "1\n" * 50_000)
    assert check.cut
    assert text == '1,2\n3,"x\n' + "1\n" * (MOST_BAD_ROWS - 1)


BOMBS = {
    "a field too few": ("a,b\n", "1\n", 10_000_000, "line 2: expected 2 fields, as in the header, found 1."),
    "an open quote": ('a,b\n1,2\n"1\n', "1\n", 10_000_000, "line 3: expected quotes that are closed"),
    "many fields too many": ("a,b\n1,2\n\n", "1,", 1_000_000, "line 4: expected 2 fields, as in the header"),
    "one line": ("a,b\n1,2\n", "x", 100_000_000, "line 3: expected a row of at most 4 MB, found a longer"),
    "one line alone": ("", "x", 20_000_000, "line 1: expected a row of at most 4 MB, found a longer one."),
    "quotes": ("a,b\n", '"', 20_000_000, "line 2: expected a row of at most 4 MB, found a longer one."),
    "a million columns": ("", "name,", 1_000_000, "line 1: expected a row of at most 4 MB"),
    "many columns": ("", "a,", 400_000, "line 1"),
    "blank lines": ("a,b\n1,2\n", "\n", 22_000_000, "expected a table, found more than 10,000,000 blank"),
}
"""What a text begins with, what it repeats and how often, and what is said of it."""

REFUSE = """
import sys, time
from pathlib import Path
from engine.data.sources.csv_file import CSVFile
from engine.errors import UserError
import duckdb
try:
    CSVFile(path=sys.argv[1]).load()
except UserError as error:
    peak = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
    print(int(peak) // 1024, time.process_time(), error)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs the peak of a process")
@pytest.mark.parametrize(("start", "repeated", "times", "sentence"), BOMBS.values(), ids=BOMBS)
def test_a_small_file_that_unpacks_to_a_large_one_is_refused_soon(tmp_path, start, repeated, times, sentence):
    """The first took 162 s and 2.5 GB. Seconds of the processor are counted, since others use it too."""
    path = tmp_path / "t.csv.gz"
    with gzip.open(path, "wt", 1, newline="") as stream:
        stream.write(start)
        for _ in range(times // 10_000):
            stream.write(repeated * 10_000)
    result = subprocess.run(
        [sys.executable, "-c", REFUSE, path], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert result.stderr == ""
    peak, seconds, error = result.stdout.split(" ", 2)
    assert sentence in error
    assert int(peak) < 500
    assert float(seconds) < 20


def test_too_many_values_are_refused_while_they_are_counted(monkeypatch):
    monkeypatch.setattr(row_check, "MOST_VALUES", 1000)
    assert passed_on("1,2\n" * 500)[0] == "1,2\n" * 500
    with pytest.raises(
        UserError, match=r"expected at most 1,000 values, found \d{3} rows or more, of 2 columns"
    ):
        passed_on("1,2\n" * 100_000)


def test_rows_that_only_seem_not_to_fit_are_read(tmp_path):
    """A blank before a quote makes four fields to us, and three to DuckDB, which decides."""
    rows = 'x, "b, c",1\n' * (2 * MOST_BAD_ROWS)
    assert write(tmp_path, "name,both,number\n" + rows).load().rows == 2 * MOST_BAD_ROWS


def test_a_cut_text_without_a_bad_row_is_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(row_check, "MOST_BAD_ROWS", 3)
    monkeypatch.setattr(RowCheck, "_beginning", lambda self, row: row)

    def suspicious(self, text):
        self.cut = True
        return "1,2\n"

    monkeypatch.setattr(RowCheck, "_checked", suspicious)
    assert write(tmp_path, "a,b\n" + "1,2\n" * 50).load().rows == 50


def test_long_fields_are_no_bad_rows(tmp_path):
    table = write(tmp_path, "a,b\n" + f'1,"{"x, " * 100_000}"\n\n' * 3).load()
    assert table.rows == 3
    assert table.columns[1].distinct == 1


def test_rows_that_lack_many_fields_are_few(tmp_path):
    """DuckDB remembers a row for each field that it lacks."""
    names = ",".join(f"c{number}" for number in range(300))
    with pytest.raises(
        UserError, match=r"line 2: expected 300 fields, .* found 1\..* 33 more rows to correct"
    ):
        write(tmp_path, f"{names}\n" + "1\n" * 50_000).load()
    names = ",".join(f"c{number}" for number in range(5000))
    with pytest.raises(UserError, match=r"line 3: expected 5000 fields, as in the header, found 2\."):
        write(tmp_path, f"{names}\n\n1,2\n").load()
