"""The curve of a learning-rate range test: losses over rising rates, smoothed, and the rates read from it.

Reference: Smith 2017, Cyclical learning rates for training neural networks, section 3.3; the two readings of
the smoothed curve are those that became usual with fast.ai.
"""

import math

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.float64]

FEWEST_STEPS = 20
"""With fewer, no rate is read from the curve."""

MEMORY = 0.5
"""Reach of the smoothing, in powers of ten of the learning rate: over the ready experiments, what another
seed suggests then differs by a factor of about 1.6."""

EXPLOSION = 4.0
"""The loss has exploded where it, smoothed, is above this multiple of its lowest and above its start."""

CLEAR_FALL = 0.03
"""The smoothed loss has to fall by this fraction of its start; otherwise no rate is read from the curve."""

TENTH = 0.1
"""Of the rate with the lowest loss, since there learning is already about to break."""


class RunningMean:
    """The running mean of the losses so far, with the weight of each shrinking by `decay` a step."""

    def __init__(self, decay: float) -> None:
        self._decay = decay
        self._sum = self._weight = 0.0
        self._first: float | None = None
        self._lowest = math.inf
        self.exploded = False

    def add(self, loss: float) -> None:
        """Add a loss, and check whether it has exploded."""
        self._sum = self._decay * self._sum + loss
        self._weight = self._decay * self._weight + 1
        mean = self._sum / self._weight
        self._first = mean if self._first is None else self._first
        self._lowest = min(self._lowest, mean)
        rise = mean - self._lowest
        self.exploded = rise > (EXPLOSION - 1) * abs(self._lowest) and mean > self._first


def decay_of(low: float, high: float, steps: int) -> float:
    """How much less the neighbouring step counts in the smoothing."""
    return math.exp(-math.log10(high / low) / (steps - 1) / MEMORY)


def smoothed_losses(losses: Curve, decay: float) -> Curve:
    """Each loss as a mean over its neighbours on both sides, so that the curve is not shifted."""
    if not len(losses):
        return losses
    steps = np.arange(len(losses))
    weights = decay ** np.abs(steps[:, None] - steps)
    # An explosion at the end must not hide the losses before it.
    capped = np.minimum(losses, losses[0] + (EXPLOSION - 1) * abs(losses[0]))
    return np.asarray((weights @ capped) / weights.sum(axis=1))


def readings(rates: Curve, smoothed: Curve) -> tuple[float | None, float | None]:
    """The rate of the steepest fall, and a tenth of that of the lowest loss."""
    if len(rates) < FEWEST_STEPS:
        return None, None
    lowest = int(smoothed.argmin())
    start = smoothed[0]
    if lowest < 2 or start - smoothed[lowest] < CLEAR_FALL * abs(start):
        return None, None
    slopes = np.gradient(smoothed, np.log(rates))
    return float(rates[slopes[: lowest + 1].argmin()]), TENTH * float(rates[lowest])
