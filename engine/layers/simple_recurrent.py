"""The simple recurrent layer."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import BeforeValidator, Field

from engine.activations import ActivationFunction
from engine.activations.rectifiers import ReLU
from engine.activations.sigmoid import Sigmoid, Tanh
from engine.arrays import Array
from engine.layers.base import ArraySpec
from engine.layers.recurrent import INITIALIZING_ORDER, READING_ORDER, Recurrent
from engine.layers.recurrent_workspace import Sizes, Unrolled
from engine.settings import expand_kind

_Union = Annotated[Tanh | ReLU | Sigmoid, Field(discriminator="kind")]
StateActivation = Annotated[_Union, BeforeValidator(expand_kind)]
"""Activation functions whose derivative is a function of the state alone."""


class _Step(NamedTuple):
    """The views of one step; before and after are states, (directions, rows, units)."""

    before: Array
    after: Array
    from_inputs: Array
    """The inputs' part of the pre-activation; in the backward pass its gradient."""
    product: Array
    dstate: Array
    recurrents: Array
    transposed_recurrents: Array


class SimpleRecurrent(Recurrent):
    """Remembers one state from step to step, h = f(x W + h′ U + b), h′ being the state before.

    Shapes: x (batch, steps, features), W "weight" (features, units), U "recurrent" (units, units),
    b "bias" (units,); y (batch, units), or (batch, steps, units) for all states, twice the units for both
    ways, forwards first; then the names of the backward direction's parameters end in "_backward". The first
    state is 0. Gradients: with dz = dh · f'(z) in each step, dh′ = dz Uᵀ, to which that state's dy is added;
    over steps and batch dW = Σ xᵀ dz, dU = Σ h′ᵀ dz, db = Σ dz; dx = dz Wᵀ. Over many steps they fade or
    explode: GRU and LSTM prevent the one, clipping the other.
    Raises ShapeError if a sample is no sequence.
    References: Elman 1990, Finding structure in time; Werbos 1990, Backpropagation through time.
    """

    heading: ClassVar[str] = "Simple recurrent"
    icon: ClassVar[str] = "arrow-clockwise"
    field_order: ClassVar[tuple[str, ...]] = (*READING_ORDER, "activation", *INITIALIZING_ORDER)

    kind: Literal["simple_recurrent"] = "simple_recurrent"
    activation: StateActivation = Field(
        Tanh(), title="Activation", description="Applied to the new state; tanh keeps it within −1 … 1."
    )

    @property
    def output_activation(self) -> ActivationFunction:
        return self.activation

    def _step_arrays(self, sizes: Sizes) -> dict[str, ArraySpec]:
        return {}

    def _steps(self, unrolled: Unrolled) -> Sequence[_Step]:
        product = unrolled.block("product")
        stacks = unrolled.recurrents[0], unrolled.transposed_recurrents[0]
        return [
            _Step(before, after, sums[0], product, unrolled.dstate, *stacks)
            for before, after, sums in zip(
                unrolled.states, unrolled.states[1:], unrolled.sums_of_step, strict=False
            )
        ]

    def _step_forward(self, step: _Step) -> None:
        product = step.product
        np.matmul(step.before, step.recurrents, product)
        np.add(product, step.from_inputs, product)
        self.activation.forward(product, step.after)

    def _step_backward(self, step: _Step) -> None:
        self.activation.backward(step.product, step.after, step.dstate, step.from_inputs)
        np.matmul(step.from_inputs, step.transposed_recurrents, step.dstate)
