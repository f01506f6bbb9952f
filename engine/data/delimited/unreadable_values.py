"""Where in the file those values stand that are not of the type that a person chose."""

from collections.abc import Mapping, Sequence

from engine.data.columns.types import MOST_UNREADABLE
from engine.data.delimited.chosen_types import Unread
from engine.data.table import Unreadable


def rows_of_unread(unread: Sequence[Unread]) -> list[int]:
    """The first rows in which a value is not of the type that was chosen, rising."""
    first = sorted(unread, key=lambda place: place[0])[:MOST_UNREADABLE]
    return sorted({row for row, _, _ in first})


def places_of_unread(unread: Sequence[Unread], lines: Mapping[int, int]) -> tuple[Unreadable, ...]:
    """The same with their lines, in the order of the file. lines : of the file, by row."""
    first = sorted(unread, key=lambda place: place[0])[:MOST_UNREADABLE]
    return tuple(Unreadable(lines[row], name, why) for row, name, why in first)


def line_before(left_out: Sequence[int], line: int) -> int:
    """The line of the file that is this one without the lines left out, which are in rising order."""
    for each in left_out:
        if each > line:
            break
        line += 1
    return line
