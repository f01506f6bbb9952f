"""How a delimited text is laid out: which delimiter, where the header is, what stands above it."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from engine.data.delimited.header import (
    MOST_ROWS,
    OrangeHeader,
    extra_header_rows,
    further_name_rows,
    is_header,
    is_number,
    joined_names,
    orange_header,
)
from engine.data.delimited.tidying import blanks_to_tabs
from engine.errors import UserError, excerpt

DELIMITER_TITLES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars", " ": "blanks"}

SNIFFED = ("\t", ";", "|", ",")
"""Delimiters that are tried, in order of preference where two do equally well: commas are also in numbers.
Blanks come last, as they are in texts."""

BLANK_SHARE = 0.9
"""Of the lines, have to have equally many fields for blanks to be the delimiter."""

NOTHING_SAID = OrangeHeader()

MOST_COLUMNS = 20_000
"""Beyond 10,000 inputs with their targets."""

MOST_NAMED = 4
"""Columns of a header whose new names are told one by one."""

MOST_RECORDS = 10_000
"""Records of a sample that are parsed: short ones would take seconds, and tell nothing more."""


@dataclass(frozen=True)
class Layout:
    """What was found out. header_lines: physical lines down to and including the header.

    blanks : whether the fields are separated by blanks in the file, and by tabs once it is tidied.
    orange : what header rows of Orange say of the columns.
    """

    delimiter: str
    names: tuple[str, ...]
    header_lines: int
    notes: tuple[str, ...]
    blanks: bool = False
    orange: OrangeHeader = NOTHING_SAID

    @property
    def separated_by(self) -> str:
        """What separates the fields in the file, in words."""
        return DELIMITER_TITLES[" " if self.blanks else self.delimiter]


@dataclass(frozen=True)
class _Record:
    """Fields of one record, and its first and last physical line, from 1."""

    fields: tuple[str, ...]
    first_line: int
    last_line: int

    @property
    def blank(self) -> bool:
        return not any(field.strip() for field in self.fields) and len(self.fields) < 2


def find_layout(
    file: str, sample: str, whole: bool, delimiter: str | None, header: bool | None, skip: int | None
) -> Layout:
    """Find out what is not given. `whole`: the sample is the whole text. Raises UserError.

    header: None decides by the first row and those below it, see `engine.data.delimited.header`.
    skip: lines above the header; None finds them: lines that hold a single field above a table of several.
    """
    skipped = skip or 0
    body = sample[start_of_line(sample, skipped) :]
    delimiter = delimiter or _sniff(body, whole)
    blanks = delimiter == " "
    if blanks:
        body, delimiter = blanks_to_tabs(body), "\t"
    records = _records(body, delimiter, whole)
    notes: list[str] = []
    orange = NOTHING_SAID
    start = _first_of_table(records, delimiter, header) if skip is None else _first_not_blank(records)
    if start is None:
        raise UserError(file, expected="a table", got="only blank lines", help="Choose another file.")
    first = records[start]
    if len(first.fields) > MOST_COLUMNS:
        raise UserError(
            f"{file}, line {skipped + first.first_line}",
            expected=f"at most {MOST_COLUMNS:,} columns",
            got=f"{len(first.fields):,}",
            help="Keep a part of the columns.",
        )
    above = skipped + first.first_line - 1
    if above:
        notes.append(f"{above} line{'s' if above > 1 else ''} above the table skipped.")
    below = [record.fields for record in records[start + 1 : start + 1 + MOST_ROWS] if not record.blank]
    numbers = not is_header(first.fields, below)
    if header is None and numbers and first.first_line > 1:
        # A blank line where the names should be is an empty header, not a sign that there is none.
        raise UserError(
            f"{file}, line {skipped + first.first_line - 1}",
            expected="a header with the column names",
            got="an empty line above the numbers",
            help="Write the names there, or say that the file has no header.",
        )
    guessed_none = header is None and numbers
    if header is False or guessed_none:
        names = tuple(f"column {position + 1}" for position in range(len(first.fields)))
        if guessed_none:
            notes.append(
                f"No header: the first row holds numbers, so columns are called “{excerpt(names[0])}”, …."
            )
        lines = skipped + first.first_line - 1
    else:
        lines = skipped + first.last_line
        if whole and first is records[-1] and first.last_line > first.first_line:
            raise UserError(
                f"{file}, line {skipped + first.first_line}",
                expected="column names whose quotes are closed",
                got="a quote that stays open to the end of the file",
                help="Close the quote.",
            )
        extra = extra_header_rows(below)
        further = 0 if extra else further_name_rows(below)
        header_rows = (first.fields, *below[:further])
        if further:
            notes.append(f"The names of the columns are joined from {further + 1} rows.")
            lines = skipped + records[start + further].last_line
        names, made_up = _distinct_names(file, joined_names(header_rows), skipped + first.first_line)
        notes += made_up
        if extra:
            lines = skipped + records[start + extra].last_line
            orange = orange_header(names, *below[:2])
            notes.append(
                "The rows below the names hold types and roles, as Orange writes them, and are no values."
            )
    return Layout(delimiter, names, lines, tuple(notes), blanks, orange)


def start_of_line(text: str, number: int) -> int:
    """Where a line begins, from 0; the end of the text where it has fewer.

    Lines end in newlines alone: form feeds and the line separators of Unicode are letters of a line, as for
    the reader of the rows.
    """
    start = 0
    for _ in range(number):
        start = text.find("\n", start) + 1 or len(text)
    return start


def _sniff(sample: str, whole: bool) -> str:
    """The delimiter under which the most records have the same number of fields, more than one."""
    best, best_share, best_fields = ",", 0.0, 1
    for delimiter in SNIFFED:
        records = _records(sample, delimiter, whole)
        counts = Counter(len(record.fields) for record in records if not record.blank)
        agreeing = max((times for fields, times in counts.items() if fields > 1), default=0)
        share = agreeing / max(counts.total(), 1)
        if share > best_share:
            best, best_share, best_fields = delimiter, share, counts.most_common(1)[0][0]
    return " " if _separated_by_blanks(sample, whole, best_fields) else best


def _separated_by_blanks(sample: str, whole: bool, fields: int) -> bool:
    """Whether blanks part nearly all lines into equally many fields, more than so many, mostly numbers."""
    beginning = blanks_to_tabs(sample[: start_of_line(sample, 3)]).split("\n")
    if not any(line.count("\t") >= fields and any(map(is_number, line.split("\t"))) for line in beginning):
        return False
    records = [record for record in _records(blanks_to_tabs(sample), "\t", whole) if not record.blank]
    counts = Counter(len(record.fields) for record in records)
    if not counts:
        return False
    usual, agreeing = counts.most_common(1)[0]
    if usual <= fields or agreeing < BLANK_SHARE * counts.total():
        return False
    parts = [field for record in records if len(record.fields) == usual for field in record.fields]
    return 2 * sum(map(is_number, parts)) > len(parts)


def _records(sample: str, delimiter: str, whole: bool) -> list[_Record]:
    found = list(islice(_parse(sample, delimiter), MOST_RECORDS))
    # The end of a sample cuts its last record.
    return found if whole or len(found) < 2 else found[:-1]


def _parse(sample: str, delimiter: str) -> Iterator[_Record]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    line = 0
    try:
        for fields in reader:
            yield _Record(tuple(fields), line + 1, reader.line_num)
            line = reader.line_num
    except csv.Error:
        # A field beyond the module's limit: an open quote, which the reader of the body reports by its line.
        return


def _first_not_blank(records: Sequence[_Record]) -> int | None:
    return next((index for index, record in enumerate(records) if not record.blank), None)


def _first_of_table(records: Sequence[_Record], delimiter: str, header: bool | None) -> int | None:
    """Index of the first record of the table: below blank lines, comments and titles of a single field."""
    first = _first_not_blank(records)
    if first is None or header is False:
        return first
    counts = Counter(len(record.fields) for record in records if not record.blank)
    usual = counts.most_common(1)[0][0]
    for index, record in enumerate(records[first:], first):
        # Spreadsheets fill the line of a title up with empty fields.
        title = sum(bool(field.strip()) for field in record.fields) == 1 < usual
        comment = record.fields[:1] != () and record.fields[0].startswith("#") and len(record.fields) != usual
        if record.blank or title or comment:
            continue
        # Skipping is right only if it leads to names: a single word above numbers is a broken header.
        named = len(record.fields) == usual and not any(is_number(field) for field in record.fields)
        return index if named else first
    return first


def _distinct_names(file: str, fields: Sequence[str], line: int) -> tuple[tuple[str, ...], list[str]]:
    """The names of a header, each another one, and notes on those that were made up.

    Raises UserError where none has a name.
    """
    written = tuple(" ".join(field.split()) for field in fields)
    if not any(written):
        raise UserError(
            f"{file}, line {line}",
            expected="column names",
            got="empty fields",
            help="Write a name for every column into the header, or say that the file has no header.",
        )
    taken, names = set(written), list(written)
    times: Counter[str] = Counter()
    notes: list[str] = []
    for place, name in enumerate(written):
        times[name] += 1
        if name and times[name] == 1:
            continue
        made = f"{name} ({times[name]})" if name else f"column {place + 1}"
        while made in taken:
            made += "*"
        names[place] = made
        taken.add(made)
        why = f"“{excerpt(name)}” again" if name else "no name"
        notes.append(f"Column {place + 1} has {why} in the header, and is called “{excerpt(names[place])}”.")
    if len(notes) > MOST_NAMED:
        more = len(notes) - MOST_NAMED
        notes[MOST_NAMED:] = [f"So {'was' if more == 1 else 'were'} {more:,} more."]
    return tuple(names), notes
