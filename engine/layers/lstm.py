"""Long short-term memory."""

from collections.abc import Sequence
from typing import ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field

from engine.arrays import Array, constant
from engine.initializers import Initializer
from engine.initializers.composite import Blockwise
from engine.initializers.constant import Constant, Zeros
from engine.layers.base import ArraySpec
from engine.layers.recurrent import Recurrent
from engine.layers.recurrent_fields import Reading
from engine.layers.recurrent_workspace import Sizes, Unrolled


class Forgetting(Reading):
    """How much of its cells the layer keeps at first."""

    forget_bias: float = Field(
        1.0,
        ge=-10,
        le=10,
        title="Forget bias",
        description="How the bias of the forget gate starts; 1 keeps what is in the cells at first.",
    )


class _Step(NamedTuple):
    """The views of one step. Gates are (4, directions, rows, units), one of them without its first axis."""

    before: Array
    after: Array
    cell: Array
    next_cell: Array
    bent_cell: Array
    """tanh of the next cell."""
    brought: Array
    """By the inputs to the gates; on the way back its gradient."""
    gates: Array
    product: Array
    upstream: Array
    scratch: Array
    dstate: Array
    dcell: Array
    recurrents: Array
    turned_recurrents: Array
    half: Array
    one: Array


class LSTM(Recurrent, Forgetting):
    """Remembers over many steps: gates decide what enters a cell, what stays in it and what it shows.

    With h′ and c′ the state and the cell before a step, and the gates' blocks in this order:
    i = σ(x Wᵢ + h′ Uᵢ + bᵢ); f = σ(x W_f + h′ U_f + b_f); o = σ(x Wₒ + h′ Uₒ + bₒ);
    g = tanh(x W_g + h′ U_g + b_g); c = f c′ + i g; h = o tanh c. h and c are 0 at first.
    Shapes: x (batch, steps, features), W "weight" (features, 4 · units), U "recurrent" (units, 4 · units),
    b "bias" (4 · units,), one instead of PyTorch's two, which are added anyway; y (batch, units), or
    (batch, steps, units) for all states, twice the units for both ways, forwards first; then the parameters
    of the way back end in "_backward".
    Gradients: with dc + dh o (1 − tanh² c) for dc, dzₒ = dh tanh(c) o (1 − o), dzᵢ = dc g i (1 − i),
    dz_f = dc c′ f (1 − f), dz_g = dc i (1 − g²); dc′ = dc f; dh′ = dz Uᵀ, to which that state's dy is added;
    over steps and batch dW = Σ xᵀ dz, dU = Σ h′ᵀ dz, db = Σ dz; dx = dz Wᵀ.
    Raises ShapeError if a sample is no sequence.
    References: Hochreiter & Schmidhuber 1997, Long short-term memory; the forget gate is from Gers,
    Schmidhuber & Cummins 2000, its bias of 1 from Jozefowicz, Zaremba & Sutskever 2015, An empirical
    exploration of recurrent network architectures.
    """

    heading: ClassVar[str] = "LSTM"
    icon: ClassVar[str] = "clock-counter-clockwise"
    kind: Literal["lstm"] = "lstm"

    gates: ClassVar[int] = 4
    sigmoids: ClassVar[int] = 3

    def _biases(self) -> dict[str, Initializer]:
        return {"bias": Blockwise(parts=(Zeros(), Constant(value=self.forget_bias), Zeros(), Zeros()))}

    def _kept(self, sizes: Sizes) -> dict[str, ArraySpec]:
        steps, block = sizes.steps, sizes.block
        return {
            "gates": ArraySpec((steps, 4 * block)),
            "cells": ArraySpec((steps + 1, block)),
            "bent_cells": ArraySpec((steps, block)),
            "upstream": ArraySpec((4 * block,)),
            "scratch": ArraySpec((block,)),
            "dcell": ArraySpec((block,)),
        }

    def _steps(self, plan: Unrolled) -> Sequence[_Step]:
        steps = plan.sizes.steps
        cells, bent_cells = plan.block("cells", steps + 1), plan.block("bent_cells", steps)
        gates = plan.block("gates", steps, 4)
        scratch = (
            plan.block("product", 4),
            plan.block("upstream", 4),
            plan.block("scratch"),
            plan.dstate,
            plan.block("dcell"),
            plan.recurrents,
            plan.turned_recurrents,
            constant(0.5, plan.dstate.dtype),
            constant(1.0, plan.dstate.dtype),
        )
        return [
            _Step(
                plan.states[step],
                plan.states[step + 1],
                cells[step],
                cells[step + 1],
                bent_cells[step],
                plan.sums_of_step[step],
                gates[step],
                *scratch,
            )
            for step in range(steps)
        ]

    def _begin(self, plan: Unrolled) -> None:
        plan.steps[0].cell.fill(0.0)

    def _advance(self, step: _Step) -> None:
        gates, half = step.gates, step.half
        np.matmul(step.before, step.recurrents, step.product)
        np.add(step.brought, step.product, gates)
        np.tanh(gates, gates)
        sigmoids = gates[:3]
        np.multiply(sigmoids, half, sigmoids)
        np.add(sigmoids, half, sigmoids)
        entering, kept, shown, candidate = gates
        np.multiply(kept, step.cell, step.next_cell)
        np.multiply(entering, candidate, step.scratch)
        np.add(step.next_cell, step.scratch, step.next_cell)
        np.tanh(step.next_cell, step.bent_cell)
        np.multiply(shown, step.bent_cell, step.after)

    def _begin_retreat(self, plan: Unrolled) -> None:
        plan.steps[0].dcell.fill(0.0)

    def _retreat(self, step: _Step) -> None:
        gates, upstream, squares = step.gates, step.upstream, step.product
        dstate, dcell, bent = step.dstate, step.dcell, step.bent_cell
        entering, kept, shown, candidate = gates
        dentering, dkept, dshown, dcandidate = upstream
        np.multiply(dstate, bent, dshown)
        np.multiply(bent, bent, bent)
        np.subtract(step.one, bent, bent)
        np.multiply(bent, dstate, bent)
        np.multiply(bent, shown, bent)
        np.add(dcell, bent, dcell)
        np.multiply(dcell, candidate, dentering)
        np.multiply(dcell, step.cell, dkept)
        np.multiply(dcell, entering, dcandidate)
        np.multiply(dcell, kept, dcell)
        # The bends' derivatives from the gates themselves: a − a² for σ, 1 − a² for tanh.
        np.multiply(gates, gates, squares)
        np.subtract(gates[:3], squares[:3], squares[:3])
        np.subtract(step.one, squares[3], squares[3])
        np.multiply(squares, upstream, step.brought)
        np.matmul(step.brought, step.turned_recurrents, upstream)
        np.add(dentering, dkept, dstate)
        np.add(dshown, dcandidate, dshown)
        np.add(dstate, dshown, dstate)
