"""A table: named columns of equal length, as they came from their source, before any preparation."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

from engine.data.columns.encoded_texts import EncodedTexts
from engine.errors import UserError, excerpt
from engine.progress import Progress, blocks

ColumnKind = Literal["number", "category", "boolean", "date", "text", "code", "image"]
"""A source finds number, category, boolean and image by itself; the others are chosen by a person."""

TEXT_KINDS = ("category", "text", "code")
"""Kinds of columns whose values are texts: names of classes, sentences, and codes as they are spelt."""


@dataclass(frozen=True)
class Column:
    """One column.

    values: number → float64 (rows,) with NaN where missing; boolean → float64 0/1 with NaN where missing;
    date → float64, seconds since 1 January 1970, 0:00 (UTC where the text names a zone), NaN where missing;
    category, text and code → object array of str, None where missing; image → float32 or uint8 (rows,
    height, width, channels).
    labels: for a boolean, how (false, true) were spelt.
    infinite: how many of the missing numbers stand in the source as infinite; 0 for a part of a column.
    levels: for texts whose values the source declares, all of them in the source's order, those of no
    row too; empty where it declares none.
    target_only: it can be predicted, but is no input: what is said of images, which are the only input.
    day_first: for a date, whether 1/2/2020 was read as 1 February; None where no value was of that form.
    """

    name: str
    kind: ColumnKind
    values: NDArray[Any]
    labels: tuple[str, str] = ("no", "yes")
    infinite: int = 0
    target_only: bool = False
    day_first: bool | None = None
    levels: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return len(self.values)

    @property
    def holds_texts(self) -> bool:
        """Whether the values are texts."""
        return self.kind in TEXT_KINDS

    @cached_property
    def texts(self) -> EncodedTexts:
        """Of texts: the values in dictionary encoding, which is quicker to count and to compare."""
        return EncodedTexts.of(self.values)

    @cached_property
    def missing(self) -> int:
        """How many rows have no value."""
        if self.holds_texts:
            return self.texts.missing
        if self.kind == "image":
            return 0
        return int(np.isnan(self.values).sum())

    @cached_property
    def distinct(self) -> int:
        """How many different values there are, missing ones not counted."""
        if self.kind == "image":
            return self.rows
        if self.holds_texts:
            return self.texts.distinct
        return len(different_values(self.values))

    @property
    def cell_shape(self) -> tuple[int, ...]:
        """Of one value: (height, width, channels) for images, else ()."""
        return self.values.shape[1:]

    def block(self, rows: slice) -> NDArray[Any]:
        """The values of some rows that lie together; of a stored column, no more are copied than these."""
        return self.values[rows]

    def take(self, rows: NDArray[np.intp]) -> "Column":
        """The same column with some of its rows."""
        return replace(self, values=self.values[rows], infinite=0)

    def with_values(self, values: NDArray[Any], infinite: int = 0) -> "Column":
        """A column of the same name and kind with other values."""
        return Column(self.name, self.kind, values, self.labels, infinite, self.target_only, self.day_first)


def different_values(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The different values in rising order, without NaN.

    By NumPy's sort, which releases the interpreter lock, as its unique need not.
    """
    ordered = np.sort(values[~np.isnan(values)])
    first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


class TextColumn(Column):
    """A category whose texts came in dictionary encoding; one object per row is made only if asked for."""

    @classmethod
    def of(
        cls,
        name: str,
        texts: EncodedTexts,
        kind: ColumnKind = "category",
        *,
        target_only: bool = False,
        levels: tuple[str, ...] = (),
    ) -> "TextColumn":
        """The column of these texts."""
        column = cls.__new__(cls)
        # All fields but `values`, which the property below fills in.
        known = {"target_only": target_only, "levels": levels}
        plain = {"labels": Column.labels, "infinite": 0, "day_first": None}
        vars(column).update(name=name, kind=kind, texts=texts, **known, **plain)
        return column

    @cached_property
    def values(self) -> NDArray[Any]:
        return self.texts.array()

    @property
    def rows(self) -> int:
        return len(self.texts)

    def take(self, rows: NDArray[np.intp]) -> Column:
        """The same column with some of its rows."""
        return TextColumn.of(
            self.name, self.texts.take(rows), self.kind, target_only=self.target_only, levels=self.levels
        )


