"""Images and their labels as arrays of NumPy in one .npz file."""

import math
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray
from pydantic import Field

from engine.data.columns.settings import ColumnType
from engine.data.delimited.text import existing_file
from engine.data.images.array_columns import image_column, label_columns
from engine.data.sources.base import FileSource
from engine.data.table import Table
from engine.errors import UserError, excerpt
from engine.input_files import size_text
from engine.progress import Progress
from engine.settings import hints

MOST_BYTES = 2**32
"""Of all arrays that are read."""

IMAGES = (
    "x_train",
    "train_x",
    "x_training",
    "train_images",
    "training_images",
    "images",
    "image",
    "x",
    "data",
)
LABELS = (
    "y_train",
    "train_y",
    "y_training",
    "train_labels",
    "training_labels",
    "labels",
    "label",
    "y",
    "targets",
    "target",
)
IMAGES_OF_TEST = ("x_test", "test_x", "test_images")
LABELS_OF_TEST = ("y_test", "test_y", "test_labels")
"""Names of arrays, in lower case, in the order in which they are looked for."""

FAULTS = (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError)


class _Names(NamedTuple):
    images: str
    labels: str | None
    test_images: str | None
    test_labels: str | None


class ImageArrays(FileSource):
    """Images from an .npz file: arrays such as x_train and y_train, x_test and y_test, or images and labels.

    Images are rows × height × width, or with channels behind: bytes stay bytes, other numbers become float32.
    Labels that are whole numbers or texts are classes. Arrays of test, where there are some, are the test
    part.

    `load` raises UserError where there is no such array, where arrays hold Python objects (which could run
    anything, and are never read), and where they are damaged or do not belong together.
    """

    heading: ClassVar[str] = "Images in NumPy arrays"
    icon: ClassVar[str] = "cube"
    of_images: ClassVar[bool] = True
    suffixes: ClassVar[tuple[str, ...]] = (".npz",)
    kind: Literal["image_arrays"] = "image_arrays"

    path: str = Field(
        "",
        title="File",
        description="Arrays of images and labels, saved by NumPy (.npz).",
        json_schema_extra=hints(path_filter="NumPy arrays (*.npz);;All files (*)"),
    )
    images: str | None = Field(
        None,
        title="Images",
        description="Name of the array that holds the images.",
        json_schema_extra=hints(none_title="By its name"),
    )
    labels: str | None = Field(
        None,
        title="Labels",
        description="Name of the array that holds what they are labelled with.",
        json_schema_extra=hints(none_title="By its name"),
    )

    @classmethod
    def reads(cls, path: Path) -> bool:
        """Whether it has an array of images: others are tables."""
        if path.suffix.lower() not in cls.suffixes:
            return False
        try:
            shapes = _shapes(path)
        except FAULTS:
            return False
        names = {name.lower(): name for name in shapes}
        found = next((names[name] for name in IMAGES if name in names), None)
        return found is not None and len(shapes[found][0]) in (3, 4) and shapes[found][1].kind in "uifb"

    def read(self, progress: Progress, types: Mapping[str, ColumnType]) -> Table:
        path = existing_file(self.path, as_text=False)
        try:
            shapes = _shapes(path)
        except FAULTS:
            raise UserError(
                path.name,
                expected="arrays saved by NumPy (.npz)",
                got="a damaged file, or one of another kind",
                help="Save it again by numpy.savez_compressed, or copy it again.",
            ) from None
        names = self._names(path, shapes)
        wanted = [name for name in names if name is not None]
        _check_size(path, [shapes[name] for name in wanted])
        arrays: dict[str, NDArray[Any]] = {}
        for name, step in zip(wanted, progress.parts(len(wanted)), strict=True):
            step.report(0.0, "Reading arrays")
            arrays[name] = _array(path, name)
        images, labels, test_rows = arrays[names.images], None, 0
        if names.labels is not None:
            labels = arrays[names.labels]
        if names.test_images is not None and (labels is None) == (names.test_labels is None):
            images, test_rows = (
                _joined(path, images, arrays[names.test_images]),
                len(arrays[names.test_images]),
            )
            if labels is not None and names.test_labels is not None:
                labels = _joined(path, labels, arrays[names.test_labels])
        columns = [image_column("image", images, f"{path.name}, {names.images}")]
        if labels is not None:
            columns += label_columns(labels, f"{path.name}, {names.labels}", len(images))
        note = f"{len(images):,} images from {', '.join(wanted)}, stored as {images.dtype.name}."
        return Table(path.name, tuple(columns), (note,), test_rows)

    def _names(self, path: Path, shapes: "Shapes") -> _Names:
        lower = {name.lower(): name for name in shapes}

        def first(names: tuple[str, ...]) -> str | None:
            return next((lower[name] for name in names if name in lower), None)

        for chosen in (self.images, self.labels):
            if chosen and chosen not in shapes:
                raise _no_array(path, shapes, f"“{excerpt(chosen)}”")
        images = self.images or first(IMAGES)
        if images is None:
            raise _no_array(path, shapes, "none of a usual name, such as x_train or images")
        test = None if self.images else first(IMAGES_OF_TEST)
        return _Names(images, self.labels or first(LABELS), test, first(LABELS_OF_TEST) if test else None)


Shapes = dict[str, tuple[tuple[int, ...], np.dtype[Any]]]


def _shapes(path: Path) -> Shapes:
    """Shape and type of each array, by the headers alone."""
    found: Shapes = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            if entry.endswith(".npy"):
                with archive.open(entry) as stream:
                    version = npy.read_magic(stream)
                    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
                    shape, _, dtype = read(stream)
                found[entry.removesuffix(".npy")] = (shape, dtype)
    return found


def _check_size(path: Path, shapes: list[tuple[tuple[int, ...], np.dtype[Any]]]) -> None:
    if any(dtype.hasobject for _, dtype in shapes):
        raise UserError(
            path.name,
            expected="arrays of numbers or texts",
            got="one of Python objects, which are not read, as they could run anything",
            help="Save it with a type of its own: array.astype(float), or astype(str) for texts.",
        )
    needed = sum(math.prod(shape) * dtype.itemsize for shape, dtype in shapes)
    if needed > MOST_BYTES:
        raise UserError(
            path.name,
            expected=f"arrays of at most {size_text(MOST_BYTES)}",
            got=size_text(needed),
            help="Save a part of the images, or smaller ones.",
        )


def _array(path: Path, name: str) -> NDArray[Any]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            array: NDArray[Any] = arrays[name]
    except FAULTS:
        raise UserError(
            f"{path.name}, {name}",
            expected="a whole array",
            got="a damaged or cut one",
            help="Copy or download the file again.",
        ) from None
    return array


def _joined(path: Path, one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    if one.shape[1:] != other.shape[1:]:
        raise UserError(
            path.name,
            expected="arrays of one shape for training and test",
            got=" and ".join(" × ".join(map(str, array.shape)) for array in (one, other)),
            help="Name the arrays in the settings of the source, or save them alike.",
        )
    return np.concatenate([one, other])


def _no_array(path: Path, shapes: Shapes, got: str) -> UserError:
    listed = ", ".join(
        f"{excerpt(name, 30)} ({' × '.join(map(str, shape)) or '1'})"
        for name, (shape, _) in list(shapes.items())[:6]
    )
    return UserError(
        path.name,
        expected=f"an array of images; there are {listed or 'none'}",
        got=got,
        help="Name one of them.",
    )
