"""The gated recurrent unit."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, NamedTuple

import numpy as np

from engine.arrays import Array, constant
from engine.initializers import Initializer
from engine.initializers.fixed_scale import Zeros
from engine.layers.base import ArraySpec
from engine.layers.recurrent import Recurrent
from engine.layers.recurrent_workspace import Sizes, Unrolled, by_gate


class _Step(NamedTuple):
    """The views of one step. Gates are (3, directions, rows, units), one of them without its first axis."""

    before: Array
    after: Array
    recalled: Array
    """h′ Uₙ + cₙ."""
    from_inputs: Array
    """The inputs' part of the pre-activations; then its gradient, for the candidate that of `recalled`."""
    gates: Array
    product: Array
    upstream: Array
    candidate_bias: Array
    """cₙ in every row."""
    dstate: Array
    recurrents: Array
    transposed_recurrents: Array
    half: Array
    one: Array


class GRU(Recurrent):
    """Remembers over many steps with two gates: one mixes old and new, one resets what the new is made of.

    With h′ the state before a step, and the gates' blocks in this order:
    r = σ(x Wᵣ + bᵣ + h′ Uᵣ + cᵣ); z = σ(x W_z + b_z + h′ U_z + c_z);
    n = tanh(x Wₙ + bₙ + r (h′ Uₙ + cₙ)); h = (1 − z) n + z h′. h is 0 at first.
    The reset gate acts after the product, as in PyTorch; Cho et al. have (r h′) Uₙ. That is why there are two
    biases: in n the one on the state's side is reset too.
    Shapes: x (batch, steps, features), W "weight" (features, 3 · units), U "recurrent" (units, 3 · units),
    b "bias" and c "recurrent_bias" (3 · units,); y (batch, units), or (batch, steps, units) for all states,
    twice the units for both directions, forward first; then the names of the backward direction's parameters
    end in "_backward". Gradients: dn = dh (1 − z) (1 − n²) of the pre-activation, dr = dn (h′ Uₙ + cₙ) r (1 −
    r), dz = dh (h′ − n) z (1 − z); with D = (dr, dz, dn) and S = (dr, dz, r dn) side by side dh′ = dh z + S
    Uᵀ, to which that state's dy is added; over steps and batch dW = Σ xᵀ D, db = Σ D, dU = Σ h′ᵀ S, dc = Σ S;
    dx = D Wᵀ.
    Raises ShapeError if a sample is no sequence.
    Reference: Cho et al. 2014, Learning phrase representations using RNN encoder-decoder.
    """

    heading: ClassVar[str] = "GRU"
    icon: ClassVar[str] = "arrows-clockwise"
    kind: Literal["gru"] = "gru"

    gates: ClassVar[int] = 3
    sigmoids: ClassVar[int] = 2

    def _biases(self) -> dict[str, Initializer]:
        return {"bias": Zeros(), "recurrent_bias": Zeros()}

    def _step_arrays(self, sizes: Sizes) -> dict[str, ArraySpec]:
        steps, block = sizes.steps, sizes.block
        return {
            "gates": ArraySpec((steps, 3 * block)),
            "recalled": ArraySpec((steps, block)),
            "upstream": ArraySpec((3 * block,)),
            "candidate_bias": ArraySpec((block,), fill=0.0),
            "ones": ArraySpec((steps,), fill=1.0),
        }

    def _steps(self, unrolled: Unrolled) -> Sequence[_Step]:
        steps = unrolled.sizes.steps
        gates, recalled = unrolled.block("gates", steps, 3), unrolled.block("recalled", steps)
        scratch = (
            unrolled.block("product", 3),
            unrolled.block("upstream", 3),
            unrolled.block("candidate_bias"),
            unrolled.dstate,
            unrolled.recurrents,
            unrolled.transposed_recurrents,
            constant(0.5, unrolled.dstate.dtype),
            constant(1.0, unrolled.dstate.dtype),
        )
        return [
            _Step(
                unrolled.states[step],
                unrolled.states[step + 1],
                recalled[step],
                unrolled.sums_of_step[step],
                gates[step],
                *scratch,
            )
            for step in range(steps)
        ]

    def _stack_biases(self, parameters: Mapping[str, Array], unrolled: Unrolled) -> None:
        """The gates need the sum of their two biases; the candidate's second one is for `_step_forward`."""
        super()._stack_biases(parameters, unrolled)
        features, candidate_bias = unrolled.sizes.features, unrolled.block("candidate_bias")
        for number, direction in enumerate(unrolled.sizes.directions):
            second = by_gate(parameters[f"recurrent_bias{direction.suffix}"], 3)
            sums = unrolled.weights[:2, number, features]
            np.add(sums, second[:2], sums)
            np.copyto(candidate_bias[number], second[2])

    def _step_forward(self, step: _Step) -> None:
        gates, product, half, after = step.gates, step.product, step.half, step.after
        np.matmul(step.before, step.recurrents, product)
        sigmoids = gates[:2]
        np.add(step.from_inputs[:2], product[:2], sigmoids)
        np.tanh(sigmoids, sigmoids)
        np.multiply(sigmoids, half, sigmoids)
        np.add(sigmoids, half, sigmoids)
        reset, keep, candidate = gates
        np.add(product[2], step.candidate_bias, step.recalled)
        np.multiply(reset, step.recalled, candidate)
        np.add(candidate, step.from_inputs[2], candidate)
        np.tanh(candidate, candidate)
        np.subtract(step.before, candidate, after)
        np.multiply(after, keep, after)
        np.add(after, candidate, after)

    def _step_backward(self, step: _Step) -> None:
        gates, upstream, squares, dstate = step.gates, step.upstream, step.product, step.dstate
        reset, keep, candidate = gates
        dreset, dkeep, dcandidate = upstream
        np.subtract(step.before, candidate, dkeep)
        np.multiply(dkeep, dstate, dkeep)
        np.subtract(step.one, keep, dcandidate)
        np.multiply(dcandidate, dstate, dcandidate)
        np.multiply(dstate, keep, dstate)
        np.multiply(gates, gates, squares)
        np.subtract(gates[:2], squares[:2], squares[:2])
        np.subtract(step.one, squares[2], squares[2])
        # The candidate is not needed any more: its array takes the gradient on the side of the inputs.
        np.multiply(dcandidate, squares[2], candidate)
        np.multiply(candidate, step.recalled, dreset)
        np.multiply(candidate, reset, step.from_inputs[2])
        np.multiply(squares[:2], upstream[:2], step.from_inputs[:2])
        np.matmul(step.from_inputs, step.transposed_recurrents, upstream)
        np.add(dreset, dkeep, dreset)
        np.add(dcandidate, dstate, dstate)
        np.add(dreset, dstate, dstate)

    def _input_side_gradients(self, gradients: Mapping[str, Array], unrolled: Unrolled) -> None:
        rows = unrolled.workspace.rows
        steps, runs = unrolled.sizes.steps, unrolled.sizes.directions
        if self.bias:
            ones = unrolled.reshaped("ones", steps * rows)
            for number, direction in enumerate(runs):
                np.matmul(
                    ones, unrolled.sums[:, number], by_gate(gradients[f"recurrent_bias{direction.suffix}"], 3)
                )
        candidates = unrolled.block("gates", steps, 3)[:, 2]
        target = unrolled.sums[2].reshape(len(runs), steps, rows, -1)
        np.copyto(target, candidates.swapaxes(0, 1))
