"""Which part of a run is in sight: all of it while it grows, or a stretch that a hand has chosen. No Qt."""

from gui.kit.scales import Interval

HEADROOM = 0.04
"""How far the axis of epochs runs ahead of the run, so that it need not move with every frame."""


class Zoom:
    """Ranges that were chosen; None where everything is shown."""

    def __init__(self) -> None:
        self.x: Interval | None = None
        self.y: Interval | None = None
        self.reach = 0.0
        """Right end of the axis of epochs while it is not zoomed."""

    @property
    def active(self) -> bool:
        return self.x is not None or self.y is not None

    @property
    def x_range(self) -> Interval:
        return self.x or (0.0, self.reach or 1.0)

    def follow(self, last: float) -> None:
        """The run has come to this x."""
        if not last <= self.reach <= last * (1 + 3 * HEADROOM):
            self.reach = last * (1 + HEADROOM)

    def frame(self, x: Interval, y: Interval | None) -> None:
        """Show this rectangle; y None leaves y as it is."""
        self.x = self._inside(*x)
        self.y = y or self.y

    def about(self, factor: float, x: float) -> None:
        """Show `factor` times as much of x; what stands at x stays where it is."""
        low, high = self.x_range
        self.x = self._inside(x + (low - x) * factor, x + (high - x) * factor)

    def move(self, distance: float) -> None:
        """Move the stretch along x, but not out of the run."""
        if self.x is not None:
            low, high = self.x
            distance = min(max(distance, -low), max(self.reach - high, 0.0))
            self.x = low + distance, high + distance

    def reset(self) -> None:
        """Show everything."""
        self.x = self.y = None
        self.reach = 0.0

    def _inside(self, low: float, high: float) -> Interval | None:
        low, high = max(low, 0.0), min(high, self.reach)
        whole = low <= 0.0 and high >= self.reach
        # Closer than this, neighbouring numbers of double precision would become one.
        least = 1e-9 * max(self.reach, 1.0)
        return None if whole or high - low < least else (low, high)
