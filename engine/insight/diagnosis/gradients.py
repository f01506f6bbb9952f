"""Gradients that fade or explode on their way through the layers, and units that pass none."""

import math
from collections.abc import Iterator

from engine.activations.base import ActivationFunction
from engine.activations.rectifiers import LeakyReLU, ReLU
from engine.insight.diagnosis.finding import (
    Evidence,
    RunFinding,
    activation_remedy,
    clip_remedy,
    rate_remedy,
    saturates,
)
from engine.insight.diagnosis.measurements import Measurements, median

FEWEST_STEPS = 20
FEWEST_LAYERS = 3
"""With parameters: through fewer, a gradient does not fade."""
VANISHED = 1e-3
"""Gradient of the first layer as a fraction of the last one's."""
EXPLODED = 1e3
HIGH = 0.5
"""Fraction of the loss of guessing: below it the network learns, whatever its gradients look like."""
MANY_DEAD = 0.5
FEWEST_UNITS = 4
MANY_SATURATED = 0.8
FEWEST_ROWS = 32


def vanishing(m: Measurements) -> Iterator[RunFinding]:
    """The first layer gets next to none of the gradient that the last one has."""
    if m.step < FEWEST_STEPS or len(m.trained) < FEWEST_LAYERS or not m.current_loss > HIGH * m.guess:
        return
    first, last = m.gradient(m.trained[0]), m.gradient(m.trained[-1])
    if not last > 0 or not first / last < VANISHED:
        return
    front, back = m.names[m.trained[0]], m.names[m.trained[-1]]
    yield RunFinding(
        "vanishing_gradient",
        "warning",
        "The gradient vanishes",
        f"The gradient of {front} is {first:.1e}, that of {back} {last:.1e}: "
        f"{first / last:.0e} of it is left at the first layer, which hardly learns.",
        "Going backward, each layer multiplies the gradient by its weights and by the slope of its "
        "activation. A sigmoid's slope is at most 1/4: through ten layers a millionth is left. ReLU with He "
        "initialization, normalization or residual layers keep it.",
        (Evidence(f"gradient norms {first:.1e} and {last:.1e}", "gradient_norm"),),
        activation_remedy(m.experiment, saturates, ReLU()),
    )


def exploding(m: Measurements) -> Iterator[RunFinding]:
    """Gradients are a thousand times what they should be, and the loss is far from its end."""
    if m.step < FEWEST_STEPS or not m.current_loss > HIGH * m.guess:
        return
    first, last = m.gradient(m.trained[0]), m.gradient(m.trained[-1])
    norm = median(m.steps["gradient_norm"])
    by_depth = len(m.trained) >= FEWEST_LAYERS and last > 0 and first / last > EXPLODED
    if not by_depth and not norm > EXPLODED * max(m.guess, 1.0):
        return
    yield RunFinding(
        "exploding_gradient",
        "serious",
        "The gradient explodes",
        f"The gradient's norm is {norm:.2g}; that of {m.names[m.trained[0]]} is {first:.2g}, of "
        f"{m.names[m.trained[-1]]} {last:.2g}.",
        "Large weights and large inputs multiply the gradient on its way back. A step along it is so long "
        "that it lands anywhere; clipping keeps its direction and bounds its length.",
        (Evidence(f"gradient norm {norm:.2g}", "gradient_norm"),),
        (*clip_remedy(m.experiment), *rate_remedy(m.experiment, 0.1)),
    )


def _is_relu(function: ActivationFunction) -> bool:
    return isinstance(function, ReLU)


def dead_units(m: Measurements) -> Iterator[RunFinding]:
    """Rectifiers that are 0 for every row of the sample; nothing can wake them."""
    if m.statistics.rows < FEWEST_ROWS or not m.step or not m.current_loss > HIGH * m.guess:
        return
    found = [
        layer
        for layer in m.statistics.layers
        if layer.dead is not None and layer.units >= FEWEST_UNITS and layer.dead > MANY_DEAD * layer.units
    ]
    if not found:
        return
    worst = max(found, key=lambda layer: (layer.dead or 0) / layer.units)
    yield RunFinding(
        "dead_units",
        "warning",
        "Many units are dead",
        f"In {worst.name}, {worst.dead} of {worst.units} units are 0 for all {m.statistics.rows} rows of a "
        "sample.",
        "A rectifier that is 0 for every row has slope 0 for every row: no gradient reaches its weights, and "
        "it stays as it is. One step that was too long is enough.",
        (Evidence(f"{worst.dead} of {worst.units} units", "layer_statistics"),),
        (
            *activation_remedy(m.experiment, _is_relu, LeakyReLU()),
            *rate_remedy(m.experiment, 0.1),
        ),
    )


def saturation(m: Measurements) -> Iterator[RunFinding]:
    """Hidden units at the flat ends of tanh or sigmoid, where the slope is next to nothing."""
    if m.step < FEWEST_STEPS or not m.current_loss > HIGH * m.guess:
        return
    hidden = [layer for layer in m.statistics.layers[:-1] if layer.saturated is not None]
    if not hidden:
        return
    worst = max(hidden, key=lambda layer: layer.saturated or 0.0)
    share = worst.saturated or 0.0
    if math.isnan(share) or share < MANY_SATURATED:
        return
    yield RunFinding(
        "saturation",
        "warning",
        "Units are saturated",
        f"In {worst.name}, {share:.0%} of the activations are at the flat ends of their function.",
        "There the slope is below 6 % of its largest, and so is the gradient that passes. Inputs or weights "
        "are too large; smaller initial weights, scaled inputs or batch normalization help.",
        (Evidence(f"{share:.0%} of the activations", "layer_statistics"),),
        (
            *activation_remedy(m.experiment, saturates, ReLU()),
            *rate_remedy(m.experiment, 0.1),
        ),
    )
