"""Filters of a layer as images, and what a layer makes of one sample: a feature map for each channel."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.arrays import Array, Shape
from engine.insight.evaluation_pass import image_shape, keeping_layers
from engine.insight.query import Query
from engine.insight.run_queries import frozen
from engine.network import Network
from engine.training.trainer import Trainer

FilterKind = Literal["colour", "channels", "image", "sequence"]


@dataclass(frozen=True, eq=False)
class Filters:
    """Some filters of a layer; read-only.

    values : (filters, height, width, inputs), of the units from `first` on. largest : the largest absolute
    weight of all filters of the layer: one scale for all. total : how many filters the layer has.
    of : "colour", where the three inputs are the colours of the image; "channels", each of any other inputs
    by itself; "image", where a dense layer sees the whole image; "sequence", along which height counts the
    features and width the steps. parameters : the arrays of the layer that
    are filters, by name; `parameter` is the one that is shown.
    """

    values: Array
    first: int
    total: int
    largest: float
    of: FilterKind
    parameter: str
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class FiltersQuery(Query[Filters | None]):
    """The filters of the units `first` to `first + count` − 1 of a layer; None where it has none.

    parameter : which of several arrays, of layers inside others; "" for the first.
    """

    layer: int
    first: int
    count: int
    parameter: str = ""

    def answer(self, trainer: Trainer) -> Filters | None:
        network = trainer.network
        names = filter_arrays(network, self.layer)
        if not names:
            return None
        name = self.parameter if self.parameter in names else next(iter(names))
        shape, of = names[name]
        weight = network.parameter_views[self.layer][name]
        largest = max(float(weight.max()), -float(weight.min()))
        some = weight[..., self.first : self.first + self.count]
        if of == "sequence":
            some = some.swapaxes(0, 1)
        values = frozen(np.moveaxis(some.reshape(*shape, -1), -1, 0))
        return Filters(values, self.first, weight.shape[-1], largest, of, name, tuple(names))


def filter_arrays(network: Network, layer: int) -> dict[str, tuple[Shape, FilterKind]]:
    """The arrays of a layer that are filters: shape (height, width, inputs) of one, and what they see."""
    if not 0 <= layer < len(network.layers):
        return {}
    before, front = network.shapes[layer], layer <= keeping_layers(network)
    found: dict[str, tuple[Shape, FilterKind]] = {}
    image = image_shape(network)
    for name, array in network.parameter_views[layer].items():
        if array.ndim == 4:
            colour = front and image is not None and image[2] == 3 == array.shape[2]
            found[name] = (array.shape[:3], "colour" if colour else "channels")
        elif array.ndim == 3 and len(before) == 2:
            found[name] = ((array.shape[1], array.shape[0], 1), "sequence")
        elif (
            (array.ndim, name, len(before)) == (2, "weight", 1)
            and image is not None
            and front
            and array.shape[0] == math.prod(image)
        ):
            found[name] = (image, "colour" if image[2] == 3 else "image")
    return found


@dataclass(frozen=True, eq=False)
class FeatureMaps:
    """What a layer makes of one sample; read-only.

    values : (units, height, width) of the channels from `first` on; a sequence has height 1, a unit of a
    dense layer height and width 1. total : how many units the layer has. low, high : of all of them.
    sample : the prepared sample itself.
    """

    values: Array
    first: int
    total: int
    low: float
    high: float
    sample: Array
    shape: Shape


@dataclass(frozen=True)
class FeatureMapsQuery(Query[FeatureMaps | None]):
    """The outputs of a layer's units `first` to `first + count` − 1 for one sample of a part.

    None where there is no such layer or sample.
    """

    layer: int
    part: str
    index: int
    first: int
    count: int

    def answer(self, trainer: Trainer) -> FeatureMaps | None:
        network, examples = trainer.network, trainer.dataset.part(self.part)
        if not (0 <= self.layer < len(network.layers) and 0 <= self.index < examples.rows_count):
            return None
        x = examples.inputs[self.index : self.index + 1]
        shape = network.shapes[self.layer + 1]
        wanted = {self.layer: np.empty((1, *shape), network.dtype)}
        with np.errstate(all="ignore"):
            values = trainer.evaluator.all_activations(x, wanted)[self.layer][0]
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
        maps = values[..., self.first : self.first + self.count]
        units = np.moveaxis(maps.reshape(*_as_rows(shape), maps.shape[-1]), -1, 0)
        return FeatureMaps(frozen(units), self.first, shape[-1], low, high, frozen(x[0]), shape)


def _as_rows(shape: Shape) -> tuple[int, int]:
    """Height and width of one unit's map."""
    places = shape[:-1]
    if len(places) == 2:
        return places[0], places[1]
    return 1, math.prod(places)
