"""Dates as their parts: year, month, day, weekday and hour, as numbers or as places on a circle."""

import math
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from engine.arrays import Array
from engine.data.columns.dates import DAY_S, date_text, seconds_of
from engine.data.columns.texts import encoded
from engine.data.encoders.base import (
    ColumnPreparation,
    Fill,
    FittedInput,
    Imputation,
    Numbers,
    TargetValues,
    fill_number,
    flagged,
)
from engine.data.encoders.numbers import offset_and_scale
from engine.data.table import Column, ColumnKind, Fitted, misfit
from engine.errors import excerpt
from engine.progress import Progress, blocks
from engine.settings import hints

PartName = Literal["days", "year", "month", "day", "weekday", "hour"]

PERIODS: dict[PartName, int] = {"month": 12, "day": 31, "weekday": 7, "hour": 24}
"""After so many steps a part begins again."""


class DatePart(Fitted):
    """One number of a date: the part itself, (value − offset) / scale, or the sine or cosine of its phase.

    A part that was constant in the training part is 0 in every row.
    """

    part: PartName
    wave: Literal["sin", "cos"] | None = None
    offset: float = 0.0
    scale: float = Field(1.0, gt=0)
    constant: bool = False

    @property
    def name(self) -> str:
        return self.part if self.wave is None else f"{self.part} ({self.wave})"

    def of(self, seconds: Numbers) -> Numbers:
        """The number of each date, before it is scaled."""
        value = part_of(seconds, self.part)
        if self.wave is None:
            return value
        # Months and days begin with 1, weekdays and hours with 0.
        first = 1.0 if self.part in ("month", "day") else 0.0
        phase = 2 * math.pi * (value - first) / PERIODS[self.part]
        return np.sin(phase) if self.wave == "sin" else np.cos(phase)


class DateInput(FittedInput):
    """The parts of a date. A missing one is `missing_value`, in seconds since 1970."""

    restorable: ClassVar[bool] = False
    kind: Literal["date"] = "date"
    column: str
    missing_value: float
    day_first: bool | None
    """Whether 1/2/2020 was read as 1 February."""
    parts: tuple[DatePart, ...] = Field(min_length=1)

    @property
    def own_names(self) -> tuple[str, ...]:
        return tuple(f"{self.column}: {part.name}" for part in self.parts)

    def write_own(self, column: Column, out: Array, progress: Progress) -> None:
        seconds = dates_in(column, self.day_first)
        for block in blocks(len(seconds), progress):
            filled = np.where(np.isnan(seconds[block]), self.missing_value, seconds[block])
            for place, part in enumerate(self.parts):
                out[block, place] = 0 if part.constant else (part.of(filled) - part.offset) / part.scale

    def restored(self, values: Numbers) -> Column:
        raise ValueError("dates cannot be made of their parts")


