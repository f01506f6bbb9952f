"""The running mean of the weights, and which weights are in use while others are trained."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from engine.arrays import Array
from engine.layers import Layer
from engine.network import Learned, Network

WARM_UP = 9
"""At its n-th step, counted from 0, the mean keeps n / (n + 9) of itself at most."""


class Average:
    """An exponential moving average of what a network learns: a ← d a + (1 − d) p after each step.

    It goes over the parameters and over what layers keep, so that averaged weights have running statistics
    averaged as they are. trained, mean : for each vector that is averaged, where it is and where its mean is.

    d = min(decay, n / (n + 9)), with n steps averaged before. So the first step is taken as it is, whatever
    the weights were before it; the mean goes over the last tenth of the steps at first, and its memory grows
    to 1 / (1 − decay) steps. It is TensorFlow's warm-up, (1 + n) / (10 + n), counted from the second step.
    Reference: Polyak & Juditsky 1992, Acceleration of stochastic approximation by averaging; Ruppert 1988;
    TensorFlow, `ExponentialMovingAverage`; PyTorch, `torch.optim.swa_utils.AveragedModel` with
    `use_buffers=True`.
    """

    def __init__(
        self, decay: float, trained: Sequence[Array], mean: Sequence[Array], block_length: int
    ) -> None:
        self.decay = decay
        self.steps = 0
        """How many steps are in the mean."""
        self._blocks = [
            (vector[start : start + block_length], its_mean[start : start + block_length])
            for vector, its_mean in zip(trained, mean, strict=True)
            for start in range(0, vector.size, block_length)
        ]
        longest = max((block.size for block, _ in self._blocks), default=0)
        self._scratch = np.empty(longest, trained[0].dtype)

    def update(self) -> None:
        """Take in what a step has made. Between finite numbers, the mean stays finite."""
        kept = min(self.decay, self.steps / (self.steps + WARM_UP))
        self.steps += 1
        for vector, mean in self._blocks:
            if not kept:
                # Not by a factor of 0: what was in the mean before may be infinite.
                mean[...] = vector
                continue
            share = self._scratch[: mean.size]
            np.multiply(vector, 1 - kept, share)
            np.multiply(mean, kept, mean)
            np.add(mean, share, mean)


class Weights:
    """The network that steps change, and the one that is looked at, scored, asked and saved.

    Both are the same, but while an average of the weights is kept: then the one in use has the average, of
    what layers keep too, and shares with the other the gradients.

    When a run ends with its best weights, these take the place of the ones in use; `displaced` holds what
    was there, and `go_on` puts it back, so that training on is as if the run had not ended. Weights are
    never without the running statistics that were made with them.
    """

    def __init__(self, network: Network, decay: float | None, block_length: int) -> None:
        self.trained = self.in_use = network
        self.average: Average | None = None
        self.displaced: Learned | None = None
        self._block_length = block_length
        self.set_decay(decay)()

    def set_decay(self, decay: float | None) -> Callable[[], None]:
        """Begin to keep an average, with the next step; end it; or give it another memory.

        An average that ends is forgotten: in use are the trained weights, or the best where a run ended with
        them. Returns what is left to be called, once nothing can fail any more: it moves the weights to
        where they belong, in place.
        """
        if decay is None:
            return self._end_average()
        if self.average is None:
            return self._begin_average(decay)
        self.average.decay = decay
        return _nothing

    def replace_layers(self, layers: Sequence[Layer]) -> None:
        """Take layers with other settings but the same shapes."""
        self.trained.replace_layers(layers)
        if self.in_use is not self.trained:
            self.in_use.replace_layers(layers)

    def go_on(self) -> None:
        """Put back the weights that the best ones have displaced."""
        if self.displaced is not None:
            self.in_use.learned.take(self.displaced)
            self.displaced = None

    def use(self, best: Learned, *, for_good: bool) -> None:
        """Use these weights; training on begins with them where it is for good, and no average is kept."""
        if self.displaced is None and (self.average is not None or not for_good):
            self.displaced = self.in_use.learned.copy()
        self.in_use.learned.take(best)

    def start_from(self, weights: Learned) -> None:
        """Train from these weights on; an average begins anew."""
        self.trained.learned.take(weights)
        self.in_use.learned.take(weights)
        self.displaced = None
        if self.average is not None:
            self.average.steps = 0

    def _begin_average(self, decay: float) -> Callable[[], None]:
        self.in_use = self.trained.beside()
        self.average = Average(decay, self.trained.learned, self.in_use.learned, self._block_length)
        displaced, trained = self.displaced, self.trained.learned
        return _nothing if displaced is None else partial(trained.take, displaced)

    def _end_average(self) -> Callable[[], None]:
        if self.average is None:
            return _nothing
        displaced, trained, best = self.displaced, self.trained.learned, self.in_use.learned
        self.in_use, self.average = self.trained, None

        def move() -> None:
            if displaced is not None:
                displaced.take(trained)
                trained.take(best)

        return move


def _nothing() -> None:
    """No weights have to be moved."""
