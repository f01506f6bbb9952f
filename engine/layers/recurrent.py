"""What recurrent layers have in common: all but what happens in one step."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array, Shape, constant
from engine.initializers import Initializer
from engine.initializers.composite import Blockwise
from engine.initializers.constant import Zeros
from engine.layers.base import ArraySpec, Workspace
from engine.layers.recurrent_fields import Starting
from engine.layers.recurrent_workspace import Run, Sizes, Unrolled, by_gate
from engine.layers.weighted import Penalized

_RUNS: Mapping[str, tuple[Run, ...]] = {
    "forward": (Run("", turned=False),),
    "backward": (Run("", turned=True),),
    "both": (Run("", turned=False), Run("_backward", turned=True)),
}


class Recurrent(Penalized, Starting):
    """Reads a sequence step by step: the next state follows from the step's features and the last state.

    Shapes: x (batch, steps, features); y (batch, units), or (batch, steps, units) for all states, twice the
    units for both ways, forwards first. "weight" (features, gates · units) acts on the features, "recurrent"
    (units, gates · units) on the state, each with the gates' blocks side by side; "bias" (gates · units).
    Reading backwards starts at the last step, and its last state is the one at the first step; all states
    are returned in the order of the steps. For both ways the second direction's parameters end in
    "_backward". The first state is 0.
    Gradients: backpropagation through time over the whole sequence (Werbos 1990).
    Raises ShapeError if a sample is no sequence.
    """

    gates: ClassVar[int] = 1
    """Blocks in a weight matrix."""
    sigmoids: ClassVar[int] = 0
    """How many of them, from the first on, go through σ z = ½ + ½ tanh ½z: NumPy has the fastest tanh."""

    @property
    def stepwise(self) -> bool:
        return True

    def simple_layers(self, input_shape: Shape) -> int:
        return 1 + input_shape[0] * (1 + self.gates)

    def multiplications(self, input_shape: Shape) -> int:
        steps, features = input_shape
        return steps * len(self._runs) * (features + self.units) * self.gates * self.units

    def largest_product(self, input_shape: Shape) -> int:
        # The gates are products of their own. Those of the inputs take all steps at once, but that counts
        # only where they are most of the work.
        return self.units * max(self.units, input_shape[1])

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2:
            raise self._no_sequence(input_shape)
        block = len(self._runs) * self.units
        return (input_shape[0], block) if self.returns == "sequence" else (block,)

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        columns = self.gates * self.units
        shapes: dict[str, Shape] = {}
        for run in self._runs:
            shapes[f"weight{run.suffix}"] = (input_shape[1], columns)
            shapes[f"recurrent{run.suffix}"] = (self.units, columns)
            if self.bias:
                shapes |= {f"{name}{run.suffix}": (columns,) for name in self._biases()}
        return shapes

    def initializers(self) -> Mapping[str, Initializer]:
        found: dict[str, Initializer] = {}
        for run in self._runs:
            found[f"weight{run.suffix}"] = Blockwise(parts=(self.initializer,) * self.gates)
            found[f"recurrent{run.suffix}"] = Blockwise(parts=(self.recurrent_initializer,) * self.gates)
            found |= {f"{name}{run.suffix}": start for name, start in self._biases().items()}
        return found

    def penalized(self) -> frozenset[str]:
        return frozenset(f"{name}{run.suffix}" for run in self._runs for name in ("weight", "recurrent"))

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        sizes = self._sizes(input_shape)
        return {
            **super().workspace_arrays(input_shape),
            **Unrolled.workspace_arrays(sizes, self.returns == "sequence"),
            **self._kept(sizes),
        }

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        workspace.x = x
        plan, y = self._plan(workspace), workspace["y"]
        for run, features in zip(self._runs, plan.features, strict=True):
            np.copyto(features, _by_step(x, run))
        self._stack(parameters, plan)
        np.matmul(plan.inputs, plan.weights, plan.sums)
        plan.states[0].fill(0.0)
        self._begin(plan)
        for step in plan.steps:
            self._advance(step)
        for number, run in enumerate(self._runs):
            own = y[..., number * self.units : (number + 1) * self.units]
            if self.returns == "sequence":
                np.copyto(_by_step(own, run), plan.reached[number])
            else:
                np.copyto(own, plan.states[-1][number])
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        plan: Unrolled = workspace.prepared
        self._stack_recurrents(parameters, plan)
        self._go_back(dy, plan)
        np.matmul(plan.before, plan.sums, plan.recurrents)
        for number, run in enumerate(self._runs):
            target = by_gate(gradients[f"recurrent{run.suffix}"], self.gates)
            np.copyto(target, plan.recurrents[:, number])
        self._leave_states(gradients, plan)
        np.matmul(plan.inputs.swapaxes(-1, -2), plan.sums, plan.weights)
        for number, run in enumerate(self._runs):
            found = plan.weights[:, number]
            features = plan.sizes.features
            np.copyto(by_gate(gradients[f"weight{run.suffix}"], self.gates), found[:, :features])
            if self.bias:
                np.copyto(by_gate(gradients[f"bias{run.suffix}"], self.gates), found[:, features])
        if workspace.needs_dx:
            self._input_gradient(parameters, plan)
        return workspace["dx"]

    # --- what a kind of layer says of itself --------------------------------------------------------------

    @abstractmethod
    def _kept(self, sizes: Sizes) -> dict[str, ArraySpec]:
        """The arrays that its steps need besides those of every recurrent layer."""

    @abstractmethod
    def _steps(self, plan: Unrolled) -> Sequence[Any]:
        """For each step the views that it works on."""

    @abstractmethod
    def _advance(self, step: Any) -> None:
        """From the state before a step to the one after it."""

    @abstractmethod
    def _retreat(self, step: Any) -> None:
        """Overwrite dstate, the gradient of the state after a step, by that of the state before it.

        The sums of the step become the gradients of what each gate's bend is applied to.
        """

    def _begin(self, plan: Unrolled) -> None:
        """Before the first step."""
        return

    def _begin_retreat(self, plan: Unrolled) -> None:
        """Before the last step is taken back."""
        return

    def _biases(self) -> dict[str, Initializer]:
        """The constants of one direction, and how they start."""
        return {"bias": Zeros()}

    def _leave_states(self, gradients: Mapping[str, Array], plan: Unrolled) -> None:
        """Replace, in the sums, gradients on the state's side by those on the inputs' side."""
        return

    # --- the loop -----------------------------------------------------------------------------------------

    @property
    def _runs(self) -> tuple[Run, ...]:
        return _RUNS[self.direction]

    def _sizes(self, input_shape: Shape) -> Sizes:
        steps, features = input_shape
        return Sizes(steps, features, self.units, self.gates, self._runs, self.bias)

    def _plan(self, workspace: Workspace) -> Unrolled:
        if workspace.prepared is None:
            workspace.prepared = Unrolled(workspace, self._sizes(workspace.x.shape[1:]))
            workspace.prepared.steps = self._steps(workspace.prepared)
        plan: Unrolled = workspace.prepared
        return plan

    def _stack(self, parameters: Mapping[str, Array], plan: Unrolled) -> None:
        """Lay all weights out by gates; for gates that go through σ, half of them."""
        features = plan.sizes.features
        for number, run in enumerate(self._runs):
            target = plan.weights[:, number]
            np.copyto(target[:, :features], by_gate(parameters[f"weight{run.suffix}"], self.gates))
        if self.bias:
            self._stack_biases(parameters, plan)
        self._stack_recurrents(parameters, plan)
        half = constant(0.5, plan.weights.dtype)
        for stack in (plan.weights, plan.recurrents):
            np.multiply(stack[: self.sigmoids], half, stack[: self.sigmoids])

    def _stack_biases(self, parameters: Mapping[str, Array], plan: Unrolled) -> None:
        """Below the weights of the inputs, where the column of ones meets them."""
        for number, run in enumerate(self._runs):
            biases = by_gate(parameters[f"bias{run.suffix}"], self.gates)
            np.copyto(plan.weights[:, number, plan.sizes.features], biases)

    def _stack_recurrents(self, parameters: Mapping[str, Array], plan: Unrolled) -> None:
        for number, run in enumerate(self._runs):
            weights = by_gate(parameters[f"recurrent{run.suffix}"], self.gates)
            np.copyto(plan.recurrents[:, number], weights)

    def _go_back(self, dy: Array, plan: Unrolled) -> None:
        """All steps from the last to the first."""
        dstate, dstates = plan.dstate, plan.dstates
        self._begin_retreat(plan)
        for number, run in enumerate(self._runs):
            own = dy[..., number * self.units : (number + 1) * self.units]
            if dstates is None:
                np.copyto(dstate[number], own)
            else:
                np.copyto(dstates[:, number], _by_step(own, run))
        if dstates is None:
            for step in reversed(plan.steps):
                self._retreat(step)
            return
        dstate.fill(0.0)
        for step, brought in zip(reversed(plan.steps), dstates[::-1], strict=True):
            np.add(dstate, brought, dstate)
            self._retreat(step)

    def _input_gradient(self, parameters: Mapping[str, Array], plan: Unrolled) -> None:
        """dx = Σ over gates and directions of dz Wᵀ."""
        workspace, sizes = plan.workspace, plan.sizes
        by_step = plan.laid("dinputs", sizes.steps, workspace.rows, sizes.features)
        total = by_step.reshape(-1, sizes.features)
        part = workspace["part"].reshape(total.shape)
        dx = workspace["dx"]
        for number, run in enumerate(self._runs):
            weights = by_gate(parameters[f"weight{run.suffix}"], self.gates)
            for gate in range(self.gates):
                plan.sums[gate, number].dot(weights[gate].T, part if gate else total)
                if gate:
                    np.add(total, part, total)
            target = _by_step(dx, run)
            if number:
                np.add(target, by_step, target)
            else:
                np.copyto(target, by_step)


def _by_step(array: Array, run: Run) -> Array:
    """(rows, steps, …) as (steps, rows, …), in the order in which the steps are read."""
    turned = array.swapaxes(0, 1)
    return turned[::-1] if run.turned else turned
