"""Batch normalization."""

import math
from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, Shape, scratch
from engine.initializers import AnyInitializer
from engine.initializers.fixed_scale import Constant, Zeros
from engine.layers.base import ArraySpec, Layer, PoolingStep, Workspace
from engine.layers.kernels.channels import (
    add_lines,
    as_lines,
    blocks,
    fold,
    inverse_std,
    line_shape,
    lines_at_once,
    repeat,
)
from engine.settings import hints


class BatchNorm(Layer):
    """Brings each channel to mean 0 and variance 1 over the batch, then scales and shifts it: y = γ x̂ + β.

    Shapes: x and y (batch, …, channels); "scale" γ and "shift" β (channels,); the running "mean" and
    "variance" (channels,). With N = batch · positions: x̂ = (x − μ) / √(σ² + ε), μ and σ² = Σ (x − μ)² / N of
    this batch in training; in evaluation the running ones. These are updated by running ← (1 − momentum)
    running + momentum · batch, as in PyTorch (Keras's momentum is one minus it), with the unbiased variance Σ
    (x − μ)² / (N − 1), as in PyTorch too (Keras keeps the biased one). A batch with one number per channel
    does not change them. Where squares overflow, y is NaN.
    Gradients: dγ = Σ dy x̂; dβ = Σ dy; dx = γ / √(σ² + ε) · (dy − dβ / N − x̂ dγ / N).
    Where a batch is split among workers, they sum up their statistics, so that each normalizes by those of
    the full batch.
    Reference: Ioffe & Szegedy 2015, Batch normalization.
    """

    heading: ClassVar[str] = "Batch normalization"
    icon: ClassVar[str] = "scales"
    kind: Literal["batch_norm"] = "batch_norm"

    momentum: float = Field(
        0.1,
        gt=0,
        le=1,
        title="Momentum",
        description="Weight of the newest batch in the running mean and variance.",
        json_schema_extra=hints(live=True, slider=True),
    )
    epsilon: float = Field(
        1e-5,
        ge=1e-12,
        le=1,
        title="ε",
        description="Keeps the division safe where a channel hardly varies.",
    )

    @property
    def couples_batch(self) -> bool:
        return True

    def pooling_step(self) -> PoolingStep:
        return PoolingStep(normalization=self)

    def as_evaluated(self) -> Layer:
        return FixedBatchNorm.model_construct(**dict(self))

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"scale": input_shape[-1:], "shift": input_shape[-1:]}

    def initializers(self) -> dict[str, AnyInitializer]:
        return {"scale": Constant(value=1.0), "shift": Zeros()}

    def penalized(self) -> frozenset[str]:
        return frozenset()

    def statistics_shapes(self, input_shape: Shape) -> dict[str, tuple[Shape, float]]:
        return {"mean": (input_shape[-1:], 0.0), "variance": (input_shape[-1:], 1.0)}

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        line, channels = line_shape(input_shape), input_shape[-1:]
        length = int(np.prod(line))
        block = (lines_at_once(length), length)
        lines = {name: ArraySpec(line, per_sample=False) for name in ("one", "two", "three", "sum", "part")}
        values = {
            name: ArraySpec(channels, per_sample=False) for name in ("mean", "inverse", "first", "second")
        }
        return {
            # No "dx": the gradient of the input overwrites that of the output.
            "y": ArraySpec(input_shape),
            **lines,
            **values,
            "totals": ArraySpec((2, *channels), per_sample=False),
            "block": ArraySpec(block, per_sample=False),
            "ones": ArraySpec((max(block[0], line[0]),), per_sample=False, fill=1.0),
        }

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        if training:
            self.compute_statistics(x, workspace)
        else:
            workspace.x = x
            workspace["mean"][...] = workspace.statistics["mean"]
            workspace["inverse"][...] = workspace.statistics["variance"]
            inverse_std(workspace["inverse"], self.epsilon, workspace["first"])
        return self.normalize(parameters, x, workspace)

    def compute_statistics(self, x: Array, workspace: Workspace) -> None:
        """Compute μ and 1 / √(σ² + ε) of a batch, and update the running mean and variance.

        In one pass, from the sums of d = x − k and of d²: μ = k + Σ d / N, and Σ (x − μ)² = Σ d² − 2 (μ − k)
        Σ d + N (μ − k)². With k the mean of the first block, near μ, next to nothing cancels out.
        Reference: Chan, Golub & LeVeque 1983, Algorithms for computing the sample variance.
        """
        workspace.x = x
        length, ones, part = workspace["one"].size, workspace["ones"], workspace["part"].reshape(-1)
        lines, mean, variance = as_lines(x, length), workspace["mean"], workspace["inverse"]
        sums, square_sums = workspace["sum"].reshape(-1), workspace["three"].reshape(-1)
        worker, count = workspace.worker, self._count(workspace)
        shifts = self._shift_near(lines, workspace)
        for block in blocks(len(lines), length):
            distances, first = workspace["block"][: block.stop - block.start], block.start == 0
            np.subtract(lines[block], shifts, distances)
            add_lines(distances, ones, part, sums, first)
            np.multiply(distances, distances, distances)
            add_lines(distances, ones, part, square_sums, first)
        fold(sums, ones, mean)
        fold(square_sums, ones, variance)
        # A few numbers in float64, in which large ones may cancel out.
        own, precise = math.prod(x.shape[:-1]), scratch((4, len(mean)), np.dtype(np.float64))
        shift, total, squares, term = precise
        shift[...], total[...], squares[...] = workspace["first"], mean, variance
        # μ of the full batch …
        np.multiply(shift, own, term)
        np.add(total, term, term)
        if worker is not None:
            worker.all_reduce(term)
        np.divide(term, count, term)
        mean[...] = term
        # … and Σ (x − μ)²: own · (μ − k)² − 2 (μ − k) Σ d = (μ − k) (own · (μ − k) − 2 Σ d)
        np.subtract(term, shift, term)
        np.multiply(term, own, shift)
        np.subtract(shift, total, shift)
        np.subtract(shift, total, shift)
        np.multiply(shift, term, shift)
        np.add(squares, shift, squares)
        np.maximum(squares, 0.0, out=squares)
        if worker is not None:
            worker.all_reduce(squares)
        variance[...] = squares
        if count > 1 and (worker is None or worker.owns_statistics):
            self._update_running(workspace, mean, variance, count)
        np.divide(variance, count, variance)
        inverse_std(variance, self.epsilon, workspace["first"])

    def normalize(self, parameters: Mapping[str, Array], x: Array, workspace: Workspace) -> Array:
        """Write y for these x, from "mean" and "inverse", 1 / √(σ² + ε), in the workspace."""
        # y = x γ / √(σ² + ε) + (β − μ γ / √(σ² + ε)): two passes, and x itself is what backward needs.
        factor, offset = workspace["first"], workspace["second"]
        np.multiply(parameters["scale"], workspace["inverse"], factor)
        np.multiply(workspace["mean"], factor, offset)
        np.subtract(parameters["shift"], offset, offset)
        y, length = workspace["y"], workspace["one"].size
        factors, offsets = repeat(factor, workspace["one"]), repeat(offset, workspace["two"])
        from_lines, to_lines = as_lines(x, length), as_lines(y, length)
        for block in blocks(len(to_lines), length):
            np.multiply(from_lines[block], factors, to_lines[block])
            np.add(to_lines[block], offsets, to_lines[block])
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        self.parameter_gradients(gradients, dy, workspace.x, workspace)
        if workspace.needs_dx:
            self.input_gradient(parameters, dy, workspace)
        return dy

    def parameter_gradients(
        self, gradients: Mapping[str, Array], dy: Array, x: Array, workspace: Workspace
    ) -> None:
        """Write dγ and dβ, and those of the full batch into "totals"; only x where dy is not 0 is used."""
        dscale, dshift, inverse = gradients["scale"], gradients["shift"], workspace["inverse"]
        length, ones, part = workspace["one"].size, workspace["ones"], workspace["part"].reshape(-1)
        dy_sum, product_sum = workspace["sum"].reshape(-1), workspace["three"].reshape(-1)
        dy_lines, lines = as_lines(dy, length), as_lines(x, length)
        means = repeat(workspace["mean"], workspace["one"])
        for block in blocks(len(dy_lines), length):
            first = block.start == 0
            product = workspace["block"][: block.stop - block.start]
            add_lines(dy_lines[block], ones, part, dy_sum, first)
            np.subtract(lines[block], means, product)
            np.multiply(dy_lines[block], product, product)
            add_lines(product, ones, part, product_sum, first)
        fold(dy_sum, ones, dshift)
        fold(product_sum, ones, dscale)
        np.multiply(dscale, inverse, dscale)
        # The parameters' gradients are summed over the parts later; dx needs those of the full batch now.
        totals = workspace["totals"]
        totals[0], totals[1] = dscale, dshift
        if workspace.worker is not None:
            workspace.worker.all_reduce(totals)

    def input_gradient(self, parameters: Mapping[str, Array], dy: Array, workspace: Workspace) -> None:
        """Overwrite dy by dx = factor · dy − slope · x + level, with one of each per channel."""
        inverse, mean = workspace["inverse"], workspace["mean"]
        factor, value, length = workspace["first"], workspace["second"], workspace["one"].size
        count, (dscale, dshift) = self._count(workspace), workspace["totals"]
        np.multiply(parameters["scale"], inverse, factor)
        factors = repeat(factor, workspace["one"])
        np.divide(factor, count, factor)
        np.multiply(dscale, inverse, value)
        np.multiply(value, factor, value)
        slopes = repeat(value, workspace["three"])
        np.multiply(value, mean, value)
        np.multiply(factor, dshift, factor)
        np.subtract(value, factor, value)
        levels = repeat(value, workspace["two"])
        dy_lines, lines = as_lines(dy, length), as_lines(workspace.x, length)
        for block in blocks(len(dy_lines), length):
            product, dx = workspace["block"][: block.stop - block.start], dy_lines[block]
            np.multiply(lines[block], slopes, product)
            np.multiply(dx, factors, dx)
            np.subtract(dx, product, dx)
            np.add(dx, levels, dx)

    @staticmethod
    def _shift_near(lines: Array, workspace: Workspace) -> Array:
        """For each channel the mean of the first block: in "first", and repeated along a line."""
        ones, sums, shift = workspace["ones"], workspace["sum"].reshape(-1), workspace["first"]
        length = workspace["one"].size
        block = lines[: lines_at_once(length)]
        add_lines(block, ones, sums, sums, first=True)
        fold(sums, ones, shift)
        np.divide(shift, block.size // len(shift), shift)
        return repeat(shift, workspace["one"])

    @staticmethod
    def _count(workspace: Workspace) -> int:
        """How many numbers a channel has in the full batch."""
        x, worker = workspace.x, workspace.worker
        return math.prod(x.shape[1:-1]) * (len(x) if worker is None else worker.rows)

    def _update_running(self, workspace: Workspace, mean: Array, squares: Array, count: int) -> None:
        scratch, momentum = workspace["first"], self.momentum
        for running, batch, factor in (
            (workspace.statistics["mean"], mean, momentum),
            (workspace.statistics["variance"], squares, momentum / (count - 1)),
        ):
            np.multiply(running, 1 - momentum, running)
            np.multiply(batch, factor, scratch)
            np.add(running, scratch, running)


class FixedBatchNorm(BatchNorm):
    """Batch normalization as in evaluation, also in training: by the running statistics, which stay.

    No layer of an experiment: `BatchNorm.as_evaluated` makes it.
    Gradients: dγ = Σ dy x̂; dβ = Σ dy; dx = γ / √(σ² + ε) · dy, as μ and σ are constants.
    """

    @property
    def couples_batch(self) -> bool:
        return False

    def as_evaluated(self) -> Layer:
        return self

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        return super().forward(parameters, x, workspace, False)

    def input_gradient(self, parameters: Mapping[str, Array], dy: Array, workspace: Workspace) -> None:
        """Overwrite dy by dx."""
        np.multiply(dy, parameters["scale"] * workspace["inverse"], dy)
