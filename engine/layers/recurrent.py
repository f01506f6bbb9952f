"""What recurrent layers have in common: everything but the mathematics of one step."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, Shape, constant
from engine.errors import ShapeError
from engine.initializers import AnyInitializer, Initializer
from engine.initializers.composite import Blockwise
from engine.initializers.fixed_scale import Orthogonal, Zeros
from engine.initializers.variance_scaling import GlorotUniform
from engine.layers.base import ArraySpec, Workspace
from engine.layers.recurrent_workspace import Direction, Sizes, Unrolled, by_gate, by_step
from engine.layers.weighted import Penalized
from engine.settings import hints

READING_ORDER = ("units", "returns", "direction")
INITIALIZING_ORDER = ("initializer", "recurrent_initializer", "bias", "l1", "l2")
"""The fields of a recurrent layer in the order of forms; a subclass puts its own between both."""

_DIRECTIONS: Mapping[str, tuple[Direction, ...]] = {
    "forward": (Direction("", reversed_=False),),
    "backward": (Direction("", reversed_=True),),
    "both": (Direction("", reversed_=False), Direction("_backward", reversed_=True)),
}


class Recurrent(Penalized):
    """Processes a sequence step by step: the next state is a function of the step's features and the last
    state.

    Shapes: x (batch, steps, features); y (batch, units), or (batch, steps, units) for all states, twice the
    units for both directions, forward first. "weight" (features, gates · units) acts on the features,
    "recurrent" (units, gates · units) on the state, with a block for each gate; "bias" (gates · units).
    Reading backwards starts at the last step, and its last state is the one at the first step; all states
    are rereversed_ in the order of the steps. For both directions the second one's parameters end in
    "_backward". The first state is 0.
    Gradients: backpropagation through time over the whole sequence (Werbos 1990).
    Raises ShapeError if a sample is no sequence.
    """

    field_order: ClassVar[tuple[str, ...]] = (*READING_ORDER, *INITIALIZING_ORDER)

    gates: ClassVar[int] = 1
    """Blocks in a weight matrix."""
    sigmoids: ClassVar[int] = 0
    """How many of them, from the first on, go through σ z = ½ + ½ tanh ½z: NumPy has the fastest tanh."""

    units: int = Field(
        16, ge=1, le=65_536, title="Units", description="Numbers that the layer remembers between two steps."
    )
    returns: Literal["last", "sequence"] = Field(
        "last",
        title="Returns",
        description="The state after the last step that is read, or the states of all steps.",
        json_schema_extra=hints(choices={"last": "The last state", "sequence": "All states"}),
    )
    direction: Literal["forward", "backward", "both"] = Field(
        "forward",
        title="Direction",
        description="From which end sequences are read; both ways doubles the output.",
        json_schema_extra=hints(
            choices={"forward": "Forwards", "backward": "Backwards", "both": "Both ways"}
        ),
    )
    initializer: AnyInitializer = Field(
        GlorotUniform(), title="Initializer", description="How the weights of the inputs start."
    )
    recurrent_initializer: AnyInitializer = Field(
        Orthogonal(),
        title="Recurrent initializer",
        description="How the weights of the state start; they act at each step, so their size matters more.",
        json_schema_extra=hints(section="More"),
    )
    bias: bool = Field(
        True,
        title="Bias",
        description="Adds trained constants to every unit.",
        json_schema_extra=hints(section="More"),
    )

    @property
    def stepwise(self) -> bool:
        return True

    def simple_layers(self, input_shape: Shape) -> int:
        return 1 + input_shape[0] * (1 + self.gates)

    def multiplications(self, input_shape: Shape) -> int:
        steps, features = input_shape
        return steps * len(self._directions) * (features + self.units) * self.gates * self.units

    def largest_product(self, input_shape: Shape) -> int:
        # The gates are products of their own. Those of the inputs take all steps at once, but that counts
        # only where they are most of the work.
        return self.units * max(self.units, input_shape[1])

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2:
            raise self._no_sequence(input_shape)
        block = len(self._directions) * self.units
        return (input_shape[0], block) if self.returns == "sequence" else (block,)

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        columns = self.gates * self.units
        shapes: dict[str, Shape] = {}
        for direction in self._directions:
            shapes[f"weight{direction.suffix}"] = (input_shape[1], columns)
            shapes[f"recurrent{direction.suffix}"] = (self.units, columns)
            if self.bias:
                shapes |= {f"{name}{direction.suffix}": (columns,) for name in self._biases()}
        return shapes

    def initializers(self) -> Mapping[str, Initializer]:
        found: dict[str, Initializer] = {}
        for direction in self._directions:
            found[f"weight{direction.suffix}"] = Blockwise(parts=(self.initializer,) * self.gates)
            found[f"recurrent{direction.suffix}"] = Blockwise(
                parts=(self.recurrent_initializer,) * self.gates
            )
            found |= {f"{name}{direction.suffix}": start for name, start in self._biases().items()}
        return found

    def penalized(self) -> frozenset[str]:
        return frozenset(
            f"{name}{direction.suffix}" for direction in self._directions for name in ("weight", "recurrent")
        )

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        sizes = self._sizes(input_shape)
        return {
            **super().workspace_arrays(input_shape),
            **Unrolled.workspace_arrays(sizes, self.returns == "sequence"),
            **self._step_arrays(sizes),
        }

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        workspace.x = x
        unrolled, y = self._unrolled(workspace), workspace["y"]
        for direction, features in zip(self._directions, unrolled.features, strict=True):
            np.copyto(features, by_step(x, direction))
        self._stack(parameters, unrolled)
        np.matmul(unrolled.inputs, unrolled.weights, unrolled.sums)
        unrolled.states[0].fill(0.0)
        self._begin_forward(unrolled)
        for step in unrolled.steps:
            self._step_forward(step)
        for number, direction in enumerate(self._directions):
            own = y[..., number * self.units : (number + 1) * self.units]
            if self.returns == "sequence":
                np.copyto(by_step(own, direction), unrolled.reached[number])
            else:
                np.copyto(own, unrolled.states[-1][number])
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        unrolled: Unrolled = workspace.prepared
        unrolled.copy_recurrent_weights(parameters)
        self._backward_steps(dy, unrolled)
        np.matmul(unrolled.before, unrolled.sums, unrolled.recurrents)
        for number, direction in enumerate(self._directions):
            target = by_gate(gradients[f"recurrent{direction.suffix}"], self.gates)
            np.copyto(target, unrolled.recurrents[:, number])
        self._input_side_gradients(gradients, unrolled)
        np.matmul(unrolled.inputs.swapaxes(-1, -2), unrolled.sums, unrolled.weights)
        for number, direction in enumerate(self._directions):
            found = unrolled.weights[:, number]
            features = unrolled.sizes.features
            np.copyto(by_gate(gradients[f"weight{direction.suffix}"], self.gates), found[:, :features])
            if self.bias:
                np.copyto(by_gate(gradients[f"bias{direction.suffix}"], self.gates), found[:, features])
        if workspace.needs_dx:
            self._input_gradient(parameters, unrolled)
        return workspace["dx"]

    # --- what a subclass defines -------------------------------------------------------------------------

    @abstractmethod
    def _step_arrays(self, sizes: Sizes) -> dict[str, ArraySpec]:
        """The arrays of a subclass in the workspace, besides those of every recurrent layer."""

    @abstractmethod
    def _steps(self, unrolled: Unrolled) -> Sequence[Any]:
        """For each step the views of its arrays."""

    @abstractmethod
    def _step_forward(self, step: Any) -> None:
        """Compute the state after a step from the state before it."""

    @abstractmethod
    def _step_backward(self, step: Any) -> None:
        """Overwrite dstate, the gradient of the state after a step, by that of the state before it.

        The sums of the step are overwritten by the gradients of the gates' pre-activations.
        """

    def _begin_forward(self, unrolled: Unrolled) -> None:
        """Before the first step."""

    def _begin_backward(self, unrolled: Unrolled) -> None:
        """Before the last step, from which the backward pass starts."""

    def _biases(self) -> dict[str, Initializer]:
        """The biases of one direction, and their initializers."""
        return {"bias": Zeros()}

    def _input_side_gradients(self, gradients: Mapping[str, Array], unrolled: Unrolled) -> None:
        """Replace, in the sums, gradients on the side of the state by those on the side of the inputs."""

    # --- the loop over the steps
    # ----------------------------------------------------------------------------------

    def _no_sequence(self, input_shape: Shape) -> ShapeError:
        """Says what becomes a step in the sequence that the proposed layer makes."""
        error = super()._no_sequence(input_shape)
        step = "row of the image" if len(input_shape) == 3 else "number"
        help = f"Insert a Reshape into sequences before it: each {step} is then a step."
        return self._misfit(error.expected, input_shape, help, error.insert_before)

    @property
    def _directions(self) -> tuple[Direction, ...]:
        return _DIRECTIONS[self.direction]

    def _sizes(self, input_shape: Shape) -> Sizes:
        steps, features = input_shape
        return Sizes(steps, features, self.units, self.gates, self._directions, self.bias)

    def _unrolled(self, workspace: Workspace) -> Unrolled:
        if workspace.prepared is None:
            workspace.prepared = Unrolled(workspace, self._sizes(workspace.x.shape[1:]))
            workspace.prepared.steps = self._steps(workspace.prepared)
        unrolled: Unrolled = workspace.prepared
        return unrolled

    def _stack(self, parameters: Mapping[str, Array], unrolled: Unrolled) -> None:
        """Copy all weights ordered by gate; those of sigmoid gates are halved."""
        unrolled.copy_input_weights(parameters)
        if self.bias:
            self._stack_biases(parameters, unrolled)
        unrolled.copy_recurrent_weights(parameters)
        half = constant(0.5, unrolled.weights.dtype)
        for stack in (unrolled.weights, unrolled.recurrents):
            np.multiply(stack[: self.sigmoids], half, stack[: self.sigmoids])

    def _stack_biases(self, parameters: Mapping[str, Array], unrolled: Unrolled) -> None:
        """Below the weights of the inputs, where they are multiplied by the column of ones."""
        for number, direction in enumerate(self._directions):
            biases = by_gate(parameters[f"bias{direction.suffix}"], self.gates)
            np.copyto(unrolled.weights[:, number, unrolled.sizes.features], biases)

    def _backward_steps(self, dy: Array, unrolled: Unrolled) -> None:
        """The backward pass through all steps, from the last to the first."""
        dstate, dstates = unrolled.dstate, unrolled.dstates
        self._begin_backward(unrolled)
        for number, direction in enumerate(self._directions):
            own = dy[..., number * self.units : (number + 1) * self.units]
            if dstates is None:
                np.copyto(dstate[number], own)
            else:
                np.copyto(dstates[:, number], by_step(own, direction))
        if dstates is None:
            for step in reversed(unrolled.steps):
                self._step_backward(step)
            return
        dstate.fill(0.0)
        for step, from_output in zip(reversed(unrolled.steps), dstates[::-1], strict=True):
            np.add(dstate, from_output, dstate)
            self._step_backward(step)

    def _input_gradient(self, parameters: Mapping[str, Array], unrolled: Unrolled) -> None:
        """dx = Σ over gates and directions of dz Wᵀ."""
        workspace, sizes = unrolled.workspace, unrolled.sizes
        dinputs = unrolled.reshaped("dinputs", sizes.steps, workspace.rows, sizes.features)
        total = dinputs.reshape(-1, sizes.features)
        part = workspace["part"].reshape(total.shape)
        dx = workspace["dx"]
        for number, direction in enumerate(self._directions):
            weights = by_gate(parameters[f"weight{direction.suffix}"], self.gates)
            for gate in range(self.gates):
                unrolled.sums[gate, number].dot(weights[gate].T, part if gate else total)
                if gate:
                    np.add(total, part, total)
            target = by_step(dx, direction)
            if number:
                np.add(target, dinputs, target)
            else:
                np.copyto(target, dinputs)
