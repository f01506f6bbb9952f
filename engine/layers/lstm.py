"""Long short-term memory."""

from collections.abc import Sequence
from typing import ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field

from engine.arrays import Array, constant
from engine.initializers import Initializer
from engine.initializers.composite import Blockwise
from engine.initializers.fixed_scale import Constant, Zeros
from engine.layers.base import ArraySpec
from engine.layers.recurrent import INITIALIZING_ORDER, READING_ORDER, Recurrent
from engine.layers.recurrent_workspace import Sizes, Unrolled


class _Step(NamedTuple):
    """The views of one step. Gates are (4, directions, rows, units), one of them without its first axis."""

    before: Array
    after: Array
    cell: Array
    next_cell: Array
    tanh_cell: Array
    """tanh of the next cell."""
    from_inputs: Array
    """The inputs' part of the gates' pre-activations; in the backward pass its gradient."""
    gates: Array
    product: Array
    upstream: Array
    scratch: Array
    dstate: Array
    dcell: Array
    recurrents: Array
    transposed_recurrents: Array
    half: Array
    one: Array


class LSTM(Recurrent):
    """Remembers over many steps: gates decide what enters a cell, what stays in it and what it shows.

    With h′ and c′ the state and the cell before a step, and the gates' blocks in this order:
    i = σ(x Wᵢ + h′ Uᵢ + bᵢ); f = σ(x W_f + h′ U_f + b_f); o = σ(x Wₒ + h′ Uₒ + bₒ);
    g = tanh(x W_g + h′ U_g + b_g); c = f c′ + i g; h = o tanh c. h and c are 0 at first.
    Shapes: x (batch, steps, features), W "weight" (features, 4 · units), U "recurrent" (units, 4 · units),
    b "bias" (4 · units,), one instead of PyTorch's two, which are added anyway; y (batch, units), or
    (batch, steps, units) for all states, twice the units for both directions, forward first; then the
    parameters of the backward direction end in "_backward".
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
    field_order: ClassVar[tuple[str, ...]] = (*READING_ORDER, "forget_bias", *INITIALIZING_ORDER)

    kind: Literal["lstm"] = "lstm"
    forget_bias: float = Field(
        1.0,
        ge=-10,
        le=10,
        title="Forget bias",
        description="How the bias of the forget gate starts; 1 keeps what is in the cells at first.",
    )

    gates: ClassVar[int] = 4
    sigmoids: ClassVar[int] = 3

    def _biases(self) -> dict[str, Initializer]:
        return {"bias": Blockwise(parts=(Zeros(), Constant(value=self.forget_bias), Zeros(), Zeros()))}

    def _step_arrays(self, sizes: Sizes) -> dict[str, ArraySpec]:
        steps, block = sizes.steps, sizes.block
        return {
            "gates": ArraySpec((steps, 4 * block)),
            "cells": ArraySpec((steps + 1, block)),
            "tanh_cells": ArraySpec((steps, block)),
            "upstream": ArraySpec((4 * block,)),
            "scratch": ArraySpec((block,)),
            "dcell": ArraySpec((block,)),
        }

    def _steps(self, unrolled: Unrolled) -> Sequence[_Step]:
        steps = unrolled.sizes.steps
        cells, tanh_cells = unrolled.block("cells", steps + 1), unrolled.block("tanh_cells", steps)
        gates = unrolled.block("gates", steps, 4)
        scratch = (
            unrolled.block("product", 4),
            unrolled.block("upstream", 4),
            unrolled.block("scratch"),
            unrolled.dstate,
            unrolled.block("dcell"),
            unrolled.recurrents,
            unrolled.transposed_recurrents,
            constant(0.5, unrolled.dstate.dtype),
            constant(1.0, unrolled.dstate.dtype),
        )
        return [
            _Step(
                unrolled.states[step],
                unrolled.states[step + 1],
                cells[step],
                cells[step + 1],
                tanh_cells[step],
                unrolled.sums_of_step[step],
                gates[step],
                *scratch,
            )
            for step in range(steps)
        ]

    def _begin_forward(self, unrolled: Unrolled) -> None:
        unrolled.steps[0].cell.fill(0.0)

    def _step_forward(self, step: _Step) -> None:
        gates, half = step.gates, step.half
        np.matmul(step.before, step.recurrents, step.product)
        np.add(step.from_inputs, step.product, gates)
        np.tanh(gates, gates)
        sigmoids = gates[:3]
        np.multiply(sigmoids, half, sigmoids)
        np.add(sigmoids, half, sigmoids)
        enter, forget, output, candidate = gates
        np.multiply(forget, step.cell, step.next_cell)
        np.multiply(enter, candidate, step.scratch)
        np.add(step.next_cell, step.scratch, step.next_cell)
        np.tanh(step.next_cell, step.tanh_cell)
        np.multiply(output, step.tanh_cell, step.after)

    def _begin_backward(self, unrolled: Unrolled) -> None:
        unrolled.steps[0].dcell.fill(0.0)

    def _step_backward(self, step: _Step) -> None:
        gates, upstream, squares = step.gates, step.upstream, step.product
        dstate, dcell, tanh_cell = step.dstate, step.dcell, step.tanh_cell
        enter, forget, output, candidate = gates
        denter, dforget, doutput, dcandidate = upstream
        np.multiply(dstate, tanh_cell, doutput)
        # From here on its array takes dh o (1 − tanh² c).
        from_state = np.multiply(tanh_cell, tanh_cell, tanh_cell)
        np.subtract(step.one, from_state, from_state)
        np.multiply(from_state, dstate, from_state)
        np.multiply(from_state, output, from_state)
        np.add(dcell, from_state, dcell)
        np.multiply(dcell, candidate, denter)
        np.multiply(dcell, step.cell, dforget)
        np.multiply(dcell, enter, dcandidate)
        np.multiply(dcell, forget, dcell)
        # The activations' derivatives from the gates themselves: a − a² for σ, 1 − a² for tanh.
        np.multiply(gates, gates, squares)
        np.subtract(gates[:3], squares[:3], squares[:3])
        np.subtract(step.one, squares[3], squares[3])
        np.multiply(squares, upstream, step.from_inputs)
        np.matmul(step.from_inputs, step.transposed_recurrents, upstream)
        np.add(denter, dforget, dstate)
        np.add(doutput, dcandidate, doutput)
        np.add(dstate, doutput, dstate)
