"""Data sets of OpenML: fetched once, when they are asked for, and read as the files that they are."""

import json
import sys
import urllib.error

import numpy as np
import pytest

from engine.cli import main
from engine.data import DataSettings
from engine.data.columns.texts import texts_of
from engine.data.sources.openml import CACHE_VARIABLE, OpenML
from engine.data.task_inference import target_and_task
from engine.errors import UserError
from engine.progress import Cancelled, Progress
from tests.engine.data.sources.openml_server import serving

pytest.importorskip("sklearn")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    # pandas is none of our libraries: scikit-learn is to do without it here.
    monkeypatch.setitem(sys.modules, "pandas", None)
    return tmp_path / "cache"


@pytest.mark.parametrize("name", ["cars", "Cars", "7"])
def test_a_data_set_by_name_or_number(monkeypatch, name):
    source = OpenML(name=name)
    with serving(monkeypatch) as asked:
        table = source.load()
        assert asked
        del asked[:]
        again = source.load()
        assert asked == [], "what is in the cache needs no network"
    assert again.fingerprint == table.fingerprint
    # The row's number is left out and the class comes last; 4.7 is not cut, although it is called an integer.
    assert [column.name for column in table.columns] == ["doors", "class"]
    np.testing.assert_array_equal(table.column("doors").values, [4.7, 2, np.nan])
    assert list(texts_of(table.column("class"))) == ["small", "large", "small"]
    assert table.column("class").levels == ("small", "large")
    assert target_and_task(DataSettings(source=source), table)[0].name == "class"
    assert table.notes[0] == f"Data set “{name}” of openml.org."
    assert "Left out, as they are no inputs by its description: “id”, “name”." in table.notes


def test_without_a_name_nothing_is_asked(monkeypatch):
    with serving(monkeypatch) as asked:
        with pytest.raises(UserError, match="expected a name or a number, found nothing"):
            OpenML().load()
        assert asked == []


def test_an_unknown_data_set(monkeypatch):
    with serving(monkeypatch), pytest.raises(UserError) as caught:
        OpenML(name="unknown").load()
    assert "openml.org, data set “unknown”: expected a data set in use, found" in str(caught.value)


def test_a_file_that_came_damaged_is_not_kept(monkeypatch, cache):
    with serving(monkeypatch, damaged=True), pytest.raises(UserError, match="md5 checksum"):
        OpenML(name="cars").load()
    with serving(monkeypatch):
        assert OpenML(name="cars").load().column("doors").values[0] == 4.7


def test_without_a_network(monkeypatch):
    def unreachable(request, *args, **kwargs):
        raise urllib.error.URLError("Name or service not known")

    monkeypatch.setattr("sklearn.datasets._openml.urlopen", unreachable)
    with pytest.raises(UserError, match="name or service not known"):
        OpenML(name="cars").load()


def test_fetching_can_be_cancelled(monkeypatch):
    progress = Progress()

    def never(request, *args, **kwargs):
        progress.cancel()
        raise urllib.error.URLError("gone")

    monkeypatch.setattr("sklearn.datasets._openml.urlopen", never)
    with pytest.raises(Cancelled):
        OpenML(name="cars").load(progress)


def test_one_command_tells_how_it_is_read(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    with serving(monkeypatch):
        assert main(["data", "openml:cars", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(column["name"], column["role"]) for column in found["columns"]] == [
        ("doors", "input"),
        ("class", "target"),
    ]
    assert found["rows"] == []
    assert main(["data", "openml:", "--json"]) == 2
    assert "expected a name or a number, found nothing" in capsys.readouterr().err
