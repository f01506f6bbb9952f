"""Does to each training batch what the settings list, on a copy, from one generator."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Targets
from engine.data.augmentation.base import Augmentation, Bench, Samples
from engine.data.augmentation.geometric import Geometric, warp_through
from engine.data.dataset import Dataset
from engine.data.input_encoders import NumberInput
from engine.errors import UserError
from engine.layers import Layer
from engine.losses import Loss
from engine.losses.class_indices import are_class_numbers, probability_rows


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
            try:
                augmentation.check(self._bench.samples, self._loss, f"Training, augmentation, entry {number}")
            except UserError as error:
                error.place = ("training", "augmentation", number - 1)
                raise
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


COMPANIONS = 32
"""Examples are augmented in a batch of at least this many, since some ways mix those of a batch."""


@dataclass(frozen=True)
class Preview:
    """Some training examples as they are, and several versions of each.

    Images are in 0 … 1, from the least to the greatest pixel of the training images; what noise brings
    beyond is cut off. Of tables, numbers are in their columns' own units; categories are 0 and 1 by input.
    """

    places: NDArray[np.intp]
    """Which examples these are, counted in the training part."""
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
    chosen = generator.permutation(part.rows_count)[: max(count, COMPANIONS)]
    inputs, targets = part.inputs[chosen], part.targets[chosen]
    augmented = np.empty((count, versions, *inputs.shape[1:]), inputs.dtype)
    augmented_targets = np.empty((count, versions, dataset.outputs), inputs.dtype)
    room = np.empty((count, dataset.outputs), inputs.dtype)
    for version in range(versions):
        changed, changed_targets = augmenter.augment(inputs, targets)
        augmented[:, version] = changed[:count]
        augmented_targets[:, version] = probability_rows(changed_targets[:count], room)
    return Preview(
        chosen[:count],
        dataset.feature_names if samples.kind == "table" else (),
        _shown(inputs[:count], dataset, samples),
        _shown(augmented, dataset, samples),
        probability_rows(targets[:count], room),
        augmented_targets,
    )


def _shown(inputs: Array, dataset: Dataset, samples: Samples) -> Array:
    """Prepared inputs, of any leading shape, as a person can look at them."""
    if samples.kind == "image":
        width = samples.highest - samples.lowest or 1.0
        shown: Array = np.clip((inputs - samples.lowest) / width, 0, 1)
        return shown
    scale, offset = np.ones(samples.shape), np.zeros(samples.shape)
    place = 0
    for one in dataset.preparation.inputs_fitted:
        if isinstance(one, NumberInput):
            scale[place], offset[place] = one.scale, one.offset
        place += len(one.names)
    return (inputs * scale + offset).astype(inputs.dtype)
