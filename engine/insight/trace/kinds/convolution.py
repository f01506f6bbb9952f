"""Convolutions: the window over the input, times the kernel."""

import numpy as np

from engine.insight.trace.kinds.base import Indices
from engine.insight.trace.kinds.weighted import Connections, WeightedExplanation
from engine.insight.trace.stage import Stage
from engine.layers.conv import Conv1D, Conv2D
from engine.layers.kernels.sliding_windows import Sliding, slide


class ConvolutionExplanation(WeightedExplanation):
    """z = Σ window · kernel + b: what is connected is found one axis after another."""

    def into(self, stage: Stage, index: tuple[int, ...]) -> Connections:
        axes, (channels, units) = _axes(stage), _group(stage)
        *position, filter_ = index
        taps = [_under(axis, at) for axis, at in zip(axes, position, strict=True)]
        first = filter_ // units * channels
        cells = np.array(
            np.meshgrid(*(np.arange(len(tap)) for tap, _ in taps), np.arange(channels), indexing="ij")
        )
        flat = cells.reshape(len(cells), -1)
        kernel = [tap[own] for (tap, _), own in zip(taps, flat, strict=False)]
        inputs = [cell[own] for (_, cell), own in zip(taps, flat, strict=False)]
        return Connections((*inputs, first + flat[-1]), (*kernel, flat[-1], filter_), index)

    def out_of(self, stage: Stage, index: tuple[int, ...]) -> Connections:
        axes, (channels, units) = _axes(stage), _group(stage)
        *position, channel = index
        taps = [_over(axis, at) for axis, at in zip(axes, position, strict=True)]
        first = channel // channels * units
        cells = np.array(
            np.meshgrid(*(np.arange(len(tap)) for tap, _ in taps), np.arange(units), indexing="ij")
        )
        flat = cells.reshape(len(cells), -1)
        kernel = [tap[own] for (tap, _), own in zip(taps, flat, strict=False)]
        outputs = [cell[own] for (_, cell), own in zip(taps, flat, strict=False)]
        filters = first + flat[-1]
        return Connections(index, (*kernel, channel % channels, filters), (*outputs, filters))

    def through(self, stage: Stage, index: tuple[int, ...]) -> Connections:
        axes, (channels, units) = _axes(stage), _group(stage)
        *tap, channel, filter_ = index
        pairs = []
        for axis, own in zip(axes, tap, strict=True):
            outputs = np.arange(axis.outputs)
            cells = outputs * axis.stride + own * axis.dilation - axis.before
            inside = (cells >= 0) & (cells < axis.length)
            pairs.append((cells[inside], outputs[inside]))
        grid = np.array(np.meshgrid(*(np.arange(len(cells)) for cells, _ in pairs), indexing="ij"))
        flat = grid.reshape(len(grid), -1)
        inputs = [cells[own] for (cells, _), own in zip(pairs, flat, strict=True)]
        outputs_ = [out[own] for (_, out), own in zip(pairs, flat, strict=True)]
        source = filter_ // units * channels + channel
        return Connections((*inputs, source), index, (*outputs_, filter_))


def _axes(stage: Stage) -> list[Sliding]:
    """How the window moves along each axis."""
    layer = stage.layer
    if isinstance(layer, Conv1D):
        sizes: tuple[int, ...] = (layer.kernel_size,)
    elif isinstance(layer, Conv2D):
        sizes = (layer.height, layer.width)
    else:
        raise TypeError(f"no convolution: {layer.kind}")
    return [
        slide(length, size, layer.stride, layer.padding, layer.dilation)
        for length, size in zip(stage.input_shape, sizes, strict=False)
    ]


def _group(stage: Stage) -> tuple[int, int]:
    """Channels and filters of a group."""
    *_, channels, filters = stage.parameters["weight"].shape
    return channels, filters * channels // stage.input_shape[-1]


def _under(axis: Sliding, output: int) -> tuple[Indices, Indices]:
    """The cells of the window, at one of its positions, that are on the axis; and those of the axis there."""
    taps = np.arange(axis.size)
    cells = output * axis.stride + taps * axis.dilation - axis.before
    inside = (cells >= 0) & (cells < axis.length)
    return taps[inside], cells[inside]


def _over(axis: Sliding, cell: int) -> tuple[Indices, Indices]:
    """The cells of the window that come over a cell of the axis, and at which of its positions."""
    taps = np.arange(axis.size)
    shifted = cell + axis.before - taps * axis.dilation
    outputs = shifted // axis.stride
    fits = (shifted % axis.stride == 0) & (outputs >= 0) & (outputs < axis.outputs)
    return taps[fits], outputs[fits]
