"""The simple recurrent layer."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import BeforeValidator, Field

from engine.activations.rectifiers import ReLU
from engine.activations.sigmoid import Sigmoid, Tanh
from engine.arrays import Array
from engine.layers.base import ArraySpec
from engine.layers.recurrent import Recurrent
from engine.layers.recurrent_fields import Reading
from engine.layers.recurrent_workspace import Sizes, Unrolled
from engine.settings import expand_kind

_Union = Annotated[Tanh | ReLU | Sigmoid, Field(discriminator="kind")]
Bend = Annotated[_Union, BeforeValidator(expand_kind)]
"""Those whose derivative follows from the state alone."""


class Bent(Reading):
    """What bends the state."""

    activation: Bend = Field(
        Tanh(), title="Activation", description="What bends the state; tanh keeps it within −1 … 1."
    )


class _Step(NamedTuple):
    """The views of one step; before and after are states, (directions, rows, units)."""

    before: Array
    after: Array
    brought: Array
    """By the inputs; on the way back its gradient."""
    product: Array
    dstate: Array
    recurrents: Array
    turned_recurrents: Array


class SimpleRecurrent(Recurrent, Bent):
    """Remembers one state from step to step, h = f(x W + h′ U + b), h′ being the state before.

    Shapes: x (batch, steps, features), W "weight" (features, units), U "recurrent" (units, units),
    b "bias" (units,); y (batch, units), or (batch, steps, units) for all states, twice the units for both
    ways, forwards first; then the parameters of the way back end in "_backward". The first state is 0.
    Gradients: with dz = dh · f'(z) in each step, dh′ = dz Uᵀ, to which that state's dy is added; over steps
    and batch dW = Σ xᵀ dz, dU = Σ h′ᵀ dz, db = Σ dz; dx = dz Wᵀ. Over many steps they fade or explode:
    GRU and LSTM are made against the one, clipping helps against the other.
    Raises ShapeError if a sample is no sequence.
    References: Elman 1990, Finding structure in time; Werbos 1990, Backpropagation through time.
    """

    heading: ClassVar[str] = "Simple recurrent"
    icon: ClassVar[str] = "arrow-clockwise"
    kind: Literal["simple_recurrent"] = "simple_recurrent"

    def _kept(self, sizes: Sizes) -> dict[str, ArraySpec]:
        return {}

    def _steps(self, plan: Unrolled) -> Sequence[_Step]:
        product = plan.block("product")
        stacks = plan.recurrents[0], plan.turned_recurrents[0]
        return [
            _Step(before, after, sums[0], product, plan.dstate, *stacks)
            for before, after, sums in zip(plan.states, plan.states[1:], plan.sums_of_step, strict=False)
        ]

    def _advance(self, step: _Step) -> None:
        product = step.product
        np.matmul(step.before, step.recurrents, product)
        np.add(product, step.brought, product)
        self.activation.forward(product, step.after)

    def _retreat(self, step: _Step) -> None:
        self.activation.backward(step.product, step.after, step.dstate, step.brought)
        np.matmul(step.brought, step.turned_recurrents, step.dstate)
