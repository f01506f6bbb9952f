"""Encoders of input columns: fitted on the training part, and saved with the run."""

import math
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PositiveInt

from engine.arrays import Array
from engine.data.categorical_encoders import CategoryInput, IntegerInput, category_count, fit_texts
from engine.data.column_text import different_texts, encoded, listed
from engine.data.settings import Categories, Missing, Scaling
from engine.data.table import Column, Fitted, misfit
from engine.errors import excerpt
from engine.progress import Progress, blocks

Numbers = NDArray[np.float64]

IMAGES_WRITTEN = 1024
"""At a time; the largest have a million pixels."""

PIXELS_COUNTED = 2**20
"""At a time."""


class NumberInput(Fitted):
    """A column of numbers: input = (value − offset) / scale, a missing value being `missing_value`.

    offset and scale are mean and standard deviation (standardize), minimum and range (min-max), or 0 and 1.
    The scale of a constant column is 1, so that it becomes 0 instead of infinite.
    """

    kind: Literal["number"] = "number"
    column: str
    missing_value: float
    offset: float
    scale: float = Field(gt=0)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.column,)

    def write(self, column: Column, out: Array, progress: Progress) -> None:
        """Fill out (rows, 1)."""
        values = numbers_in(column)
        for block in blocks(len(values), progress):
            filled = np.where(np.isnan(values[block]), self.missing_value, values[block])
            out[block, 0] = (filled - self.offset) / self.scale


class BooleanInput(Fitted):
    """A column of yes and no: 1 and 0, whatever the scaling; missing is the more frequent of the two."""

    kind: Literal["boolean"] = "boolean"
    column: str
    labels: tuple[str, str]
    """How (no, yes) are spelt."""
    missing_value: float

    @property
    def names(self) -> tuple[str, ...]:
        return (f"{self.column} = {self.labels[1]}",)

    def write(self, column: Column, out: Array, progress: Progress) -> None:
        """Fill out (rows, 1)."""
        values = yes_no_in(column, self.labels)
        for block in blocks(len(values), progress):
            out[block, 0] = np.where(np.isnan(values[block]), self.missing_value, values[block])


class ImageInput(Fitted):
    """A column of images: (pixel − offset) / scale, one offset and scale for all pixels."""

    kind: Literal["image"] = "image"
    column: str
    shape: tuple[PositiveInt, PositiveInt, PositiveInt]
    """Height, width, channels."""
    offset: float
    scale: float = Field(gt=0)

    @property
    def names(self) -> tuple[str, ...]:
        height, width, channels = self.shape
        pixels = [f"row {row + 1}, column {column + 1}" for row in range(height) for column in range(width)]
        if channels == 1:
            return tuple(pixels)
        return tuple(f"{pixel}, channel {channel + 1}" for pixel in pixels for channel in range(channels))

    def write(self, column: Column, out: Array, progress: Progress) -> None:
        """Fill out (rows, height, width, channels)."""
        found = column.values.shape[1:] if column.kind == "image" else ()
        if found != self.shape:
            expected = "images of " + " × ".join(map(str, self.shape))
            got = "images of " + " × ".join(map(str, found)) if found else "no images"
            raise misfit(column, expected, got, "Give the model images like those it was trained on.")
        for block in blocks(len(out), progress, IMAGES_WRITTEN):
            np.subtract(column.values[block], self.offset, out=out[block], dtype=out.dtype)
            out[block] /= self.scale


AnyInput = Annotated[
    NumberInput | BooleanInput | CategoryInput | IntegerInput | ImageInput,
    Field(discriminator="kind"),
]


