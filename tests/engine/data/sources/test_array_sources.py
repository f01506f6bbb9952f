"""IDX files of every type, and arrays of NumPy: right values, labels, and what is refused."""

import gzip

import numpy as np
import pytest

from engine.data import DataSettings, describe, prepare
from engine.data.images.files import image_table
from engine.data.images.idx_arrays import read_idx_array
from engine.data.sources import source_for
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.idx_files import IDXFiles
from engine.data.sources.image_arrays import ImageArrays
from engine.data.sources.mnist import MNIST
from engine.errors import UserError
from tests.engine.data.sources.sources_for_tests import write_array

TYPES = {
    8: (">u1", [0, 1, 255]),
    9: (">i1", [-128, -1, 127]),
    11: (">i2", [-32_768, 258, 32_767]),
    12: (">i4", [-(2**31), 66_051, 2**31 - 1]),
    13: (">f4", [-1.5, 0.1, 3e38]),
    14: (">f8", [-1.5, 0.1, 1e300]),
}


@pytest.mark.parametrize("code", TYPES)
def test_every_type_with_the_first_byte_first(code, tmp_path):
    kind, values = TYPES[code]
    write_array(tmp_path / "a.idx", code, np.array(values, kind))
    found = read_idx_array(tmp_path / "a.idx")
    assert found.tolist() == np.array(values, kind).tolist()
    assert found.dtype.isnative


def test_an_integer_by_its_bytes(tmp_path):
    (tmp_path / "a.idx").write_bytes(bytes.fromhex("00000c01 00000001 00010203"))
    assert read_idx_array(tmp_path / "a.idx").tolist() == [0x10203]


def test_a_pair_of_files_as_qmnist_has_them(tmp_path):
    """n × 8 labels of 32 bits: the first is the digit, and none of them is an input."""
    images = np.arange(30 * 12, dtype=np.uint8).reshape(30, 3, 4)
    labels = np.stack([np.arange(30) % 3, *np.arange(7)[:, None] * np.ones(30, int)], axis=1)
    write_array(tmp_path / "qmnist-train-images-idx3-ubyte", 8, images)
    write_array(tmp_path / "qmnist-train-labels-idx2-int", 12, labels.astype(">i4"))
    path = tmp_path / "qmnist-train-images-idx3-ubyte"
    assert source_for(path) is IDXFiles
    source = IDXFiles(path=str(path))
    table = source.load()
    assert np.array_equal(table.column("image").values[..., 0], images)
    assert table.column("label").values.tolist() == ["0", "1", "2"] * 10
    assert table.column("label 8").values.tolist() == ["6"] * 30
    settings = DataSettings(source=source, target="label")
    assert describe(table, settings).problem is None
    assert prepare(settings, table).classes == ("0", "1", "2")


def test_transposed_as_emnist_is(tmp_path):
    images = np.arange(2 * 12, dtype=np.uint8).reshape(2, 3, 4)
    path = tmp_path / "emnist-letters-train-images-idx3-ubyte.gz"
    write_array(tmp_path / "plain", 8, images)
    path.write_bytes(gzip.compress((tmp_path / "plain").read_bytes()))
    assert source_for(path) is IDXFiles
    table = IDXFiles(path=str(path), transposed=True).load()
    assert np.array_equal(table.column("image").values[..., 0], images.swapaxes(1, 2))


def test_rows_of_doubles_are_a_table(tmp_path):
    values = np.array([[1.5, 2], [np.inf, 4], [5, 6]], ">f8")
    write_array(tmp_path / "points.idx2", 14, values)
    table = IDXFiles(path=str(tmp_path / "points.idx2")).load()
    assert [column.name for column in table.columns] == ["value 1", "value 2"]
    assert table.column("value 2").values.tolist() == [2, 4, 6]
    assert table.column("value 1").missing == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "found an empty file"),
        (b"\0\0\x07\x01", "found one that begins with 00 00 07 01"),
        (b"\0\0\x0c\x02\0\0\0\x01", "expected a whole header"),
        (
            b"\0\0\x0c\x01\0\0\0\x02\0\0\0\x01",
            "the end after 4 of 8 bytes",
        ),
        (b"\0\0\x08\x01\0\0\0\x01ab", "found more"),
        (b"\0\0\x0e\x03" + b"\xff" * 12, "expected at least one number and at most"),
        (gzip.compress(b"\0\0\x08\x01\0\0\0\x04abcd", mtime=0)[:-6], "expected a whole gzip file"),
    ],
)
def test_damaged_idx_files_are_sentences(content, sentence, tmp_path):
    path = tmp_path / "a.idx"
    path.write_bytes(content)
    with pytest.raises(UserError, match=sentence):
        IDXFiles(path=str(path)).load()


def test_labels_of_other_images_are_refused(tmp_path):
    write_array(tmp_path / "images-idx3-ubyte", 8, np.zeros((3, 4, 4), np.uint8))
    write_array(tmp_path / "other.idx", 8, np.zeros(4, np.uint8))
    with pytest.raises(UserError, match=r"other\.idx: expected a label for each of the 3 images"):
        IDXFiles(path=str(tmp_path / "images-idx3-ubyte"), labels=str(tmp_path / "other.idx")).load()


