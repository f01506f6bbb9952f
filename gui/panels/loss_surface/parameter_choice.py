"""Which weights and biases are offered as axes: all of a small network, else the first of each array."""

import math
from collections.abc import Mapping

import numpy as np

from engine.arrays import Shape
from engine.insight.weight_path import ParameterPlace

MOST_OFFERED = 400
"""Of a larger network, others are chosen where they are: in the network, the inspector or the table."""
OF_EACH_ARRAY = 24


def options_of(shapes: Mapping[tuple[int, str], Shape]) -> list[ParameterPlace]:
    """The places that a list offers, in the order of the layers. shapes : of arrays, by layer and name."""
    total = sum(math.prod(shape) for shape in shapes.values())
    most = total if total <= MOST_OFFERED else OF_EACH_ARRAY
    found = []
    for (layer, name), shape in shapes.items():
        for number in range(min(math.prod(shape), most)):
            index = tuple(int(one) for one in np.unravel_index(number, shape)) if shape else ()
            found.append(ParameterPlace(layer, name, index))
    return found


def is_parameter(shapes: Mapping[tuple[int, str], Shape], place: ParameterPlace) -> bool:
    """Whether there is such a parameter."""
    shape = shapes.get((place.layer, place.name))
    return (
        shape is not None
        and len(shape) == len(place.index)
        and all(0 <= one < size for one, size in zip(place.index, shape, strict=True))
    )


def two_of(shapes: Mapping[tuple[int, str], Shape], *wanted: object) -> tuple[ParameterPlace, ParameterPlace]:
    """The first two different parameters among those wanted that there are; then the first of the network.

    shapes : of two parameters together at least.
    """
    found: list[ParameterPlace] = []
    for place in (*wanted, *options_of(shapes)):
        if isinstance(place, ParameterPlace) and is_parameter(shapes, place) and place not in found:
            found.append(place)
    return found[0], found[1]
