"""Batches of the training examples, in a new order each epoch, without a copy in each step."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Targets
from engine.data.augmentation.augmenter import Augmenter
from engine.losses.class_indices import FEW_CLASSES, are_class_numbers, number_rows, probability_rows
from engine.training.rng import generator_state, restore_generator

WINDOW_BYTES = 1 << 20
"""Shuffled rows are gathered a window at a time: few calls for small rows, still in cache for large ones."""


class Batches:
    """Goes through examples epoch after epoch; batches are views that live until the next one is asked for.

    Parameters
    ----------
    inputs : (n, *input_shape). targets : (n, outputs), or class numbers (n,), which are handed out as one-hot
    rows where classes are few. outputs : of the network: one a class.
    generator : draws the order of each epoch.
    augmenter : changes a copy of each batch when it is handed out, so that its generator's state
    and the position say what comes next. A batch that is to be handed out again just as it was needs its
    generator put back as well.
    """

    def __init__(
        self,
        inputs: Array,
        targets: Targets,
        outputs: int,
        batch_size: int,
        shuffle: bool,
        generator: np.random.Generator,
        augmenter: Augmenter | None = None,
    ) -> None:
        self.inputs, self.targets, self.total = inputs, targets, len(inputs)
        self.augmenter = augmenter
        # A window of rows at a time this costs nothing; losses would have to find the entries in each step.
        self._spread = are_class_numbers(targets) and outputs <= FEW_CLASSES
        self._target_shape = (outputs,) if self._spread else targets.shape[1:]
        self._target_type = inputs.dtype if self._spread else targets.dtype
        self.batch_size, self.shuffle = batch_size, shuffle
        self.position = 0
        """Examples of this epoch that were handed out."""
        self.last_rows = 0
        """Examples in the batch handed out last."""
        self._generator = generator
        self._state_before_epoch = generator_state(generator)
        self._order: NDArray[np.intp] | None = None
        self._window = (0, 0)
        self._allocate()

    @property
    def steps_per_epoch(self) -> int:
        return -(-self.total // self.batch_size)

    @property
    def epoch_done(self) -> bool:
        return self.position >= self.total

    def start_epoch(self) -> None:
        """Begin at the first example of a new order."""
        self._state_before_epoch = generator_state(self._generator)
        self._begin(0)

    def next(self) -> tuple[Array, Targets]:
        """The next batch (inputs, targets); the last one of an epoch may be smaller."""
        start = self.position
        stop = min(start + self.batch_size, self.total)
        self.position = stop
        self.last_rows = stop - start
        if self._order is None and not self._spread:
            inputs, targets = self.inputs[start:stop], self.targets[start:stop]
        else:
            if stop > self._window[1] or start < self._window[0]:
                self._gather(start)
            rows = slice(start - self._window[0], stop - self._window[0])
            inputs = self.inputs[start:stop] if self._order is None else self._window_inputs[rows]
            targets = self._window_targets[rows]
        if self.augmenter is not None and self.augmenter.active:
            return self.augmenter.augment(inputs, targets)
        return inputs, targets

    def resize(self, batch_size: int, shuffle: bool) -> None:
        """Change the batch size from the next batch on; shuffling from the next epoch on."""
        self.shuffle = shuffle
        if batch_size != self.batch_size:
            self.batch_size = batch_size
            self._allocate()

    def state(self) -> NDArray[np.uint64]:
        """The generator's state before this epoch's order was drawn."""
        return self._state_before_epoch

    def restore(self, state: NDArray[np.uint64], position: int, shuffled: bool) -> None:
        """Go back into the middle of an epoch, which was shuffled or not, whatever the next ones will be."""
        restore_generator(self._generator, state)
        self._state_before_epoch = state
        chosen, self.shuffle = self.shuffle, shuffled
        self._begin(position)
        self.shuffle = chosen

    @property
    def shuffled(self) -> bool:
        """Whether the epoch under way goes in a drawn order."""
        return self._order is not None

    def _begin(self, position: int) -> None:
        self._order = self._generator.permutation(self.total) if self.shuffle else None
        self.position = position
        self._window = (0, 0)

    def _allocate(self) -> None:
        target_bytes = math.prod(self._target_shape) * self._target_type.itemsize
        row_bytes = max(self.inputs[:1].nbytes + target_bytes, 1)
        batches = max(WINDOW_BYTES // (row_bytes * self.batch_size), 1)
        rows = min(batches * self.batch_size, max(self.total, 1))
        self._window_inputs = np.empty((rows, *self.inputs.shape[1:]), self.inputs.dtype)
        self._window_targets: Targets = np.empty((rows, *self._target_shape), self._target_type)
        self._window = (0, 0)

    def _gather(self, start: int) -> None:
        stop = min(start + len(self._window_inputs), self.total)
        targets, room = self.targets[start:stop], self._window_targets[: stop - start]
        if self._order is not None:
            rows = self._order[start:stop]
            # mode="clip" lets take write straight into `out`; every index is in range.
            np.take(self.inputs, rows, axis=0, out=self._window_inputs[: stop - start], mode="clip")
            if self._spread:
                targets = self.targets[rows]
            else:
                np.take(self.targets, rows, axis=0, out=room, mode="clip")
        if self._spread:
            probability_rows(targets, number_rows(room))
        self._window = (start, stop)
