"""Delimited text as people and old programs write it, brought into the form that is read: one delimiter
between two fields, no blanks before a quote.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator

Tidy = Callable[[str], str]
"""Tidies text of whole lines."""

_BLANKS = re.compile(r'"(?:[^"]|"")*"|[ \t]+')
_SEPARATOR_LINE = re.compile(r"sep=(.)\n", re.IGNORECASE)


def separator_line(text: str) -> str | None:
    """The delimiter that the first line names, as spreadsheets write it ("sep=;"); None if it names none."""
    found = _SEPARATOR_LINE.match(text)
    return found.group(1) if found else None


def blanks_to_tabs(text: str) -> str:
    """Lines whose fields are separated by any number of blanks, with a single tab in their place."""
    lines = (_BLANKS.sub(_one_tab, line.strip(" \t")) for line in text.split("\n"))
    return "\n".join(lines)


def tidy_quotes(delimiter: str) -> Tidy:
    """What removes blanks between a delimiter and a quote: `1,  "x"` becomes `1,"x"`."""
    pattern = re.compile(rf'"(?:[^"]|"")*"|(?<={re.escape(delimiter)})[ ]+(?=")')
    return lambda text: pattern.sub(lambda found: found.group() if found.group()[0] == '"' else "", text)


def has_blanks_before_quotes(text: str, delimiter: str) -> bool:
    """Whether a quote stands behind a delimiter and blanks."""
    return re.search(rf'{re.escape(delimiter)} +"', text) is not None


def tidied(pieces: Iterable[str], tidy: Tidy) -> Iterator[str]:
    """The pieces of a text, tidied, in pieces of whole lines."""
    waiting = ""
    for piece in pieces:
        waiting += piece
        end = waiting.rfind("\n") + 1
        if end:
            yield tidy(waiting[:end])
            waiting = waiting[end:]
    if waiting:
        yield tidy(waiting)


def first_records(pieces: Iterable[str], delimiter: str, count: int) -> Iterator[str]:
    """The lines of the first records that are not blank; what lies behind them is not read."""
    seen = list[str]()

    def lines() -> Iterator[str]:
        waiting = ""
        for piece in pieces:
            *whole, waiting = (waiting + piece).split("\n")
            for line in whole:
                seen.append(line + "\n")
                yield seen[-1]
        if waiting:
            seen.append(waiting)
            yield waiting

    found = 0
    try:
        for record in csv.reader(lines(), delimiter=delimiter):
            yield from seen
            seen.clear()
            found += bool(record)
            if found == count:
                return
    except csv.Error:
        # A field beyond the module's limit, or an open quote: the reader of the rows reports it by its line.
        pass
    yield from seen


def _one_tab(found: re.Match[str]) -> str:
    return found.group() if found.group()[0] == '"' else "\t"
