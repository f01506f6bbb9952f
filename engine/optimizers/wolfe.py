"""Line search: how far to go in a direction, until the loss has fallen enough and its slope is flat."""

import math
from collections.abc import Callable
from typing import NamedTuple

ENOUGH_FALL = 1e-4
"""c₁: the share of the fall that the slope at the start promises."""
FLAT_ENOUGH = 0.9
"""c₂: the share of the slope at the start that may be left; both as Nocedal & Wright advise for L-BFGS."""
NARROWEST = 1e-9
"""Width of a bracket, as a share of the first length tried, at which the search ends."""


class Point(NamedTuple):
    """A length that was tried, the loss there, and its slope along the direction."""

    length: float
    loss: float
    slope: float


Along = Callable[[float], tuple[float, float]]
"""From a length to loss and slope there."""


def strong_wolfe(along: Along, loss: float, slope: float, evaluations: int) -> float:
    """A length that satisfies the strong Wolfe conditions, from 1 on; the best one found where none does.

    loss, slope : at length 0, the slope below 0. evaluations : most calls of `along`. Returns 0 where no
    length tried has a lower loss. A loss that is not finite counts as too high.
    Reference: Nocedal & Wright 2006, Numerical optimization, algorithms 3.5 and 3.6, with the safeguards of
    minFunc (Schmidt 2005) as PyTorch has them, LBFGS with `line_search_fn="strong_wolfe"`.
    """
    search = _Search(along, Point(0.0, loss, slope), evaluations)
    return search.narrow(search.bracket()).length


class _Search:
    def __init__(self, along: Along, start: Point, evaluations: int) -> None:
        self._along, self._start, self._left = along, start, evaluations

    def bracket(self) -> tuple[Point, Point]:
        """Two points with a good length between them; twice the same where that is one itself."""
        before, point = self._start, self._try(1.0)
        first = True
        while self._left > 0:
            if not self._has_fallen(point) or (not first and point.loss >= before.loss):
                return before, point
            if self._is_flat(point):
                return point, point
            if point.slope >= 0:
                return before, point
            span = (point.length + 0.01 * (point.length - before.length), 10 * point.length)
            before, point = point, self._try(_lowest_between(before, point, span))
            first = False
        return self._start, point

    def narrow(self, bracket: tuple[Point, Point]) -> Point:
        """The first good length between two points, or the lowest found."""
        low, high = sorted(bracket, key=lambda point: point.loss)
        stuck = False
        while self._left > 0 and abs(high.length - low.length) > NARROWEST:
            left, right = sorted((low.length, high.length))
            length = _lowest_between(low, high, (left, right))
            # Twice in a row hard at an end, or at the end itself: rather a tenth of the way inside.
            inset = 0.1 * (right - left)
            at_end = min(right - length, length - left) < inset
            if at_end and (stuck or not left < length < right):
                length = right - inset if right - length < length - left else left + inset
                at_end = False
            stuck = at_end
            point = self._try(length)
            if not self._has_fallen(point) or point.loss >= low.loss:
                low, high = sorted((low, point), key=lambda each: each.loss)
                continue
            if self._is_flat(point):
                return point
            if point.slope * (high.length - low.length) >= 0:
                high = low
            low = point
        return low

    def _try(self, length: float) -> Point:
        self._left -= 1
        loss, slope = self._along(length)
        finite = math.isfinite(loss) and math.isfinite(slope)
        return Point(length, loss, slope) if finite else Point(length, math.inf, math.nan)

    def _has_fallen(self, point: Point) -> bool:
        return point.loss <= self._start.loss + ENOUGH_FALL * point.length * self._start.slope

    def _is_flat(self, point: Point) -> bool:
        return abs(point.slope) <= -FLAT_ENOUGH * self._start.slope


def _lowest_between(one: Point, other: Point, span: tuple[float, float]) -> float:
    """Where the cubic through two points, with their slopes, is lowest; within the span, else its middle."""
    low, high = span
    left, right = sorted((one, other))
    if math.isfinite(left.loss) and math.isfinite(right.loss) and left.length < right.length:
        width = right.length - left.length
        bend = left.slope + right.slope - 3 * (right.loss - left.loss) / width
        # Not bend**2: where a loss runs away, that raises OverflowError, but a product is infinite.
        square = bend * bend - left.slope * right.slope
        if 0 <= square < math.inf:
            root = math.sqrt(square)
            below = right.slope - left.slope + 2 * root
            if below:
                lowest = right.length - width * (right.slope + root - bend) / below
                return min(max(lowest, low), high)
    return (low + high) / 2
