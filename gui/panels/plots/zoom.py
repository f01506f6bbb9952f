"""Zoom and pan: which part of a run a chart shows, all of it or a range chosen by mouse or keys."""

from PySide6.QtCore import QObject, Qt, Signal

from gui.kit.scales import Interval
from gui.panels.plots.canvas import Canvas
from gui.panels.plots.hover_cursor import Reader
from gui.panels.plots.pixel_columns import LEAST_X

HEADROOM = 0.04
"""How far the axis of epochs runs ahead of the run, so that it need not move with every frame."""


class Zoom:
    """Ranges that were chosen; None where everything is shown."""

    def __init__(self) -> None:
        self.x: Interval | None = None
        self.y: Interval | None = None
        self.logarithmic = False
        """Whether the axis of epochs is: it then begins with the first step, as 0 has no place on it."""
        self.first = 0.0
        """Where the run begins."""
        self.reach = 0.0
        """Right end of the axis of epochs while it is not zoomed."""

    @property
    def active(self) -> bool:
        return self.x is not None or self.y is not None

    @property
    def x_range(self) -> Interval:
        return self.x or (self._lowest, self.reach or 1.0)

    @property
    def _lowest(self) -> float:
        # At least a decade, or a single step would be all there is to see.
        return max(min(self.first, self.reach / 10), LEAST_X) if self.logarithmic else 0.0

    def follow(self, last: float, first: float = 0.0) -> None:
        """The run, which began at `first`, has come to this x."""
        self.first = first
        if not last <= self.reach <= last * (1 + 3 * HEADROOM):
            self.reach = last * (1 + HEADROOM)

    def frame(self, x: Interval, y: Interval | None) -> None:
        """Show this rectangle; y None leaves y as it is."""
        self.x = self._inside(*x)
        self.y = y or self.y

    def about(self, factor: float, x: float) -> None:
        """Show `factor` times as much of x; what stands at x stays where it is."""
        low, high = self.x_range
        if self.logarithmic:
            self.x = self._inside(x * (low / x) ** factor, x * (high / x) ** factor)
        else:
            self.x = self._inside(x + (low - x) * factor, x + (high - x) * factor)

    def move(self, start: float, end: float) -> None:
        """Move what stands at `start` to `end`, but nothing out of the run."""
        if self.x is None:
            return
        low, high = self.x
        if self.logarithmic:
            factor = min(max(start / end, self._lowest / low), max(self.reach / high, 1.0))
            self.x = low * factor, high * factor
        else:
            distance = min(max(start - end, -low), max(self.reach - high, 0.0))
            self.x = low + distance, high + distance

    def reset(self) -> None:
        """Show everything."""
        self.x = self.y = None
        self.reach = 0.0

    def _inside(self, low: float, high: float) -> Interval | None:
        low, high = max(low, self._lowest), min(high, self.reach)
        whole = low <= self._lowest and high >= self.reach
        # Closer than this, neighbouring numbers of double precision would become one.
        least = 1e-9 * max(self.reach, 1.0)
        return None if whole or high - low < least else (low, high)


class Navigation(QObject):
    """Zooms and moves a chart by mouse and keys, and moves its reading line; `changed`: draw again."""

    changed = Signal()
    toggled = Signal()
    """A double click where nothing is zoomed: show all values, or leave outliers out again."""

    def __init__(self, canvas: Canvas, reader: Reader) -> None:
        super().__init__(canvas)
        self.zoom = Zoom()
        self._reader = reader
        pane = canvas.pane
        pane.framed.connect(self._frame)
        pane.wheeled.connect(self._zoom_about)
        pane.moved.connect(self._move)
        pane.reset.connect(self._answer_double_click)

    def reset(self) -> None:
        """Show the whole run."""
        self.zoom.reset()
        self.changed.emit()

    def press(self, key: int) -> bool:
        """What a key asks for; False where it asks nothing of the chart."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        factors = {Qt.Key.Key_Plus: 0.8, Qt.Key.Key_Equal: 0.8, Qt.Key.Key_Minus: 1.25}
        low, high = self.zoom.x_range
        if key in steps:
            self._reader.step(steps[Qt.Key(key)])
        elif key in factors:
            middle = self._reader.x if self._reader.x is not None else (low + high) / 2
            self._zoom_about(factors[Qt.Key(key)], middle)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_0):
            self.reset()
        elif key == Qt.Key.Key_Escape and self._reader.x is not None:
            self._reader.hide()
        else:
            return False
        return True

    def _frame(self, x: Interval, y: Interval | None) -> None:
        self.zoom.frame(x, y)
        self.changed.emit()

    def _zoom_about(self, factor: float, x: float) -> None:
        self.zoom.about(factor, x)
        self.changed.emit()

    def _move(self, start: float, end: float) -> None:
        self.zoom.move(start, end)
        self.changed.emit()

    def _answer_double_click(self) -> None:
        if self.zoom.active:
            self.reset()
        else:
            self.toggled.emit()
