"""What a name stands for: a file, a ready experiment, or nothing; and where its table is found."""

import json

import pytest

from engine.data.sources.csv_file import CSVFile
from engine.data.sources.mnist import MNIST
from engine.errors import UserError
from engine.files.opening import open_run, preset, preset_files
from engine.files.run_file import SavedRun, load, save
from tests.engine.data.images.idx_files import write_mnist
from tests.engine.files.archives import SETTINGS, write_run

TABLE = "a,b\n" + "".join(f"{number},{number % 2}\n" for number in range(20))


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def experiment_json(path: str) -> str:
    return json.dumps({"data": {"source": {"kind": "csv", "path": path}}})


def source_of(name) -> CSVFile:
    source = open_run(str(name)).experiment.data.source
    assert isinstance(source, CSVFile)
    return source


@pytest.mark.parametrize("name", preset_files())
def test_ready_experiments(name):
    assert open_run(name) == SavedRun(preset(name))


def test_a_folder_does_not_hide_a_ready_experiment(tmp_path):
    (tmp_path / "here" / "iris").mkdir()
    assert open_run("iris").experiment == preset("iris")


def test_a_run_by_its_suffix_in_any_case(tmp_path):
    path = write_run(tmp_path / "RUN.Gradwright")
    assert open_run(str(path)).state is not None


def test_an_experiment_with_a_byte_order_mark(tmp_path):
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf" + SETTINGS.to_json().encode())
    assert open_run(str(tmp_path / "a.json")).experiment == SETTINGS


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "a.json, line 1: expected an experiment in JSON, found text that is none (expecting value)"),
        (b'{\n"name": }', "a.json, line 2"),
        (b"[]", "found a list"),
        (b"3", "found a single value"),
        (b"\x89ABC\xff", "found bytes that are no text in UTF-8"),
        (b'{"nam": "x"}', "no such field; did you mean “name”?"),
        (b'{"training": {"optimizer": {"kind": "adam", "learning_rate": -1}}}', "found -1"),
        (b'{"training": {"optimizer": {"kind": "adam", "learning_rate": "abc"}}}', "found 'abc'"),
        (b'{"training": {"optimizer": {"kind": "adam", "learning_rate": NaN}}}', "expected a finite number"),
        (b'{"schema_version": 99}', "found version 99. The file was made by a newer Gradwright"),
        (b'{"schema_version": true}', "found version True. Correct it."),
        (b'{"a":' * 100_000, "groups too deep"),
    ],
)
def test_bad_experiments(content, found, tmp_path):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(UserError) as caught:
        open_run(str(tmp_path / "a.json"))
    assert found in str(caught.value)
    assert caught.value.help


def test_names_that_stand_for_nothing(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "t.csv").write_text(TABLE)
    for name, found in {
        "spirl": "Ready experiments are: spiral",
        "no.json": "found nothing at this path",
        "no.csv": "found nothing at this path. Check how its name is spelt, and which folder it is in.",
        "no.gradwright": "found nothing at this path",
        str(tmp_path / "folder"): "found a folder",
        str(tmp_path / "t.csv"): "found a table. Name the table as the data source of an experiment.",
        "": "found a folder",
    }.items():
        with pytest.raises(UserError) as caught:
            open_run(name)
        assert found in str(caught.value)


def message(name) -> str:
    with pytest.raises(UserError) as caught:
        open_run(str(name))
    return str(caught.value)


@pytest.mark.parametrize("name", ["photo.png", "photo", "photo.csv"])
def test_a_picture(name, tmp_path):
    (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    said = message(tmp_path / name)
    assert "found a PNG image. Pictures are read from a folder" in said
    assert f"choose the source “{MNIST.heading}”" in said


@pytest.mark.parametrize("place", ["0.png", "circle/0.JPG"])
def test_a_folder_of_pictures(place, tmp_path):
    folder = tmp_path / "shapes"
    (folder / place).parent.mkdir(parents=True)
    (folder / "notes.txt").write_text("x")
    assert message(folder).endswith("found a folder. Name a file inside it.")
    (folder / place).write_bytes(b"\x89PNG")
    assert "found a folder of pictures. Pictures are read from a folder" in message(folder)
    for name in ("more.txt", "letter.odt"):
        (folder / name).write_text("x")
    assert message(folder).endswith("found a folder. Name a file inside it.")
    for name in ("1.png", "2.gif"):
        (folder / place).with_name(name).write_bytes(b"")
    assert "found a folder of pictures." in message(folder)
    # Beside a model it is an export or a screenshot.
    (folder / "a.gradwright").write_bytes(b"")
    assert message(folder).endswith("found a folder. Name a file inside it.")


@pytest.mark.parametrize("compressed", [True, False])
def test_idx_files_and_their_folder(compressed, tmp_path):
    folder = write_mnist(tmp_path / "digits", compressed=compressed)
    end = ".gz" if compressed else ""
    choose = f"Choose the source “{MNIST.heading}”, with"
    assert f"found images in IDX format. {choose}" in message(folder / f"train-images-idx3-ubyte{end}")
    assert f"found labels in IDX format. {choose}" in message(folder / f"t10k-labels-idx1-ubyte{end}")
    assert f"found a folder of IDX files. {choose} this folder." in message(folder)


@pytest.mark.parametrize("name", ["n" * 5000, "n" * 5000 + ".x", "t\u0000.x"])
def test_a_path_that_cannot_be(name):
    assert "expected a file that can be read" in message(name)


def test_a_table_is_found_beside_the_experiment_first_then_in_the_current_folder(tmp_path):
    (tmp_path / "a.json").write_text(experiment_json("t.csv"))
    assert source_of(tmp_path / "a.json").path == "t.csv"
    (tmp_path / "here" / "t.csv").write_text(TABLE)
    assert source_of(tmp_path / "a.json").path == str(tmp_path / "here" / "t.csv")
    (tmp_path / "t.csv").write_text(TABLE)
    assert source_of(tmp_path / "a.json").path == str(tmp_path / "t.csv")
    assert source_of("../a.json").load().rows == 20


def test_model_and_table_can_be_moved_together(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    (old / "t.csv").write_text(TABLE)
    (old / "a.json").write_text(experiment_json("t.csv"))
    save(old / "a.gradwright", open_run(str(old / "a.json")))
    old.rename(new)
    assert source_of(new / "a.gradwright").path == str(new / "t.csv")
    assert load(new / "a.gradwright").experiment.data.load().rows == 20


def test_images_are_found_beside_the_experiment_as_tables_are(tmp_path):
    folder = write_mnist(tmp_path / "digits")
    (tmp_path / "a.json").write_text(json.dumps({"data": {"source": {"kind": "mnist", "path": "digits"}}}))
    source = open_run(str(tmp_path / "a.json")).experiment.data.source
    assert source == MNIST(path=str(folder))
    assert source.load().rows == 42


def test_a_path_that_cannot_be_is_left_to_the_reader_of_tables(tmp_path):
    for path in ("~nobody_at_all/t.csv", "t\u0000.csv", "n" * 5000):
        (tmp_path / "a.json").write_text(experiment_json(path))
        assert source_of(tmp_path / "a.json").path == path
        with pytest.raises(UserError):
            source_of(tmp_path / "a.json").load()
