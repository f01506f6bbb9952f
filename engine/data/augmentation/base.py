"""What every augmentation is, and what it has to know of the data."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Shape, Targets
from engine.data.augmentation.warp import Warp
from engine.data.dataset import Dataset
from engine.data.encoders.base import NumericInput
from engine.data.encoders.category_inputs import IntegerInput
from engine.errors import UserError
from engine.layers import Layer
from engine.layers.embedding import Embedding
from engine.losses import Loss
from engine.settings import Settings

SampleKind = Literal["image", "table"]

IMAGES_MEASURED = 2048
"""The background is seen in as many images as this, evenly spaced over the training part."""


@dataclass(frozen=True)
class Samples:
    """Facts about the samples of a dataset, in prepared units."""

    inputs: Array
    """The training part (n, *shape), read-only."""
    numbers: NDArray[np.intp]
    """Places of the inputs that are numbers, in a sample of a table."""
    reconstructed: bool = False
    """The targets are the samples themselves, flattened."""
    coded: tuple[str, ...] = ()
    """Inputs that are integer-encoded categories, which cannot be interpolated."""
    outputs: int = 1
    """Of the network: of several classes, how many there are."""

    @classmethod
    def of(cls, dataset: Dataset, layers: Sequence[Layer] = ()) -> "Samples":
        """What there is to know of a dataset.

        layers : of the network that is trained on it: the first one may take numbers of a table for codes.
        """
        numbers, coded, start = [], [], 0
        if len(dataset.input_shape) == 1:
            read_as_codes = _read_as_codes(layers, dataset.input_shape[0])
            for fitted in dataset.preparation.inputs:
                for place, name in enumerate(fitted.names, start):
                    if isinstance(fitted, IntegerInput) or place in read_as_codes:
                        coded.append(name)
                    elif isinstance(fitted, NumericInput) and fitted.of_numbers and place == start:
                        numbers.append(place)
                start += len(fitted.names)
        return cls(
            dataset.training.inputs,
            np.array(numbers, np.intp),
            dataset.task == "reconstruction",
            tuple(coded),
            dataset.outputs,
        )

    @property
    def shape(self) -> Shape:
        """(height, width, channels) of an image, or (numbers,)."""
        return self.inputs.shape[1:]

    @property
    def kind(self) -> SampleKind:
        return "image" if len(self.shape) == 3 else "table"

    @property
    def dtype(self) -> np.dtype[np.floating]:
        return self.inputs.dtype

    @cached_property
    def background(self) -> Array:
        """What images are surrounded by (channels,): the median of their outermost pixels.

        Paper where digits are written on paper, black or white; where pictures fill their frame, a middle
        tone. The least value would be ink on scans, and 0 before scaling is not always paper either.
        """
        step = -(-len(self.inputs) // IMAGES_MEASURED)
        images = self.inputs[::step]
        inner = np.zeros(self.shape[:2], bool)
        inner[1:-1, 1:-1] = True
        found: Array = np.median(images[:, ~inner], axis=(0, 1)).astype(self.dtype)
        return found

    @cached_property
    def lowest(self) -> float:
        """The least value of a pixel."""
        return float(self.inputs.min())

    @cached_property
    def highest(self) -> float:
        """The greatest value of a pixel."""
        return float(self.inputs.max())


def _read_as_codes(layers: Sequence[Layer], inputs: int) -> frozenset[int]:
    """Places of a sample of which the first layer looks up vectors, whatever stands there."""
    first = layers[0] if layers else None
    if not isinstance(first, Embedding):
        return frozenset()
    if first.vocabulary is not None:
        return frozenset(range(inputs))
    return frozenset(column.position for column in first.columns or ())


# --- what every augmentation is ---------------------------------------------------------------------------


class AugmentationWorkspace:
    """Facts about the samples, and arrays that augmentations use for one batch after the other."""

    def __init__(self, samples: Samples) -> None:
        self.samples = samples
        self._arrays: dict[str, NDArray[Any]] = {}

    def array(self, name: str, rows: int, shape: Shape, dtype: np.dtype[Any]) -> NDArray[Any]:
        """An array (rows, *shape) with arbitrary values; the same memory for the same name."""
        array = self._arrays.get(name)
        if array is None or len(array) < rows or array.shape[1:] != shape or array.dtype != dtype:
            array = self._arrays[name] = np.empty((rows, *shape), dtype)
        return array[:rows]

    @cached_property
    def warp(self) -> Warp:
        """Resamples images of this shape."""
        samples = self.samples
        return Warp(samples.shape, samples.dtype, samples.background)


class Augmentation(Settings):
    """A random change to training examples that preserves what they are an example of.

    It changes a copy of each batch; validation, scores and predictions are without it. Each sample draws
    random numbers of its own.
    """

    kind: str
    heading: ClassVar[str]
    icon: ClassVar[str]
    kinds: ClassVar[frozenset[SampleKind]]
    """The kinds of samples that it applies to."""
    mixes_targets: ClassVar[bool] = False
    """True where it makes soft targets: it then gets rows of probabilities."""

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
    def apply(
        self,
        inputs: Array,
        targets: Targets,
        generator: np.random.Generator,
        workspace: AugmentationWorkspace,
    ) -> None:
        """Change a batch in place: inputs (rows, *shape) in prepared units, and targets.

        Targets are (rows, outputs), or class indices (rows,) unless an augmentation of this batch mixes them.
        All that is random comes from the generator, so that its state before decides the result. Where the
        samples are to be reconstructed, what moves them moves the targets too; what spoils them does not.
        """


_KIND_TITLES: dict[SampleKind, str] = {"image": "images", "table": "rows of a table"}


def random_sides(
    generator: np.random.Generator, rows: int, smallest: float, largest: float, stretch: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Heights and widths of random rectangles, one a row, as fractions of the image's; they may exceed 1.

    The area is a share s from U(smallest, largest) of the image; ln r from U(−ln stretch, ln stretch) makes
    it higher or wider: √(s r) and √(s / r).
    """
    area = generator.uniform(smallest, largest, rows)
    ratio = np.exp(np.log(stretch) * generator.uniform(-1, 1, rows))
    return np.sqrt(area * ratio), np.sqrt(area / ratio)
