"""Batches of the training examples, in a new order each epoch, without a copy in each step."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Targets
from engine.data.augmentation.augmenter import Augmenter
from engine.data.stored_arrays import is_stored, read_ahead, release
from engine.losses.base import FEW_CLASSES, are_class_indices, probability_rows, real_rows
from engine.training.rng import generator_state, restore_generator

WINDOW_BYTES = 1 << 20
"""Shuffled rows are copied a window at a time: few calls for small rows, still in cache for large ones."""

BLOCK_BYTES, POOL_BLOCKS = 1 << 20, 64
"""Of arrays in files: rows that lie together, and how many such blocks are shuffled together."""


class Batches:
    """Iterates over examples epoch after epoch; a batch is a view that is valid until the next one.

    Parameters
    ----------
    inputs : (n, *input_shape).
    targets : (n, outputs), or class indices (n,), which are returned as one-hot rows where classes are few.
    outputs : of the network: one for each class.
    generator : draws the order of each epoch.
    augmenter : changes a copy of each batch that is returned. To get the same batch again, both the position
        and the augmenter's generator have to be restored.
    weights : (n,) sample weights; None where examples count alike.
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
        weights: NDArray[np.float64] | None = None,
    ) -> None:
        self.inputs, self.targets, self.total = inputs, targets, len(inputs)
        self._weights = None if weights is None else weights.astype(inputs.dtype)
        self.batch_weights: Array | None = None
        """The sample weights of the batch that `next` returned last; None where examples count alike."""
        self.augmenter = augmenter
        self._stored = is_stored(inputs)
        # For a window of rows at a time this costs nothing; losses would have to look up entries in each
        # step.
        self._one_hot = are_class_indices(targets) and outputs <= FEW_CLASSES
        self._target_shape = (outputs,) if self._one_hot else targets.shape[1:]
        self._target_type = inputs.dtype if self._one_hot else targets.dtype
        self.batch_size, self.shuffle = batch_size, shuffle
        self.position = 0
        """Examples of this epoch that were returned so far."""
        self.last_rows = 0
        """Examples in the last batch."""
        self._generator = generator
        self._state_before_epoch = generator_state(generator)
        self._order: NDArray[np.intp] | None = None
        self._window = (0, 0)
        self._ahead = 0
        """Up to which row of the epoch a stored array was read ahead."""
        self._allocate()

    @property
    def steps_per_epoch(self) -> int:
        return -(-self.total // self.batch_size)

    @property
    def epoch_done(self) -> bool:
        return self.position >= self.total

    def start_epoch(self) -> None:
        """Start at the first example, in a new order."""
        self._state_before_epoch = generator_state(self._generator)
        self._begin(0)

    def next(self) -> tuple[Array, Targets]:
        """The next batch (inputs, targets); the last one of an epoch may be smaller."""
        start = self.position
        stop = min(start + self.batch_size, self.total)
        self.position = stop
        self.last_rows = stop - start
        if self._stored and stop > self._ahead:
            self._look_ahead(start)
        if self._order is None and not self._one_hot:
            inputs, targets = self.inputs[start:stop], self.targets[start:stop]
        else:
            if stop > self._window[1] or start < self._window[0]:
                self._gather(start)
            rows = slice(start - self._window[0], stop - self._window[0])
            inputs = self.inputs[start:stop] if self._order is None else self._window_inputs[rows]
            targets = self._window_targets[rows]
        if self._weights is not None:
            own = self._weights[start:stop]
            self.batch_weights = own if self._order is None else self._weights[self._order[start:stop]]
        if self.augmenter is not None and self.augmenter.active:
            if self.batch_weights is None:
                return self.augmenter.augment(inputs, targets)
            inputs, targets, self.batch_weights = self.augmenter.augment_weighted(
                inputs, targets, self.batch_weights
            )
        return inputs, targets

    def peek(self, count: int = 1) -> tuple[Array, Targets, Array | None]:
        """Copies of what `next` will give, for so many batches of the epoch: inputs, targets, sample weights.

        Nothing moves on. With an augmenter, the examples are as they are before it changes them.
        """
        before = (self.position, self.last_rows, self.batch_weights, self._order, self._window, self._ahead)
        state, of_epoch = generator_state(self._generator), self._state_before_epoch
        augmenter, self.augmenter = self.augmenter, None
        try:
            if self.epoch_done:
                self.start_epoch()
            found = []
            for _ in range(count):
                inputs, targets = self.next()
                weights = self.batch_weights
                found.append((inputs.copy(), targets.copy(), None if weights is None else weights.copy()))
                if self.epoch_done:
                    break
            all_inputs, all_targets, all_weights = zip(*found, strict=True)
            known = [one for one in all_weights if one is not None]
            joined = np.concatenate(known) if known else None
            return np.concatenate(all_inputs), np.concatenate(all_targets), joined
        finally:
            self.augmenter = augmenter
            # The window is gathered again by the next call.
            restore_generator(self._generator, state)
            self._state_before_epoch = of_epoch
            self.position, self.last_rows, self.batch_weights, self._order, _, self._ahead = before
            self._window = (0, 0)

    def upcoming_rows(self) -> tuple[int, ...]:
        """The rows of the training part that the next batch of this epoch has; empty at its end."""
        stop = min(self.position + self.batch_size, self.total)
        if self._order is None:
            return tuple(range(self.position, stop))
        return tuple(self._order[self.position : stop].tolist())

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
        """Go to a position of an epoch; shuffled : whether this epoch is, whatever later ones will be."""
        restore_generator(self._generator, state)
        self._state_before_epoch = state
        chosen, self.shuffle = self.shuffle, shuffled
        self._begin(position)
        self.shuffle = chosen

    @property
    def shuffled(self) -> bool:
        """Whether the current epoch is in random order."""
        return self._order is not None

    def _begin(self, position: int) -> None:
        self._order = self._shuffled_order() if self.shuffle else None
        self.position = position
        self._window = (0, 0)
        self._ahead = 0

    def _shuffled_order(self) -> NDArray[np.intp]:
        """The order of an epoch: any for arrays in memory.

        Of a stored array, blocks that lie together are read. They come in random order, and the rows of so
        many blocks at a time are shuffled; as rows are split into parts at random, they were in random order
        before.
        """
        if not self._stored:
            return self._generator.permutation(self.total)
        rows = max(BLOCK_BYTES // self.inputs[:1].nbytes, 1)
        order = np.empty(self.total, np.intp)
        starts = rows * self._generator.permutation(-(-self.total // rows))
        filled = 0
        for first in range(0, len(starts), POOL_BLOCKS):
            pool = np.concatenate(
                [
                    np.arange(start, min(start + rows, self.total))
                    for start in starts[first : first + POOL_BLOCKS]
                ]
            )
            self._generator.shuffle(pool)
            order[filled : filled + len(pool)] = pool
            filled += len(pool)
        return order

    def _look_ahead(self, start: int) -> None:
        """Of a stored array, release what was read, and have read what will be, a pool at a time."""
        release(self.inputs)
        rows = max(BLOCK_BYTES // self.inputs[:1].nbytes, 1)
        self._ahead = start + POOL_BLOCKS * rows
        if self._order is None:
            read_ahead(self.inputs, start, min(self._ahead + POOL_BLOCKS * rows, self.total))
            return
        coming = self._order[start : self._ahead + POOL_BLOCKS * rows]
        for block in np.unique(coming // rows).tolist():
            read_ahead(self.inputs, block * rows, min((block + 1) * rows, self.total))

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
        targets, out = self.targets[start:stop], self._window_targets[: stop - start]
        if self._order is not None:
            rows = self._order[start:stop]
            # mode="clip" lets take write straight into `out`; every index is in range.
            np.take(self.inputs, rows, axis=0, out=self._window_inputs[: stop - start], mode="clip")
            if self._one_hot:
                targets = self.targets[rows]
            else:
                np.take(self.targets, rows, axis=0, out=out, mode="clip")
        if self._one_hot:
            probability_rows(targets, real_rows(out))
        self._window = (start, stop)