# --- NumPy ------------------------------------------------------------------------------------------------


def save(path, **arrays):
    np.savez(path, **arrays)
    return ImageArrays(path=str(path))


def test_arrays_of_training_and_test(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (12, 4, 5, 3), dtype=np.uint8)
    labels = (np.arange(12) % 2)[:, None]
    source = save(
        tmp_path / "a.npz", x_train=images[:8], y_train=labels[:8], x_test=images[8:], y_test=labels[8:]
    )
    table = source.load()
    assert np.array_equal(table.column("image").values, images)
    assert table.column("label").values.tolist() == ["0", "1"] * 6
    assert table.test_rows == 4
    assert source_for(tmp_path / "a.npz") is ImageArrays
    assert prepare(DataSettings(source=source), table).test.rows.tolist() == [8, 9, 10, 11]


def test_grey_floats_with_numbers_to_predict(tmp_path):
    images = np.linspace(0, 1, 6 * 16).reshape(6, 4, 4)
    table = save(tmp_path / "a.npz", images=images, target=np.arange(6) / 2).load()
    assert table.column("image").values.dtype == np.float32
    assert table.column("image").values.shape == (6, 4, 4, 1)
    assert table.column("label").values.tolist() == [0, 0.5, 1, 1.5, 2, 2.5]


@pytest.mark.parametrize("labels", [np.array(["a", "b", ""]), np.array([b"a", b"b", b""])])
def test_labels_of_text(labels, tmp_path):
    table = save(tmp_path / "a.npz", x=np.zeros((3, 4, 4), bool), y=labels).load()
    assert table.column("label").values.tolist() == ["a", "b", None]
    assert table.column("image").values.dtype == np.uint8


def test_named_arrays(tmp_path):
    source = save(tmp_path / "a.npz", photos=np.ones((3, 4, 4), np.uint8), kinds=np.arange(3))
    with pytest.raises(UserError, match=r"there are photos \(3 × 4 × 4\), kinds \(3\)"):
        source.load()
    table = source.replace(images="photos", labels="kinds").load()
    assert table.column("label").values.tolist() == ["0", "1", "2"]
    with pytest.raises(UserError, match="found “none”"):
        source.replace(images="none").load()


def test_python_objects_are_never_read(tmp_path):
    source = save(tmp_path / "a.npz", x=np.zeros((2, 4, 4)), y=np.array([{"a": 1}, None], object))
    with pytest.raises(UserError, match="found one of Python objects, which are not read"):
        source.load()


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"x": np.zeros((2, 4))}, "expected images: rows × height × width"),
        ({"x": np.zeros((2, 4, 4, 9))}, "with up to 4 channels behind, found float64 of shape 2 × 4 × 4 × 9"),
        ({"x": np.full((2, 4, 4), np.nan)}, "expected finite numbers"),
        ({"x": np.zeros((2, 4, 4)), "y": np.zeros(3)}, "expected a label for each of the 2 images"),
        ({"x_train": np.zeros((2, 4, 4)), "x_test": np.zeros((2, 5, 4))}, "expected arrays of one shape"),
    ],
)
def test_arrays_that_do_not_fit_are_sentences(arrays, sentence, tmp_path):
    with pytest.raises(UserError, match=sentence):
        save(tmp_path / "a.npz", **arrays).load()


def test_damaged_archives_are_sentences(tmp_path):
    path = tmp_path / "a.npz"
    save(path, x=np.random.default_rng(0).random((20, 8, 8)))
    whole = path.read_bytes()
    for content in (b"", b"nonsense", whole[:200], whole[:300] + b"\0" * 400 + whole[700:]):
        path.write_bytes(content)
        with pytest.raises(UserError, match=r"a\.npz.*: expected .+, found a"):
            ImageArrays(path=str(path)).load()


def test_a_picture_by_the_name_of_a_table(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    with pytest.raises(UserError, match=r"found a PNG image\. Pictures are read from a folder"):
        CSVFile(path=str(path)).load()


@pytest.mark.parametrize("side", [4, 5], ids=["oblong", "square"])
def test_the_four_files_of_emnist_transposed(side, tmp_path):
    """In the folder, and in prediction."""
    images = np.random.default_rng(0).integers(0, 256, (12, side, 5), dtype=np.uint8)
    for part in ("train", "test"):
        write_array(tmp_path / f"emnist-letters-{part}-images-idx3-ubyte", 8, images)
        write_array(
            tmp_path / f"emnist-letters-{part}-labels-idx1-ubyte", 8, np.arange(12, dtype=np.uint8) % 2
        )
    found = MNIST(path=str(tmp_path), transposed=True).load().column("image").values
    assert np.array_equal(found[:12, :, :, 0], images.swapaxes(1, 2))
    predicted = image_table(str(tmp_path / "emnist-letters-test-images-idx3-ubyte"), "image", True)
    assert np.array_equal(predicted.column("image").values, found[12:])
    assert predicted.column("label").values.tolist() == ["0", "1"] * 6
