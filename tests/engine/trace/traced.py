"""Traces of small networks with random parameters, for the tests of derivations."""

import numpy as np

from engine.insight.trace.derivation import Derivation, Place
from engine.insight.trace.derive import derivation
from engine.insight.trace.recording import trace_batch
from engine.insight.trace.sample import Batch
from engine.insight.trace.trace import Trace
from engine.layers import Layer
from engine.layers.dense import Dense
from engine.layers.reshape import Flatten
from engine.losses import Loss
from engine.losses.regression import MeanSquaredError
from engine.network import Network

ROWS = 3
OUTPUTS = 2


def network_of(*layers: Layer, shape: tuple[int, ...], dtype: type = np.float64) -> Network:
    """With random parameters and running statistics."""
    draws = np.random.default_rng(7)
    network = Network(layers, shape, dtype)
    network.initialize(draws)
    network.parameters += (0.3 * draws.normal(size=network.parameters.size)).astype(dtype)
    network.running_statistics *= 1.5
    network.running_statistics += 0.1
    return network


def around(layer: Layer, shape: tuple[int, ...]) -> Network:
    """The layer, and an output layer behind it."""
    return network_of(layer, Flatten(), Dense(units=OUTPUTS, activation={"kind": "linear"}), shape=shape)


def batch(network: Network, row: int = 1) -> Batch:
    """Three rows, of which the second is the sample."""
    draws = np.random.default_rng(5)
    x = draws.normal(size=(ROWS, *network.input_shape))
    return Batch(x, draws.normal(size=(ROWS, *network.output_shape)), None, row)


def traced(
    network: Network, mode: str = "evaluation", loss: Loss | None = None, given: Batch | None = None, **more
) -> Trace:
    rows = given or batch(network)
    if mode == "evaluation":
        own = slice(rows.row, rows.row + 1)
        rows = Batch(rows.inputs[own], rows.targets[own], None, 0)
    return trace_batch(network, loss or MeanSquaredError(), rows, mode, **more)


def holds(found: Derivation, exact: float) -> None:
    """The law of derivations: products of their factors that add up to the number, whatever it is."""
    # Where everything cancels out, rounding is left.
    scale = max(abs(exact), abs(found.rest), *(abs(term.value) for term in found.terms), 1e-4)
    assert abs(found.value - exact) <= 1e-9 * scale
    total = sum(term.value for term in found.terms) + found.rest
    assert abs(total - found.sum) <= 1e-9 * scale
    if not found.wrapped:
        assert abs(found.sum - found.value) <= 1e-9 * scale, found
    for term in found.terms:
        product = np.prod([factor.value for factor in term.factors])
        assert abs(product - term.value) <= 1e-9 * scale, term
        assert all(factor.symbol and factor.text for factor in term.factors)
    assert all((found.symbol, found.text, found.title, found.formula, found.formula_text))
    assert found.sentence.endswith(".")
    assert "nan" not in found.sentence


def places_of(trace: Trace, most: int = 3) -> list[Place]:
    """Some places of every array of a trace: the first, the last, and those between that have a gradient."""
    found = [Place(-1, "loss")]
    for layer in trace.layers:
        for quantity, array in (("input", layer.x), ("output", layer.y), ("pre_activation", layer.z)):
            if array is not None:
                for gradient in (False, True):
                    found += _some(trace, Place(layer.index, quantity, gradient=gradient), most)
        for name in layer.parameters:
            for gradient in (False, True):
                found += _some(trace, Place(layer.index, "parameter", name, gradient=gradient), most)
        for name in layer.details:
            found += _some(trace, Place(layer.index, "detail", name), most)
    return found


def _some(trace: Trace, place: Place, most: int) -> list[Place]:
    array = trace.array(place)
    used = np.flatnonzero(array)
    numbers = used[np.linspace(0, len(used) - 1, min(most, len(used)), dtype=int)] if len(used) else [0]
    return [
        Place(
            place.layer,
            place.quantity,
            place.name,
            tuple(int(index) for index in np.unravel_index(number, array.shape)),
            place.gradient,
        )
        for number in dict.fromkeys(int(one) for one in numbers)
    ]


def check_places(trace: Trace) -> None:
    for place in places_of(trace):
        holds(derivation(trace, place), trace.number(place))
