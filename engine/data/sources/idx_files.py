"""A pair of files in IDX format: images of any type, and what they are labelled with."""

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.data.columns.settings import ColumnType
from engine.data.delimited.text import existing_file
from engine.data.images.array_columns import image_column, label_columns
from engine.data.images.idx_arrays import read_idx_array
from engine.data.sources.base import FileSource
from engine.data.table import Column, Table
from engine.errors import UserError
from engine.progress import Progress
from engine.settings import hints

NAME = re.compile(r"(?i).*[-_.]idx[1-4]([-_.].*)?|.*\.idx([1-4])?(\.gz)?")
"""How files in IDX format are named."""

FILTER = "IDX files (*idx* *.idx *.idx.gz);;All files (*)"
MOST_NUMBERS = 10_000
"""Columns of a table of numbers."""


class IDXFiles(FileSource):
    """Images, or rows of numbers, from a file in IDX format, and their labels from another one.

    All types of the format are read: bytes, integers of 8, 16 and 32 bits, floats and doubles, also
    compressed by gzip. Labels of whole numbers are classes; of several (QMNIST has eight for each image) the
    first is called "label", and all of them can be predicted.

    `load` raises UserError where a file is foreign, damaged or cut, or where the two do not belong together.
    """

    heading: ClassVar[str] = "IDX files"
    icon: ClassVar[str] = "stack"
    of_images: ClassVar[bool] = True
    kind: Literal["idx_files"] = "idx_files"

    path: str = Field(
        "",
        title="Images",
        description="A file of images (or of rows of numbers) in IDX format, as it is or with .gz.",
        json_schema_extra=hints(path_filter=FILTER),
    )
    labels: str | None = Field(
        None,
        title="Labels",
        description="The file of their labels; without one, that named alike with labels in place of images.",
        json_schema_extra=hints(none_title="Beside them", path_filter=FILTER),
    )
    transposed: bool = Field(
        False,
        title="Transposed",
        description="Exchange rows and columns of each image: EMNIST is published so.",
    )

    @classmethod
    def reads(cls, path: Path) -> bool:
        return NAME.fullmatch(path.name) is not None and not path.is_dir()

    def read(self, progress: Progress, types: Mapping[str, ColumnType]) -> Table:
        path = existing_file(self.path, as_text=False)
        array = read_idx_array(path, progress.part(0.0, 0.8))
        rows = len(array)
        if array.ndim > 2:
            columns = [image_column("image", array, path.name, self.transposed)]
            height, width = columns[0].values.shape[1:3]
            notes = [f"{rows:,} images of {height} × {width}, stored as {array.dtype.name}."]
        else:
            columns = _numbers(array.reshape(rows, -1), path)
            notes = [f"{rows:,} rows of {len(columns):,} numbers, stored as {array.dtype.name}."]
        beside = labels_beside(path) if not self.labels else _named(self.labels, path)
        if beside is not None:
            progress.report(0.8, "Reading labels")
            columns += label_columns(read_idx_array(beside, progress.part(0.8, 1.0)), beside.name, rows)
            notes.append(f"Labels from {beside.name}.")
        return Table(path.name, tuple(columns), tuple(notes))


def labels_beside(images: Path) -> Path | None:
    """The file of labels that is named as that of the images is, of whatever type and dimensions."""
    if "images" not in images.name.lower():
        return None
    stem = re.split(r"(?i)[-_.]idx\d", images.name)[0]
    wanted = re.sub("(?i)images", "labels", stem).lower()
    try:
        entries = sorted(images.parent.iterdir())
    except OSError:
        return None
    found = [entry for entry in entries if re.split(r"[-_.]idx\d", entry.name.lower())[0] == wanted]
    # Of a file that is there compressed as well, the plain one.
    return min(found, key=lambda entry: entry.suffix == ".gz", default=None)


def _named(labels: str, images: Path) -> Path:
    """The file of labels that is named; beside the images where both were moved together."""
    named, beside = Path(labels).expanduser(), images.parent / Path(labels).name
    with suppress(OSError, ValueError):
        if beside.is_file() and not named.is_file():
            return beside
    return existing_file(labels, as_text=False)


def _numbers(array: np.ndarray, path: Path) -> list[Column]:
    count = array.shape[1]
    if count > MOST_NUMBERS:
        raise UserError(
            path.name,
            expected=f"images, or at most {MOST_NUMBERS:,} numbers a row",
            got=f"{count:,} numbers a row",
            help="Choose another file.",
        )
    names = ["value"] if count == 1 else [f"value {place + 1}" for place in range(count)]
    return [
        Column(name, "number", np.where(np.isfinite(column), column, np.nan))
        for name, column in zip(names, array.T.astype(np.float64), strict=True)
    ]
