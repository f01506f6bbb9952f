"""What every augmentation is: frozen settings, and a random change to a batch of training examples.

Arrays live outside, on a bench that is kept from batch to batch.
"""

from abc import abstractmethod
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Shape, Targets
from engine.data.augmentation.samples import SampleKind, Samples
from engine.data.augmentation.warp import Warp
from engine.errors import UserError
from engine.losses import Loss
from engine.settings import Settings


class Bench:
    """What augmentations work with: facts about the samples, and arrays that are kept between batches."""

    def __init__(self, samples: Samples) -> None:
        self.samples = samples
        self._arrays: dict[str, NDArray[Any]] = {}

    def array(self, name: str, rows: int, shape: Shape, dtype: np.dtype[Any]) -> NDArray[Any]:
        """An array (rows, *shape) with arbitrary values; the same memory each time it is asked for."""
        kept = self._arrays.get(name)
        if kept is None or len(kept) < rows or kept.shape[1:] != shape or kept.dtype != dtype:
            kept = self._arrays[name] = np.empty((rows, *shape), dtype)
        return kept[:rows]

    @cached_property
    def warp(self) -> Warp:
        """Resamples images of this shape."""
        samples = self.samples
        return Warp(samples.shape, samples.dtype, samples.background)


class Augmentation(Settings):
    """A random change to training examples that leaves what they are an example of.

    It is made anew for every batch, on a copy; validation, scores and predictions never see it. Each sample
    draws its own numbers.
    """

    kind: str
    heading: ClassVar[str]
    icon: ClassVar[str]
    kinds: ClassVar[frozenset[SampleKind]]
    """What it can be done to."""
    mixes_targets: ClassVar[bool] = False
    """True where targets come out between the classes: it then gets rows of probabilities to mix."""

    def check(self, samples: Samples, loss: Loss | None, where: str) -> None:
        """Raise UserError where this cannot be done to such samples, or for such a loss (None: any)."""
        if samples.kind not in self.kinds:
            raise UserError(
                where,
                expected=f"{_KIND_TITLES[next(iter(self.kinds))]}, which {self.heading.lower()} is for",
                got=_KIND_TITLES[samples.kind],
                help="Remove this augmentation, or choose other data.",
            )

    @abstractmethod
    def apply(self, inputs: Array, targets: Targets, generator: np.random.Generator, bench: Bench) -> None:
        """Change a batch in place: inputs (rows, *shape) in prepared units, and targets.

        Targets are (rows, outputs), or class numbers (rows,) unless an augmentation of this batch mixes them.
        All that is random comes from the generator, so that its state before decides the result. Where the
        samples are to be reconstructed, what moves them moves the targets too; what spoils them does not.
        """


_KIND_TITLES: dict[SampleKind, str] = {"image": "images", "table": "rows of a table"}
