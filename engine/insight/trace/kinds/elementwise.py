"""The activation as a layer of its own: its input is what a dense layer's weighted sum would be."""

from collections.abc import Mapping

import numpy as np

from engine.arrays import Array
from engine.insight.trace.derivation import Factor
from engine.insight.trace.kinds.base import Explanation, Factors, Sum, View
from engine.insight.trace.symbols import Symbol
from engine.layers import Layer, Workspace


def activation_name(layer: Layer) -> str:
    """Of the function that the output is a value of, as it is called in a sentence."""
    activation = layer.output_activation
    if activation is None or activation.identity:
        return ""
    heading = activation.heading
    return heading.lower() if heading in ("Sigmoid", "Softmax", "Softplus") else heading


def activation_slope(view: View, row: int, index: tuple[int, ...]) -> float:
    """f'(z) of one number, elementwise."""
    stage, activation = view.stage, view.stage.layer.output_activation
    if (index in stage.fixed and row == stage.row) or activation is None or stage.z is None:
        return 0.0 if index in stage.fixed else 1.0
    at = (row, *index)
    found, one = np.empty((1, 1)), np.ones((1, 1))
    activation.backward(np.array([[stage.z[at]]]), np.array([[stage.computed[at]]]), one, found)
    return float(found[0, 0])


class ActivationExplanation(Explanation):
    """y = f(x): z is the input."""

    def pre_activation(
        self, layer: Layer, parameters: Mapping[str, Array], x: Array, y: Array, workspace: Workspace
    ) -> Array | None:
        return x

    def output_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        stage, activation = view.stage, view.stage.layer.output_activation
        if activation is None or not activation.elementwise:
            return super().output_sum(view, index)
        value = float(stage.x[(stage.row, *index)])

        def make(number: int) -> Factors:
            return (view.factor(view.input(index), value, "input"),), ""

        x = view.symbols.of(view.input(index))
        return Sum(np.array([value]), make, x, activation_name(stage.layer))

    def input_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        activation = view.stage.layer.output_activation
        if activation is None or not activation.elementwise:
            return super().input_sum(view, index)
        return pre_activation_sum(view, view.stage.row, index)


def pre_activation_sum(view: View, row: int, index: tuple[int, ...]) -> Sum:
    """∂L/∂z, from ∂L/∂y: times the slope, or over the row of numbers that are normalized together."""
    stage, activation = view.stage, view.stage.layer.output_activation
    own = view.pre_activation(index)
    if activation is None or activation.elementwise:
        slope, upstream = activation_slope(view, row, index), float(stage.dy[(row, *index)])
        symbol = view.symbols.of(view.output(index))

        def make(number: int) -> Factors:
            factors = [view.upstream(row, index, upstream)]
            if activation is not None and not activation.identity:
                factors.append(slope_factor(view, row, index, slope))
            return tuple(factors), ""

        formula = Symbol(
            rf"\frac{{\partial L}}{{\partial {symbol.latex}}} f'(z)", f"∂L/∂{symbol.text} · f′(z)"
        )
        return Sum(np.array([upstream * slope]), make, formula)
    # A softmax: each output of the row depends on this number.
    passed, y = stage.passed[(row, *index[:-1])], stage.computed[(row, *index[:-1])]
    slopes = -y * y[index[-1]]
    slopes[index[-1]] += y[index[-1]]

    def each(number: int) -> Factors:
        at = (*index[:-1], number)
        upstream = view.upstream(row, at, float(passed[number]))
        slope = view.slope(
            view.output(at), own, slopes[number], f"slope of the {activation_name(stage.layer)}"
        )
        return (upstream, slope), f"through {view.symbols.of(view.output(at)).text}"

    name = view.symbols.of(own)
    formula = Symbol(
        rf"\sum_j \frac{{\partial L}}{{\partial y_j}} \frac{{\partial y_j}}{{\partial {name.latex}}}",
        f"Σⱼ ∂L/∂yⱼ · ∂yⱼ/∂{name.text}",
    )
    return Sum(passed * slopes, each, formula)


def slope_factor(view: View, row: int, index: tuple[int, ...], slope: float) -> Factor:
    """∂y/∂z, the slope of the activation."""
    stage, name = view.stage, activation_name(view.stage.layer)
    if index in stage.fixed and row == stage.row:
        return view.slope(
            view.output(index), view.pre_activation(index), 0.0, "set by hand: nothing flows through it"
        )
    activation = stage.layer.output_activation
    rule = (
        "" if activation is None else activation.derivative.format(y=view.symbols.of(view.output(index)).text)
    )
    meaning = f"{rule}, slope of the {name}" if rule else f"slope of the {name}"
    return view.slope(view.output(index), view.pre_activation(index), slope, meaning)
