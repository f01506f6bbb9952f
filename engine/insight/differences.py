"""Slopes of a loss by central differences, one parameter at a time, and where there is none: at kinks."""

import math
from collections.abc import Callable

from engine.arrays import Array

STEP = 1e-5
"""Half the distance of the two points of a central difference (CS231n)."""

KINK = 1e-4
"""Where the slopes to the left and to the right differ by more than this share, a kink is looked for: half of
it is what a difference across a kink is off by, which is then no more than rounding may be."""

BEND = 0.1
"""How far from one half the factor may be by which that difference shrinks with half the step where the
function only bends; and from one quarter, with a quarter of it."""

NOISE = 2e-10
"""What rounding leaves of such a difference, for a loss of up to 1."""

Function = Callable[[], float]


class Differences:
    """Slopes of a function of a vector that it reads.

    parameters : the vector; an entry is changed for a moment and put back. value : the function.
    """

    def __init__(self, parameters: Array, value: Function) -> None:
        self._parameters, self._value = parameters, value
        self._here = value()
        self.scale = max(abs(self._here), 1.0) if math.isfinite(self._here) else 1.0
        """Rounding grows with the value, if that is above 1."""

    def slope(self, place: int) -> tuple[float, bool]:
        """Central difference at one entry, and whether a kink was crossed there."""
        right, left = self._one_sided(place, STEP)
        slope, jump = (right + left) / 2, abs(right - left)
        noise = NOISE * self.scale
        if not math.isfinite(jump) or jump <= KINK * max(abs(right), abs(left)) + noise:
            return slope, False
        return slope, not all(self._bends(place, jump, share, noise) for share in (0.5, 0.25))

    def _bends(self, place: int, jump: float, share: float, noise: float) -> bool:
        """Whether the jump shrinks with the step, as that of a smooth function does.

        Across a kink it stays as it is, or vanishes once the kink is out of reach; where one of two smaller
        steps happens to halve it, the other does not.
        """
        right, left = self._one_sided(place, share * STEP)
        return abs(abs(right - left) - share * jump) <= BEND * jump + noise / share

    def _one_sided(self, place: int, step: float) -> tuple[float, float]:
        """Slopes to the right and to the left of one entry."""
        parameters = self._parameters
        kept = parameters[place]
        try:
            parameters[place] = kept + step
            above = self._value()
            parameters[place] = kept - step
            below = self._value()
        finally:
            parameters[place] = kept
        return (above - self._here) / step, (self._here - below) / step
