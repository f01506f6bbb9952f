"""L-BFGS: Newton's direction from a memory of recent steps, and a line search."""

import math
from collections.abc import Mapping
from typing import ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field

from engine.arrays import Array
from engine.optimizers.base import Along, Optimizer, Working, rate_field
from engine.settings import hints, number_text

SUFFICIENT_DECREASE = 1e-4
"""c₁, sufficient decrease: a fraction of the decrease that the slope at the start predicts."""
CURVATURE = 0.9
"""c₂, curvature condition: the fraction of the slope at the start that may remain. Both values are those of
Nocedal & Wright for L-BFGS."""
NARROWEST = 1e-9
"""Width of a bracket, as a fraction of the first length tried, at which the search ends."""


class Point(NamedTuple):
    """A length that was tried, the loss there, and its slope along the direction."""

    length: float
    loss: float
    slope: float


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
        """Two points that bracket a good length; twice the same point where it is one itself."""
        before, point = self._start, self._try(1.0)
        first = True
        while self._left > 0:
            if not self._has_decreased(point) or (not first and point.loss >= before.loss):
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
            # Twice in a row close to an end, or at the end itself: a tenth of the width inside instead.
            inset = 0.1 * (right - left)
            at_end = min(right - length, length - left) < inset
            if at_end and (stuck or not left < length < right):
                length = right - inset if right - length < length - left else left + inset
                at_end = False
            stuck = at_end
            point = self._try(length)
            if not self._has_decreased(point) or point.loss >= low.loss:
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

    def _has_decreased(self, point: Point) -> bool:
        return point.loss <= self._start.loss + SUFFICIENT_DECREASE * point.length * self._start.slope

    def _is_flat(self, point: Point) -> bool:
        return abs(point.slope) <= -CURVATURE * self._start.slope


def _lowest_between(one: Point, other: Point, span: tuple[float, float]) -> float:
    """The minimum of the cubic through two points and slopes, clipped to the span; else the span's middle."""
    low, high = span
    left, right = sorted((one, other))
    if math.isfinite(left.loss) and math.isfinite(right.loss) and left.length < right.length:
        width = right.length - left.length
        d1 = left.slope + right.slope - 3 * (right.loss - left.loss) / width
        # Not d1**2: where a loss diverges, that raises OverflowError, but a product is infinite.
        square = d1 * d1 - left.slope * right.slope
        if 0 <= square < math.inf:
            root = math.sqrt(square)
            below = right.slope - left.slope + 2 * root
            if below:
                lowest = right.length - width * (right.slope + root - d1) / below
                return min(max(lowest, low), high)
    return (low + high) / 2


