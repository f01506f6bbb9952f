"""Reading values from a chart: finds the recorded numbers nearest to the pointer and tells them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, QPointF

from gui.plots import numerals
from gui.plots.annotations import Annotations, Point
from gui.plots.canvas import Canvas
from gui.plots.decimate import Sampler
from gui.plots.lines import LineItems, RecordName, place_on_axis
from gui.plots.readout import Reading, ReadOut
from gui.theme import Theme

MOST_READINGS = 9
"""The card has room for so many lines; those nearest to the pointer are told."""
KEY_STEP_PX = 6


@dataclass(frozen=True)
class Found:
    """What the record holds near a place: the x it is from, a title, the numbers, and dots on their lines."""

    x: float
    title: str
    readings: list[Reading] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)


def find(
    samplers: Mapping[RecordName, Sampler],
    items: Sequence[LineItems],
    x: float,
    y: float,
    logarithmic: bool,
    theme: Theme,
) -> Found:
    """The recorded numbers nearest to x, exact; of many lines those nearest to y (on the axis)."""
    rows = {name: sampler.nearest(x) for name, sampler in samplers.items() if sampler.count}
    finest: RecordName = "steps" if "steps" in rows else "epochs"
    place = samplers[finest].x_at(rows[finest])
    told = []
    for item in items:
        line, sampler = item.line, item.sampler
        if line.record not in rows or item.absent:
            continue
        row = rows[line.record]
        value, at = sampler.value_at(line.column, row), sampler.x_at(row)
        name = line.title if line.record == finest else f"{line.title}, epoch {at:g}"
        upright = place_on_axis(value, logarithmic)
        reading = Reading(name, numerals.reading(value), line.colour(theme), line.dashed)
        told.append((upright, reading, Point(at, upright, line.colour(theme))))
    hidden = len(told) - MOST_READINGS
    if hidden > 0:
        told.sort(key=lambda entry: abs(entry[0] - y) if math.isfinite(entry[0]) else math.inf)
        told = told[:MOST_READINGS]
    # As they stand on the screen: the highest first.
    told.sort(key=lambda entry: entry[0] if math.isfinite(entry[0]) else -math.inf, reverse=True)
    title = f"epoch {place:g}"
    if finest == "steps":
        title = f"epoch {place:.2f} · step {numerals.count(rows['steps'] + 1)}"
    found = Found(place, title, [entry[1] for entry in told])
    found.points.extend(entry[2] for entry in told if math.isfinite(entry[0]))
    if hidden > 0:
        found.readings.append(Reading(f"and {numerals.quantity(hidden, 'line', 'lines')} more", "", ""))
    return found


class Reader(QObject):
    """Shows what was found under the pointer, or where the arrow keys have led."""

    def __init__(
        self, canvas: Canvas, annotations: Annotations, look_up: Callable[[float, float], Found | None]
    ) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._annotations = annotations
        self._look_up = look_up
        self._card = ReadOut(canvas)
        self._pointer: QPointF | None = None
        self.found: Found | None = None
        canvas.pointed.connect(self._point)

    @property
    def x(self) -> float | None:
        """Where the numbers told now are from; None while nothing is told."""
        return self.found.x if self.found else None

    def update(self) -> None:
        """The chart has changed under the pointer."""
        if self._pointer is None:
            return
        self.found = self._look_up(*self._canvas.value(self._pointer))
        if self.found is None:
            self.hide()
            return
        self._annotations.reading_at = self.found.x
        self._annotations.reading_points = self.found.points
        self._annotations.update()
        self._card.show_at(self._pointer.toPoint(), self.found.title, self.found.readings)

    def step(self, direction: int) -> None:
        """Move the reading line by keyboard, −1 to the left, 1 to the right."""
        area = self._canvas.pane.sceneBoundingRect()
        here = self._pointer or area.center()
        x = min(max(here.x() + direction * KEY_STEP_PX, area.left()), area.right())
        self._point(QPointF(x, here.y()))

    def hide(self) -> None:
        """Tell nothing."""
        self._pointer = self.found = None
        self._annotations.reading_at = None
        self._annotations.reading_points = ()
        self._annotations.update()
        self._card.hide()

    def _point(self, pointer: QPointF | None) -> None:
        self._pointer = pointer
        if pointer is None:
            self.hide()
        else:
            self.update()
