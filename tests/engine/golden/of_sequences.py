"""What PyTorch computes for our layers over sequences: recurrent ones and self-attention.

PyTorch lays weights out as (gates · units, features), ours are turned; its LSTM has the gates in another
order, and two biases that are added, of which the second is left at 0. Results are kept to twelve places.
"""

from typing import Any

import numpy as np
import torch

ROWS, STEPS, FEATURES, UNITS = 2, 4, 3, 2

_NETWORKS = {"simple_recurrent": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
_GATES = {"simple_recurrent": [0], "gru": [0, 1, 2], "lstm": [0, 1, 3, 2]}
"""For each of our gates, in our order, its number in PyTorch."""


def sequences() -> dict[str, Any]:
    """One batch through each layer: y, and for the loss Σ weight · y the gradients of x and parameters."""
    generator = np.random.default_rng(6)
    recurrent = [
        {"kind": "simple_recurrent", "returns": "sequence"},
        {"kind": "simple_recurrent", "activation": "relu", "direction": "both", "returns": "sequence"},
        {"kind": "simple_recurrent", "direction": "backward"},
        {"kind": "gru"},
        {"kind": "gru", "direction": "both", "returns": "sequence"},
        {"kind": "gru", "direction": "backward", "bias": False, "returns": "sequence"},
        {"kind": "lstm"},
        {"kind": "lstm", "direction": "both", "returns": "sequence"},
        {"kind": "lstm", "direction": "both", "bias": False},
    ]
    attention = [{"heads": 2}, {"heads": 2, "causal": True}, {"heads": 4, "bias": False}]
    cases = [_recurrent({"units": UNITS, **settings}, generator) for settings in recurrent]
    return {"cases": cases + [_attention(settings, generator) for settings in attention]}


def _recurrent(settings: dict[str, Any], generator: np.random.Generator) -> dict[str, Any]:
    kind, both = settings["kind"], settings.get("direction") == "both"
    turned = settings.get("direction") == "backward"
    biased = settings.get("bias", True)
    more = {"nonlinearity": settings.get("activation", "tanh")} if kind == "simple_recurrent" else {}
    network = _NETWORKS[kind](
        FEATURES, UNITS, bias=biased, batch_first=True, bidirectional=both, **more
    ).double()
    arrays, places = {}, {}
    for ours, theirs in (("", ""), ("_backward", "_reverse"))[: 1 + both]:
        columns = len(_GATES[kind]) * UNITS
        shapes = {"weight": (FEATURES, columns), "recurrent": (UNITS, columns)}
        names = {"weight": "weight_ih_l0", "recurrent": "weight_hh_l0"}
        if biased:
            shapes["bias"], names["bias"] = (columns,), "bias_ih_l0"
            names["recurrent_bias"] = "bias_hh_l0"
            if kind == "gru":
                shapes["recurrent_bias"] = (columns,)
            else:
                getattr(network, f"bias_hh_l0{theirs}").data.zero_()
        for name, shape in shapes.items():
            value = _drawn(generator, shape)
            arrays[name + ours], places[name + ours] = value, f"{names[name]}{theirs}"
            getattr(network, places[name + ours]).data = torch.tensor(_turned(value, _GATES[kind]))
    x = _drawn(generator, (ROWS, STEPS, FEATURES))
    given = torch.tensor(x, requires_grad=True)
    states, last = network(given.flip(1) if turned else given)
    last = last[0] if kind == "lstm" else last
    y = torch.cat(list(last), dim=1)
    if settings.get("returns") == "sequence":
        y = states.flip(1) if turned else states
    weight = _drawn(generator, tuple(y.shape))
    (y * torch.tensor(weight)).sum().backward()
    gradients = {
        name: _back(getattr(network, place).grad.numpy(), _GATES[kind]) for name, place in places.items()
    }
    return _stored(settings, x, weight, arrays, y, given, gradients)


def _attention(settings: dict[str, Any], generator: np.random.Generator) -> dict[str, Any]:
    features = 4
    biased = settings.get("bias", True)
    layer = torch.nn.MultiheadAttention(features, settings["heads"], bias=biased, batch_first=True).double()
    places = {"weight": layer.in_proj_weight, "output_weight": layer.out_proj.weight}
    shapes = {"weight": (features, 3 * features), "output_weight": (features, features)}
    if biased:
        places |= {"bias": layer.in_proj_bias, "output_bias": layer.out_proj.bias}
        shapes |= {"bias": (3 * features,), "output_bias": (features,)}
    arrays = {name: _drawn(generator, shape) for name, shape in shapes.items()}
    for name, value in arrays.items():
        places[name].data = torch.tensor(value.T.copy())
    x, weight = _drawn(generator, (ROWS, STEPS, features)), _drawn(generator, (ROWS, STEPS, features))
    given = torch.tensor(x, requires_grad=True)
    later = torch.ones(STEPS, STEPS, dtype=torch.bool).triu(1) if settings.get("causal") else None
    y, _ = layer(given, given, given, attn_mask=later, need_weights=False)
    (y * torch.tensor(weight)).sum().backward()
    gradients = {name: place.grad.numpy().T for name, place in places.items()}
    return _stored({"kind": "self_attention", **settings}, x, weight, arrays, y, given, gradients)


def _stored(
    settings: dict[str, Any],
    x: np.ndarray,
    weight: np.ndarray,
    arrays: dict[str, np.ndarray],
    y: torch.Tensor,
    given: torch.Tensor,
    gradients: dict[str, np.ndarray],
) -> dict[str, Any]:
    return {
        "settings": settings,
        "x": x.tolist(),
        "weight": weight.tolist(),
        "parameters": {name: value.tolist() for name, value in arrays.items()},
        "y": y.detach().numpy().round(12).tolist(),
        "dx": given.grad.numpy().round(12).tolist(),
        "gradients": {name: value.round(12).tolist() for name, value in gradients.items()},
    }


def _drawn(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Normal numbers of three places, which take little room in the file."""
    return generator.normal(size=shape).round(3)


def _turned(value: np.ndarray, gates: list[int]) -> np.ndarray:
    """Our parameter as PyTorch has it: turned, and with the gates in its order."""
    blocks = np.split(value, len(gates), axis=-1)
    return np.concatenate([blocks[place] for place in np.argsort(gates)], axis=-1).T.copy()


def _back(gradient: np.ndarray, gates: list[int]) -> np.ndarray:
    blocks = np.split(gradient.T, len(gates), axis=-1)
    return np.concatenate([blocks[place] for place in gates], axis=-1)
