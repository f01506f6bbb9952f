"""Sheets of spreadsheets: Excel and OpenDocument."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from engine.data.sources.converted import ConvertedTable, Rows, is_panic
from engine.errors import UserError, excerpt
from engine.progress import Progress
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
        # Not at the top: no other source needs it.
        import python_calamine

        try:
            with python_calamine.CalamineWorkbook.from_path(str(path)) as workbook:
                sheet = self._sheet(path, workbook)
                rows = list(_rows(sheet))
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
        return Rows(rows, f"Read from sheet “{excerpt(sheet.name)}”.", self.header, None)

    def _sheet(self, path: Path, workbook: "CalamineWorkbook") -> "CalamineSheet":
        names = workbook.sheet_names
        if self.sheet is not None and self.sheet not in names:
            raise UserError(
                f"{path.name}, sheet",
                expected=" or ".join(f"“{excerpt(name)}”" for name in names[:5]) or "a sheet",
                got=f"“{excerpt(self.sheet)}”",
                help="Choose one of its sheets.",
            )
        for name in names if self.sheet is None else [self.sheet]:
            sheet = workbook.get_sheet_by_name(name)
            if sheet.height or self.sheet is not None:
                return sheet
        raise UserError(path.name, expected="a table", got="only empty sheets", help="Choose another file.")


def _rows(sheet: "CalamineSheet") -> Iterator[Sequence[Any]]:
    """All rows from the first of the sheet on; an empty one is no row of the table, but has its number."""
    for _ in range(sheet.start[0] if sheet.start else 0):
        yield ()
    for row in sheet.to_python(skip_empty_area=True):
        yield row if any(value != "" for value in row) else ()
