"""Samples for the tests of augmentation: small images that are not square, and rows of a table."""

import numpy as np
from scipy import ndimage

from engine.data.augmentation import Augmentation, AugmentationWorkspace, Samples

ROWS = 7
"""Odd, so that a pair lacks one."""

SHAPES = {"grey": (6, 5, 1), "colour": (5, 8, 3), "table": (4,)}

NUMBERS = [0, 2]
"""In the table; the others are yes or no, and categories."""

MODES = {"background": "grid-constant", "edge": "nearest"}
"""What SciPy calls the surroundings of an image."""


def samples(shape, dtype=np.float32, reconstructed=False) -> Samples:
    """A training part of 40 random samples, read-only."""
    draws = np.random.default_rng(5)
    inputs = draws.uniform(-0.8, 1.7, (40, *shape)).astype(dtype)
    numbers = NUMBERS if len(shape) == 1 else []
    if numbers:
        inputs[:, [1, 3]] = inputs[:, [1, 3]] > 0.5
    inputs.flags.writeable = False
    return Samples(inputs, np.array(numbers, np.intp), reconstructed)


def targets(dtype=np.float32):
    """One-hot rows of three classes."""
    return np.eye(3, dtype=dtype)[np.arange(ROWS) % 3]


def generator(seed=1) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(seed))


def applied(augmentation: Augmentation, facts: Samples, seed=1, inputs=None):
    """(inputs, targets) of a batch after the augmentation."""
    x = (facts.inputs[:ROWS] if inputs is None else inputs).copy()
    t = targets(x.dtype)[: len(x)]
    augmentation.apply(x, t, generator(seed), AugmentationWorkspace(facts))
    return x, t


def through_scipy(images, maps, outside, background):
    """Each image and channel on its own, through scipy.ndimage.affine_transform."""
    centre = (np.array(images.shape[1:3]) - 1) / 2
    found = np.empty(images.shape)
    for image, one, out in zip(images, maps, found, strict=True):
        matrix, offset = one[:2, :2], centre + one[:2, 2] - one[:2, :2] @ centre
        for channel, value in enumerate(background):
            out[..., channel] = ndimage.affine_transform(
                image[..., channel].astype(np.float64),
                matrix,
                offset,
                order=1,
                mode=MODES[outside],
                cval=value,
            )
    return found
