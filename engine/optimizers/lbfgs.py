"""Newton's direction out of a memory of recent steps, and a line search: few, long steps on all examples."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array
from engine.optimizers.base import Optimizer
from engine.optimizers.fields import rate_field
from engine.optimizers.wolfe import Along, strong_wolfe
from engine.settings import hints, number_text


class LBFGS(Optimizer):
    """L-BFGS: p ← p − ρ t H g, with H ≈ the inverse Hessian from the last m steps, and a searched length t.

    The slots keep, of each step, its change s and the change of the gradient y, besides the p and g that it
    began with. H g comes from the pairs by the two-loop recursion; one without curvature, s · y ≤ 0, is left
    out. Without any, the direction is g, of length 1 in the sum of its sizes at most.
    `update` gives the direction; the updater then asks `search` for t, which evaluates loss and gradient of
    all training examples at several lengths. They must not vary by chance: same dropout, no clipping. With
    dropout, y is of one draw too (Schraudolph, Yu & Günter 2007), though each step draws anew.
    Reference: Nocedal 1980, Updating quasi-Newton matrices with limited storage; Nocedal & Wright 2006,
    Numerical optimization, algorithm 7.4; PyTorch, LBFGS with `line_search_fn="strong_wolfe"`; Schraudolph,
    Yu & Günter 2007, A stochastic quasi-Newton method for online convex optimization.
    """

    heading: ClassVar[str] = "L-BFGS"
    whole: ClassVar[bool] = True
    shrinks: ClassVar[bool] = False

    kind: Literal["lbfgs"] = "lbfgs"
    learning_rate: float = rate_field(1.0)
    memory: int = Field(
        10,
        ge=1,
        le=100,
        title="Memory",
        description="Steps whose changes are remembered; each takes twice the memory of the parameters.",
        json_schema_extra=hints(unit="steps"),
    )
    evaluations: int = Field(
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
        """Where the step began, and the pairs in a ring: step n writes place (n − 1) mod m."""
        pairs = [f"{name}_{place}" for place in range(self.memory) for name in ("step", "bend")]
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
        newest_first = [pairs[(step - 2 - age) % self.memory] for age in range(min(step - 1, self.memory))]
        _newton_direction(gradient, newest_first, change, scratch)
        if not float(change.dot(gradient)) > 0:
            np.absolute(gradient, scratch)
            total = float(scratch.sum())
            np.multiply(gradient, min(1.0, 1 / total) if total else 1.0, change)
        np.multiply(change, rate, change)

    def rests(self, gradient: Array, scratch: Array) -> str:
        np.absolute(gradient, scratch)
        largest = float(scratch.max(initial=0.0))
        if largest > self.tolerance:
            return ""
        return f"no entry of the gradient is above {number_text(self.tolerance)}"

    def search(self, along: Along, loss: float, slope: float) -> float:
        return strong_wolfe(along, loss, slope, self.evaluations) if slope < 0 else 0.0

    def remember(self, gradient: Array, parameters: Array, slots: tuple[Array, ...], step: int) -> None:
        last_parameters, last_gradient, *ring = slots
        place = 2 * ((step - 1) % self.memory)
        np.subtract(parameters, last_parameters, ring[place])
        np.subtract(gradient, last_gradient, ring[place + 1])


def _newton_direction(
    gradient: Array, newest_first: list[tuple[Array, Array]], change: Array, scratch: Array
) -> None:
    """Write H g into `change`; 0 where no pair has curvature."""
    smallest = float(np.finfo(gradient.dtype).eps)
    usable = []
    for s, y in newest_first:
        curvature, y_square = float(s.dot(y)), float(y.dot(y))
        # The cosine between both: below the rounding, its sign means nothing.
        if curvature > smallest * (float(s.dot(s)) * y_square) ** 0.5:
            usable.append((s, y, curvature, y_square))
    if not usable:
        change.fill(0.0)
        return
    change[...] = gradient
    shares = []
    for s, y, curvature, _ in usable:
        shares.append(float(s.dot(change)) / curvature)
        np.multiply(y, shares[-1], scratch)
        np.subtract(change, scratch, change)
    _, _, curvature, y_square = usable[0]
    np.multiply(change, curvature / y_square, change)
    for (s, y, curvature, _), share in zip(reversed(usable), reversed(shares), strict=True):
        np.multiply(s, share - float(y.dot(change)) / curvature, scratch)
        np.add(change, scratch, change)
