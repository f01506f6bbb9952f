"""`gradwright predict` for models of images, and for the data that a model was trained on."""

import csv
import gzip

import numpy as np
import pytest

from engine.cli import main
from engine.data import prepare
from engine.data.images.decoding import Pixels, pixels_of
from engine.experiment import Experiment
from engine.files.opening import open_run
from engine.files.run_file import load, save, saved_run
from engine.settings import read
from engine.training.trainer import Trainer
from tests.engine.data.images.idx_files import NAMES, idx_bytes, images_and_labels, write_mnist
from tests.engine.data.sources.sources_for_tests import write_pictures

CLASSIFIED = ["image", "label", "prediction", "probability 0", "probability 1", "probability 2"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Models of small images: of their classes, and of the images themselves."""
    place = tmp_path_factory.mktemp("images")
    write_mnist(place / "mnist")
    for name, task in (("classes", "classification"), ("autoencoder", "reconstruction")):
        values = {
            "data": {"source": {"kind": "mnist", "path": str(place / "mnist")}, "task": task},
            "layers": ["flatten", {"kind": "dense", "units": 8, "activation": "tanh"}],
            "training": {"epochs": 3},
        }
        experiment = read(Experiment, values, name)
        run = Trainer(experiment, prepare(experiment.data, experiment.data.load(), experiment.dtype))
        for _ in run.run():
            pass
        save(place / f"{name}.gradwright", saved_run(run))
    return place


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def written(capsys, *words):
    """Header and rows that are written."""
    status = main(["predict", *map(str, words), "--out", "out.csv"])
    captured = capsys.readouterr()
    assert status == 0, captured.err
    with open("out.csv", encoding="utf-8", newline="") as stream:
        header, *rows = list(csv.reader(stream))
    return header, rows


def expected(trained, images):
    """The classes and probabilities that the trained network itself gives."""
    saved = load(trained / "classes.gradwright")
    run = Trainer(saved.experiment, prepare(saved.experiment.data, saved.experiment.data.load()))
    for name, array in run.model.state_dict().items():
        array[...] = saved.state.model[name]
    fitted = saved.preparation.inputs[0]
    return run.predict(((images[..., np.newaxis] - fitted.offset) / fitted.scale).astype(np.float32))


def test_a_file_of_images_with_its_labels_beside(trained, capsys):
    header, rows = written(
        capsys,
        trained / "classes.gradwright",
        "--data",
        trained / "mnist" / f"{NAMES['test', 'images']}.gz",
    )
    assert header == CLASSIFIED
    images, labels = images_and_labels(12, 1)
    assert [row[:2] for row in rows] == [[str(n + 1), str(label)] for n, label in enumerate(labels)]
    found = np.array([row[3:] for row in rows], dtype=float)
    np.testing.assert_allclose(found, expected(trained, images), rtol=1e-5)
    assert [row[2] for row in rows] == [str(place) for place in found.argmax(axis=1)]


def test_a_file_of_images_of_any_name_without_labels(trained, tmp_path, capsys):
    images, _ = images_and_labels(5, 7)
    (tmp_path / "scans").write_bytes(idx_bytes(images))
    header, rows = written(capsys, trained / "classes.gradwright", "--data", "scans")
    assert header == [title for title in CLASSIFIED if title != "label"]
    assert [row[0] for row in rows] == ["1", "2", "3", "4", "5"]
    found = np.array([row[2:] for row in rows], dtype=float)
    np.testing.assert_allclose(found, expected(trained, images), rtol=1e-5)


def test_a_folder_of_several_files(trained, tmp_path, capsys):
    """Training before test; only some with labels; a file that is there compressed as well is read once."""
    write_mnist(tmp_path / "mnist", training=4, test=3)
    plain = gzip.decompress((tmp_path / "mnist" / f"{NAMES['test', 'images']}.gz").read_bytes())
    (tmp_path / "mnist" / NAMES["test", "images"]).write_bytes(plain)
    (tmp_path / "mnist" / f"{NAMES['test', 'labels']}.gz").unlink()
    header, rows = written(capsys, trained / "classes.gradwright", "--data", "mnist")
    assert header == ["file", *CLASSIFIED]
    training, test = f"{NAMES['training', 'images']}.gz", NAMES["test", "images"]
    assert [row[:3] for row in rows] == [
        *([training, str(n + 1), str(n % 3)] for n in range(4)),
        *([test, str(n + 1), ""] for n in range(3)),
    ]


def test_images_that_come_back(trained, tmp_path, capsys):
    images, _ = images_and_labels(5, 7)
    (tmp_path / "scans").write_bytes(idx_bytes(images))
    header, rows = written(capsys, trained / "autoencoder.gradwright", "--data", "scans")
    assert header == ["image", "reconstruction error"]
    assert all(float(error) > 0 for _, error in rows)


@pytest.mark.parametrize("model", ["classes", "autoencoder"])
def test_without_data_it_is_that_of_the_training(model, trained, capsys):
    header, rows = written(capsys, trained / f"{model}.gradwright")
    assert header[:2] == ["image", "label"]
    assert len(rows) == 42
    assert [row[0] for row in rows] == [str(number + 1) for number in range(42)]


@pytest.mark.parametrize("name", ["digits", "digits-autoencoder", "iris", "plane"])
def test_ready_experiments_predict_their_own_data(name, tmp_path, capsys):
    assert main(["train", name, "--epochs", "1", "--out", "a.gradwright"]) == 0
    capsys.readouterr()
    header, rows = written(capsys, "a.gradwright")
    source = open_run(name).experiment.data.source
    table = source.load()
    assert header[: len(table.columns)] == [column.name for column in table.columns]
    assert len(rows) == table.rows
    assert header[-1].startswith(("probability", "reconstruction error", "prediction"))


def test_labels_that_are_not_theirs(trained, tmp_path, capsys):
    write_mnist(tmp_path / "mnist", training=4, test=3)
    label_file = tmp_path / "mnist" / f"{NAMES['test', 'labels']}.gz"
    label_file.write_bytes(idx_bytes(np.zeros(2, np.uint8)))
    assert "expected a label for each image, found 3 images and 2 labels" in refused(
        capsys, trained / "classes.gradwright", "mnist"
    )


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("t.csv", "t.csv: expected images in IDX format"),
        ("nosuch", "nosuch: expected a file or a folder of images, found no such file"),
        ("empty", "empty: expected images in IDX format, such as a file t10k-images-idx3-ubyte"),
        ("large", "expected images of 4 × 5 × 1, found images of 6 × 7 × 1"),
        ("mixed", "mixed: expected images of one size, found 4 × 5 and 6 × 7"),
        ("", "expected images in IDX format"),
    ],
)
def test_what_will_not_do(place, found, trained, tmp_path, capsys):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    for folder in ("empty", "mixed"):
        (tmp_path / folder).mkdir()
    for name, side in (("large", 6), ("mixed/a-images-idx3", 4), ("mixed/b-images-idx3", 6)):
        (tmp_path / name).write_bytes(idx_bytes(images_and_labels(3, 0, side)[0]))
    sentence = refused(capsys, trained / "classes.gradwright", place)
    assert found in sentence
    assert place == "large" or "Without --data, the images that the model was trained on" in sentence


def refused(capsys, model, place):
    """The sentence of a command that writes nothing."""
    assert main(["predict", str(model), "--data", place, "--out", "out.csv"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


# --- pictures ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def by_folder(tmp_path_factory):
    """A model of a folder of red and blue pictures, cropped to squares."""
    place = tmp_path_factory.mktemp("pictures")
    write_pictures(place / "shown")
    source = {"kind": "image_folder", "path": str(place / "shown"), "side": 8, "fit": "crop"}
    values = {
        "data": {"source": source},
        "layers": ["flatten", {"kind": "dense", "units": 8, "activation": "tanh"}],
        "training": {"epochs": 5},
    }
    experiment = read(Experiment, values, "pictures")
    run = Trainer(experiment, prepare(experiment.data, experiment.data.load(), experiment.dtype))
    for _ in run.run():
        pass
    save(place / "pictures.gradwright", saved_run(run))
    return place


def test_a_single_picture_and_a_folder_are_decoded_as_in_training(by_folder, tmp_path, capsys):
    folder = write_pictures(tmp_path / "new", 3)
    (folder / "red" / "broken.png").write_bytes(b"none")
    main(["predict", str(by_folder / "pictures.gradwright"), "--data", str(folder), "--out", "out.csv"])
    said = capsys.readouterr()
    assert "Note: 1 left out: red/broken.png: expected a picture, found no picture." in said.err
    with open("out.csv", encoding="utf-8", newline="") as stream:
        header, *rows = list(csv.reader(stream))
    assert header[:3] == ["file", "image", "prediction"]
    assert [row[0] for row in rows] == [f"{name}/{n}.png" for name in ("blue", "red") for n in range(3)]
    saved = load(by_folder / "pictures.gradwright")
    trained = saved.experiment.data.source.load().column("image").values
    wanted = Pixels(8, True, "crop")
    shown = pixels_of(by_folder / "shown" / "red" / "2.png", wanted)
    assert np.array_equal(trained[10], shown)
    alone = folder / "red" / "2.png"
    assert np.array_equal(pixels_of(alone, wanted), shown)
    single, (row,) = written(capsys, by_folder / "pictures.gradwright", "--data", alone)
    assert single == header
    assert row[2:] == rows[5][2:]
    assert row[0] == "2.png"