class LBFGS(Optimizer):
    """L-BFGS: p ← p − ρ t H g, with H ≈ the inverse Hessian from the last m steps, and a searched length t.

    The slots store, of each step, its change s and the change of the gradient y, besides the p and g that it
    began with. H g comes from the pairs by the two-loop recursion; one without curvature, s · y ≤ 0, is left
    out. Without any, the direction is g, of length 1 in the sum of its sizes at most.
    `update` gives the direction; the updater then asks `search` for t, which evaluates loss and gradient of
    all training examples at several lengths. They must not vary by chance: same dropout, no clipping. With
    dropout, y is of one draw too (Schraudolph, Yu & Günter 2007), though each step draws a new one.
    Reference: Nocedal 1980, Updating quasi-Newton matrices with limited storage; Nocedal & Wright 2006,
    Numerical optimization, algorithm 7.4; PyTorch, LBFGS with `line_search_fn="strong_wolfe"`; Schraudolph,
    Yu & Günter 2007, A stochastic quasi-Newton method for online convex optimization.
    """

    heading: ClassVar[str] = "L-BFGS"
    formula: ClassVar[tuple[str, str]] = (
        r"p \leftarrow p - \rho \, t \, (H g)",
        "p ← p − ρ t (H g)",
    )
    needs_full_batch: ClassVar[bool] = True
    has_proximal_step: ClassVar[bool] = False

    kind: Literal["lbfgs"] = "lbfgs"
    learning_rate: float = rate_field(1.0)
    history_size: int = Field(
        10,
        ge=1,
        le=100,
        title="Memory",
        description="Steps whose changes are remembered; each takes twice the memory of the parameters.",
        json_schema_extra=hints(unit="steps"),
    )
    max_line_search_evaluations: int = Field(
        25,
        ge=1,
        le=1000,
        title="Line search",
        description="How often a step may go through all training examples in search of its length.",
        json_schema_extra=hints(unit="passes", live=True),
    )
    tolerance: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Flat enough",
        description="Ends the run where no entry of the gradient is larger; 0 goes on while the loss falls.",
        json_schema_extra=hints(live=True),
    )

    @property
    def slots(self) -> tuple[str, ...]:
        """Where the step began, and the pairs in a ring buffer: step n writes index (n − 1) mod m.

        "s_0" is the change of the parameters in the first of them, "y_0" that of the gradient.
        """
        pairs = [f"{name}_{index}" for index in range(self.history_size) for name in ("s", "y")]
        return ("last_parameters", "last_gradient", *pairs)

    def update(
        self,
        gradient: Array,
        parameters: Array,
        slots: tuple[Array, ...],
        change: Array,
        scratch: Array,
        rate: float,
        step: int,
    ) -> None:
        """The change at length 1: whole vectors, one block."""
        last_parameters, last_gradient, *ring = slots
        pairs = list(zip(ring[::2], ring[1::2], strict=True))
        last_parameters[...] = parameters
        last_gradient[...] = gradient
        size = self.history_size
        newest_first = [pairs[(step - 2 - age) % size] for age in range(min(step - 1, size))]
        _newton_direction(gradient, newest_first, change, scratch)
        if not float(change.dot(gradient)) > 0:
            np.absolute(gradient, scratch)
            total = float(scratch.sum())
            np.multiply(gradient, min(1.0, 1 / total) if total else 1.0, change)
        np.multiply(change, rate, change)

    def workings(self, slots: Mapping[str, float], gradient: float, step: int) -> list[Working]:
        """None of one parameter alone: H joins all of them."""
        return []

    def convergence_reason(self, gradient: Array, scratch: Array) -> str:
        np.absolute(gradient, scratch)
        largest = float(scratch.max(initial=0.0))
        if largest > self.tolerance:
            return ""
        return f"no entry of the gradient is above {number_text(self.tolerance)}"

    def search(self, along: Along, loss: float, slope: float) -> float:
        return strong_wolfe(along, loss, slope, self.max_line_search_evaluations) if slope < 0 else 0.0

    def record_step(self, gradient: Array, parameters: Array, slots: tuple[Array, ...], step: int) -> None:
        last_parameters, last_gradient, *ring = slots
        index = 2 * ((step - 1) % self.history_size)
        np.subtract(parameters, last_parameters, ring[index])
        np.subtract(gradient, last_gradient, ring[index + 1])


def _newton_direction(
    gradient: Array, newest_first: list[tuple[Array, Array]], change: Array, scratch: Array
) -> None:
    """Write H g into `change`; 0 where no pair has curvature."""
    smallest = float(np.finfo(gradient.dtype).eps)
    usable = []
    for s, y in newest_first:
        curvature, y_square = float(s.dot(y)), float(y.dot(y))
        # The cosine between both: where it is below the rounding error, its sign is meaningless.
        if curvature > smallest * (float(s.dot(s)) * y_square) ** 0.5:
            usable.append((s, y, curvature, y_square))
    if not usable:
        change.fill(0.0)
        return
    change[...] = gradient
    alphas = []
    for s, y, curvature, _ in usable:
        alphas.append(float(s.dot(change)) / curvature)
        np.multiply(y, alphas[-1], scratch)
        np.subtract(change, scratch, change)
    _, _, curvature, y_square = usable[0]
    np.multiply(change, curvature / y_square, change)
    for (s, y, curvature, _), alpha in zip(reversed(usable), reversed(alphas), strict=True):
        np.multiply(s, alpha - float(y.dot(change)) / curvature, scratch)
        np.add(change, scratch, change)
