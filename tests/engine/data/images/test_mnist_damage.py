"""Images and labels that cannot be read: missing, foreign, damaged, or not belonging together."""

import gzip
import io
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest

from engine import input_files
from engine.data.sources.mnist import MNIST
from engine.errors import UserError
from tests.engine.data.images.idx_files import (
    NAMES,
    TRAINING_IMAGES,
    idx_bytes,
    images_and_labels,
    write_mnist,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_mnist(tmp_path / "mnist", compressed=False)


def fault_of(folder: Path | str) -> UserError:
    with pytest.raises(UserError) as caught:
        MNIST(path=str(folder)).load()
    assert caught.value.help
    return caught.value


def test_no_folder(tmp_path: Path) -> None:
    fault = fault_of("")
    assert str(fault) == (
        "MNIST (IDX files): expected a folder, found nothing. "
        "Choose the folder that holds the four files of MNIST, or of a data set published like it."
    )
    assert fault_of(tmp_path / "none").got == "nothing there"
    (tmp_path / "file").write_text("")
    assert fault_of(tmp_path / "file").got == "a file"
    assert fault_of("a\0b").expected == "a folder"
    assert fault_of("~nobody_of_that_name/mnist").expected == "a folder"


@pytest.mark.parametrize("name", NAMES.values())
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()
    fault = fault_of(folder)
    assert fault.where == str(folder)
    assert fault.expected == f"a file {name}, as it is or with .gz"


def test_two_data_sets_in_one_folder(folder: Path) -> None:
    (folder / f"fashion-{TRAINING_IMAGES}").write_bytes((folder / TRAINING_IMAGES).read_bytes())
    fault = fault_of(folder)
    assert fault.expected == "the files of one data set"
    assert TRAINING_IMAGES in fault.got


def header(*sizes: int, magic: bytes = b"\0\0\x08\x03") -> bytes:
    return magic + b"".join(size.to_bytes(4, "big") for size in sizes)


WHOLE = idx_bytes(images_and_labels(30, 0)[0])


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "an empty file"),
        (b"\0\0\x08", "one that is cut after its first bytes"),
        (header(30, magic=b"\0\0\x08\x01") + bytes(30), "labels"),
        (header(30, 4, 5, magic=b"\0\0\x0d\x03") + bytes(2400), "floats in 3 dimensions"),
        (b"<!DOCTYPE html><title>404</title>", "a web page, as a failed download leaves one"),
        (b"\x93NUMPY", "one that begins with 93 4e 55 4d"),
        (header(30, 4), "its beginning only"),
        (header(0, 4, 5), "a header that says 0 images of 4 × 5"),
        (header(30, 0, 5), "a header that says 30 images of 0 × 5"),
        (header(30, 2000, 5), "a header that says 30 images of 2000 × 5"),
        (header(2**32 - 1, 4, 5), "a header that says 4,294,967,295 images of 4 × 5"),
        (header(50_000_000, 4, 5), " bytes, which cannot hold them"),
        (WHOLE[:-1], "the end after 599 of 600 bytes"),
        (WHOLE + b"\0", "more behind them"),
    ],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_foreign_and_damaged_images(folder: Path, data: bytes, found: str, compressed: bool) -> None:
    (folder / TRAINING_IMAGES).write_bytes(gzip.compress(data) if compressed else data)
    fault = fault_of(folder)
    assert fault.where == TRAINING_IMAGES
    assert found in fault.got


def test_labels_and_images_that_do_not_belong_together(folder: Path) -> None:
    (folder / NAMES["training", "labels"]).write_bytes(idx_bytes(np.zeros(29, np.uint8)))
    fault = fault_of(folder)
    assert (fault.expected, fault.got) == ("a label for each image", "30 images and 29 labels")
    write_mnist(folder, compressed=False)
    (folder / NAMES["test", "images"]).write_bytes(idx_bytes(np.zeros((12, 5, 5), np.uint8)))
    assert fault_of(folder).got == "4 × 5 and 5 × 5"


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(WHOLE)[:-10],
        gzip.compress(WHOLE)[:40],
        gzip.compress(WHOLE)[:-8] + bytes(8),
        gzip.compress(WHOLE)[:60] + b"\xff" * 40 + gzip.compress(WHOLE)[100:],
        gzip.compress(WHOLE) + b"no gzip",
    ],
    ids=["cut", "cut early", "wrong checksum", "wrong bytes", "more behind"],
)
def test_damaged_gzip_files(folder: Path, data: bytes) -> None:
    (folder / TRAINING_IMAGES).write_bytes(data)
    fault = fault_of(folder)
    assert fault.where == TRAINING_IMAGES
    assert "gzip" in fault.expected


def test_a_bomb_is_not_unpacked(folder: Path) -> None:
    """A small file that unpacks to gigabytes is read no further than its header says."""
    packer = zlib.compressobj(9, wbits=31)
    packed = io.BytesIO()
    packed.write(packer.compress(header(30, 4, 5)))
    for _ in range(64):
        packed.write(packer.compress(bytes(2**20)))
    packed.write(packer.flush())
    (folder / TRAINING_IMAGES).write_bytes(packed.getvalue())
    tracemalloc.start()
    try:
        assert fault_of(folder).got == "more behind them"
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()


def test_a_file_that_cannot_be_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **named: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(input_files.os, "open", refuse)
    fault = fault_of(folder)
    assert fault.where == str(folder / TRAINING_IMAGES)
    assert fault.got == "permission denied"
