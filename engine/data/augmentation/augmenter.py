"""Applies the augmentations to each training batch, on a copy, with one random generator."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Targets
from engine.data.augmentation.base import Augmentation, AugmentationWorkspace, Samples
from engine.data.augmentation.geometric import Geometric, warp_through
from engine.data.dataset import Dataset
from engine.data.encoders.base import NumericInput
from engine.errors import UserError
from engine.layers import Layer
from engine.losses import Loss
from engine.losses.base import are_class_indices, probability_rows, real_rows


class BatchChange(Protocol):
    """A change to a batch in place."""

    def __call__(
        self,
        inputs: Array,
        targets: Targets,
        generator: np.random.Generator,
        workspace: AugmentationWorkspace,
    ) -> None: ...


class Augmenter:
    """Augments batches of one dataset; the augmentations may change between two batches.

    loss : has to accept the targets as augmented; None where nothing is trained.
    generator : draws all random numbers, none in advance: its state before a batch and the settings determine
    the result.
    """

    def __init__(self, samples: Samples, loss: Loss | None, generator: np.random.Generator) -> None:
        self._loss, self._generator = loss, generator
        self._workspace = AugmentationWorkspace(samples)
        self._changes: list[BatchChange] = []
        self._mixes_targets = False
        self.active = False
        """False where batches are not changed."""

    def choose(self, augmentations: Sequence[Augmentation]) -> None:
        """From the next batch on, apply these in their order; raises UserError where one does not fit."""
        for number, augmentation in enumerate(augmentations, start=1):
            try:
                augmentation.check(
                    self._workspace.samples, self._loss, f"Training, augmentation, entry {number}"
                )
            except UserError as error:
                error.place = ("training", "augmentation", number - 1)
                raise
        self._changes = list(_changes(augmentations))
        self._mixes_targets = any(augmentation.mixes_targets for augmentation in augmentations)
        self.active = bool(self._changes)

    def augment(self, inputs: Array, targets: Targets) -> tuple[Array, Targets]:
        """Augmented copies of a batch, valid until the next one; the batch itself is only read.

        Class indices become rows of probabilities where targets are mixed.
        """
        rows, workspace = len(inputs), self._workspace
        changed_inputs = workspace.array("inputs", rows, inputs.shape[1:], inputs.dtype)
        changed_inputs[...] = inputs
        if self._mixes_targets and are_class_indices(targets):
            out = workspace.array("targets", rows, (workspace.samples.outputs,), inputs.dtype)
            changed_targets = probability_rows(targets, out)
        else:
            changed_targets = workspace.array("targets", rows, targets.shape[1:], targets.dtype)
            changed_targets[...] = targets
        for change in self._changes:
            change(changed_inputs, changed_targets, self._generator, workspace)
        return changed_inputs, changed_targets

    def augment_weighted(
        self, inputs: Array, targets: Targets, weights: Array
    ) -> tuple[Array, Targets, Array]:
        """As `augment`, for a batch with sample weights (rows,), which are mixed as the targets are."""
        if not self._mixes_targets:
            return *self.augment(inputs, targets), weights
        rows = len(inputs)
        outputs = self._workspace.samples.outputs if are_class_indices(targets) else targets.shape[1]
        # One more output, so that an example has the mean weight of those that it is mixed of.
        together = np.empty((rows, outputs + 1), inputs.dtype)
        together[:, :outputs] = probability_rows(targets, np.empty((rows, outputs), inputs.dtype))
        together[:, outputs] = weights
        changed, mixed = self.augment(inputs, together)
        numbers = real_rows(mixed)
        return changed, np.ascontiguousarray(numbers[:, :outputs]), numbers[:, outputs].copy()


def _changes(augmentations: Sequence[Augmentation]) -> Iterator[BatchChange]:
    """One change for each augmentation; geometric ones that follow one another are composed into one."""
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


PREVIEW_BATCH = 32
"""Examples are augmented in a batch of at least this many, since some augmentations mix those of a batch."""


@dataclass(frozen=True)
class Preview:
    """Some training examples as they are, and several versions of each.

    Images are in 0 … 1, from the least to the greatest pixel of the training images; what noise brings
    beyond is cut off. Of tables, numbers are in their columns' own units; categories are 0 and 1 by input.
    """

    places: NDArray[np.intp]
    """Indices of the examples in the training part."""
    names: tuple[str, ...]
    """What each number of a sample of a table is; of images, none."""
    original: Array
    """(count, *input_shape)"""
    augmented: Array
    """(count, versions, *input_shape)"""
    targets: Array
    """(count, outputs); of several classes, rows of probabilities."""
    augmented_targets: Array
    """(count, versions, outputs)"""


def preview(
    augmentations: Sequence[Augmentation],
    dataset: Dataset,
    count: int = 5,
    versions: int = 4,
    seed: int = 0,
    layers: Sequence[Layer] = (),
) -> Preview:
    """Augment some random training examples in several ways; the same seed shows the same.

    layers : of the network, whose first one may take numbers for codes. Training and its generators are not
    touched. Raises UserError where an augmentation does not fit the data.
    """
    generator = np.random.default_rng(seed)
    samples, part = Samples.of(dataset, layers), dataset.training
    augmenter = Augmenter(samples, None, generator)
    augmenter.choose(augmentations)
    count = min(count, part.rows_count)
    chosen = generator.permutation(part.rows_count)[: max(count, PREVIEW_BATCH)]
    inputs, targets = part.inputs[chosen], part.targets[chosen]
    augmented = np.empty((count, versions, *inputs.shape[1:]), inputs.dtype)
    augmented_targets = np.empty((count, versions, dataset.outputs), inputs.dtype)
    out = np.empty((count, dataset.outputs), inputs.dtype)
    for version in range(versions):
        changed, changed_targets = augmenter.augment(inputs, targets)
        augmented[:, version] = changed[:count]
        augmented_targets[:, version] = probability_rows(changed_targets[:count], out)
    return Preview(
        chosen[:count],
        dataset.feature_names if samples.kind == "table" else (),
        _shown(inputs[:count], dataset, samples),
        _shown(augmented, dataset, samples),
        probability_rows(targets[:count], out),
        augmented_targets,
    )


def _shown(inputs: Array, dataset: Dataset, samples: Samples) -> Array:
    """Prepared inputs, of any leading shape, in units for people."""
    if samples.kind == "image":
        width = samples.highest - samples.lowest or 1.0
        shown: Array = np.clip((inputs - samples.lowest) / width, 0, 1)
        return shown
    own = inputs.astype(np.float64)
    start = 0
    for one in dataset.preparation.inputs:
        if isinstance(one, NumericInput) and one.of_numbers:
            own[..., start] = one.inverse(own[..., start])
        start += len(one.names)
    return own.astype(inputs.dtype)
