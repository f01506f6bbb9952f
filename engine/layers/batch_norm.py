"""Batch normalization."""

import math
from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, Shape
from engine.initializers import AnyInitializer
from engine.initializers.constant import Constant
from engine.initializers.zeros import Zeros
from engine.layers.base import Buffer, Layer, Workspace
from engine.layers.kernels.lines import add_lines, as_lines, blocks, fold, line_shape, lines_at_once, repeat
from engine.settings import hints


class BatchNorm(Layer):
    """Brings each channel to mean 0 and variance 1 over the batch, then scales and shifts it: y = γ x̂ + β.

    Shapes: x and y (batch, …, channels); "scale" γ and "shift" β (channels,); the kept "mean" and "variance"
    (channels,). With N = batch · places: x̂ = (x − μ) / √(σ² + ε), μ and σ² = Σ (x − μ)² / N of this batch in
    training; in evaluation the kept ones. These move by running ← (1 − momentum) running + momentum · batch,
    as in PyTorch (Keras's momentum is one minus it), with the unbiased variance Σ (x − μ)² / (N − 1), as in
    PyTorch too (Keras keeps the biased one). A batch of one number a channel leaves them as they are.
    Gradients: dγ = Σ dy x̂; dβ = Σ dy; dx = γ / √(σ² + ε) · (dy − dβ / N − x̂ dγ / N).
    Rows of a batch influence one another: workers with parts of it add up their sums, so that each has the
    statistics of the whole batch.
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
        description="Share of the newest batch in the running mean and variance.",
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

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"scale": input_shape[-1:], "shift": input_shape[-1:]}

    def initializers(self) -> dict[str, AnyInitializer]:
        return {"scale": Constant(value=1.0), "shift": Zeros()}

    def penalized(self) -> frozenset[str]:
        return frozenset()

    def state_shapes(self, input_shape: Shape) -> dict[str, tuple[Shape, float]]:
        return {"mean": (input_shape[-1:], 0.0), "variance": (input_shape[-1:], 1.0)}

    def buffers(self, input_shape: Shape) -> dict[str, Buffer]:
        line, channels = line_shape(input_shape), input_shape[-1:]
        length = int(np.prod(line))
        block = (lines_at_once(length), length)
        lines = {name: Buffer(line, per_sample=False) for name in ("one", "two", "three", "sum", "part")}
        values = {name: Buffer(channels, per_sample=False) for name in ("mean", "inverse", "first", "second")}
        return {
            **super().buffers(input_shape),
            **lines,
            **values,
            "centred": Buffer(input_shape),
            "totals": Buffer((2, *channels), per_sample=False),
            "block": Buffer(block, per_sample=False),
            "ones": Buffer((max(block[0], line[0]),), per_sample=False, fill=1.0),
        }

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        workspace.x = x
        factor, offset = workspace["first"], workspace["second"]
        if training:
            self._centre(x, workspace)
            np.multiply(parameters["scale"], workspace["inverse"], factor)
            source, offset = workspace["centred"], parameters["shift"]
        else:
            # y = x γ / √(σ² + ε) + (β − μ γ / √(σ² + ε)): two passes, nothing kept.
            np.add(workspace.state["variance"], self.epsilon, factor)
            np.sqrt(factor, factor)
            np.divide(parameters["scale"], factor, factor)
            np.multiply(workspace.state["mean"], factor, offset)
            np.subtract(parameters["shift"], offset, offset)
            source = x
        y, length = workspace["y"], workspace["one"].size
        factors, offsets = repeat(factor, workspace["one"]), repeat(offset, workspace["two"])
        from_lines, to_lines = as_lines(source, length), as_lines(y, length)
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
        dscale, dshift, inverse = gradients["scale"], gradients["shift"], workspace["inverse"]
        length, ones, part = workspace["one"].size, workspace["ones"], workspace["part"].reshape(-1)
        dy_sum, product_sum = workspace["sum"].reshape(-1), workspace["three"].reshape(-1)
        dy_lines, centred = as_lines(dy, length), as_lines(workspace["centred"], length)
        for block in blocks(len(dy_lines), length):
            first = block.start == 0
            product = workspace["block"][: block.stop - block.start]
            add_lines(dy_lines[block], ones, part, dy_sum, first)
            np.multiply(dy_lines[block], centred[block], product)
            add_lines(product, ones, part, product_sum, first)
        fold(dy_sum, ones, dshift)
        fold(product_sum, ones, dscale)
        np.multiply(dscale, inverse, dscale)
        # The gradients of the parts of a batch are added later; dx is of the whole batch right away.
        totals = workspace["totals"]
        totals[0], totals[1] = dscale, dshift
        if workspace.partners is not None:
            workspace.partners.add_up(totals)
        if workspace.needs_dx:
            self._input_gradient(parameters["scale"], dy_lines, workspace)
        return workspace["dx"]

    def _centre(self, x: Array, workspace: Workspace) -> None:
        """Find μ, x − μ and 1 / √(σ² + ε) of a batch, and move the running mean and variance."""
        length, ones, part = workspace["one"].size, workspace["ones"], workspace["part"].reshape(-1)
        lines, centred = as_lines(x, length), as_lines(workspace["centred"], length)
        total, mean, variance = workspace["sum"].reshape(-1), workspace["mean"], workspace["inverse"]
        partners, count = workspace.partners, self._count(workspace)
        for block in blocks(len(lines), length):
            add_lines(lines[block], ones, part, total, block.start == 0)
        fold(total, ones, mean)
        if partners is not None:
            partners.add_up(mean)
        np.divide(mean, count, mean)
        means = repeat(mean, workspace["one"])
        for block in blocks(len(lines), length):
            squares = workspace["block"][: block.stop - block.start]
            np.subtract(lines[block], means, centred[block])
            np.multiply(centred[block], centred[block], squares)
            add_lines(squares, ones, part, total, block.start == 0)
        fold(total, ones, variance)
        if partners is not None:
            partners.add_up(variance)
        if count > 1 and (partners is None or partners.first):
            self._keep(workspace, mean, variance, count)
        np.divide(variance, count, variance)
        np.add(variance, self.epsilon, variance)
        np.sqrt(variance, variance)
        np.reciprocal(variance, variance)

    @staticmethod
    def _count(workspace: Workspace) -> int:
        """How many numbers a channel has in the whole batch."""
        x, partners = workspace.x, workspace.partners
        return math.prod(x.shape[1:-1]) * (len(x) if partners is None else partners.rows)

    def _keep(self, workspace: Workspace, mean: Array, squares: Array, count: int) -> None:
        scratch, share = workspace["first"], self.momentum
        for kept, found, factor in (
            (workspace.state["mean"], mean, share),
            (workspace.state["variance"], squares, share / (count - 1)),
        ):
            np.multiply(kept, 1 - share, kept)
            np.multiply(found, factor, scratch)
            np.add(kept, scratch, kept)

    def _input_gradient(self, scale: Array, dy_lines: Array, workspace: Workspace) -> None:
        """dx = factor · dy − slope · (x − μ) − level, with a value of each for every channel."""
        inverse, factor, value = workspace["inverse"], workspace["first"], workspace["second"]
        length = workspace["one"].size
        dx, centred = as_lines(workspace["dx"], length), as_lines(workspace["centred"], length)
        count, (dscale, dshift) = self._count(workspace), workspace["totals"]
        np.multiply(scale, inverse, factor)
        factors = repeat(factor, workspace["one"])
        np.divide(factor, count, factor)
        np.multiply(factor, dshift, value)
        levels = repeat(value, workspace["two"])
        np.multiply(factor, inverse, value)
        np.multiply(value, dscale, value)
        slopes = repeat(value, workspace["three"])
        for block in blocks(len(dx), length):
            away = workspace["block"][: block.stop - block.start]
            np.multiply(centred[block], slopes, away)
            np.multiply(dy_lines[block], factors, dx[block])
            np.subtract(dx[block], away, dx[block])
            np.subtract(dx[block], levels, dx[block])
