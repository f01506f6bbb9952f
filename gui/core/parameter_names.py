"""What weights are called in the window: by the columns, units and classes that they join. No Qt."""

from collections.abc import Sequence

from engine.arrays import Shape
from gui.core.model_summary import ModelSummary
from gui.kit.text import tr

SIMPLE_WEIGHT, SIMPLE_BIAS = "weight", "bias"
"""What the arrays of a layer are called that is f(x W + b)."""


def unit_names(model: ModelSummary, layer: int) -> tuple[str, ...]:
    """The units of a layer, along the last axis of its output: "unit 3"; of the output layer the classes or
    targets. Layer −1 is the input, with the names of its features where it has some."""
    if layer < 0:
        shape, names = model.input_shape, model.feature_names
        if len(shape) == 1 and len(names) == shape[0]:
            return tuple(names)
        return tuple(tr("input {number}", number=at + 1) for at in range(shape[-1] if shape else 0))
    shape = model.layers[layer].output_shape
    units = shape[-1] if shape else 0
    named = _output_names(model) if layer == len(model.layers) - 1 else ()
    if len(shape) == 1 and len(named) == units:
        return named
    return tuple(tr("unit {number}", number=at + 1) for at in range(units))


def _output_names(model: ModelSummary) -> tuple[str, ...]:
    if model.task == "reconstruction":
        return model.feature_names
    if model.task in ("regression", "multilabel"):
        return model.targets or (model.target_name,)
    return model.class_names[1:] if model.task == "binary" else model.class_names


def input_names(model: ModelSummary, layer: int, inputs: int) -> tuple[str, ...]:
    """The numbers that each unit of a layer gets: features, or units of the layer before; else numbered.

    Layers without weights in between (dropout, activation) keep the names; flattening loses them.
    """
    before = layer - 1
    while before >= 0 and not model.layers[before].parameters:
        if model.layers[before].output_shape != _shape_before(model, before):
            break
        before -= 1
    names = unit_names(model, before)
    return (
        names if len(names) == inputs else tuple(tr("input {number}", number=at + 1) for at in range(inputs))
    )


def _shape_before(model: ModelSummary, layer: int) -> Shape:
    return model.layers[layer - 1].output_shape if layer else model.input_shape


def parameter_title(model: ModelSummary, layer: int, name: str, index: Sequence[int], shape: Shape) -> str:
    """One number of an array: "Dense 1, weight from x₁ to unit 3", "Dense 1, bias of unit 3".

    shape : of the array.
    """
    summary = model.layers[layer]
    if summary.affine and name == SIMPLE_WEIGHT and len(index) == 2:
        source, unit = input_names(model, layer, shape[0])[index[0]], unit_names(model, layer)[index[1]]
        return tr("{layer}, weight from {source} to {unit}", layer=summary.name, source=source, unit=unit)
    if name == SIMPLE_BIAS and len(index) == 1 and shape == summary.output_shape[-1:]:
        return tr("{layer}, bias of {unit}", layer=summary.name, unit=unit_names(model, layer)[index[0]])
    place = ",".join(str(one + 1) for one in index)
    return tr("{layer}, {name} {place}", layer=summary.name, name=name, place=place)
