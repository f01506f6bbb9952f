"""Layers of weighted sums: y = f(z) with z = x W + b."""

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from engine.activations.rectifiers import Linear
from engine.arrays import Array, Shape
from engine.insight.trace.derivation import Factor, Place
from engine.insight.trace.kinds.base import Explanation, Factors, Indices, Sum, View
from engine.insight.trace.kinds.elementwise import (
    activation_name,
    activation_slope,
    slope_factor,
)
from engine.insight.trace.stage import Stage
from engine.insight.trace.symbols import LOSS, Symbol, partial
from engine.layers import Layer, Workspace
from engine.layers.weighted import Weighted

Index = tuple[Any, ...]
"""For each axis an index, or an array with one for each connection."""


class Connections(NamedTuple):
    """Weights with the input that each multiplies and the output that it leads to."""

    inputs: Index
    weights: Index
    outputs: Index


class WeightedExplanation(Explanation):
    """y = f(z), z = Σ w x + b; a subclass knows which weight connects which numbers.

    z is what the layer computes without its activation.
    """

    @abstractmethod
    def into(self, stage: Stage, index: tuple[int, ...]) -> Connections:
        """Those of an output."""

    @abstractmethod
    def out_of(self, stage: Stage, index: tuple[int, ...]) -> Connections:
        """Those of an input."""

    @abstractmethod
    def through(self, stage: Stage, index: tuple[int, ...]) -> Connections:
        """Those of a weight, which several positions may share."""

    def pre_activation(
        self, layer: Layer, parameters: Mapping[str, Array], x: Array, y: Array, workspace: Workspace
    ) -> Array | None:
        activation = layer.output_activation
        if activation is None or activation.identity or not isinstance(layer, Weighted):
            return y
        if "z" in workspace:
            return workspace["z"].copy()
        linear = layer.model_copy(update={"activation": Linear()})
        own = Workspace.of(linear.workspace_arrays(x.shape[1:]), len(x), y.dtype)
        return np.array(linear.forward(parameters, x, own, True))

    def output_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        stage, unit = view.stage, index[-1]
        inputs, weights, _ = self.into(stage, index)
        x, w = stage.x[stage.row][inputs], stage.parameters["weight"][weights]
        bias = stage.parameters.get("bias")
        products = w * x if bias is None else np.append(w * x, bias[unit])

        def make(number: int) -> Factors:
            if number == len(x):
                return (view.factor(view.parameter("bias", (unit,)), products[number], "bias"),), "bias"
            start = view.input(_at(inputs, number))
            place = view.parameter("weight", _at(weights, number))
            factors = (
                view.factor(place, w[number], "weight"),
                view.factor(start, x[number], "what it multiplies"),
            )
            return factors, f"from {view.symbols.of(start).text}"

        text = "Σ w x" if bias is None else "Σ w x + b"
        formula = Symbol(r"\sum " + text.removeprefix("Σ "), text)
        return Sum(products, make, formula, activation_name(stage.layer))

    def input_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        stage = view.stage
        _, weights, outputs = self.out_of(stage, index)
        w, dz = stage.parameters["weight"][weights], _dz(view)[stage.row][outputs]
        own = view.input(index)

        def make(number: int) -> Factors:
            at = _at(outputs, number)
            weight = view.parameter("weight", _at(weights, number))
            meaning = f"{view.symbols.of(weight).text}, the weight between them"
            first = upstream(view, stage.row, at)
            slope = view.slope(_moved(view, at, first), own, w[number], meaning)
            factors = (*first, replace(slope, place=weight))
            return factors, f"through {view.symbols.of(view.output(at)).text}"

        by = view.symbols.of(own)
        formula = Symbol(
            rf"\sum_j \frac{{\partial L}}{{\partial z_j}} \frac{{\partial z_j}}{{\partial {by.latex}}}",
            f"Σⱼ ∂L/∂zⱼ · ∂zⱼ/∂{by.text}",
        )
        return Sum(dz * w, make, formula)

    def parameter_sum(self, view: View, name: str, index: tuple[int, ...]) -> Sum:
        stage, bias = view.stage, name == "bias"
        inputs, _, outputs = self._of_bias(stage, index) if bias else self.through(stage, index)
        dz = _dz(view)[(slice(None), *outputs)]
        x = np.ones_like(dz) if bias else stage.x[(slice(None), *inputs)]
        own, shared = view.parameter(name, index), dz.size > 1

        def make(number: int) -> Factors:
            row, cell = map(int, np.unravel_index(number, dz.shape))
            at, value = _at(outputs, cell), float(x[row, cell])
            first = upstream(view, row, at)
            moved = _moved(view, at, first)
            if bias:
                slope = view.slope(moved, own, value, "1: a bias is added as it is")
            else:
                start = view.input(_at(inputs, cell))
                meaning = f"{view.symbols.of(start).text}, what the weight multiplies"
                slope = view.slope(moved, own, value, meaning)
                slope = replace(slope, place=start) if row == stage.row else slope
            path = view.path(row, f"through {view.symbols.of(view.output(at)).text}")
            return (*first, slope), path if shared else ""

        return Sum((dz * x).reshape(-1), make, self._rule(view, own, _at(outputs, 0), shared))

    @staticmethod
    def _rule(view: View, own: Place, at: tuple[int, ...], shared: bool) -> Symbol:
        """The chain rule of a parameter in symbols; a sum where positions or rows share it."""
        by, z, y = (view.symbols.of(one) for one in (own, view.pre_activation(at), view.output(at)))
        if shared:
            return Symbol(
                rf"\sum \frac{{\partial L}}{{\partial z}} \frac{{\partial z}}{{\partial {by.latex}}}",
                f"Σ ∂L/∂z · ∂z/∂{by.text}",
            )
        steps = [(LOSS, y), (y, z), (z, by)]
        if not activation_name(view.stage.layer):
            steps = [(LOSS, y), (y, by)]
        fractions = [partial(top, bottom) for top, bottom in steps]
        return Symbol(" ".join(one.latex for one in fractions), " · ".join(one.text for one in fractions))

    def _of_bias(self, stage: Stage, index: tuple[int, ...]) -> Connections:
        """A bias is added at every position of its unit."""
        cells = _cells(stage.y.shape[1:-1])
        return Connections((), (), (*cells, np.full(cells.shape[1], index[-1])))


