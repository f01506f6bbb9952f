"""Recurrent layers, unrolled: states, gates and their gradients step by step, in the order of time."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from engine.arrays import Array
from engine.insight.trace.derivation import Place
from engine.insight.trace.kinds.base import Explanation, Factors, Sum, View
from engine.insight.trace.kinds.elementwise import activation_name
from engine.insight.trace.symbols import Symbol, partial
from engine.layers import Layer, Workspace
from engine.layers.recurrent_workspace import Direction, Unrolled

STATES, BEFORE, GRADIENTS = "states", "states_before", "gate_gradients"
"""Details of all recurrent layers: the state after and before each step, and ∂L/∂ of the gates' sums."""


class Cell(NamedTuple):
    """A unit of one direction at one step."""

    step: int
    direction: int
    unit: int


class RecurrentExplanation(Explanation):
    """h = f(x W + h′ U + b). With gates, they are details, and a subclass knows how h is made of them.

    gate_names : in the order of the weights' blocks.
    """

    gate_names: ClassVar[tuple[str, ...]] = ()
    meanings: ClassVar[Mapping[str, str]] = {}

    def details(
        self, layer: Layer, parameters: Mapping[str, Array], x: Array, y: Array, workspace: Workspace
    ) -> dict[str, Array]:
        unrolled: Unrolled = workspace.prepared
        runs = unrolled.sizes.directions
        found = {
            STATES: timed(unrolled.reached.swapaxes(0, 1), runs),
            BEFORE: timed(np.stack(unrolled.states[:-1]), runs),
        }
        if self.gate_names:
            gates = unrolled.block("gates", unrolled.sizes.steps, len(self.gate_names))
            found |= {name: timed(gates[:, number], runs) for number, name in enumerate(self.gate_names)}
        return found | self.memories(unrolled)

    def memories(self, unrolled: Unrolled) -> dict[str, Array]:
        """Further details of a kind."""
        return {}

    def gradient_details(self, layer: Layer, x: Array, workspace: Workspace) -> dict[str, Array]:
        unrolled: Unrolled = workspace.prepared
        sizes = unrolled.sizes
        sums = unrolled.sums.reshape(sizes.gates, len(sizes.directions), sizes.steps, len(x), sizes.units)
        # (steps, directions, rows, gates · units): the columns of the weights.
        columns = sums.transpose(2, 1, 3, 0, 4).reshape(sizes.steps, len(sizes.directions), len(x), -1)
        return {GRADIENTS: timed(columns, sizes.directions)}

    def detail_meaning(self, layer: Layer, name: str) -> str:
        known = {
            STATES: "state after the step",
            BEFORE: "state before the step; 0 at first",
            GRADIENTS: "how the loss moves with this sum of the step",
            "candidate": "what may become part of the memory",
        }
        return (known | dict(self.meanings)).get(name, name.replace("_", " "))

    # --- forward -----------------------------------------------------------------------------------------

    def output_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        step = index[0] if len(index) > 1 else self._last_step(view, index[-1])
        return self.state_sum(view, self._cell(view, (step, index[-1])))

    def detail_sum(self, view: View, name: str, index: tuple[int, ...]) -> Sum | None:
        if name == STATES:
            return self.state_sum(view, self._cell(view, index))
        if name in self.gate_names:
            number = self.gate_names.index(name)
            return self.gate_sum(view, self._cell(view, index), number)
        return None

    def state_sum(self, view: View, cell: Cell) -> Sum:
        """The state after a step."""
        return self.gate_sum(view, cell, 0)

    def gate_sum(self, view: View, cell: Cell, gate: int) -> Sum:
        """Σ x w + Σ h′ u + b, through its activation."""
        stage, (step, direction, unit) = view.stage, cell
        suffix, units = self._suffix(direction), self._units(view)
        column = gate * units + unit
        x = stage.x[stage.row][step]
        state = stage.details[BEFORE][stage.row][step][direction * units : (direction + 1) * units]
        reset = self.reset_of(view, cell, gate)
        places: list[tuple[Place, ...]] = []
        values: list[tuple[float, ...]] = []
        for name, inputs in (("weight", x), ("recurrent", state)):
            for number, value in enumerate(inputs.tolist()):
                weight = float(stage.parameters[name + suffix][number, column])
                start = (
                    view.input((step, number))
                    if name == "weight"
                    else view.detail(BEFORE, (step, direction * units + number))
                )
                places.append((view.parameter(name + suffix, (number, column)), start))
                values.append((weight, value))
        for name in ("bias", "recurrent_bias"):
            if name + suffix in stage.parameters:
                places.append((view.parameter(name + suffix, (column,)),))
                values.append((float(stage.parameters[name + suffix][column]),))
        meanings = ("weight", "what it multiplies")

        def inside(number: int) -> bool:
            return reset is not None and "recurrent" in places[number][0].name

        def make(number: int) -> Factors:
            own = zip(places[number], values[number], meanings, strict=False)
            factors = [view.factor(place, value, meaning) for place, value, meaning in own]
            if inside(number) and reset is not None:
                factors.insert(0, view.factor(*reset, "reset gate"))
            source = places[number][-1]
            return tuple(factors), f"from {view.symbols.of(source).text}"

        products = np.array(
            [
                np.prod(own) * (reset[1] if reset is not None and inside(number) else 1.0)
                for number, own in enumerate(values)
            ]
        )
        return Sum(products, make, Symbol("x W + h' U + b", "x W + h′ U + b"), self.wrapping(view, gate))

    def wrapping(self, view: View, gate: int) -> str:
        """The activation of a gate."""
        return activation_name(view.stage.layer)

    def reset_of(self, view: View, cell: Cell, gate: int) -> tuple[Place, float] | None:
        """What multiplies the state's side of a gate; None where nothing does."""
        return None

    # --- backward ----------------------------------------------------------------------------------------

    def parameter_sum(self, view: View, name: str, index: tuple[int, ...]) -> Sum:
        """Over the steps, at each of which the parameter acts."""
        stage, units = view.stage, self._units(view)
        direction = int(name.endswith("_backward"))
        base, column = name.removesuffix("_backward"), index[-1]
        gate, unit = divmod(column, units)
        width = stage.parameters["bias" if "bias" in stage.parameters else "weight"].shape[-1]
        sums = stage.details[GRADIENTS][..., direction * width + column]
        if base == "weight":
            inputs = stage.x[..., index[0]]
        elif base == "recurrent":
            inputs = stage.details[BEFORE][..., direction * units + index[0]]
        else:
            inputs = np.ones_like(sums)
        resets = np.ones_like(sums)
        own = view.parameter(name, index)

        def cell(number: int) -> tuple[int, int]:
            row, step = np.unravel_index(number, sums.shape)
            return int(row), int(step)

        if base.startswith("recurrent"):
            for number in range(sums.size):
                row, step = cell(number)
                found = self._reset_at(view, Cell(step, direction, unit), gate, row)
                resets[row, step] = 1.0 if found is None else found

        def make(number: int) -> Factors:
            row, step = cell(number)
            here = row == stage.row
            gradient = view.detail(GRADIENTS, (step, direction * width + column))
            factors = [
                view.factor(gradient, sums[row, step], "how the loss moves with this sum of the step"),
            ]
            reset = self.reset_of(view, Cell(step, direction, unit), gate)
            if base.startswith("recurrent") and reset is not None:
                factors.append(view.factor(reset[0], resets[row, step], "reset gate"))
            if base == "weight":
                factors.append(
                    view.factor(view.input((step, index[0])), inputs[row, step], "input of the step")
                )
            elif base == "recurrent":
                before = view.detail(BEFORE, (step, direction * units + index[0]))
                factors.append(view.factor(before, inputs[row, step], "state before the step"))
            if not here:
                factors = [one.__class__(one.symbol, one.text, one.value, "", one.meaning) for one in factors]
            return tuple(factors), view.path(row, f"at step {step + 1}")

        symbol = view.symbols.of(own)
        slope = partial(Symbol("a_t", "aₜ"), symbol)
        formula = Symbol(
            rf"\sum_t \frac{{\partial L}}{{\partial a_t}} {slope.latex}", f"Σₜ ∂L/∂aₜ · {slope.text}"
        )
        return Sum((sums * inputs * resets).reshape(-1), make, formula)

    def _reset_at(self, view: View, cell: Cell, gate: int, row: int) -> float | None:
        found = self.reset_of(view, cell, gate)
        if found is None:
            return None
        # Inside a residual layer, the place has the key of this layer in front.
        own = found[0].name.rpartition(".")[2]
        return float(view.stage.details[own][(row, *found[0].index)])

    def input_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        """Over the sums of the step that the input takes part in."""
        stage, (step, feature) = view.stage, index
        gradients = stage.details[GRADIENTS][stage.row][step]
        names = [name for name in ("weight", "weight_backward") if name in stage.parameters]
        weights = np.concatenate([stage.parameters[name][feature] for name in names])
        width = len(weights) // len(names)

        def make(number: int) -> Factors:
            direction, column = divmod(number, width)
            weight = view.parameter(names[direction], (feature, column))
            gradient = view.detail(GRADIENTS, (step, number))
            factors = (
                view.factor(gradient, gradients[number], "how the loss moves with this sum of the step"),
                view.factor(weight, weights[number], "weight"),
            )
            return factors, f"through {view.symbols.of(gradient).text}"

        formula = Symbol(r"\sum_j \frac{\partial L}{\partial a_j} w_j", "Σⱼ ∂L/∂aⱼ · wⱼ")
        return Sum(gradients * weights, make, formula)

    # --- where a unit is ---------------------------------------------------------------------------------

    def _units(self, view: View) -> int:
        return int(view.stage.parameters["recurrent"].shape[0])

    def _cell(self, view: View, index: Sequence[int]) -> Cell:
        direction, unit = divmod(index[1], self._units(view))
        return Cell(index[0], direction, unit)

    @staticmethod
    def _suffix(direction: int) -> str:
        return "_backward" if direction else ""

    def _last_step(self, view: View, unit: int) -> int:
        """The step that is read last, whose state is the output."""
        backwards = getattr(view.stage.layer, "direction", "forward")
        reversed_ = backwards == "backward" or (backwards == "both" and unit >= self._units(view))
        return 0 if reversed_ else view.stage.input_shape[0] - 1


def timed(array: Array, directions: Sequence[Direction]) -> Array:
    """(steps, directions, rows, units) as they are read, as (rows, steps, directions · units) in time."""
    parts = [
        (array[::-1, number] if one.reversed_ else array[:, number]).swapaxes(0, 1)
        for number, one in enumerate(directions)
    ]
    return np.concatenate(parts, axis=-1)
