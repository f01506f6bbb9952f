"""Whatever is wrong with a table, a sentence says where, what was expected, what was found, what to do."""

import gzip
import os
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.delimited import csv_body, csv_rows, text, text_file
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.mnist import MNIST
from engine.errors import UserError
from engine.settings import read
from tests.engine.data.images.idx_files import idx_bytes

JUNK = random.Random(0).randbytes(5000).replace(b"\0", b"\1")

BAD_TABLES: list[tuple[str, str | bytes, str]] = [
    ("empty file", "", "t.csv: expected a table, found an empty file."),
    ("only blank lines", "\n \n\n", "t.csv: expected a table, found only blank lines."),
    ("only a header", "a,b\n", "t.csv: expected rows of values below the header, found none."),
    ("only a byte order mark", b"\xef\xbb\xbf", "t.csv: expected a table, found only blank lines."),
    (
        "no header names",
        ",,\n1,2,3\n",
        "t.csv, line 1: expected column names, found empty fields.",
    ),
    (
        "empty header line",
        "\n1,2\n3,4\n",
        "t.csv, line 1: expected a header with the column names, found an empty",
    ),
    ("a field too many", "a,b\n1,2\n3,4,5\n", "t.csv, line 3: expected 2 fields, as in the header, found 3."),
    (
        "three fields too many",
        "a,b\n1,2\n3,4,5,6,7\n",
        "t.csv, line 3: expected 2 fields, as in the header, found 5.",
    ),
    (
        "a field too few",
        "a,b,c\n1,2,3\n4,5\n",
        "t.csv, line 3: expected 3 fields, as in the header, found 2.",
    ),
    (
        "line numbers count what an editor counts",
        'Title\n\n"a\nb",c,d\n1,"x\ny",3\n\n\n4,5\n',
        "t.csv, line 9: expected 3 fields, as in the header, found 2.",
    ),
    (
        "a header too short",
        "a,b\n1,2,3\n4,5,6\n",
        "t.csv, line 2: expected 2 fields, as in the header, found 3.",
    ),
    ("a header of one word", "a\n1,2\n3,4\n", "t.csv, line 2: expected 1 field, as in the header, found 2."),
    ("several ragged rows", "a,b\n1\n2\n3\n4,5\n", "2 more rows to correct after it."),
    ("an open quote", 'a,b\n1,"x\n3,4\n', "t.csv, line 2: expected quotes that are closed"),
    ("an open quote at the end", 'a,b\n1,2\n3,"x', "t.csv, line 3: expected quotes that are closed"),
    (
        "an open quote in the header",
        'a,"b\n1,x\n',
        "t.csv, line 1: expected column names whose quotes are closed",
    ),
    ("text behind a quote", 'a,b\n1,"x"y\n', "t.csv, line 2: expected quotes that are closed"),
    ("a NUL", "a,b\n1,2\n3,x\0y\n", "t.csv, line 3: expected text, found a NUL byte"),
    ("random bytes", JUNK, "t.csv, line 1: expected text, found bytes that are no text"),
    (
        "a workbook",
        b"PK\x03\x04\x14\0\0\0",
        "t.csv: expected a table as text, found a zip archive or a workbook",
    ),
    (
        "damaged UTF-8",
        "a,b\nü,1\nä,2\n".encode() + b"\xe9,3\n",
        "t.csv, line 4: expected UTF-8 text, as in the",
    ),
    (
        "a cut gzip",
        gzip.compress(b"a,b\n1,2\n" * 999)[:-40],
        "t.csv: expected a whole gzip file, found a damaged",
    ),
    ("a foreign gzip", b"\x1f\x8bnonsense", "t.csv: expected a whole gzip file, found a damaged"),
]