class DenseExplanation(WeightedExplanation):
    """z_j = Σ x_i w_ij + b_j; over the features, at each step or cell."""

    def pre_activation(
        self, layer: Layer, parameters: Mapping[str, Array], x: Array, y: Array, workspace: Workspace
    ) -> Array | None:
        activation = layer.output_activation
        if activation is None or activation.identity or "z" in workspace:
            return super().pre_activation(layer, parameters, x, y, workspace)
        z: Array = x @ parameters["weight"]
        return z + parameters["bias"] if "bias" in parameters else z

    def into(self, stage: Stage, index: tuple[int, ...]) -> Connections:
        every = np.arange(stage.input_shape[-1])
        return Connections((*index[:-1], every), (every, index[-1]), index)

    def out_of(self, stage: Stage, index: tuple[int, ...]) -> Connections:
        every = np.arange(stage.y.shape[-1])
        return Connections(index, (index[-1], every), (*index[:-1], every))

    def through(self, stage: Stage, index: tuple[int, ...]) -> Connections:
        cells = _cells(stage.input_shape[:-1])
        start, end = (np.full(cells.shape[1], one) for one in index)
        return Connections((*cells, start), index, (*cells, end))


def _cells(shape: Shape) -> Indices:
    """The indices of all cells, (axes, cells); of no axes there is one cell."""
    return np.indices(shape).reshape(len(shape), math.prod(shape))


def _at(index: Index, number: int) -> tuple[int, ...]:
    """The index of one connection."""
    return tuple(int(one[number]) if isinstance(one, np.ndarray) else int(one) for one in index)


def _dz(view: View) -> Array:
    stage = view.stage
    return stage.dz if stage.dz is not None else stage.passed


def _moved(view: View, index: tuple[int, ...], first: tuple[Factor, ...]) -> Place:
    """What the last of the factors so far is taken by: z, or y where no activation is between them."""
    activation = view.stage.layer.output_activation
    linear = activation is None or activation.identity
    return view.output(index) if linear and len(first) == 1 else view.pre_activation(index)


def upstream(view: View, row: int, index: tuple[int, ...]) -> tuple[Factor, ...]:
    """∂L/∂z of one output: of an elementwise activation as ∂L/∂y · ∂y/∂z."""
    stage, activation = view.stage, view.stage.layer.output_activation
    if activation is not None and not activation.elementwise:
        place, value = view.pre_activation(index, True), float(_dz(view)[(row, *index)])
        factor = view.factor(place, value, "how the loss moves with this sum")
        # A number of another row of the batch is none of this sample.
        return (factor if row == stage.row else replace(factor, place=None),)
    linear = activation is None or activation.identity
    first = view.upstream(row, index, float(stage.dy[(row, *index)]))
    if linear and not (index in stage.fixed and row == stage.row):
        return (first,)
    return first, slope_factor(view, row, index, activation_slope(view, row, index))
