"""Columns of arrays: images, what they are labelled with, and tables of numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.table import Column
from engine.errors import UserError

LARGEST_SIDE = 1024
MOST_CHANNELS = 4
MOST_LABEL_COLUMNS = 100


def is_image_array(array: NDArray[Any]) -> bool:
    """Whether it holds images: rows × height × width, or with channels behind."""
    return _is_image_shape(array.shape) and array.dtype.kind in "uifb"


def _is_image_shape(shape: tuple[int, ...]) -> bool:
    if len(shape) not in (3, 4) or min(shape) < 1:
        return False
    channels = shape[3] if len(shape) == 4 else 1
    return max(shape[1:3]) <= LARGEST_SIDE and channels <= MOST_CHANNELS


def image_column(name: str, array: NDArray[Any], where: str, transposed: bool = False) -> Column:
    """A column of images. Bytes and truth values stay bytes; any other numbers become float32.

    array : (rows, height, width) or (rows, height, width, channels). transposed : height and width are
    exchanged, as EMNIST is published. Raises UserError for any other shape, and for what is no finite number.
    """
    if not is_image_array(array):
        raise UserError(
            where,
            expected=f"images: rows × height × width, or with up to {MOST_CHANNELS} channels behind",
            got=f"{array.dtype.name} of shape {' × '.join(map(str, array.shape)) or 'none'}",
            help="Save the array so, with the channels last.",
        )
    images = array if array.ndim == 4 else array[..., None]
    if transposed:
        images = images.swapaxes(1, 2)
    images = np.ascontiguousarray(
        images, np.uint8 if array.dtype.kind == "b" or array.dtype == np.uint8 else np.float32
    )
    if images.dtype != np.uint8 and not np.isfinite(images).all():
        raise UserError(
            where,
            expected="finite numbers",
            got="infinite or missing ones",
            help="Replace them, and save again.",
        )
    return Column(name, "image", images)


def label_columns(array: NDArray[Any], where: str, rows: int, name: str = "label") -> list[Column]:
    """What images are labelled with: classes for integers and texts, numbers for floats.

    array : (rows,) or (rows, labels); further labels are called "label 2" and so on. They can be predicted,
    but are no inputs. Raises UserError where they are not as many as the images, or of another kind.
    """
    labels = array.reshape(len(array), -1) if array.ndim else array.reshape(0, 0)
    if len(labels) != rows or not 1 <= labels.shape[1] <= MOST_LABEL_COLUMNS:
        raise UserError(
            where,
            expected=f"a label for each of the {rows:,} images",
            got=f"an array of shape {' × '.join(map(str, array.shape)) or 'none'}",
            help="Choose files that belong together.",
        )
    return [
        _label_column(name if place == 0 else f"{name} {place + 1}", labels[:, place], where)
        for place in range(labels.shape[1])
    ]


def _label_column(name: str, values: NDArray[Any], where: str) -> Column:
    if values.dtype.kind == "f":
        return Column(name, "number", values.astype(np.float64), target_only=True)
    if values.dtype.kind == "b":
        return Column(name, "boolean", values.astype(np.float64), target_only=True)
    if values.dtype.kind in "ui":
        different, places = np.unique(values, return_inverse=True)
        texts = np.array([str(number) for number in different.tolist()], object)[places]
        return Column(name, "category", texts, target_only=True)
    if values.dtype.kind in "US":
        decoded = [
            text.decode("utf-8", "replace") if isinstance(text, bytes) else text for text in values.tolist()
        ]
        return Column(
            name, "category", np.array([text or None for text in decoded], object), target_only=True
        )
    raise UserError(
        where,
        expected="numbers or texts as labels",
        got=values.dtype.name,
        help="Save them as integers or texts.",
    )
