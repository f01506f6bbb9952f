"""What can be done about a finding: structured values, each of which gives other data settings.

A remedy decides nothing by itself: the window offers it as a button, whose click is one step to undo.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Literal

from engine.data.columns.roles import with_role
from engine.data.columns.settings import ColumnSettings, ColumnType
from engine.data.columns.texts import value_text
from engine.data.settings import DataSettings

Method = Literal["log", "yeo_johnson", "standardize"]

METHOD_TITLES: dict[Method, str] = {
    "log": "Take the logarithm",
    "yeo_johnson": "Use Yeo-Johnson",
    "standardize": "Standardize it",
}


class Remedy(ABC):
    """Something that solves what was found; frozen."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What it does, as a button says it: "Ignore 7 columns"."""

    @property
    def edit(self) -> str:
        """The same for the list of edits, where nothing around it says of what."""
        return self.title

    @abstractmethod
    def apply(self, data: DataSettings) -> DataSettings:
        """The settings after it."""

    def mend(self, experiment: Any) -> Any:
        """The experiment after it; what concerns more than its data overrides this."""
        return experiment.replace(data=self.apply(experiment.data))


@dataclass(frozen=True)
class IgnoreColumns(Remedy):
    """Take columns out of the inputs."""

    columns: tuple[str, ...]

    @property
    def title(self) -> str:
        return "Ignore it" if len(self.columns) == 1 else f"Ignore {len(self.columns):,} columns"

    @property
    def edit(self) -> str:
        return f"Ignore {self.columns[0]}" if len(self.columns) == 1 else self.title

    def apply(self, data: DataSettings) -> DataSettings:
        return with_role(data, self.columns, "ignored")


@dataclass(frozen=True)
class ReadAsMissing(Remedy):
    """Let numbers stand for a missing value: (column, number) each."""

    marks: tuple[tuple[str, float], ...]

    @property
    def title(self) -> str:
        numbers = sorted({number for _, number in self.marks})
        shown = ", ".join(value_text(number).replace("-", "−") for number in numbers[:3])
        return f"Read {shown}{', …' if len(numbers) > 3 else ''} as missing"

    def apply(self, data: DataSettings) -> DataSettings:
        for name, number in self.marks:
            column = data.column(name)
            marks = tuple(sorted({*column.missing_numbers, number}))
            data = data.with_column(column.replace(missing_numbers=marks))
        return data


@dataclass(frozen=True)
class LeaveRowsOut(Remedy):
    """Leave rows out of all parts; rows from 0."""

    rows: tuple[int, ...]

    @property
    def title(self) -> str:
        return "Leave 1 row out" if len(self.rows) == 1 else f"Leave {len(self.rows):,} rows out"

    def apply(self, data: DataSettings) -> DataSettings:
        return data.replace(left_out=tuple(sorted({*data.left_out, *self.rows})))


@dataclass(frozen=True)
class TakeAs(Remedy):
    """Take columns as values of another type."""

    columns: tuple[str, ...]
    type: ColumnType

    @property
    def title(self) -> str:
        several = {"category": "categories", "code": "codes"}.get(self.type, f"{self.type}s")
        return f"Take {'it' if len(self.columns) == 1 else 'them'} as {several}"

    def apply(self, data: DataSettings) -> DataSettings:
        for name in self.columns:
            data = data.with_column(data.column(name).replace(type=self.type))
        return data


@dataclass(frozen=True)
class SplitByGroup(Remedy):
    """Keep the rows of one value together, in the same part."""

    column: str

    @property
    def title(self) -> str:
        return "Keep its rows together"

    def apply(self, data: DataSettings) -> DataSettings:
        return with_role(data, (self.column,), "group")


@dataclass(frozen=True)
class SplitInOrder(Remedy):
    """Train on the first rows, and check on the later ones."""

    @property
    def title(self) -> str:
        return "Split in order"

    def apply(self, data: DataSettings) -> DataSettings:
        return data.replace(split=data.split.replace(in_order=True))


@dataclass(frozen=True)
class PrepareAs(Remedy):
    """Prepare columns of numbers by another method."""

    columns: tuple[str, ...]
    method: Method

    @property
    def title(self) -> str:
        title = METHOD_TITLES[self.method]
        return title if len(self.columns) == 1 else title.replace(" it", " them")

    def apply(self, data: DataSettings) -> DataSettings:
        for name in self.columns:
            values = data.column(name).model_dump() | {"preparation": {"kind": self.method}}
            data = data.with_column(ColumnSettings.model_validate(values))
        return data


@dataclass(frozen=True)
class ScaleTarget(Remedy):
    """Learn the target with mean 0 and standard deviation 1."""

    @property
    def title(self) -> str:
        return "Scale the target"

    def apply(self, data: DataSettings) -> DataSettings:
        return data.replace(scale_target=True)
