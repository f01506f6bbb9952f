"""Images to be predicted: a file in IDX format or all of a folder, with labels where those lie beside."""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Shape
from engine.data.idx import DIMENSIONS, idx_shape, label_texts, read_idx
from engine.data.table import Column, Table
from engine.errors import UserError

IMAGE_FILE = re.compile(r"(?i)[^.].*images.*idx3.*|images.*idx3.*")
"""How files of images are named, in a folder that may hold others as well."""


def image_table(place: str, column: str) -> Table:
    """The images of a file or of a folder's files, in the order of their names, training before test.

    column : what the images are called. "file" is there if there are several, "label" if there are labels.
    Raises UserError where there are none, or not of one size.
    """
    files = _files(place)
    shapes = [idx_shape(file, DIMENSIONS["images"]) for file in files]
    if len({shape[1:] for shape in shapes}) > 1:
        raise UserError(
            place,
            expected="images of one size",
            got=" and ".join(dict.fromkeys(f"{shape[1]} × {shape[2]}" for shape in shapes)),
            help="Name one of the files.",
        )
    rows = [shape[0] for shape in shapes]
    ends = np.cumsum([0, *rows])
    images = np.empty((ends[-1], *shapes[0][1:], 1), np.uint8)
    labels: NDArray[np.object_] = np.full(ends[-1], None, dtype=object)
    for file, start, stop in zip(files, ends[:-1], ends[1:], strict=True):
        read_idx(file, images[start:stop, :, :, 0])
        beside = _labels_beside(file)
        if beside is not None:
            labels[start:stop] = _labels(beside, file, stop - start)
    columns = [Column(column, "image", images)]
    if len(files) > 1:
        names = np.array([file.name for file in files], dtype=object)
        columns.insert(0, Column("file", "category", np.repeat(names, rows)))
    if any(label is not None for label in labels):
        columns.append(Column("label", "category", labels))
    return Table(files[0].name if len(files) == 1 else files[0].parent.name, tuple(columns))


def _files(place: str) -> list[Path]:
    try:
        path = Path(place).expanduser()
        if path.is_file():
            return [path]
        found = [file for file in path.iterdir() if file.is_file() and IMAGE_FILE.fullmatch(file.name)]
    except (OSError, ValueError, RuntimeError) as error:
        raise UserError(
            place,
            expected="a file or a folder of images",
            got=(getattr(error, "strerror", None) or str(error)).lower(),
            help="Check the path and its permissions.",
        ) from None
    if not found:
        raise UserError(
            place,
            expected="images in IDX format, such as a file t10k-images-idx3-ubyte, with or without .gz",
            got="none of such a name",
            help="Name the file of images itself, or a folder that holds some.",
        )
    # Of a file that is there compressed as well, the plain one.
    plain = {file.name.removesuffix(".gz"): file for file in sorted(found, reverse=True)}
    return sorted(plain.values(), key=lambda file: ("train" not in file.name.lower(), file.name))


def _labels_beside(images: Path) -> Path | None:
    """The file of their labels, where it is named as theirs."""
    name = images.name.removesuffix(".gz")
    wanted = name.replace("images", "labels").replace("idx3", "idx1")
    beside = [images.with_name(wanted), images.with_name(f"{wanted}.gz")]
    return next((file for file in beside if wanted != name and file.is_file()), None)


def _labels(file: Path, images: Path, rows: int) -> NDArray[np.object_]:
    shape: Shape = idx_shape(file, DIMENSIONS["labels"])
    if shape != (rows,):
        raise UserError(
            f"{images.name} and {file.name}",
            expected="a label for each image",
            got=f"{rows:,} images and {shape[0]:,} labels",
            help="Put files that belong together into the folder.",
        )
    labels = np.empty(rows, np.uint8)
    read_idx(file, labels)
    return label_texts(labels)
