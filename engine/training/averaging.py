"""Weight averaging: a running mean of the weights, which is used while the weights themselves are trained."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from engine.arrays import Array
from engine.layers import Layer
from engine.network import Network, StateVectors

WARM_UP = 9
"""At step n, counted from 0, the decay is n / (n + 9) at most."""


class Average:
    """Exponential moving average of a network: a ← d a + (1 − d) p after each step.

    Parameters and running statistics are averaged alike, so that they belong together.
    trained, mean : for each vector that is averaged, the vector and its mean.

    d = min(decay, n / (n + 9)), with n steps averaged before. So the first step is copied, whatever the
    weights were before it; at first the mean covers about the last tenth of the steps, and in the end
    1 / (1 − decay) steps. It is TensorFlow's warm-up, (1 + n) / (10 + n), counted from the second step.
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
        """Add the result of a step to the mean. While all numbers are finite, the mean is finite."""
        decay = min(self.decay, self.steps / (self.steps + WARM_UP))
        self.steps += 1
        for vector, mean in self._blocks:
            if not decay:
                # Not by a factor of 0: the mean may hold infinite numbers before.
                mean[...] = vector
                continue
            scaled = self._scratch[: mean.size]
            np.multiply(vector, 1 - decay, scaled)
            np.multiply(mean, decay, mean)
            np.add(mean, scaled, mean)


class Weights:
    """The network that is trained, and the network in use: observed, scored, saved and used for prediction.

    Both are the same object, unless weights are averaged: then the network in use has the averages of
    parameters and running statistics, and shares the gradients with the trained one.

    When a run ends with its best weights, they replace the weights in use; `displaced` holds the replaced
    ones, and `go_on` restores them, so that training on is as if the run had not ended. Parameters always
    go together with their running statistics.
    """

    def __init__(self, network: Network, decay: float | None, block_length: int) -> None:
        self.trained = self.in_use = network
        self.average: Average | None = None
        self.displaced: StateVectors | None = None
        self._block_length = block_length
        self.set_decay(decay)()

    @property
    def sets(self) -> tuple[StateVectors, StateVectors, StateVectors]:
        """The weights in use, those in use once training goes on, and those that training goes on from.

        They are the same arrays, but where an average is in use, or the best weights are.
        """
        shown = self.in_use.state_vectors
        resumed = shown if self.displaced is None else self.displaced
        return shown, resumed, resumed if self.average is None else self.trained.state_vectors

    def set_decay(self, decay: float | None) -> Callable[[], None]:
        """Start averaging with the next step (from None), stop it (to None), or change the decay.

        When averaging stops, the trained weights are in use, or the best ones where a run ended with them.
        Returns a function that moves the weights in place; it is to be called once nothing can fail any more.
        """
        if decay is None:
            return self._end_average()
        if self.average is None:
            return self._begin_average(decay)
        self.average.decay = decay
        return _nothing

    def replace_layers(self, layers: Sequence[Layer]) -> None:
        """Replace the layers by ones with other settings but the same shapes."""
        self.trained.replace_layers(layers)
        if self.in_use is not self.trained:
            self.in_use.replace_layers(layers)

    def go_on(self) -> None:
        """Restore the weights that the best ones have replaced."""
        if self.displaced is not None:
            self.in_use.state_vectors.take(self.displaced)
            self.displaced = None

    def use(self, best: StateVectors, *, for_good: bool) -> None:
        """Use these weights; for_good : training on begins with them too, unless weights are averaged."""
        if self.displaced is None and (self.average is not None or not for_good):
            self.displaced = self.in_use.state_vectors.copy()
        self.in_use.state_vectors.take(best)

    def start_from(self, weights: StateVectors) -> None:
        """Continue training from these weights; an average starts from scratch."""
        self.trained.state_vectors.take(weights)
        self.in_use.state_vectors.take(weights)
        self.displaced = None
        if self.average is not None:
            self.average.steps = 0

    def _begin_average(self, decay: float) -> Callable[[], None]:
        self.in_use = self.trained.copy_with_shared_gradients()
        self.average = Average(
            decay, self.trained.state_vectors, self.in_use.state_vectors, self._block_length
        )
        displaced, trained = self.displaced, self.trained.state_vectors
        return _nothing if displaced is None else partial(trained.take, displaced)

    def _end_average(self) -> Callable[[], None]:
        if self.average is None:
            return _nothing
        displaced, trained, best = self.displaced, self.trained.state_vectors, self.in_use.state_vectors
        self.in_use, self.average = self.trained, None

        def move() -> None:
            if displaced is not None:
                displaced.take(trained)
                trained.take(best)

        return move


def _nothing() -> None:
    """No weights have to be moved."""