def fit_input(
    column: Column, scaling: Scaling, missing: Missing, categories: Categories = "one_hot"
) -> AnyInput:
    """Fit one input on the training part's column; raises UserError where it holds nothing to fit."""
    if column.kind == "image":
        offset, scale = _offset_and_scale_of_pixels(column.values, scaling)
        height, width, channels = column.values.shape[1:]
        shape = (int(height), int(width), int(channels))
        return ImageInput(column=column.name, shape=shape, offset=offset, scale=scale)
    if column.missing == column.rows:
        raise misfit(column, "at least one value in the training part", "none", "Ignore this column.")
    if column.kind == "number":
        values = column.values[~np.isnan(column.values)]
        offset, scale = _offset_and_scale(values, scaling)
        if not np.isfinite(offset) or not np.isfinite(scale):
            largest = f"{float(np.abs(values).max()):g}"
            raise misfit(column, "numbers below 1e150", largest, "Correct them, or ignore this column.")
        fill = float(np.mean(values) if missing.numbers == "mean" else np.median(values))
        return NumberInput(column=column.name, missing_value=fill, offset=offset, scale=scale)
    if column.kind == "boolean":
        mean = float(np.nanmean(column.values))
        return BooleanInput(column=column.name, labels=column.labels, missing_value=float(mean > 0.5))
    return fit_texts(column, missing, categories)


def input_width(column: Column, missing: Missing, categories: Categories) -> int:
    """How many numbers `fit_input` would make of a column for each row, without fitting it."""
    if column.kind == "image":
        return math.prod(column.values.shape[1:])
    return category_count(column, missing) if column.kind == "category" and categories == "one_hot" else 1


def _offset_and_scale(values: Numbers, scaling: Scaling) -> tuple[float, float]:
    lowest, highest = float(values.min()), float(values.max())
    if scaling == "none":
        return 0.0, 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        if scaling == "minmax":
            offset, scale = lowest, highest - lowest
        else:
            offset, scale = float(values.mean()), float(values.std())
    # The computed standard deviation of a constant need not be exactly 0, so the values are compared.
    return offset, 1.0 if lowest == highest or scale == 0 else scale


def _offset_and_scale_of_pixels(images: NDArray[Any], scaling: Scaling) -> tuple[float, float]:
    """The same for images; those of bytes may be so many that a copy as float64 would be in the way."""
    if images.dtype != np.uint8:
        return _offset_and_scale(images.astype(np.float64).ravel(), scaling)
    pixels, counts = images.reshape(-1), np.zeros(256, np.intp)
    for start in range(0, len(pixels), PIXELS_COUNTED):
        counts += np.bincount(pixels[start : start + PIXELS_COUNTED], minlength=256)
    values = np.flatnonzero(counts).astype(np.float64)
    if scaling != "standardize" or len(values) == 1:
        return _offset_and_scale(values, scaling)
    offset = float(np.average(values, weights=counts[counts > 0]))
    return offset, math.sqrt(np.average((values - offset) ** 2, weights=counts[counts > 0]))


def numbers_in(column: Column) -> Numbers:
    """The values of a number column; raises UserError for any other."""
    if column.kind == "number":
        return column.values
    # Words come last in order, and a word is what makes a column of text.
    got = "images" if column.kind == "image" else f"text such as “{excerpt(different_texts(column)[-1])}”"
    raise misfit(column, "numbers", got, "Correct the column, or choose another table.")


def yes_no_in(column: Column, labels: tuple[str, str]) -> Numbers:
    """The values of a column as 0 and 1, NaN where missing; raises UserError where it holds anything else.

    Yes/no columns, 0 and 1, and the labels themselves (in any case) will do.
    """
    if column.kind == "boolean":
        return column.values
    expected = f"“{excerpt(labels[0])}” or “{excerpt(labels[1])}”"
    if column.kind == "image":
        raise misfit(column, expected, "images", "Correct the column.")
    values = {"0": 0.0, "1": 1.0, labels[0].lower(): 0.0, labels[1].lower(): 1.0}
    others = [text for text in different_texts(column) if text.lower() not in values]
    if others:
        raise misfit(column, expected, listed(others, 3), "Correct the column.")
    numbers: dict[str | None, int] = {text: int(values[text.lower()]) for text in different_texts(column)}
    found = encoded(column).mapped(numbers).astype(np.float64)
    found[found < 0] = np.nan
    return found


def check_finite(part: Array, column: Column) -> None:
    """Raise UserError where what was written of a column (rows, …) is not finite in its precision."""
    if all(np.isfinite(part[block]).all() for block in blocks(len(part), Progress())):
        return
    largest = float(np.nanmax(np.abs(column.values)))
    raise misfit(
        column,
        "numbers that the network's precision can hold",
        f"{largest:g}",
        "Correct these values, or ignore the column.",
    )
