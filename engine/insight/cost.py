"""What a network will cost before it is trained: parameters, memory, and time for an epoch.

The time is a model, not a measurement: a fixed cost for every step and layer (Python and NumPy calls),
multiplications at the speed of matrix products, and numbers moved through memory. It is meant to tell a
second from a minute, and is right within a factor of two or three on an ordinary desktop processor.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Shape
from engine.layers import Layer
from engine.network import count_parameters, infer_shapes
from engine.training.batch_parts import MULTIPLICATIONS_WORTH_SPLITTING
from engine.training.evaluator import rows_at_once
from engine.training.resources import cores, numbers_per_sample
from engine.training.scoring import rows_scored

# Measured over the ready experiments and wider variants of them, with OpenBLAS on two cores, in float32.
SECONDS_PER_STEP = 20e-6
"""A step without layers: batch, loss, optimizer, history."""
SECONDS_PER_EPOCH = 100e-6
"""The end of an epoch without rows to score: metrics, history, stopping rules."""
SECONDS_PER_LAYER = 5e-6
"""Forward and backward of one tiny layer: NumPy's calls, not their work."""
MULTIPLICATIONS_PER_SECOND = 5.5e10
"""Multiply-adds in a matrix product on one core; float64 has half the speed."""
GAIN_PER_THREAD = 0.4
"""The speed-up of large matrix products by each further core."""
SECONDS_PER_ACTIVATION = 0.5e-9
"""One number of a workspace, forward and backward; tanh and ReLU take less, GELU and softplus more."""
SECONDS_PER_PASS = 0.2e-9
"""One parameter through one pass of the update."""
PASSES_PER_PARAMETER = 6
PASSES_PER_SLOT = 2
"""Passes for each vector that the optimizer keeps."""
PRODUCTS_PER_STEP = 3
"""Forward, gradient of the weights, gradient of the input."""


@dataclass(frozen=True)
class Cost:
    """What training takes: numbers to train, bytes held meanwhile (data included), seconds for an epoch."""

    parameters: int
    memory_bytes: int
    seconds_per_epoch: float


def estimate(
    layers: Sequence[Layer],
    input_shape: Shape,
    *,
    rows: int,
    held_out_rows: int = 0,
    batch_size: int,
    precision: str = "float32",
    slots: int = 2,
    class_indices: bool = False,
) -> Cost:
    """The cost of training on `rows` examples and scoring `held_out_rows` of validation after each epoch.

    layers : with the output layer. slots : vectors that the optimizer keeps (Adam: 2).
    class_indices : whether the targets are class indices, not a number for each output.
    Raises ShapeError where a layer does not fit the one before it.
    """
    shapes = infer_shapes(layers, input_shape)
    wide = 2 if precision == "float64" else 1
    batch = max(min(batch_size, rows), 1)
    steps = -(-rows // batch)
    parameters = sum(count_parameters(layer, shape) for layer, shape in zip(layers, shapes, strict=False))
    stages = list(zip(layers, shapes, strict=False))
    products = [layer.multiplications(before) for layer, before in stages]
    numbers = numbers_per_sample(layers, shapes)
    calls = SECONDS_PER_STEP + SECONDS_PER_LAYER * sum(
        layer.simple_layers(before) for layer, before in stages
    )

    speed = MULTIPLICATIONS_PER_SECOND / wide * _gain(max(products, default=0) * batch)
    per_row = sum(products) / speed
    per_row += numbers * SECONDS_PER_ACTIVATION * wide / PRODUCTS_PER_STEP
    step = calls + PRODUCTS_PER_STEP * batch * per_row
    passes = PASSES_PER_PARAMETER + PASSES_PER_SLOT * slots
    step += passes * parameters * SECONDS_PER_PASS * wide

    scored = rows_scored(rows) + held_out_rows
    chunk = rows_at_once(numbers)
    scoring = -(-scored // chunk) * calls + scored * per_row

    number = 4 * wide
    target = np.dtype(np.intp).itemsize if class_indices else math.prod(shapes[-1]) * number
    examples = (rows + held_out_rows) * (math.prod(shapes[0]) * number + target)
    memory = (parameters * (2 + slots) + (batch + chunk) * numbers) * number + examples
    return Cost(parameters, memory, steps * step + scoring + SECONDS_PER_EPOCH)


def _gain(largest_product: int) -> float:
    """How much faster several cores are; small products stay on one, as in training."""
    if largest_product < MULTIPLICATIONS_WORTH_SPLITTING:
        return 1.0
    return 1 + GAIN_PER_THREAD * (cores() - 1)