def with_levels(columns: Iterable[Column], levels: Mapping[str, tuple[str, ...]]) -> tuple[Column, ...]:
    """The columns, with the values that the source declares for those which hold texts, by name."""
    return tuple(
        TextColumn.of(
            column.name,
            column.texts,
            column.kind,
            target_only=column.target_only,
            levels=levels[column.name],
        )
        if column.holds_texts and levels.get(column.name)
        else column
        for column in columns
    )


@dataclass(frozen=True)
class Unreadable:
    """A place of a file that could not be read and was left out.

    line : of the file, from 1; of data in no file, the row from 1; 0 where a file of its own is left out,
    which the reason names. column : its name; None where the whole line is left out. reason : in a sentence
    that says what was expected and found.
    """

    line: int
    column: str | None
    reason: str


@dataclass(frozen=True)
class Table:
    """Columns, and in sentences what was understood when they were read (encoding, delimiter, bad rows)."""

    name: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = field(default=())
    test_rows: int = 0
    """How many rows at the end are a test part that the data was published with; 0 where there is none."""
    unreadable: tuple[Unreadable, ...] = ()
    """What was left out, in the order of the file."""
    decimal: Literal[".", ","] | None = None
    """The decimal mark of its text, where the text shows one."""
    validation_rows: int = 0
    """How many rows before the test part come from a source of their own, for validation."""
    separate_test: bool = False
    """Whether the test part comes from a source of its own, which a person chose."""

    @property
    def rows(self) -> int:
        return self.columns[0].rows if self.columns else 0

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def take(self, rows: NDArray[np.intp]) -> "Table":
        """The same table with some of its rows."""
        columns = tuple(column.take(rows) for column in self.columns)
        return replace(self, columns=columns, test_rows=0, validation_rows=0, separate_test=False)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over names, kinds, labels, values: tells whether a saved run meets the same data again."""
        return self.compute_fingerprint(Progress())

    def compute_fingerprint(self, progress: Progress) -> str:
        """The same, reporting how far it is."""
        digest = hashlib.sha256()
        for column, part in zip(self.columns, progress.parts(len(self.columns)), strict=True):
            labels = "/".join(column.labels) if column.kind == "boolean" else ""
            shape = (column.rows,) if column.holds_texts else (column.rows, *column.cell_shape)
            sizes = "×".join(map(str, shape))
            digest.update(f"{column.name}\0{column.kind}\0{labels}\0{sizes}\0".encode())
            for block in blocks(column.rows, part):
                if column.holds_texts:
                    digest.update(b"\0" if block.start else b"")
                    texts = column.texts.decoded(column.texts.indices[block])
                    digest.update("\0".join("\1" if text is None else text for text in texts).encode())
                else:
                    digest.update(np.ascontiguousarray(column.block(block)).reshape(-1).data)
        return digest.hexdigest()


class Fitted(BaseModel):
    """Frozen values found in the training part; their JSON gives back every float bit by bit."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    unsaved_defaults: ClassVar[frozenset[str]] = frozenset()
    """Fields that JSON leaves out at their defaults: they came later, and older files are without them."""

    @model_serializer(mode="wrap")
    def _without_defaults(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = handler(self)
        fields = type(self).model_fields
        usual = {name for name in self.unsaved_defaults if getattr(self, name) == fields[name].default}
        return {name: value for name, value in values.items() if name not in usual}


class ColumnError(UserError):
    """A column that cannot be used as the preparation needs it; `column` is its name."""

    def __init__(self, column: str, *, expected: str, got: str, help: str, headline: str = "") -> None:
        where = f"Column “{excerpt(column)}”"
        super().__init__(where, expected=expected, got=got, help=help, headline=headline)
        self.column = column


def misfit(column: Column, expected: str, got: str, help: str, headline: str = "") -> ColumnError:
    """A column that cannot be used as the preparation needs it."""
    return ColumnError(column.name, expected=expected, got=got, help=help, headline=headline)
