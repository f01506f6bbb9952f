"""Files that are broken, for every source of tables: one sentence that names the file, and what to do."""

import os
import shutil

import pytest

from engine.data.sources import SOURCES
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.parquet_file import ParquetFile
from engine.data.sources.spreadsheet import Spreadsheet
from engine.data.sources.table_file import TableFile
from engine.data.sources.text_table import TextTable
from engine.errors import UserError
from engine.files.opening import open_run
from engine.settings import kind_of
from tests.engine.data.sources.table_writers import WRITE, example_rows

TABLES = [kind for kind in SOURCES if issubclass(kind, TableFile)]
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
DAMAGES = {
    "empty": lambda whole: b"",
    "cut": lambda whole: whole[: len(whole) // 2],
    "wrong magic": lambda whole: b"\x01\x02\x03\x04" + whole[4:],
    "foreign": lambda whole: b"a;b\nx;y;z\n" * 400,
    "picture": lambda whole: PICTURE,
    "zeros": lambda whole: bytes(4096),
}
STILL_WHOLE = {"cut": TextTable | CSVFile, "wrong magic": CSVFile | Spreadsheet | ParquetFile}
"""A part of a text may be a text, and the table of contents of some formats is at their end."""


@pytest.fixture(params=TABLES, ids=kind_of)
def source(request, tmp_path):
    kind = request.param
    suffix, write = WRITE[kind]
    path = tmp_path / f"table.{suffix}"
    write(path, *example_rows(kind))
    return kind.model_validate({"path": str(path)})


def refused(source):
    """The sentence, which names the file and says what to do."""
    with pytest.raises(UserError) as caught:
        source.load()
    sentence = str(caught.value)
    assert source.path.rpartition("/")[2] in sentence
    assert caught.value.help
    assert len(sentence) < 400
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_files(source, damage):
    if isinstance(source, STILL_WHOLE.get(damage, ())):
        return
    with open(source.path, "rb") as stream:
        whole = stream.read()
    with open(source.path, "wb") as stream:
        stream.write(DAMAGES[damage](whole))
    sentence = refused(source)
    if damage == "empty":
        assert "found an empty file" in sentence


def test_cut_at_many_places_it_is_refused_or_read(source):
    with open(source.path, "rb") as stream:
        whole = stream.read()
    for part in range(1, 8):
        with open(source.path, "wb") as stream:
            stream.write(whole[: part * len(whole) // 8])
        try:
            table = source.load()
        except UserError:
            continue
        assert isinstance(source, TextTable | CSVFile)
        assert table.rows <= 24


def test_nothing_there(source):
    os.unlink(source.path)
    assert "found nothing there" in refused(source)


def test_a_folder(source):
    os.unlink(source.path)
    os.mkdir(source.path)
    assert "found a folder" in refused(source)


def test_no_permission(source, monkeypatch):
    opened = os.open

    def denied(path, *arguments, **keywords):
        if str(path) == source.path:
            raise PermissionError(13, "Permission denied", path)
        return opened(path, *arguments, **keywords)

    monkeypatch.setattr(os, "open", denied)
    assert "found permission denied" in refused(source)


def test_a_file_that_vanishes_while_it_is_read(source, monkeypatch):
    opened = os.open

    def vanishing(path, *arguments, **keywords):
        descriptor = opened(path, *arguments, **keywords)
        if str(path) == source.path and os.path.exists(path):
            os.unlink(path)
        return descriptor

    monkeypatch.setattr(os, "open", vanishing)
    refused(source)


def test_a_picture_named_as_a_table(source):
    with open(source.path, "wb") as stream:
        stream.write(PICTURE)
    text = source.path.rpartition(".")[0] + ".csv"
    shutil.move(source.path, text)
    assert "expected a table as text, found a PNG image" in refused(CSVFile(path=text))


def test_a_table_opened_as_an_experiment_is_no_contradiction(source):
    with pytest.raises(UserError) as caught:
        open_run(source.path)
    assert "found a table" in str(caught.value)
    source.load()