class DateParts(ColumnPreparation):
    """Year, month, day, weekday and hour; those that come round again as sine and cosine.

    On the circle, December and January are neighbours.
    """

    heading: ClassVar[str] = "Parts of the date"
    group: ClassVar[str] = "Dates"
    kinds: ClassVar[tuple[ColumnKind, ...]] = ("date",)
    fills: ClassVar[tuple[Fill, ...]] = ("median", "mean", "most_frequent", "constant")
    kind: Literal["date_parts"] = "date_parts"

    year: bool = Field(True, title="Year", description="The year, as a number.")
    month: bool = Field(True, title="Month", description="The month of the year.")
    day: bool = Field(True, title="Day", description="The day of the month.")
    weekday: bool = Field(True, title="Weekday", description="The day of the week, from Monday on.")
    hour: bool | None = Field(
        None,
        title="Hour",
        description="The time of day in hours.",
        json_schema_extra=hints(none_title="If there are times"),
    )
    days: bool = Field(
        False,
        title="Days in all",
        description="The date itself, as a number of days: for what grows in time.",
    )
    cycles: bool = Field(
        True,
        title="As cycles",
        description="Month, day, weekday and hour as sine and cosine, so that the last is next to the first; "
        "else as numbers.",
    )

    @model_validator(mode="after")
    def _has_parts(self) -> "DateParts":
        if not (self.year or self.month or self.day or self.weekday or self.hour or self.days):
            raise ValueError("at least one part of the date")
        return self

    def fit(self, column: Column, imputation: Imputation, target: TargetValues | None) -> DateInput:
        seconds = column.values[~np.isnan(column.values)]
        if imputation.fill == "constant":
            fill = seconds_of(imputation.constant)
            if math.isnan(fill):
                got = f"“{excerpt(imputation.constant)}”"
                raise misfit(column, "a date to stand in for missing ones", got, "Change the constant.")
        else:
            fill = fill_number(column, seconds, imputation)
        filled = np.append(seconds, fill) if column.missing else seconds
        return DateInput(
            column=column.name,
            missing_value=fill,
            day_first=column.day_first,
            parts=tuple(_fitted(part, seconds, filled) for part in self._parts(column)),
            flagged=flagged(column, imputation),
        )

    def width(self, column: Column, imputation: Imputation, outputs: int) -> int:
        return len(self._parts(column)) + flagged(column, imputation)

    def _parts(self, column: Column) -> list[DatePart]:
        hour = self.hour if self.hour is not None else _has_times(column)
        chosen: dict[PartName, bool] = {
            "days": self.days,
            "year": self.year,
            "month": self.month,
            "day": self.day,
            "weekday": self.weekday,
            "hour": hour,
        }
        found = []
        for part in (part for part, wanted in chosen.items() if wanted):
            if self.cycles and part in PERIODS:
                found += [DatePart(part=part, wave="sin"), DatePart(part=part, wave="cos")]
            else:
                found.append(DatePart(part=part))
        # Of dates without times, only the hour may have been asked for.
        return found or [DatePart(part="days")]


def _fitted(part: DatePart, seconds: Numbers, filled: Numbers) -> DatePart:
    values = part.of(filled)
    constant = bool(values.min() == values.max())
    if part.wave is not None:
        return part.model_copy(update={"constant": constant})
    offset, scale = offset_and_scale(part.of(seconds), "standardize")
    return part.model_copy(update={"offset": offset, "scale": scale, "constant": constant})


def _has_times(column: Column) -> bool:
    return bool(np.any(np.nan_to_num(column.values) % DAY_S))


def part_of(seconds: Numbers, part: PartName) -> Numbers:
    """A part of dates: years and days (since 1970) from 0, months and days of the month from 1, weekdays from
    0 (Monday), hours of the day with their fraction."""
    if part == "days":
        return seconds / DAY_S
    if part == "hour":
        return np.mod(seconds, DAY_S) / 3600
    days: NDArray[np.int64] = np.floor_divide(seconds, DAY_S).astype(np.int64)
    if part == "weekday":
        # 1 January 1970 was a Thursday.
        return ((days + 3) % 7).astype(np.float64)
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    if part == "day":
        since = dates - months.astype("datetime64[D]")
        return np.asarray(since.astype(np.float64)) + 1
    count = months.astype(np.int64)
    numbers = np.mod(count, 12) + 1.0 if part == "month" else np.floor_divide(count, 12) + 1970.0
    return np.asarray(numbers, np.float64)


def dates_in(column: Column, day_first: bool | None) -> Numbers:
    """The values of a column of dates, or of texts that are dates; raises UserError for any other."""
    if column.kind == "date":
        return column.values
    if not column.holds_texts:
        raise misfit(column, "dates", f"a column of the type {column.kind}", "Correct the column.")
    texts = encoded(column)
    values = np.full(len(texts.bounds), np.nan)
    for index, text in zip(texts.occurring.tolist(), texts.all_different(Progress()), strict=True):
        values[index] = seconds_of(text, bool(day_first))
        if math.isnan(values[index]):
            raise misfit(
                column,
                f"dates such as {date_text(0)}",
                f"text such as “{excerpt(text)}”",
                "Correct the column, or choose another table.",
            )
    found: Numbers = values[texts.indices]
    return found
