"""MNIST and the data sets that are published like it: Fashion-MNIST, KMNIST, EMNIST."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Shape
from engine.data.columns.settings import ColumnType
from engine.data.images.files import (
    DIMENSIONS,
    IMAGE_FILE,
    idx_shape,
    label_texts,
    read_idx,
    transposed_images,
)
from engine.data.sources.base import FileSource
from engine.data.table import Column, Table
from engine.errors import NoDataYet, UserError
from engine.input_files import IDX_SOURCE
from engine.progress import Progress
from engine.settings import hints
from engine.tasks import Task

PARTS = {"training": ("train",), "test": ("t10k", "test")}
"""How file names tell the part that they hold."""

CHOOSE = "Choose the folder that holds the four files of MNIST, or of a data set published like it."
ONE_SET = "Put the four files of one data set into the folder."


class MNIST(FileSource):
    """Small grey images and their labels from the four files of MNIST, Fashion-MNIST and their kin.

    The files are named as they are published, such as train-images-idx3-ubyte and t10k-labels-idx1-ubyte,
    with or without .gz, with a dot before idx, or with the name of the set in front. The table holds the
    training images, then the test images, each in the order of its file; the latter are its own test part.
    Pixels are 0 (paper) to 255 (ink). EMNIST stores its images column by column: see `transposed`.

    `load` raises UserError where a file is missing, foreign, damaged or cut, and where images and labels do
    not belong together.
    Reference: LeCun, Bottou, Bengio & Haffner 1998, Gradient-based learning applied to document recognition.
    """

    heading: ClassVar[str] = IDX_SOURCE
    icon: ClassVar[str] = "image"
    of_images: ClassVar[bool] = True
    kind: Literal["mnist"] = "mnist"
    usual_target: ClassVar[str] = "label"
    usual_task: ClassVar[Task | None] = "classification"

    path: str = Field(
        "",
        title="Folder",
        description="Where the four files lie: images and labels, for training and for test, in IDX format.",
        json_schema_extra=hints(folder=True),
    )

    transposed: bool = Field(
        False,
        title="Transposed",
        description="Exchange rows and columns of each image: EMNIST is published so.",
    )

    @classmethod
    def reads(cls, path: Path) -> bool:
        try:
            return path.is_dir() and any(IMAGE_FILE.fullmatch(entry.name) for entry in path.iterdir())
        except OSError:
            return False

    def read(self, progress: Progress, types: Mapping[str, ColumnType]) -> Table:
        folder = _existing_folder(self.path)
        names = _file_names(folder)
        training, test = (_part(folder, names, part) for part in PARTS)
        if training.shape[1:] != test.shape[1:]:
            raise UserError(
                f"{training.images.name} and {test.images.name}",
                expected="images of one size",
                got=" and ".join(f"{part.shape[1]} × {part.shape[2]}" for part in (training, test)),
                help=ONE_SET,
            )
        rows, test_rows = training.shape[0] + test.shape[0], test.shape[0]
        height, width = training.shape[1:]
        images = np.empty((rows, height, width, 1), np.uint8)
        labels = np.empty(rows, np.uint8)
        share = training.shape[0] / rows
        for part, place, steps in (
            (training, slice(0, -test_rows), progress.part(0.0, share)),
            (test, slice(-test_rows, None), progress.part(share, 1.0)),
        ):
            read_idx(part.images, images[place, :, :, 0], steps)
            read_idx(part.labels, labels[place])
        if self.transposed:
            images = transposed_images(images)
            height, width = width, height
        note = f"{rows - test_rows:,} images for training and {test_rows:,} for test, of {height} × {width}."
        columns = (Column("image", "image", images), Column("label", "category", label_texts(labels)))
        return Table(folder.name or self.heading, columns, (note,), test_rows)


@dataclass(frozen=True)
class _Part:
    """The two files of one part, and the shape of its images (rows, height, width)."""

    images: Path
    labels: Path
    shape: Shape


def _part(folder: Path, names: list[str], part: str) -> _Part:
    images, labels = (folder / _named(folder, names, part, what) for what in DIMENSIONS)
    shape, labelled = idx_shape(images, DIMENSIONS["images"]), idx_shape(labels, DIMENSIONS["labels"])
    if labelled[0] != shape[0]:
        raise UserError(
            f"{images.name} and {labels.name}",
            expected="a label for each image",
            got=f"{shape[0]:,} images and {labelled[0]:,} labels",
            help=ONE_SET,
        )
    return _Part(images, labels, shape)


def _named(folder: Path, names: list[str], part: str, what: str) -> str:
    """The name of the file; the plain one, where it is there compressed as well."""
    kind = f"idx{DIMENSIONS[what]}"
    parts = "|".join(PARTS[part])
    pattern = re.compile(rf"([^.].*[-_.])?({parts})-{what}[-.]{kind}-ubyte(\.gz)?", re.IGNORECASE)
    found = {re.sub(r"(?i)\.gz$", "", name): name for name in names if pattern.fullmatch(name)}
    if len(found) == 1:
        return found.popitem()[1]
    if found:
        raise UserError(
            str(folder),
            expected="the files of one data set",
            got=" beside ".join(list(found.values())[:2]),
            help="Give each data set a folder of its own.",
        )
    raise UserError(
        str(folder),
        expected=f"a file {PARTS[part][0]}-{what}-{kind}-ubyte, as it is or with .gz",
        got="none of that name",
        help=CHOOSE,
    )


def _existing_folder(text: str) -> Path:
    if not text.strip():
        raise NoDataYet(MNIST.heading, expected="a folder", got="nothing", help=CHOOSE)
    try:
        folder = Path(text).expanduser()
        if folder.is_dir():
            return folder
        got = "a file" if folder.exists() else "nothing there"
    except (OSError, ValueError, RuntimeError) as error:
        got = (getattr(error, "strerror", None) or str(error)).lower()
    raise UserError(text, expected="a folder", got=got, help=CHOOSE) from None


def _file_names(folder: Path) -> list[str]:
    """In such an order that a plain file comes after the same one compressed."""
    try:
        return sorted((entry.name for entry in folder.iterdir() if entry.is_file()), reverse=True)
    except OSError as error:
        raise UserError(
            str(folder),
            expected="a folder that can be read",
            got=(error.strerror or str(error)).lower(),
            help="Check its permissions, or choose another one.",
        ) from None
