"""Newton's direction out of a memory of recent steps, and a line search: few, long steps on all examples."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array
from engine.optimizers.base import Optimizer
from engine.optimizers.fields import rate_field
from engine.optimizers.wolfe import Along, strong_wolfe
from engine.settings import hints


class LBFGS(Optimizer):
    """L-BFGS: p ← p − ρ t H g, with H ≈ the inverse Hessian from the last m steps, and a searched length t.

    The slots keep the last p and g, and of each step its change s and the change of the gradient y. H g
    comes from them by the two-loop recursion; a pair without curvature, s · y ≤ 0, is left out. Without
    any, the direction is g, of length 1 in the sum of its sizes at most.
    `update` gives the direction; the updater then asks `search` for t, which evaluates loss and gradient of
    all training examples at several lengths. They must not vary by chance: same dropout, no clipping.
    Reference: Nocedal 1980, Updating quasi-Newton matrices with limited storage; Nocedal & Wright 2006,
    Numerical optimization, algorithm 7.4; PyTorch, LBFGS with `line_search_fn="strong_wolfe"`.
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

    @property
    def slots(self) -> tuple[str, ...]:
        """Last parameters and gradient, and the pairs in a ring: step n writes place (n − 2) mod m."""
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
        if step > 1:
            s, y = pairs[(step - 2) % self.memory]
            np.subtract(parameters, last_parameters, s)
            np.subtract(gradient, last_gradient, y)
        last_parameters[...] = parameters
        last_gradient[...] = gradient
        newest_first = [pairs[(step - 2 - age) % self.memory] for age in range(min(step - 1, self.memory))]
        _newton_direction(gradient, newest_first, change, scratch)
        if not float(change.dot(gradient)) > 0:
            np.absolute(gradient, scratch)
            total = float(scratch.sum())
            np.multiply(gradient, min(1.0, 1 / total) if total else 1.0, change)
        np.multiply(change, rate, change)

    def search(self, along: Along, loss: float, slope: float) -> float:
        """The factor t on the change. 0: no lower loss was found.

        along : loss and slope at p − t · change, for any t. loss, slope : those at p; slope = −g · change.
        """
        return strong_wolfe(along, loss, slope, self.evaluations) if slope < 0 else 0.0


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
