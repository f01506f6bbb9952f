"""How a kind of layer explains its numbers, and the generic way, which holds for any layer.

The generic way asks the layer itself. Which outputs depend on a number is found by changing it a little; the
derivative of each of them is what `backward` gives for a gradient that is 1 there and 0 elsewhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.insight.trace.derivation import MOST_TERMS, Factor, Place
from engine.insight.trace.loss_words import difference
from engine.insight.trace.stage import Pass, Stage
from engine.insight.trace.symbols import Symbol, Symbols, partial
from engine.layers import Layer, Workspace

NUDGE = 1e-4
"""How far a number is moved to see which outputs depend on it, relative to its size if that is above 1."""

Factors = tuple[tuple[Factor, ...], str]
Indices = NDArray[np.intp]


class Sum(NamedTuple):
    """A number as a sum of products, of which only the largest are written out.

    products : (n,). make : the factors of the k-th product, and its path. elsewhere : what is not in the
    products; uncounted : how many terms that is. formula : in LaTeX, and in plain characters.
    """

    products: Array
    make: Callable[[int], Factors]
    formula: Symbol
    wrapped: str = ""
    elsewhere: float = 0.0
    uncounted: int = 0


@dataclass(frozen=True)
class View:
    """A stage of a trace, and what its numbers are called."""

    stage: Stage
    symbols: Symbols
    recorded: Pass

    def upstream(self, row: int, index: tuple[int, ...], value: float) -> Factor:
        """∂L/∂y of one output; of the last layer with what it is made of, if it is a simple difference."""
        place = self.output(index, gradient=True)
        meaning, numbers = "how the loss moves with this output", ""
        if self.stage.index == len(self.recorded.stages) - 1:
            found = difference(self.recorded, self.symbols, row, index[0])
            # Beside a factor for the mean, or with the weight of a class, it is more than that.
            if found is not None and found.value == value:
                meaning, numbers = found.text, found.numbers
        factor = self.factor(place, value, meaning, numbers)
        # A number of another row of the batch is none of this sample.
        return factor if row == self.stage.row else replace(factor, place=None)

    def factor(self, place: Place, value: float, meaning: str = "", numbers: str = "") -> Factor:
        """The number at a place."""
        symbol = self.symbols.of(place)
        return Factor(symbol.latex, symbol.text, float(value), numbers, meaning, place)

    def slope(
        self,
        of: Place,
        by: Place,
        value: float,
        meaning: str = "",
        numbers: str = "",
        place: Place | None = None,
    ) -> Factor:
        """The derivative of one number by another; place : the number that it is, if it is one."""
        symbol = partial(self.symbols.of(of), self.symbols.of(by))
        return Factor(symbol.latex, symbol.text, float(value), numbers, meaning, place)

    def detail(self, name: str, index: tuple[int, ...]) -> Place:
        return Place(self.stage.index, "detail", name, index)

    def output(self, index: tuple[int, ...], gradient: bool = False) -> Place:
        return Place(self.stage.index, "output", "", index, gradient)

    def pre_activation(self, index: tuple[int, ...], gradient: bool = False) -> Place:
        return Place(self.stage.index, "pre_activation", "", index, gradient)

    def input(self, index: tuple[int, ...], gradient: bool = False) -> Place:
        return Place(self.stage.index, "input", "", index, gradient)

    def parameter(self, name: str, index: tuple[int, ...], gradient: bool = False) -> Place:
        return Place(self.stage.index, "parameter", name, index, gradient)

    def path(self, row: int, text: str) -> str:
        """The path of a term, and of which row of the batch it is, if not of the sample."""
        stage = self.stage
        return text if row == stage.row or stage.rows == 1 else f"{text}, row {row + 1} of the batch"


class Explanation:
    """What a kind of layer can say of its numbers; these are the answers that hold for every kind.

    A kind that has more to say is a subclass with an entry in `engine.insight.trace.kinds`.
    """

    def pre_activation(
        self, layer: Layer, parameters: Mapping[str, Array], x: Array, y: Array, workspace: Workspace
    ) -> Array | None:
        """z with y = f(z), for all rows; None where the layer has none. Called after `forward`."""
        return None

    def dz(self, layer: Layer, z: Array | None, y: Array, dy: Array) -> Array | None:
        """The gradient of z from that of y."""
        activation = layer.output_activation
        if z is None or activation is None:
            return None
        dz = np.empty_like(dy)
        activation.backward(z, y, dy, dz)
        return dz

    def details(
        self, layer: Layer, parameters: Mapping[str, Array], x: Array, y: Array, workspace: Workspace
    ) -> dict[str, Array]:
        """Further arrays by name, copies with a batch axis. Called after `forward`."""
        return {}

    def gradient_details(self, layer: Layer, x: Array, workspace: Workspace) -> dict[str, Array]:
        """Further arrays that `backward` has left, as `details`. Called after it."""
        return {}

    def stage_details(self, stage: Stage) -> dict[str, Array]:
        """Further arrays that follow from all that is recorded of a layer."""
        return {}

    def detail_sum(self, view: View, name: str, index: tuple[int, ...]) -> Sum | None:
        """Where a number of a further array comes from; None where that is not told."""
        return None

    def detail_meaning(self, layer: Layer, name: str) -> str:
        """What a further array is, in a few words."""
        return name.replace("_", " ")

    # --- where numbers come from -------------------------------------------------------------------------

    def output_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        """An output, from the inputs: Σ ∂y/∂x · x, and what this linearization leaves."""
        stage = view.stage
        slopes = self.slopes(stage, stage.row, index)
        x = stage.x[stage.row]
        products = (slopes * x).reshape(-1)
        value = float(stage.computed[(stage.row, *index)])
        used = np.flatnonzero(slopes)

        def make(number: int) -> Factors:
            place = np.unravel_index(used[number], x.shape)
            at = tuple(map(int, place))
            slope = view.slope(view.output(index), view.input(at), slopes[at], "how the output moves with it")
            return (
                slope,
                view.factor(view.input(at), x[at], "input"),
            ), f"from {view.symbols.of(view.input(at)).text}"

        left = value - float(products.sum())
        rest = left if abs(left) > 1e-12 * max(abs(value), 1.0) else 0.0
        return Sum(
            products[used],
            make,
            Symbol(r"\sum_i \frac{\partial y}{\partial x_i} x_i", "Σᵢ ∂y/∂xᵢ · xᵢ"),
            "",
            rest,
        )

    def input_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        """The gradient of an input: over the outputs that depend on it."""
        stage = view.stage
        x = stage.x

        def changed(step: float) -> Array:
            if stage.coupled:
                moved = x.copy()
                moved[(stage.row, *index)] += step
                return stage.run(moved)[0]
            moved = x[stage.row : stage.row + 1].copy()
            moved[(0, *index)] += step
            y = stage.computed.copy()
            y[stage.row] = stage.run(moved, row=stage.row)[0][0]
            return y

        support = self._support(stage, changed, float(x[(stage.row, *index)]))
        slopes = self._columns(
            stage,
            support[:MOST_TERMS],
            lambda dx, _: dx[(stage.row, *index)] if stage.coupled else dx[0][index],
        )
        exact = float(stage.dx[(stage.row, *index)])
        return self._over_outputs(view, support, slopes, exact, view.input(index))

    def parameter_sum(self, view: View, name: str, index: tuple[int, ...]) -> Sum:
        """The gradient of a parameter: over the outputs that depend on it."""
        stage = view.stage

        def changed(step: float) -> Array:
            moved = {own: array.copy() for own, array in stage.parameters.items()}
            moved[name][index] += step
            return stage.run(stage.x, moved)[0]

        support = self._support(stage, changed, float(stage.parameters[name][index]))
        slopes = self._columns(stage, support[:MOST_TERMS], lambda _, gradients: gradients[name][index])
        exact = float(stage.gradients[name][index])
        return self._over_outputs(view, support, slopes, exact, view.parameter(name, index))

    # --- the generic way ---------------------------------------------------------------------------------

    def slopes(self, stage: Stage, row: int, index: tuple[int, ...]) -> Array:
        """The derivatives of one output by all inputs of its row."""
        if stage.coupled:
            dy = np.zeros_like(stage.dy)
            dy[(row, *index)] = 1.0
            found: Array = stage.back(dy, stage.x)[0][row]
            return found
        dy = np.zeros_like(stage.dy[:1])
        dy[(0, *index)] = 1.0
        alone: Array = stage.back(dy, stage.x[row : row + 1], row=row)[0][0]
        return alone

    def _support(
        self, stage: Stage, changed: Callable[[float], Array], value: float
    ) -> list[tuple[int, ...]]:
        """Outputs (row, …) that depend on a number and have a gradient, those that matter most first."""
        step = NUDGE * max(abs(value), 1.0)
        weight = np.abs(changed(step) - stage.computed) + np.abs(changed(-step) - stage.computed)
        weight *= np.abs(stage.passed)
        flat = weight.reshape(-1)
        used = np.flatnonzero(flat)
        order = used[np.argsort(-flat[used], kind="stable")]
        return [tuple(map(int, np.unravel_index(one, weight.shape))) for one in order.tolist()]

    def _columns(
        self,
        stage: Stage,
        places: list[tuple[int, ...]],
        pick: Callable[[Array, dict[str, Array]], Any],
    ) -> list[float]:
        """The derivative of each of some outputs (row, …)."""
        found = []
        for row, *index in places:
            if stage.coupled:
                dy = np.zeros_like(stage.dy)
                dy[(row, *index)] = 1.0
                found.append(float(pick(*stage.back(dy, stage.x))))
            else:
                dy = np.zeros_like(stage.dy[:1])
                dy[(0, *index)] = 1.0
                found.append(float(pick(*stage.back(dy, stage.x[row : row + 1], row=row))))
        return found

    def _over_outputs(
        self, view: View, support: list[tuple[int, ...]], slopes: list[float], exact: float, by: Place
    ) -> Sum:
        passed = view.stage.passed
        products = np.array([slope * passed[place] for slope, place in zip(slopes, support, strict=False)])

        def make(number: int) -> Factors:
            row, *index = support[number]
            at = tuple(index)
            upstream = view.upstream(row, at, float(passed[support[number]]))
            slope = view.slope(view.output(at), by, slopes[number], "how the output moves with it")
            return (upstream, slope), view.path(row, f"through {view.symbols.of(view.output(at)).text}")

        symbol = view.symbols.of(by)
        formula = Symbol(
            rf"\sum_j \frac{{\partial L}}{{\partial y_j}} \frac{{\partial y_j}}{{\partial {symbol.latex}}}",
            f"Σⱼ ∂L/∂yⱼ · ∂yⱼ/∂{symbol.text}",
        )
        left = len(support) - len(products)
        elsewhere = exact - float(products.sum()) if left else 0.0
        return Sum(products, make, formula, "", elsewhere, left)
