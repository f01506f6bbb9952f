"""Does to each training batch what the settings list, on a copy, from one generator."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Protocol

import numpy as np

from engine.arrays import Array, Targets
from engine.data.augmentation.base import Augmentation, Bench
from engine.data.augmentation.geometric import Geometric, warp_through
from engine.data.augmentation.samples import Samples
from engine.losses import Loss
from engine.losses.class_numbers import are_class_numbers, probability_rows


class Stage(Protocol):
    """One change to a batch in place."""

    def __call__(
        self, inputs: Array, targets: Targets, generator: np.random.Generator, bench: Bench
    ) -> None: ...


class Augmenter:
    """Augments batches of one dataset; what is done can be chosen anew between two batches.

    loss : the one in use, which has to take what the targets become; None where nothing is trained.
    generator : all that is random comes from it, and nothing is drawn in advance: its state before a batch
    and the settings decide what becomes of the batch.
    """

    def __init__(self, samples: Samples, loss: Loss | None, generator: np.random.Generator) -> None:
        self._loss, self._generator = loss, generator
        self._bench = Bench(samples)
        self._stages: list[Stage] = []
        self._mixes_targets = False
        self.active = False
        """False where batches are to be left as they are."""

    def choose(self, augmentations: Sequence[Augmentation]) -> None:
        """From the next batch on, do these in their order; raises UserError where one does not fit."""
        for number, augmentation in enumerate(augmentations, start=1):
            augmentation.check(self._bench.samples, self._loss, f"Training, augmentation, entry {number}")
        self._stages = list(_stages(augmentations))
        self._mixes_targets = any(augmentation.mixes_targets for augmentation in augmentations)
        self.active = bool(self._stages)

    def augment(self, inputs: Array, targets: Targets) -> tuple[Array, Targets]:
        """Augmented copies of a batch, which live until the next one; the batch itself is only read.

        Class numbers come back as rows of probabilities where targets are mixed, else as class numbers.
        """
        rows, bench = len(inputs), self._bench
        changed_inputs = bench.array("inputs", rows, inputs.shape[1:], inputs.dtype)
        changed_inputs[...] = inputs
        if self._mixes_targets and are_class_numbers(targets):
            room = bench.array("targets", rows, (bench.samples.outputs,), inputs.dtype)
            changed_targets = probability_rows(targets, room)
        else:
            changed_targets = bench.array("targets", rows, targets.shape[1:], targets.dtype)
            changed_targets[...] = targets
        for stage in self._stages:
            stage(changed_inputs, changed_targets, self._generator, bench)
        return changed_inputs, changed_targets


def _stages(augmentations: Sequence[Augmentation]) -> Iterator[Stage]:
    """One stage for each augmentation, but one for geometric ones that follow one another."""
    chain: list[Geometric] = []
    for augmentation in augmentations:
        if chain and not _joins(chain, augmentation):
            yield partial(warp_through, tuple(chain))
            chain = []
        if isinstance(augmentation, Geometric):
            chain.append(augmentation)
        else:
            yield augmentation.apply
    if chain:
        yield partial(warp_through, tuple(chain))


def _joins(chain: Sequence[Geometric], augmentation: Augmentation) -> bool:
    """Whether it can share the resampling: they must not show different things from beyond the image."""
    if not isinstance(augmentation, Geometric):
        return False
    shown = {one.looks_outside for one in (*chain, augmentation)}
    return len(shown - {None}) <= 1
