"""Images in files: the IDX format of MNIST, and folders of images to predict."""

import gzip
import math
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Shape
from engine.data.table import Column, Table
from engine.errors import UserError
from engine.input_files import IDX_FILE, open_input
from engine.progress import Progress, blocks

# Files in IDX format, in which MNIST and its kin are published: a header, then bytes in rows.
#
# The header is two zero bytes, the type of the numbers (8: bytes without sign), the number of dimensions, and
# the size of each as four bytes, the most significant first. Source: Y. LeCun, C. Cortes & C. Burges, The
# MNIST database of handwritten digits.

UNSIGNED_BYTES = 8
NUMBER_TYPES = {9: "signed bytes", 11: "short integers", 12: "integers", 13: "floats", 14: "doubles"}
DIMENSIONS = {"images": 3, "labels": 1}
"""Of the two kinds of files."""

CONTENTS = {dimensions: what for what, dimensions in DIMENSIONS.items()}
"""What a file holds, by its number of dimensions."""

LARGEST_SIDE = 1024
"""Pixels. A header that says more is damaged, or the images are none for this kind of network."""

LARGEST_BYTES = 2**30
"""Of one file's numbers; EMNIST, the largest of the family, has 550 MB."""

DEFLATE_RATIO = 1032
"""No gzip file holds more than this times its size (zlib, Technical details)."""

CHUNK_BYTES = 2**20

AGAIN = "Copy or download the file again."


def idx_shape(path: Path, dimensions: int) -> Shape:
    """The shape that a file's header tells: (rows,) of labels, (rows, height, width) of images.

    Raises UserError where the file is none of this kind, or cannot hold what its header says.
    """
    with opened_idx(path) as stream:
        shape = _header(stream, path, dimensions)
        # Before anything is allocated for them.
        size, needed = path.stat().st_size, math.prod(shape)
        if needed > (size * DEFLATE_RATIO if isinstance(stream, gzip.GzipFile) else size):
            raise UserError(
                path.name,
                expected=f"{_counted(shape)}, as its header says",
                got=f"a file of {size:,} bytes, which cannot hold them",
                help=AGAIN,
            )
    return shape


def read_idx(path: Path, out: NDArray[np.uint8], progress: Progress | None = None) -> None:
    """Fill a contiguous array with the numbers of a file whose shape is its own.

    Raises UserError where the file is damaged, cut, or longer than its header says; Cancelled.
    """
    expected = f"{_counted(out.shape)}, as its header says"
    with opened_idx(path) as stream:
        if _header(stream, path, out.ndim) != out.shape:
            raise UserError(path.name, expected="a file that stays as it is", got="another one", help=AGAIN)
        filled = fill(stream, path, out.data.cast("B"), progress or Progress())
        if filled < out.size:
            got = f"the end after {filled:,} of {out.size:,} bytes"
            raise UserError(path.name, expected=expected, got=got, help=AGAIN)
        # Asking for more makes gzip compare its checksum, too.
        if bytes_of(stream, path, 1):
            raise UserError(path.name, expected=expected, got="more behind them", help=AGAIN)


def transposed_images(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Images (rows, height, width, channels) with height and width exchanged; squares in place."""
    rows, height, width, channels = images.shape
    out = images if height == width else np.empty((rows, width, height, channels), np.uint8)
    for block in blocks(rows, Progress()):
        out[block] = images[block].swapaxes(1, 2).copy()
    return out


def label_texts(labels: NDArray[np.uint8]) -> NDArray[np.object_]:
    """Labels as texts (rows,)."""
    return np.array([str(number) for number in range(256)], dtype=object)[labels]


def _header(stream: BufferedIOBase, path: Path, dimensions: int) -> Shape:
    head = bytes_of(stream, path, 4)
    magic = bytes((0, 0, UNSIGNED_BYTES, dimensions))
    if head != magic:
        raise UserError(
            path.name,
            expected=f"{CONTENTS[dimensions]} in IDX format, a file that begins with {magic.hex(' ')}",
            got=_described(head),
            help="Choose the files as they are published, and do not rename one for another.",
        )
    sizes = bytes_of(stream, path, 4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise UserError(path.name, expected="a whole header", got="its beginning only", help=AGAIN)
    shape = tuple(np.frombuffer(sizes, ">u4").tolist())
    sides = "" if len(shape) == 1 else f" of at most {LARGEST_SIDE:,} × {LARGEST_SIDE:,} pixels"
    fits = min(shape) >= 1 and max(shape[1:], default=1) <= LARGEST_SIDE
    if not fits or math.prod(shape) > LARGEST_BYTES:
        raise UserError(
            path.name,
            expected=f"{CONTENTS[dimensions]}{sides}, at least one and at most {LARGEST_BYTES:,} bytes",
            got=f"a header that says {_counted(shape)}",
            help=AGAIN,
        )
    return shape


def _counted(shape: Shape) -> str:
    """ "60,000 images of 28 × 28"."""
    size = f" of {shape[1]} × {shape[2]}" if len(shape) == 3 else ""
    return f"{shape[0]:,} {CONTENTS[len(shape)]}{size}"


def _described(head: bytes) -> str:
    if len(head) < 4:
        return "an empty file" if not head else "one that is cut after its first bytes"
    zeros, kind, dimensions = head[:2], head[2], head[3]
    if zeros == b"\0\0" and kind == UNSIGNED_BYTES and dimensions in CONTENTS:
        return CONTENTS[dimensions]
    if zeros == b"\0\0" and kind in NUMBER_TYPES:
        return f"{NUMBER_TYPES[kind]} in {dimensions} dimensions"
    if head[:1] == b"<":
        return "a web page, as a failed download leaves one"
    return f"one that begins with {head.hex(' ')}"


@contextmanager
def opened_idx(path: Path) -> Iterator[BufferedIOBase]:
    """The file, decompressed where it is compressed: by its first bytes, as names can mislead."""
    with open_input(path, IDX_FILE) as plain:
        if plain.peek(2).startswith(b"\x1f\x8b"):
            with gzip.open(plain, "rb") as stream:
                yield stream
        else:
            yield plain


def bytes_of(stream: BufferedIOBase, path: Path, count: int) -> bytes:
    """The next `count` bytes; fewer at the end of the file."""
    found = bytearray(count)
    return bytes(found[: fill(stream, path, memoryview(found), Progress())])


def fill(stream: BufferedIOBase, path: Path, out: memoryview, progress: Progress) -> int:
    """Read into `out`; returns how many bytes there were, fewer at the end of the file."""
    filled = 0
    try:
        while filled < len(out):
            progress.report(filled / len(out))
            count = stream.readinto(out[filled : filled + CHUNK_BYTES])
            if not count:
                break
            filled += count
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise UserError(
            path.name, expected="a whole gzip file", got="a damaged or cut one", help=AGAIN
        ) from None
    return filled


IMAGE_FILE = re.compile(r"(?i)[^.].*images.*idx3.*|images.*idx3.*")
"""How files of images are named, in a folder that may hold others as well."""


def image_table(place: str, column: str, transposed: bool = False) -> Table:
    """The images of a file or of a folder's files, in the order of their names, training before test.

    column : what the images are called. "file" is there if there are several, "label" if there are labels.
    transposed : height and width of each are exchanged.
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
    columns = [Column(column, "image", transposed_images(images) if transposed else images)]
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
