"""Where labels stand so that none covers another: beside lines, and one above the other. No Qt."""

from collections.abc import Sequence
from dataclasses import dataclass

LEAST_SHARE = 0.8
"""A label of which less than this part fits has lost what matters, which stands at its end."""
GAP = 4.0
"""Between a line and its label, and between labels."""


@dataclass(frozen=True)
class Place:
    """Where a mark's label stands, in pixels."""

    left: float
    width: float
    row: int


@dataclass(frozen=True)
class Group:
    """Marks too near to one another to be told apart."""

    x: float
    members: tuple[int, ...]


def grouped(positions: Sequence[float], nearer_than: float = 3.0) -> list[Group]:
    """Join neighbouring positions (ascending, in pixels)."""
    groups: list[list[int]] = []
    for index, x in enumerate(positions):
        if groups and x - positions[groups[-1][0]] < nearer_than:
            groups[-1].append(index)
        else:
            groups.append([index])
    return [Group(positions[group[-1]], tuple(group)) for group in groups]


def place_labels(
    positions: Sequence[float], widths: Sequence[float], room: float, rows: int
) -> list[Place | None]:
    """Rows and places of labels beside vertical lines; the last ones choose first.

    positions : of the lines, in pixels from the left. widths : of the whole labels. room : pixels across.
    A label stands to the right of its line, else to its left, else in the next row; shortened where there is
    less room. None where there is no room for it at all.
    """
    taken: list[list[tuple[float, float]]] = [[] for _ in range(rows)]
    places: list[Place | None] = [None] * len(positions)
    for index in sorted(range(len(positions)), reverse=True):
        wanted = widths[index]
        offers = [
            (min(free, wanted), -row, side, left)
            for row in range(rows)
            for side, left, free in _beside(positions[index], wanted, taken[row], room)
        ]
        best = max(offers, default=None)
        if best is None or best[0] < LEAST_SHARE * wanted:
            continue
        width, row, _, left = best
        taken[-row].append((left - GAP, left + width + GAP))
        places[index] = Place(left, width, -row)
    return places


def _beside(
    x: float, wanted: float, taken: Sequence[tuple[float, float]], room: float
) -> list[tuple[int, float, float]]:
    """(preference, left edge, free width) to the right and to the left of a line."""
    right_end = min([low for low, high in taken if high > x + GAP] + [room])
    left_end = max([high for low, high in taken if low < x - GAP] + [0.0])
    to_right = max(right_end - x - GAP, 0.0)
    to_left = max(x - GAP - left_end, 0.0)
    return [(1, x + GAP, to_right), (0, x - GAP - min(wanted, to_left), to_left)]


def spread(wanted: Sequence[float], height: float, low: float, high: float) -> list[float | None]:
    """Move label centres apart, so that neighbours are `height` from one another inside low … high.

    Where there is not room for all, some in between get None; the first and the last stay.
    """
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    most = max(int((high - low) // height), 1)
    if len(order) > most:
        steps = [round(number * (len(order) - 1) / max(most - 1, 1)) for number in range(most)]
        order = [order[step] for step in sorted(set(steps))]
    centres: list[float] = []
    for index in order:
        above = centres[-1] + height if centres else low + height / 2
        centres.append(max(wanted[index], above))
    limit = high - height / 2
    for number in reversed(range(len(centres))):
        centres[number] = min(centres[number], limit)
        limit = centres[number] - height
    places: list[float | None] = [None] * len(wanted)
    for index, centre in zip(order, centres, strict=True):
        places[index] = centre
    return places
