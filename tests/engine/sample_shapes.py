"""Shapes of samples that between them suit every kind of layer, for the law suites."""

from engine.arrays import Shape
from engine.errors import ShapeError
from engine.layers import Layer

CANDIDATE_SHAPES: tuple[Shape, ...] = ((6,), (5, 4), (6, 6, 2), (4, 5, 4), (3, 3, 2, 2))


def fitting_shapes(layer: Layer) -> list[Shape]:
    """Those of the candidates that the layer takes."""
    found = []
    for shape in CANDIDATE_SHAPES:
        try:
            layer.output_shape(shape)
        except ShapeError:
            continue
        found.append(shape)
    return found


def refused_shapes(layer: Layer) -> set[Shape]:
    """The other candidates."""
    return set(CANDIDATE_SHAPES) - set(fitting_shapes(layer))
