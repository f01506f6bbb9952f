"""Encoders of input columns: fitted on the training part, and saved with the run."""

import math
from contextlib import suppress
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, PositiveInt

from engine.arrays import Array
from engine.data.columns.settings import ColumnSettings
from engine.data.columns.texts import different_texts, encoded, listed
from engine.data.encoders.base import (
    Categories,
    FittedInput,
    Imputation,
    Missing,
    Numbers,
    Scaling,
    TargetValues,
    flagged,
    numbers_in,
)
from engine.data.encoders.categories import OrdinalInput
from engine.data.encoders.category_inputs import CategoryInput, IntegerInput
from engine.data.encoders.dates import DateInput
from engine.data.encoders.numbers import ClipInput, LogInput, NumberInput, offset_and_scale
from engine.data.encoders.power import YeoJohnsonInput
from engine.data.encoders.quantile import QuantileInput
from engine.data.encoders.target_encoding import TargetInput
from engine.data.encoders.words import WordsInput
from engine.data.table import Column, Fitted, misfit
from engine.errors import UserError, excerpt
from engine.progress import Progress, blocks

IMAGES_WRITTEN = 1024
"""At a time; the largest have a million pixels."""

PIXELS_COUNTED = 2**20
"""At a time."""


class BooleanInput(FittedInput):
    """A column of yes and no: 1 and 0, whatever the scaling; missing is usually the more frequent of the two.

    Where all rows of the training part are the same, so are all others.
    """

    unsaved_defaults: ClassVar[frozenset[str]] = frozenset({"flagged", "constant"})

    kind: Literal["boolean"] = "boolean"
    column: str
    labels: tuple[str, str]
    """How (no, yes) are spelt."""
    missing_value: float
    constant: bool = False

    @property
    def own_names(self) -> tuple[str, ...]:
        return (f"{self.column} = {self.labels[1]}",)

    def write_own(self, column: Column, out: Array, progress: Progress) -> None:
        values = yes_no_in(column, self.labels)
        for block in blocks(len(values), progress):
            filled = np.where(np.isnan(values[block]), self.missing_value, values[block])
            out[block, 0] = self.missing_value if self.constant else filled

    def restored(self, values: Numbers) -> Column:
        yes = (values[:, 0] >= 0.5).astype(np.float64)
        return Column(self.column, "boolean", yes, self.labels)


class ImageInput(Fitted):
    """A column of images: (pixel − offset) / scale, one offset and scale for all pixels."""

    restorable: ClassVar[bool] = True
    known_texts: ClassVar[None] = None

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
        found = column.cell_shape if column.kind == "image" else ()
        if found != self.shape:
            expected = "images of " + " × ".join(map(str, self.shape))
            got = "images of " + " × ".join(map(str, found)) if found else "no images"
            raise misfit(column, expected, got, "Give the model images like those it was trained on.")
        for block in blocks(len(out), progress, IMAGES_WRITTEN):
            np.subtract(column.block(block), self.offset, out=out[block], dtype=out.dtype)
            out[block] /= self.scale

    def write_training(
        self, column: Column, target: TargetValues | None, out: Array, progress: Progress
    ) -> None:
        """The same for the training rows."""
        self.write(column, out, progress)

    def restored(self, values: Numbers) -> Column:
        """The images that numbers (rows, pixels) stand for."""
        with np.errstate(over="ignore", invalid="ignore"):
            own = values * self.scale + self.offset
        return Column(self.column, "image", own.reshape(-1, *self.shape).astype(np.float32))


AnyInput = Annotated[
    NumberInput
    | LogInput
    | ClipInput
    | YeoJohnsonInput
    | QuantileInput
    | BooleanInput
    | CategoryInput
    | IntegerInput
    | OrdinalInput
    | TargetInput
    | WordsInput
    | DateInput
    | ImageInput,
    Field(discriminator="kind"),
]


