"""What every data source is: settings from which a table can be loaded."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, NoReturn, Self

from engine.data.columns.settings import ColumnType
from engine.data.columns.types import with_types
from engine.data.table import Table
from engine.errors import UserError
from engine.progress import Progress
from engine.settings import Settings
from engine.tasks import Task

Range = tuple[float, float]


@dataclass(frozen=True)
class ReadingRules:
    """How a table was read, for reading another one in the same way: files prove different things.

    types : of columns, where they were chosen. decimal : the decimal mark that the table has shown.
    day_first : of columns of dates, whether 1/2/2020 is 1 February.
    """

    types: Mapping[str, ColumnType] = field(default_factory=dict)
    decimal: Literal[".", ","] | None = None
    day_first: Mapping[str, bool] = field(default_factory=dict)


AS_FOUND = ReadingRules()
"""Nothing is known beforehand."""


class Source(Settings):
    """Where data comes from. Loading the same settings again gives the same table (files apart)."""

    kind: str
    heading: ClassVar[str]
    group: ClassVar[str]
    """Heading in the list of sources: "Two-dimensional examples", "Built-in data", "By hand", "Files"."""

    usual_target: ClassVar[str] = ""
    """Name of the column that is usually predicted; empty: the last column that suits."""

    usual_task: ClassVar[Task | None] = None
    """None: inferred from the target column."""

    plane: ClassVar[tuple[Range, Range] | None] = None
    """Ranges of x₁ and x₂ of a decision map that stays as it is while points come and go; None: around the
    points.
    """

    def load(self, progress: Progress | None = None, types: Mapping[str, ColumnType] | None = None) -> Table:
        """Read or make the table; raises UserError, and Cancelled once `progress` is cancelled.

        May take long: never called in the window's thread. progress: None where nobody watches.
        types : what the values of columns are, where that was chosen.
        """
        progress = progress or Progress()
        progress.report(0.0, "Reading rows")
        # A source that cannot read a type by itself leaves it to this; other columns stay as they are.
        table = with_types(self.read(progress, types or {}), types or {})
        progress.report(1.0)
        return table

    @abstractmethod
    def read(self, progress: Progress, types: Mapping[str, ColumnType]) -> Table:
        """What `load` does, which see: each source does it in its own way."""


class HandMade(Source):
    """Data that a person draws or types in: a part of the settings, and in no file."""

    group: ClassVar[str] = "By hand"

    @property
    @abstractmethod
    def is_empty(self) -> bool:
        """Whether nothing is drawn or typed yet."""


class FileSource(Source):
    """Data in the user's own files, whose path has to be chosen."""

    group: ClassVar[str] = "Files"

    suffixes: ClassVar[tuple[str, ...]] = ()
    """How the names of its files end, in lower case; none for folders."""

    compressed: ClassVar[bool] = False
    """Whether its files may also be compressed: t.arff.gz."""

    of_images: ClassVar[bool] = False
    """Whether the inputs are images."""

    path: str
    """The file or the folder; empty until one is chosen."""

    @classmethod
    def reads(cls, path: Path) -> bool:
        """Whether it is the source for what lies there, by its name, or by what a folder holds."""
        return path.suffix.lower() in cls.suffixes

    def with_part(self, name: str) -> Self:
        """The settings that read another table of the file; raises UserError where it has only one."""
        self._refuse_part()

    def _refuse_part(self) -> NoReturn:
        raise UserError(
            self.heading,
            expected="a file with several tables",
            got="one with a single table",
            help="Leave the name out.",
        )
