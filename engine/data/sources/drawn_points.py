"""Points of the plane that a person draws: each with a class, or with a number."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field

from engine.data.columns.settings import ColumnType
from engine.data.sources.base import HandMade, Range
from engine.data.sources.two_dimensional import INPUT_NAMES
from engine.data.table import Column, Table
from engine.errors import NoDataYet, UserError
from engine.progress import Progress
from engine.settings import hints, number_text

HALF = 6.0
"""Coordinates lie within ± this."""

CLASS_LETTERS = "ABCDEFGHI"
"""Names of the classes 1 to 9, in the order of the number keys that draw them."""

MOST_DRAWN = 5000
"""Points that are stored in an experiment."""

LARGEST_VALUE = 1e6

Coordinate = Annotated[float, Field(ge=-HALF, le=HALF)]


class DrawnPoint(NamedTuple):
    """A place of the plane, and the number of a class from 1, or the number to be predicted there."""

    x1: Coordinate
    x2: Coordinate
    value: Annotated[float, Field(ge=-LARGEST_VALUE, le=LARGEST_VALUE)]


class DrawnPoints(HandMade):
    """Points drawn with the mouse, of up to nine classes A to I, or with numbers.

    The table has the columns x₁ and x₂, within ± 6, and y: the class or the number, in the order in which the
    points were drawn. `load` raises UserError where there are none, and where a class is none of 1 to 9.
    """

    heading: ClassVar[str] = "Drawn points"
    icon: ClassVar[str] = "pencil-simple"
    kind: Literal["drawn_points"] = "drawn_points"
    usual_target: ClassVar[str] = "y"
    plane: ClassVar[tuple[Range, Range] | None] = ((-HALF, HALF), (-HALF, HALF))

    values: Literal["classes", "numbers"] = Field(
        "classes",
        title="Points have",
        description="Whether a point belongs to a class, or carries a number.",
        json_schema_extra=hints(choices={"classes": "Classes", "numbers": "Numbers"}),
    )
    points: tuple[DrawnPoint, ...] = Field(
        (),
        max_length=MOST_DRAWN,
        title="Points",
        description="x₁, x₂, and the number of the class from 1, or the number to be predicted.",
        json_schema_extra=hints(hidden=True),
    )

    @property
    def is_empty(self) -> bool:
        return not self.points

    def read(self, progress: Progress, types: Mapping[str, ColumnType]) -> Table:
        if self.is_empty:
            raise NoDataYet(
                self.heading,
                expected="points to learn from",
                got="none",
                help="Draw some on the tab Draw: left button one class, right button another.",
            )
        drawn = np.array(self.points, np.float64)
        inputs = [Column(name, "number", drawn[:, place].copy()) for place, name in enumerate(INPUT_NAMES)]
        count = len(drawn)
        note = f"{count:,} {'point' if count == 1 else 'points'}, drawn by hand."
        return Table(self.heading, (*inputs, self._target(drawn[:, 2])), (note,))

    def _target(self, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Column:
        if self.values == "numbers":
            return Column(self.usual_target, "number", values.copy())
        known = np.isin(values, np.arange(1, len(CLASS_LETTERS) + 1))
        if not known.all():
            first = int(np.flatnonzero(~known)[0])
            raise UserError(
                f"{self.heading}, point {first + 1:,}",
                expected=f"a class from 1 to {len(CLASS_LETTERS)}",
                got=number_text(float(values[first])),
                help="Let the points have numbers, or erase this one.",
            )
        letters = np.array(list(CLASS_LETTERS), dtype=object)
        return Column(self.usual_target, "category", letters[values.astype(np.intp) - 1])
