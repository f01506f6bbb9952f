"""Sheets of spreadsheets: Excel and OpenDocument."""

import datetime
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from engine.data.delimited.text import existing_file
from engine.data.sources.converted import ROWS_A_REPORT, ConvertedTable, Rows, is_panic
from engine.errors import UserError, excerpt
from engine.progress import Progress, left_when_cancelled
from engine.settings import hints

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook


class Spreadsheet(ConvertedTable):
    """A table on a sheet of a spreadsheet (.xlsx, .xlsm, .xlsb, .xls, .ods).

    Cells count as they are stored: numbers with all their digits, dates as dates, formulas as they were last
    computed. Errors, as of a division by zero, are missing values. Rows and columns that are hidden count.
    """

    heading: ClassVar[str] = "Spreadsheet"
    suffixes: ClassVar[tuple[str, ...]] = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
    part_field: ClassVar[str] = "sheet"
    kind: Literal["spreadsheet"] = "spreadsheet"

    path: str = Field(
        "",
        title="File",
        description="A spreadsheet of Excel, or in the OpenDocument format.",
        json_schema_extra=hints(path_filter="Spreadsheets (*.xlsx *.xlsm *.xlsb *.xls *.ods);;All files (*)"),
    )
    sheet: str | None = Field(
        None,
        title="Sheet",
        description="Name of the sheet that holds the table.",
        json_schema_extra=hints(none_title="First with a table"),
    )
    header: bool | None = Field(
        None,
        title="Header",
        description="Whether the first row holds the column names; guessed from it and the rows below it.",
        json_schema_extra=hints(none_title="Guessed"),
    )

    def rows_of(self, path: Path, progress: Progress) -> Rows:
        # Such a file is parsed in one call, which takes seconds where it is large.
        sheet, hidden = left_when_cancelled(lambda: self._sheet(path), progress)
        note = f"Read from sheet “{excerpt(sheet.name)}”{', which is hidden' if hidden else ''}."
        return Rows(_rows(path, sheet, progress), note, self.header, None)

    def parts(self) -> tuple[str, ...]:
        path = existing_file(self.path, as_text=False)
        with _opened(path) as workbook:
            return tuple(workbook.sheet_names)

    def _sheet(self, path: Path) -> "tuple[CalamineSheet, bool]":
        """The chosen sheet, else the first with a table, visible ones before others; whether it is hidden."""
        with _opened(path) as workbook:
            hidden = _hidden(workbook)
            names = workbook.sheet_names
            if self.sheet is not None and self.sheet not in names:
                raise UserError(
                    f"{path.name}, sheet",
                    expected=_listed(names, hidden) or "a sheet",
                    got=f"“{excerpt(self.sheet)}”",
                    help="Choose one of its sheets.",
                )
            for name in [self.sheet] if self.sheet is not None else sorted(names, key=hidden.__contains__):
                sheet = workbook.get_sheet_by_name(name)
                if sheet.height:
                    return sheet, name in hidden
        others = [name for name in names if name != self.sheet]
        raise UserError(
            path.name if self.sheet is None else f"{path.name}, sheet “{excerpt(self.sheet)}”",
            expected="a table",
            got="only empty sheets" if self.sheet is None else "an empty sheet",
            help=f"Choose another of its sheets: {_listed(others, hidden)}."
            if self.sheet is not None and others
            else "Choose another file.",
        )


MOST_LISTED = 12


def _listed(names: Sequence[str], hidden: Collection[str]) -> str:
    shown = [f"“{excerpt(name)}”{' (hidden)' if name in hidden else ''}" for name in names[:MOST_LISTED]]
    more = f" or {len(names) - MOST_LISTED} others" if len(names) > MOST_LISTED else ""
    return " or ".join(shown) + more


def _hidden(workbook: "CalamineWorkbook") -> set[str]:
    from python_calamine import SheetVisibleEnum

    return {sheet.name for sheet in workbook.sheets_metadata if sheet.visible != SheetVisibleEnum.Visible}


@contextmanager
def _opened(path: Path) -> Iterator["CalamineWorkbook"]:
    # Not at the top: most never read one.
    import python_calamine

    with _sentences(path), python_calamine.CalamineWorkbook.from_path(str(path)) as workbook:
        yield workbook


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    """What the reader raises becomes a sentence."""
    import python_calamine

    try:
        yield
    except BaseException as error:  # a damaged file may end in Rust's panic, which is no Exception
        known = isinstance(error, python_calamine.CalamineError | OSError | ValueError | IndexError)
        if not known and not is_panic(error):
            raise
        raise UserError(
            path.name,
            expected="a spreadsheet that can be read",
            got=excerpt(str(error).splitlines()[0] if str(error) else type(error).__name__),
            help="Open it in the program that made it, and save it again without a password, or as CSV.",
        ) from None


ODS_DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+(?:\.\d+)?)S")
"""How OpenDocument writes times of a day and more, which are left as texts."""


def _rows(path: Path, sheet: "CalamineSheet", progress: Progress) -> Iterator[Sequence[Any]]:
    """All rows from the first of the sheet on; an empty one is no row of the table, but has its number."""
    with _sentences(path):
        moments, durations = _columns_of_times(sheet, progress)
        for row in sheet.iter_rows():
            values: list[Any] = list(row)
            for place in moments:
                if type(values[place]) is datetime.date:
                    # The reader gives a midnight as a date.
                    values[place] = datetime.datetime.combine(values[place], datetime.time())
            for place in durations:
                values[place] = _duration(values[place])
            yield values if any(value != "" for value in values) else ()


def _columns_of_times(sheet: "CalamineSheet", progress: Progress) -> tuple[list[int], list[int]]:
    """The columns with times of a day among their dates, and those with durations among their times."""
    moments, durations = set[int](), set[int]()
    for number, row in enumerate(sheet.iter_rows()):
        if number % ROWS_A_REPORT == 0:
            progress.check()
        for place, value in enumerate(row):
            if isinstance(value, datetime.datetime):
                moments.add(place)
            elif isinstance(value, datetime.timedelta) or (
                isinstance(value, str) and value.startswith("PT") and ODS_DURATION.fullmatch(value)
            ):
                durations.add(place)
    return sorted(moments), sorted(durations)


def _duration(value: Any) -> Any:
    """A time or a duration as a duration; anything else as it is."""
    if isinstance(value, datetime.time):
        return datetime.timedelta(0, value.hour * 3600 + value.minute * 60 + value.second, value.microsecond)
    found = ODS_DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    return datetime.timedelta(hours=int(found[1]), minutes=int(found[2]), seconds=float(found[3]))
