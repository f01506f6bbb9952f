"""MNIST from its files: what is read, and a sentence for whatever is missing, foreign, damaged or absurd."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.data import DataSettings, Split, prepare
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


# --- what is read ------------------------------------------------------------------------------------------


def test_a_file_byte_by_byte(tmp_path: Path) -> None:
    """Two images of 1 × 2 pixels, labels 7 and 1; then one image for test, labelled 7."""
    files = {
        "train-images-idx3-ubyte": "00 00 08 03  00 00 00 02  00 00 00 01  00 00 00 02  00 ff 80 01",
        "train-labels-idx1-ubyte": "00 00 08 01  00 00 00 02  07 01",
        "t10k-images-idx3-ubyte": "00 00 08 03  00 00 00 01  00 00 00 01  00 00 00 02  03 04",
        "t10k-labels-idx1-ubyte": "00 00 08 01  00 00 00 01  07",
    }
    for name, text in files.items():
        (tmp_path / name).write_bytes(bytes.fromhex(text))
    table = MNIST(path=str(tmp_path)).load()
    assert table.column("image").values.tolist() == [[[[0], [255]]], [[[128], [1]]], [[[3], [4]]]]
    assert table.column("image").values.dtype == np.uint8
    assert list(table.column("label").values) == ["7", "1", "7"]
    assert table.test_rows == 1
    assert table.notes == ("2 images for training and 1 for test, of 1 × 2.",)


@pytest.mark.parametrize("compressed", [True, False])
def test_training_comes_first_then_test(tmp_path: Path, compressed: bool) -> None:
    table = MNIST(path=str(write_mnist(tmp_path, compressed=compressed))).load()
    for rows, (images, labels) in (
        (slice(0, 30), images_and_labels(30, 0)),
        (slice(30, 42), images_and_labels(12, 1)),
    ):
        assert np.array_equal(table.column("image").values[rows, :, :, 0], images)
        assert list(table.column("label").values[rows]) == list(map(str, labels))
    assert table.test_rows == 12


@pytest.mark.parametrize(
    "named",
    [
        lambda name: name.replace("-idx", ".idx"),
        str.upper,
        lambda name: f"emnist-digits-{name.replace('t10k', 'test')}",
        lambda name: f"{name}.gz",
    ],
    ids=["dot", "capitals", "prefix", "gz without compression"],
)
def test_names_as_they_are_published(folder: Path, named: Callable[[str], str]) -> None:
    expected = MNIST(path=str(folder)).load().fingerprint
    for path in list(folder.iterdir()):
        path.rename(folder / named(path.name))
    (folder / f"._{named(TRAINING_IMAGES)}").write_bytes(b"what macOS leaves")
    (folder / "README.txt").write_text("something else")
    assert MNIST(path=str(folder)).load().fingerprint == expected


def test_a_plain_file_is_taken_rather_than_the_same_one_compressed(folder: Path) -> None:
    (folder / f"{TRAINING_IMAGES}.gz").write_bytes(b"\x1f\x8bdamaged")
    assert MNIST(path=str(folder)).load().rows == 42


# --- the parts -------------------------------------------------------------------------------------------


def parts_of(folder: Path, **split: object) -> list[list[int]]:
    source = MNIST(path=str(folder))
    dataset = prepare(DataSettings(source=source, split=Split.model_validate(split)), source.load())
    return [part.rows.tolist() for part in (dataset.training, dataset.validation, dataset.test)]


def test_the_published_test_images_are_the_test_part(folder: Path) -> None:
    training, validation, test = parts_of(folder, validation=1 / 7, test=0.4)
    assert test == list(range(30, 42))
    assert len(validation) == 6
    assert sorted(training + validation) == list(range(30))
    assert validation != list(range(24, 30))


def test_in_order_validation_is_the_end_of_the_training_images(folder: Path) -> None:
    """As Nielsen splits MNIST: 50,000 images, the last 10,000 of the training file, and the test file."""
    assert parts_of(folder, validation=1 / 7, in_order=True) == [
        list(range(24)),
        list(range(24, 30)),
        list(range(30, 42)),
    ]


def test_a_class_that_only_the_published_test_part_has(folder: Path) -> None:
    """Nothing can be learned of it; a person is told what can be done, and it can be."""
    labels = np.array([0, 1, 2] * 3 + [0, 8, 9], np.uint8)
    (folder / NAMES["test", "labels"]).write_bytes(idx_bytes(labels))
    with pytest.raises(UserError) as caught:
        parts_of(folder)
    assert str(caught.value) == (
        "Target “label”: expected rows of every class to train on, found “8”, “9” in the published test part "
        "alone. Switch off the published test part in the data panel, so that rows of every class are dealt "
        "to training, or take these rows out."
    )
    training, _, _ = parts_of(folder, published=False)
    assert {40, 41} <= set(training)


def test_all_images_may_be_dealt_out_instead(folder: Path) -> None:
    training, validation, test = parts_of(folder, validation=0, test=1 / 3, published=False)
    assert validation == []
    assert len(test) == 14
    assert min(test) < 30
    assert sorted(training + test) == list(range(42))


def test_a_share_that_leaves_too_little_leaves_a_row_of_each_class(folder: Path) -> None:
    training, validation, test = parts_of(folder, validation=0.9, test=0)
    assert [len(training), len(validation), len(test)] == [3, 27, 12]


# --- preparation -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("scaling", ["standardize", "minmax", "none"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_bytes_are_prepared_as_floats_would_be(folder: Path, scaling: str, dtype: type[np.float32]) -> None:
    source = MNIST(path=str(folder))
    table = source.load()
    settings = DataSettings(source=source, scaling=scaling)
    dataset = prepare(settings, table, dtype)
    pixels = table.column("image").values.astype(np.float64)
    known = pixels[dataset.training.rows]
    offset, scale = {
        "standardize": (known.mean(), known.std()),
        "minmax": (known.min(), np.ptp(known)),
        "none": (0, 1),
    }[scaling]
    assert dataset.test.inputs.dtype == dtype
    np.testing.assert_allclose(
        dataset.test.inputs, (pixels[30:] - offset) / scale, rtol=1e-6 if dtype == np.float32 else 1e-13
    )


def test_blank_images_become_zeros(folder: Path) -> None:
    blank = np.full((30, 4, 5), 9, np.uint8)
    (folder / TRAINING_IMAGES).write_bytes(idx_bytes(blank))
    source = MNIST(path=str(folder))
    assert not prepare(DataSettings(source=source), source.load()).training.inputs.any()


def test_nothing_large_is_copied_as_floats(tmp_path: Path) -> None:
    """Beyond table and inputs, there is at any time a copy of the bytes of one part, and little else."""
    draws = np.random.default_rng(0)
    for name in NAMES.values():
        shape = (3000, 28, 28) if "images" in name else (3000,)
        (tmp_path / name).write_bytes(idx_bytes(draws.integers(0, 10, shape, dtype=np.uint8)))
    source = MNIST(path=str(tmp_path))
    tracemalloc.start()
    try:
        table = source.load()
        loaded = tracemalloc.get_traced_memory()[1]
        dataset = prepare(DataSettings(source=source), table)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    bytes_of_table = table.column("image").values.nbytes
    kept = bytes_of_table + sum(
        dataset.part(part).inputs.nbytes for part in ("training", "validation", "test")
    )
    assert loaded < 1.2 * bytes_of_table + 2**20
    assert peak < kept + 2 * bytes_of_table
