"""What augmentation makes of a few training examples, to be looked at."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.data.augmentation.augmenter import Augmenter
from engine.data.augmentation.base import Augmentation
from engine.data.augmentation.samples import Samples
from engine.data.dataset import Dataset
from engine.data.inputs import NumberInput
from engine.layers import Layer
from engine.losses.class_numbers import probability_rows

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