def fit_input(
    column: Column,
    scaling: Scaling,
    missing: Missing,
    categories: Categories = "one_hot",
    settings: ColumnSettings | None = None,
    target: TargetValues | None = None,
) -> AnyInput:
    """Fit one input on the training part's column; raises UserError where it holds nothing to fit.

    settings : what is chosen for the column alone. target : of the same rows, for what learns from it.
    """
    if column.kind == "image":
        offset, scale = _offset_and_scale_of_pixels(column, scaling)
        height, width, channels = column.cell_shape
        shape = (int(height), int(width), int(channels))
        return ImageInput(column=column.name, shape=shape, offset=offset, scale=scale)
    if column.missing == column.rows:
        raise misfit(column, "at least one value in the training part", "none", "Ignore this column.")
    settings = settings or ColumnSettings(name=column.name)
    preparation = settings.preparation_of(column, scaling, categories)
    imputation = settings.imputation_of(column, missing)
    if preparation is None:
        return _fit_yes_no(column, imputation)
    if preparation.needs_target and target is None:
        raise misfit(
            column,
            "a target to take means of, for the preparation of this column",
            "none, where the input itself is to be learned",
            "Choose another preparation for the column.",
        )
    fitted: AnyInput = preparation.fit(column, imputation, target)
    return fitted


def codes_of(column: Column, missing: Missing, categories: Categories, settings: ColumnSettings) -> int:
    """Where the column comes in as a code, how many different ones there are; else 0."""
    with suppress(UserError):
        preparation = settings.preparation_of(column, "standardize", categories)
        if preparation is not None:
            return preparation.codes(column, settings.imputation_of(column, missing))
    return 0


def input_width(
    column: Column,
    missing: Missing,
    categories: Categories,
    settings: ColumnSettings | None = None,
    outputs: int = 1,
) -> int:
    """How many numbers `fit_input` would make of a column for each row, without fitting it.

    outputs : how many numbers the target of a row is. Raises UserError where the settings do not suit.
    """
    if column.kind == "image":
        return math.prod(column.cell_shape)
    settings = settings or ColumnSettings(name=column.name)
    preparation = settings.preparation_of(column, "standardize", categories)
    imputation = settings.imputation_of(column, missing)
    if preparation is None:
        return 1 + flagged(column, imputation)
    return preparation.width(column, imputation, outputs)


def _fit_yes_no(column: Column, imputation: Imputation) -> BooleanInput:
    mean = float(np.nanmean(column.values))
    fill = float(mean > 0.5)
    if imputation.fill == "constant":
        known = {"0": 0.0, "1": 1.0, column.labels[0].lower(): 0.0, column.labels[1].lower(): 1.0}
        if imputation.constant.lower() not in known:
            expected = f"“{excerpt(column.labels[0])}” or “{excerpt(column.labels[1])}” for missing values"
            raise misfit(column, expected, f"“{excerpt(imputation.constant)}”", "Change the constant.")
        fill = known[imputation.constant.lower()]
    return BooleanInput(
        column=column.name,
        labels=column.labels,
        missing_value=fill,
        constant=mean in (0, 1) and (not column.missing or fill == mean),
        flagged=flagged(column, imputation),
    )


def _offset_and_scale_of_pixels(column: Column, scaling: Scaling) -> tuple[float, float]:
    """The same for images; those of bytes may be so many that a copy as float64 would be in the way."""
    if column.block(slice(0, 1)).dtype != np.uint8:
        return offset_and_scale(column.values.astype(np.float64).ravel(), scaling)
    counts = np.zeros(256, np.intp)
    for block in blocks(column.rows, Progress(), max(PIXELS_COUNTED // math.prod(column.cell_shape), 1)):
        counts += np.bincount(column.block(block).reshape(-1), minlength=256)
    values = np.flatnonzero(counts).astype(np.float64)
    if scaling != "standardize" or len(values) == 1:
        return offset_and_scale(values, scaling)
    offset = float(np.average(values, weights=counts[counts > 0]))
    return offset, math.sqrt(np.average((values - offset) ** 2, weights=counts[counts > 0]))


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


__all__ = [
    "AnyInput",
    "BooleanInput",
    "ImageInput",
    "NumberInput",
    "Numbers",
    "fit_input",
    "input_width",
    "numbers_in",
    "yes_no_in",
]
