"""What is wrong before the first step: inputs without scale, tiny batches, an output that cannot reach."""

from collections.abc import Iterator

import numpy as np

from engine.activations.rectifiers import ReLU
from engine.activations.sigmoid import Sigmoid, Softmax
from engine.insight.diagnosis.finding import Evidence, Remedy, RunFinding, training_remedy
from engine.insight.diagnosis.measurements import Measurements
from engine.layers import Layer
from engine.layers.batch_norm import BatchNorm
from engine.network_assembly import head_activation

LARGE = 30.0
UNEVEN = 100.0
"""Largest over smallest standard deviation of the inputs."""
TINY_BATCH = 4


def unscaled_inputs(m: Measurements) -> Iterator[RunFinding]:
    """Inputs that are large, or of very different size, straight into a layer of weights."""
    if m.inputs is None or m.experiment.data.scaling != "none" or isinstance(m.layers[0], BatchNorm):
        return
    deviations, largest = m.inputs
    varying = deviations[deviations > 0]
    if not len(varying):
        return
    ratio = float(varying.max() / varying.min())
    top = float(largest.max())
    if top <= LARGE or (ratio <= UNEVEN and top <= 10 * LARGE):
        return
    yield RunFinding(
        "unscaled_inputs",
        "warning",
        "Inputs are not scaled",
        f"Inputs go up to {top:.3g} in magnitude, and their standard deviations differ by a factor of "
        f"{ratio:.3g}.",
        "The gradient of a weight is proportional to its input: no learning rate fits large and small inputs "
        "at once, and large ones saturate units. Standardized, each has mean 0 and standard deviation 1.",
        (Evidence(f"largest {top:.3g}, smallest deviation {np.min(varying):.2g}", "layer_statistics"),),
        (Remedy("Standardize the inputs", ((("data", "scaling"), "standardize"),)),),
    )


def small_batches(m: Measurements) -> Iterator[RunFinding]:
    """Batch normalization over so few rows that mean and variance are mostly noise."""
    if m.batch_rows > TINY_BATCH or not any(_normalizes(layer) for layer in m.layers):
        return
    yield RunFinding(
        "small_batches",
        "warning",
        "Batch normalization with tiny batches",
        f"Batch normalization takes mean and variance of {m.batch_rows} "
        f"{'row' if m.batch_rows == 1 else 'rows'}; that is mostly noise.",
        "The statistics of a batch stand for those of all data. From about 16 rows on they are good enough; "
        "layer normalization does not need a batch at all.",
        (Evidence(f"batches of {m.batch_rows}", "loss"),),
        (training_remedy("Take batches of 32", batch_size=32),),
    )


def _normalizes(layer: Layer) -> bool:
    return isinstance(layer, BatchNorm) or any(_normalizes(inner) for inner in layer.inner_layers)


def unreachable_targets(m: Measurements) -> Iterator[RunFinding]:
    """An output whose activation cannot reach the targets, or to which the loss applies a second link."""
    change = ("head", "activation"), "automatic"
    automatic = (Remedy("Set the output's activation to automatic", (change,)),)
    if m.loss.inverse_link is None:
        activation = head_activation(m.experiment, m.task)
        low, high = activation.bounds
        lowest, highest = m.target_range
        if lowest >= low - 1e-6 and highest <= high + 1e-6:
            return
        yield RunFinding(
            "head_mismatch",
            "serious",
            "The output cannot reach the targets",
            f"The output's activation, {activation.heading.lower()}, stays between {low:g} and {high:g}, but "
            f"targets go from {lowest:.3g} to {highest:.3g}.",
            "The loss of a target out of reach stays, however long the network learns, and drives the output "
            "to the flat end of its activation.",
            (Evidence(f"targets {lowest:.3g} to {highest:.3g}", "network"),),
            automatic,
        )
        return
    last = m.layers[-2] if len(m.layers) > 1 else None
    function = last.output_activation if last is not None else None
    squashes = isinstance(function, Sigmoid) and _units(m, -2) == _units(m, -1)
    if function is not None and (isinstance(function, Softmax) or squashes):
        yield RunFinding(
            "head_mismatch",
            "warning",
            "Probabilities go through the output once more",
            f"{m.names[-2]} already ends in {function.heading.lower()}, and the output layer applies "
            f"{m.loss.inverse_link} for the loss.",
            "The loss computes the probabilities itself, from the scores of the output layer. A layer of "
            "probabilities before it squeezes what the output gets into the range from 0 to 1.",
            (Evidence(f"{m.names[-2]}: {function.heading.lower()}", "network"),),
            _rectified(m),
        )


def _units(m: Measurements, layer: int) -> int:
    return m.statistics.layers[layer].units


def _rectified(m: Measurements) -> tuple[Remedy, ...]:
    number = len(m.experiment.layers) - 1
    if number < 0 or not hasattr(m.experiment.layers[number], "activation"):
        return ()
    change = ("layers", str(number), "activation"), ReLU()
    return (Remedy("Use ReLU there", (change,)),)
