"""What the axes of a chart show: x follows the run at once, y what is drawn, a few times a second."""

import time
from collections.abc import Sequence

from gui.kit import scales
from gui.kit.scales import Interval
from gui.panels.plots.annotations import MARK_ROWS, Annotations, end_label_width, line_height
from gui.panels.plots.canvas import Canvas
from gui.panels.plots.lines import LineItems
from gui.panels.plots.outside import ARROW_PX, EdgeMarks, Outside, count_outside
from gui.panels.plots.zoom import Zoom

RANGE_SECONDS = 0.25
"""How often the upright axis may move: often enough to follow, seldom enough to read."""


class Ranges:
    """Moves the axes of a canvas, and has its edges point to what is then out of sight."""

    def __init__(self, canvas: Canvas, zoom: Zoom, annotations: Annotations, edge_marks: EdgeMarks) -> None:
        self._canvas, self._zoom = canvas, zoom
        self._annotations, self._edge_marks = annotations, edge_marks
        self._due = 0.0

    @property
    def due(self) -> bool:
        """Whether the upright axis may move again."""
        return time.monotonic() >= self._due

    def hurry(self) -> None:
        """Let it move with the next call."""
        self._due = 0.0

    def move(self, items: Sequence[LineItems], logarithmic: bool, robust: bool) -> bool:
        """Fit the axes to what these lines hold; False where the upright one is to follow later."""
        across, marks = self._across(items), self._edge_marks
        due = self.due
        upright, outside = self._canvas.pane.y_range, marks.outside
        if due:
            self._due = time.monotonic() + RANGE_SECONDS
            upright, outside = self._upright(items, across, logarithmic, robust)
        self._canvas.show_range(across, upright)
        marks.show_outside(outside, items, self._words() + 2 * ARROW_PX)
        return due

    def _across(self, items: Sequence[LineItems]) -> Interval:
        """What is in sight, and at the right of it room for the names of lines."""
        width = self._canvas.pane.width()
        low, high = self._zoom.x_range
        labels = [item.line.title for item in items if item.line.label]
        if not labels or self._zoom.x is not None:
            return low, high
        room = min(end_label_width(labels), width / 2)
        part = room / max(width - room, 1.0)
        return low, high * (high / low) ** part if self._zoom.logarithmic else high + (high - low) * part

    def _upright(
        self, items: Sequence[LineItems], across: Interval, logarithmic: bool, robust: bool
    ) -> tuple[Interval, Outside]:
        """The range of the upright axis, and how much lies beyond it."""
        if self._zoom.y is not None:
            return self._zoom.y, count_outside(items, across, self._zoom.y, logarithmic)
        find = scales.logarithmic_range if logarithmic else scales.linear_range
        extents = [item.extent()[1] for item in items]
        samples = [item.sample(*item.sampler.rows_between(*across)) for item in items] if robust else None
        found = find(extents, robust=robust, samples=samples) or scales.NOTHING_TO_SHOW
        outside = count_outside(items, across, found, logarithmic)
        above, below = (
            2 * ARROW_PX + line_height() if many else 0.0 for many in (outside.above, outside.below)
        )
        height = self._canvas.pane.height()
        found = scales.with_room(found, self._words() + above, below, height)
        if above or below:
            # The room may hold some of what was beyond.
            outside = count_outside(items, across, found, logarithmic)
        return found, outside

    def _words(self) -> float:
        """Pixels at the top that the names of the marks take."""
        return line_height() * min(len(self._annotations.marks), MARK_ROWS)
