"""Our layers as PyTorch computes them, on our shapes and parameters: channels last, weights (inputs, units).

A layer turns what it works on into PyTorch's order and back.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.nn import functional

Tensor = torch.Tensor
Parameters = Mapping[str, Tensor]

SOFTPLUS_THRESHOLD = 40.0
"""PyTorch takes z for ln(1 + eᶻ) from 20 on by default, where they still differ by 2e-9."""

RECURRENT: dict[str, tuple[Any, list[int]]] = {
    "simple_recurrent": (torch.nn.RNN, [0]),
    "gru": (torch.nn.GRU, [0, 1, 2]),
    "lstm": (torch.nn.LSTM, [0, 1, 3, 2]),
}
"""PyTorch's class, and for each of its gates, in its order, the number of ours."""


def forward(layer: Any, x: Tensor, p: Parameters, state: Parameters, training: bool) -> Tensor:
    """What a layer makes of x (batch, …), its parameters p and what it keeps, which training overwrites."""
    return FORWARD[layer.kind](layer, x, p, state, training)


def _channels_first(rule: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Apply a rule of PyTorch, for which the channels come second, to (batch, …, channels)."""
    return rule(x.movedim(-1, 1)).movedim(1, -1)


def _kernels(weight: Tensor) -> Tensor:
    """(…, channels, filters) → (filters, channels, …), copied: some of PyTorch's kernels take no views."""
    return weight.movedim((-1, -2), (0, 1)).contiguous()


def _same(length: int, reach: int, stride: int) -> tuple[int, int]:
    """Cells added before and behind; where their number is odd, PyTorch cannot, and we follow Keras."""
    places = math.ceil(length / stride)
    added = max((places - 1) * stride + reach - length, 0)
    return added // 2, added - added // 2


def _padded(
    x: Tensor, sizes: tuple[int, ...], strides: tuple[int, ...], dilation: int, fill: float
) -> Tensor:
    """x (batch, channels, …) with a border for padding "same"; functional.pad begins at the last axis."""
    border: list[int] = []
    for length, size, stride in zip(x.shape[2:], sizes, strides, strict=True):
        border = [*_same(length, dilation * (size - 1) + 1, stride), *border]
    return functional.pad(x, border, value=fill)


def _activation(function: Any, z: Tensor) -> Tensor:
    return {
        "linear": lambda: z,
        "relu": lambda: functional.relu(z),
        "leaky_relu": lambda: functional.leaky_relu(z, function.slope),
        "elu": lambda: functional.elu(z, function.alpha),
        "gelu": lambda: functional.gelu(z),
        "silu": lambda: functional.silu(z),
        "softplus": lambda: functional.softplus(z, threshold=SOFTPLUS_THRESHOLD),
        "tanh": lambda: torch.tanh(z),
        "sigmoid": lambda: torch.sigmoid(z),
        "softmax": lambda: functional.softmax(z, dim=-1),
    }[function.kind]()


def _dense(layer: Any, x: Tensor, p: Parameters, state: Parameters, training: bool) -> Tensor:
    return _activation(layer.activation, functional.linear(x, p["weight"].T, p.get("bias")))


def _convolution(layer: Any, x: Tensor, p: Parameters, state: Parameters, training: bool) -> Tensor:
    sizes = tuple(p["weight"].shape[:-2])
    correlate = functional.conv2d if len(sizes) == 2 else functional.conv1d

    def rule(x: Tensor) -> Tensor:
        if layer.padding == "same":
            x = _padded(x, sizes, (layer.stride,) * len(sizes), layer.dilation, 0.0)
        return correlate(
            x,
            _kernels(p["weight"]),
            p.get("bias"),
            stride=layer.stride,
            dilation=layer.dilation,
            groups=layer.groups,
        )

    return _activation(layer.activation, _channels_first(rule, x))


def _pool(layer: Any, x: Tensor, p: Parameters, state: Parameters, training: bool) -> Tensor:
    axes = x.ndim - 2
    sizes = (layer.pool_size, layer.width or layer.pool_size)[:axes]
    strides = tuple(layer.stride or size for size in sizes)
    largest = layer.kind == "max_pool"
    name = f"{'max' if largest else 'avg'}_pool{axes}d"

    def windows(x: Tensor, fill: float) -> Tensor:
        if layer.padding == "same":
            x = _padded(x, sizes, strides, 1, fill)
        return getattr(functional, name)(x, sizes, strides)

    def rule(x: Tensor) -> Tensor:
        if largest:
            return windows(x, -math.inf)
        # Padded cells do not count: both means are over the whole window, and their ratio is not.
        return windows(x, 0.0) / windows(torch.ones_like(x), 0.0)

    return _channels_first(rule, x)


def _batch_norm(layer: Any, x: Tensor, p: Parameters, state: Parameters, training: bool) -> Tensor:
    def rule(x: Tensor) -> Tensor:
        return functional.batch_norm(
            x,
            state["mean"],
            state["variance"],
            p["scale"],
            p["shift"],
            training,
            layer.momentum,
            layer.epsilon,
        )

    return _channels_first(rule, x)


def _layer_norm(layer: Any, x: Tensor, p: Parameters, state: Parameters, training: bool) -> Tensor:
    return functional.layer_norm(x, tuple(p["scale"].shape), p["scale"], p["shift"], layer.epsilon)


def _prelu(layer: Any, x: Tensor, p: Parameters, state: Parameters, training: bool) -> Tensor:
    return _channels_first(lambda x: functional.prelu(x, p["slope"]), x)


def _up_sample(layer: Any, x: Tensor, p: Parameters, state: Parameters, training: bool) -> Tensor:
    return _channels_first(lambda x: functional.interpolate(x, scale_factor=layer.factor), x)


def _recurrent(layer: Any, x: Tensor, p: Parameters, state: Parameters, training: bool) -> Tensor:
    kind, gates = RECURRENT[layer.kind]
    more = {"nonlinearity": layer.activation.kind} if layer.kind == "simple_recurrent" else {}
    both, turned = layer.direction == "both", layer.direction == "backward"
    network = kind(
        x.shape[-1], layer.units, bias=layer.bias, batch_first=True, bidirectional=both, **more
    ).double()
    values = {}
    for ours, theirs in (("", ""), ("_backward", "_reverse"))[: 1 + both]:
        values[f"weight_ih_l0{theirs}"] = _gates(p[f"weight{ours}"], gates).T
        values[f"weight_hh_l0{theirs}"] = _gates(p[f"recurrent{ours}"], gates).T
        if layer.bias:
            bias = p[f"bias{ours}"]
            # Both of PyTorch's are added; but for the reset gate of a GRU, one of them does for both.
            second = p.get(f"recurrent_bias{ours}", torch.zeros_like(bias))
            values[f"bias_ih_l0{theirs}"] = _gates(bias, gates)
            values[f"bias_hh_l0{theirs}"] = _gates(second, gates)
    states, last = torch.func.functional_call(network, values, (x.flip(1) if turned else x,))
    if layer.returns == "sequence":
        return states.flip(1) if turned else states
    return torch.cat(list(last[0] if layer.kind == "lstm" else last), dim=1)


def _gates(values: Tensor, order: list[int]) -> Tensor:
    blocks = values.chunk(len(order), dim=-1)
    return torch.cat([blocks[number] for number in order], dim=-1)


def _self_attention(layer: Any, x: Tensor, p: Parameters, state: Parameters, training: bool) -> Tensor:
    rows, steps, _ = x.shape
    projected = functional.linear(x, p["weight"].T, p.get("bias"))
    query, key, value = (
        part.reshape(rows, steps, layer.heads, -1).transpose(1, 2) for part in projected.chunk(3, dim=-1)
    )
    found = functional.scaled_dot_product_attention(query, key, value, is_causal=layer.causal)
    side_by_side = found.transpose(1, 2).reshape(rows, steps, -1)
    return functional.linear(side_by_side, p["output_weight"].T, p.get("output_bias"))


def _positional_encoding(layer: Any, x: Tensor, p: Parameters, state: Parameters, training: bool) -> Tensor:
    if layer.encoding == "learned":
        return x + p["weight"]
    _, steps, features = x.shape
    pattern = torch.zeros(steps, features)
    for pair in range(0, features, 2):
        angles = torch.arange(steps) * layer.base ** (-pair / features)
        pattern[:, pair] = torch.sin(angles)
        if pair + 1 < features:
            pattern[:, pair + 1] = torch.cos(angles)
    return x + pattern


def _reshape(layer: Any, x: Tensor, p: Parameters, state: Parameters, training: bool) -> Tensor:
    return x.reshape(len(x), *layer.output_shape(tuple(x.shape[1:])))


def _embedding(layer: Any, x: Tensor, p: Parameters, state: Parameters, training: bool) -> Tensor:
    """Codes are rounded, and the nearest is taken for those out of range; code 0 of a column is all zeros."""
    codes, tables = x.round().long(), layer.tables(p["weight"])
    if layer.vocabulary is not None:
        return functional.embedding(codes.clamp(0, layer.vocabulary - 1), tables[0])
    columns, vectors = sorted(layer.columns), []
    for column, table in zip(columns, tables, strict=True):
        with_none = torch.cat([torch.zeros(1, table.shape[1]), table])
        indices = codes[:, column.position].clamp(0, column.cardinality - 1)
        vectors.append(functional.embedding(indices, with_none))
    coded = {column.position for column in columns}
    plain = x[:, [place for place in range(x.shape[1]) if place not in coded]]
    return torch.cat([*vectors, plain], dim=1)


def _residual(layer: Any, x: Tensor, p: Parameters, state: Parameters, training: bool) -> Tensor:
    y = x
    for number, inner in enumerate(layer.layers):
        y = forward(inner, y, _inside(p, number), _inside(state, number), training)
    weight = p.get("projection.weight")
    if weight is not None:
        # The smallest stride that leads from one size to the other.
        sizes = list(zip(x.shape[1:-1], y.shape[1:-1], strict=True))
        stride = next(s for s in range(1, 17) if all(math.ceil(a / s) == b for a, b in sizes))
        x = x[(slice(None), *[slice(None, None, stride)] * len(sizes))] @ weight.reshape(weight.shape[-2:])
    return _activation(layer.activation, x + y)


def _inside(things: Parameters, number: int) -> Parameters:
    start = f"{number}."
    return {name.removeprefix(start): thing for name, thing in things.items() if name.startswith(start)}


FORWARD: dict[str, Callable[[Any, Tensor, Parameters, Parameters, bool], Tensor]] = {
    "dense": _dense,
    "conv1d": _convolution,
    "conv2d": _convolution,
    "max_pool": _pool,
    "average_pool": _pool,
    "global_average_pool": lambda layer, x, p, state, training: x.mean(dim=tuple(range(1, x.ndim - 1))),
    "global_max_pool": lambda layer, x, p, state, training: x.flatten(1, -2).max(dim=1).values,
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "prelu": _prelu,
    "up_sample": _up_sample,
    "reshape": _reshape,
    "embedding": _embedding,
    "flatten": lambda layer, x, p, state, training: x.flatten(1),
    "simple_recurrent": _recurrent,
    "gru": _recurrent,
    "lstm": _recurrent,
    "self_attention": _self_attention,
    "positional_encoding": _positional_encoding,
    "residual": _residual,
    "activation": lambda layer, x, p, state, training: _activation(layer.activation, x),
}
