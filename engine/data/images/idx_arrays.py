"""Arrays in IDX format, of every type that it has: integers and floats, the most significant byte first.

The header is two zero bytes, the type, the number of dimensions, and the size of each as four bytes. Source:
Y. LeCun, C. Cortes & C. Burges, The MNIST database of handwritten digits.
"""

import gzip
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.images.files import AGAIN, DEFLATE_RATIO, LARGEST_BYTES, bytes_of, fill, opened_idx
from engine.errors import UserError
from engine.progress import Progress

TYPES: dict[int, str] = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
MOST_DIMENSIONS = 8


def read_idx_array(path: Path, progress: Progress | None = None) -> NDArray[Any]:
    """The array of a file, in the byte order of the machine; plain or gzip-compressed.

    Raises UserError where the file is none of this format, damaged, cut, longer than its header says, or too
    large; and Cancelled.
    """
    with opened_idx(path) as stream:
        head = bytes_of(stream, path, 4)
        if (
            len(head) < 4
            or head[:2] != b"\0\0"
            or head[2] not in TYPES
            or not 1 <= head[3] <= MOST_DIMENSIONS
        ):
            raise UserError(
                path.name,
                expected="a file in IDX format, which begins with 00 00, a type and a number of dimensions",
                got=f"one that begins with {head.hex(' ')}" if head else "an empty file",
                help="Choose the files as they are published, unpacked or with .gz.",
            )
        sizes = bytes_of(stream, path, 4 * head[3])
        if len(sizes) < 4 * head[3]:
            raise UserError(path.name, expected="a whole header", got="its beginning only", help=AGAIN)
        shape = tuple(np.frombuffer(sizes, ">u4").tolist())
        kind = np.dtype(TYPES[head[2]])
        needed, size = math.prod(shape) * kind.itemsize, path.stat().st_size
        said = f"{' × '.join(f'{side:,}' for side in shape)} numbers"
        if not needed or needed > LARGEST_BYTES:
            raise UserError(
                path.name,
                expected=f"at least one number and at most {LARGEST_BYTES:,} bytes",
                got=f"a header that says {said}",
                help=AGAIN,
            )
        # Before anything is allocated for them.
        if needed > (size * DEFLATE_RATIO if isinstance(stream, gzip.GzipFile) else size):
            raise UserError(
                path.name,
                expected=f"{said}, as its header says",
                got=f"a file of {size:,} bytes, which cannot hold them",
                help=AGAIN,
            )
        array = np.empty(shape, kind)
        filled = fill(stream, path, array.data.cast("B"), progress or Progress())
        if filled < needed:
            got = f"the end after {filled:,} of {needed:,} bytes"
            raise UserError(path.name, expected=f"{said}, as its header says", got=got, help=AGAIN)
        # Asking for more makes gzip compare its checksum, too.
        if bytes_of(stream, path, 1):
            raise UserError(path.name, expected=f"{said}, as its header says", got="more", help=AGAIN)
    return array.astype(kind.newbyteorder("="), copy=False)
