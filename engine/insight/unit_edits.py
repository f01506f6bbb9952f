"""Edits of a unit of a layer: shift its bias, scale its weights, switch it off."""

import numpy as np

from engine.arrays import Array
from engine.errors import UserError
from engine.layers import Workspace
from engine.network import Network
from engine.training.parameter_edits import Edit, ParameterEdit, apply_edits

WEIGHT, BIAS = "weight", "bias"


def unit_array(network: Network, layer: int, name: str) -> bool:
    """Whether a layer has an array of this name whose last axis counts the units of its output."""
    array = network.parameter_views[layer].get(name)
    units = network.shapes[layer + 1][-1:]
    return array is not None and array.ndim > 0 and array.shape[-1:] == units


def shift_bias(network: Network, layer: int, unit: int, shift: float) -> Edit:
    """Add to the bias of a unit; raises UserError where its layer has none for each unit."""
    if not unit_array(network, layer, BIAS):
        raise _no_such(network, layer, "a bias for each unit")
    return ParameterEdit(layer, BIAS, (unit,), "add", shift)


def scale_weights(network: Network, layer: int, unit: int, factor: float) -> Edit:
    """Multiply all weights that lead to a unit; raises UserError where its layer has none of that kind."""
    if not unit_array(network, layer, WEIGHT):
        raise _no_such(network, layer, "weights that lead to one unit each")
    return ParameterEdit(layer, WEIGHT, (..., unit), "multiply", factor)


def switch_off(network: Network, layer: int, unit: int) -> tuple[Edit, ...]:
    """Let nothing behind a unit get anything of it: the weights that lead on from it become 0.

    Layers in between that keep units apart (activation, dropout, pooling, batch normalization, flattening)
    are passed. A unit of the output layer answers 0 before the activation: its own weights become 0.
    Raises UserError where what follows mixes units in another way than by weights (attention, a residual
    path), so that no weights of its own are there to be switched off.
    """
    if layer == len(network.layers) - 1:
        if not unit_array(network, layer, WEIGHT):
            raise _no_such(network, layer, "weights that lead to one unit each")
        own = [name for name in (WEIGHT, BIAS) if unit_array(network, layer, name)]
        return tuple(ParameterEdit(layer, name, (..., unit)) for name in own)
    copy = network.copy_with_shared_gradients()
    one, other = _probes(network, layer, unit)
    channels, index = one.shape[-1], layer + 1
    while index < len(network.layers):
        here, there = (_through(copy, index, x) for x in (one, other))
        if not _are_apart(here, there, channels, unit):
            break
        one, other, index = here, there, index + 1
    weight = network.parameter_views[index].get(WEIGHT) if index < len(network.layers) else None
    if weight is not None and weight.ndim > 1 and weight.shape[-2] % channels == 0:
        edit = ParameterEdit(index, WEIGHT, (..., slice(unit, None, channels), slice(None)))
        apply_edits(copy, [edit])
        if np.array_equal(_through(copy, index, one), _through(copy, index, other)):
            return (edit,)
    follower = network.names[min(index, len(network.layers) - 1)]
    raise UserError(
        f"{network.names[layer]}, unit {unit + 1}",
        expected="weights of its own that lead on from it",
        got=f"{follower}, which mixes units in another way",
        help="Scale its weights by 0 instead.",
    )


def _probes(network: Network, layer: int, unit: int) -> tuple[Array, Array]:
    """Two outputs of a layer (1, …, units) that differ in one unit, above 0 where most activations pass."""
    shape = network.shapes[layer + 1]
    one = np.random.default_rng(0).uniform(0.5, 1.0, (1, *shape)).astype(network.dtype)
    other = one.copy()
    other[..., unit] += 1
    return one, other


def _through(network: Network, index: int, x: Array) -> Array:
    """A copy of the output of one layer in evaluation."""
    layer = network.layers[index]
    space = Workspace.of(layer.workspace_arrays(network.shapes[index]), 1, network.dtype)
    space.statistics = network.statistics_views[index]
    with np.errstate(all="ignore"):
        return np.array(layer.forward(network.parameter_views[index], x, space, False))


def _are_apart(here: Array, there: Array, channels: int, unit: int) -> bool:
    """Whether two outputs differ at one unit only, which is every so many numbers."""
    if here.size % channels or here.shape[-1] % channels:
        return False
    differs = (here != there).reshape(-1, channels).any(axis=0)
    differs[unit] = False
    return not differs.any()


def _no_such(network: Network, layer: int, expected: str) -> UserError:
    return UserError(
        network.names[layer],
        expected=expected,
        got="none",
        help="Choose a dense or convolutional layer, or edit its numbers in the table of parameters.",
    )