@pytest.mark.parametrize(
    ("content", "sentence"), [bad[1:] for bad in BAD_TABLES], ids=[bad[0] for bad in BAD_TABLES]
)
def test_bad_tables(tmp_path: Path, content: str | bytes, sentence: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(UserError) as caught:
        CSVFile(path=str(path)).load()
    assert sentence in str(caught.value)
    assert caught.value.help.endswith(".")


@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("encoding", [None, "utf-8", "latin-1"])
@pytest.mark.parametrize(
    ("content", "found"),
    [
        (idx_bytes(np.ones((3, 4, 4), np.uint8)), "images in IDX format. Choose the source"),
        (idx_bytes(np.ones(20, np.uint8)), "labels in IDX format. Choose the source"),
        (b"\0\0\x0d\x02" + bytes(40), "numbers in IDX format. Choose the source"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a PNG image. Pictures are read from a folder"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image. Pictures are read from a folder"),
        (b"GIF89a\1\0\1\0", "a GIF image. Pictures"),
        (b"BM\x36\n\n\0\0\0\0\0\x36", "a BMP image. Pictures"),
        (b"II*\0\x08\0", "a TIFF image. Pictures"),
        (b"RIFF\n\0\0\0WEBPVP8 ", "a WebP image. Pictures"),
        (b"\0\0\0\x18ftypheic", "an HEIF image. Pictures"),
    ],
)
def test_images_are_not_tables(
    tmp_path: Path, content: bytes, found: str, encoding: str | None, compressed: bool
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(gzip.compress(content) if compressed else content)
    with pytest.raises(UserError) as caught:
        CSVFile(path=str(path), encoding=encoding).load()
    assert f"t.csv: expected a table as text, found {found}" in str(caught.value)
    assert f"the source “{MNIST.heading}”, with the folder" in caught.value.help


@pytest.mark.parametrize("name", ["BMI of a child", "GIF", "II", "RIFF", "%"])
def test_names_that_begin_as_images_do_are_names(tmp_path: Path, name: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{name},b\n1,2\n3,4\n", encoding="utf-8")
    assert CSVFile(path=str(path)).load().columns[0].name == name


def test_no_path() -> None:
    with pytest.raises(
        UserError, match=r"^Table from a file: expected a path, found nothing\. Choose a file\.$"
    ):
        CSVFile().load()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("none.csv", "found nothing there"),
        (".", "found a folder"),
        ("http://example.org/t.csv", "found nothing"),
    ],
)
def test_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, found: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=found):
        CSVFile(path=name).load()


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("encoding", "latin-99", "the name of an encoding, such as utf-8"),
        ("encoding", "base64", "the name of an encoding, such as utf-8"),
        ("delimiter", "::", "one of ',', ';'"),
        ("skip", -1, "a number of at least 0"),
        ("header", "perhaps", "true or false"),
    ],
)
def test_bad_settings(field: str, value: Any, expected: str) -> None:
    with pytest.raises(UserError) as caught:
        read(CSVFile, {field: value}, "Data")
    assert expected in caught.value.expected
    assert field in caught.value.where


def test_a_wrong_encoding_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n1,2\ncaf\xe9,1\n")
    with pytest.raises(UserError, match=r"^t\.csv, line 3: expected text in UTF-8, found the byte 0xE9\."):
        CSVFile(path=str(path), encoding="utf-8").load()


def test_a_gigantic_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_body, "LONGEST_LINE_BYTES", 2**20)
    path = tmp_path / "t.csv"
    path.write_text('a,b\n1,2\n3,"' + "x" * (2**20 + 9) + '"\n', encoding="utf-8")
    with pytest.raises(UserError, match=r"^t\.csv, line 3: expected a row of at most 1 MB"):
        CSVFile(path=str(path)).load()


def test_a_gigantic_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "LARGEST_FILE_BYTES", 1000)
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 300)
    with pytest.raises(UserError, match="expected a table of at most"):
        CSVFile(path=str(path)).load()


def test_a_file_that_is_gigantic_only_when_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "LARGEST_BYTES", 10_000)
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 100_000))
    assert path.stat().st_size < 10_000
    with pytest.raises(UserError, match="expected a table of at most"):
        CSVFile(path=str(path)).load()


def test_too_many_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_file, "MOST_NUMBERS", 5)
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n1,2\n3,4\n5,6\n")
    with pytest.raises(UserError, match="expected at most 5 values, found 3 rows of 2 columns"):
        CSVFile(path=str(path)).load()


def test_too_many_columns(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(",".join(f"c{i}" for i in range(20_001)) + "\n", encoding="utf-8")
    with pytest.raises(UserError, match="expected at most 20,000 columns, found 20,001"):
        CSVFile(path=str(path)).load()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "t.csv")
    with pytest.raises(UserError, match="expected a file, found a pipe, a device or a socket"):
        CSVFile(path=str(tmp_path / "t.csv")).load()


def test_too_little_memory_is_not_called_a_bad_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB has an error of its own for it."""
    import duckdb

    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,x\n3,y\n")

    def exhausted(*_: object) -> None:
        raise duckdb.OutOfMemoryException("Out of Memory Error: could not allocate block")

    monkeypatch.setattr(csv_rows, "refuse_bad_rows", exhausted)
    with pytest.raises(MemoryError):
        CSVFile(path=str(path)).load()


def test_a_library_that_finds_too_little_memory(tmp_path: Path) -> None:
    """Not a pretended one: DuckDB itself, with less than the table takes."""
    import duckdb

    path = tmp_path / "t.csv"
    path.write_text("a\n" + "\n".join("x" * 1000 + str(number) for number in range(20_000)))

    def read() -> None:
        with csv_rows._memory_errors(), duckdb.connect(":memory:") as connection:
            connection.execute("set memory_limit = '2MB'")
            connection.execute("set temp_directory = ''")
            connection.execute(f"create table t as select * from read_csv('{path}')")

    with pytest.raises(MemoryError):
        read()
