"""What PyTorch computes for residual layers: blocks of several layers with a shortcut, over several batches.

The stored arrays are ours, channels last, under our names; results are kept to twelve places.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.nn import functional

Tensor = torch.Tensor
ROWS = 3
DROP_RATE = 0.4
MASK_SEED = 5
"""Of the generator whose numbers decide which samples keep the inner layers."""


class Block(NamedTuple):
    """Our settings, sizes, and PyTorch's function of x, parameters, kept statistics, whether in training."""

    settings: dict[str, Any]
    shape: tuple[int, ...]
    parameters: dict[str, tuple[int, ...]]
    kept: dict[str, tuple[int, ...]]
    function: Callable[[Tensor, Mapping[str, Tensor], Mapping[str, Tensor], bool], Tensor]


def residual() -> dict[str, Any]:
    """For each block two batches in training and one in evaluation, with the loss Σ weight · y."""
    generator = np.random.default_rng(6)
    return {"mask_seed": MASK_SEED, "cases": [_case(block, generator) for block in _blocks()]}


def _case(block: Block, generator: np.random.Generator) -> dict[str, Any]:
    values = {name: generator.normal(size=size).round(3) for name, size in block.parameters.items()}
    kept = {
        name: torch.full(size, float(name.endswith("variance")), dtype=torch.float64)
        for name, size in block.kept.items()
    }
    steps = []
    for training in (True, True, False):
        theirs = {name: torch.tensor(value, requires_grad=True) for name, value in values.items()}
        x = generator.normal(size=(ROWS, *block.shape)).round(3)
        ours = torch.tensor(x, requires_grad=True)
        y = block.function(ours, theirs, kept, training)
        weight = generator.normal(size=tuple(y.shape)).round(3)
        (y * torch.tensor(weight)).sum().backward()
        steps.append(
            {
                "training": training,
                "x": x.tolist(),
                "weight": weight.tolist(),
                "y": _stored(y),
                "dx": _stored(ours.grad),
                "gradients": {name: _stored(tensor.grad) for name, tensor in theirs.items()},
                "kept": {name: _stored(tensor) for name, tensor in kept.items()},
            }
        )
    return {
        "settings": block.settings,
        "parameters": {name: value.tolist() for name, value in values.items()},
        "steps": steps,
    }


def _blocks() -> list[Block]:
    linear = {"activation": "linear"}
    convolution = {"kind": "conv2d", "filters": 4, "bias": False, **linear}
    norm = {"scale": (4,), "shift": (4,)}
    statistics = {"mean": (4,), "variance": (4,)}
    return [
        Block(
            {
                "layers": [
                    convolution | {"stride": 2},
                    "batch_norm",
                    "activation",
                    convolution,
                    "batch_norm",
                ],
                "activation": "relu",
            },
            (4, 5, 3),
            {
                "0.weight": (3, 3, 3, 4),
                **_under("1", norm),
                "3.weight": (3, 3, 4, 4),
                **_under("4", norm),
                "projection.weight": (1, 1, 3, 4),
            },
            _under("1", statistics) | _under("4", statistics),
            _basic_block,
        ),
        Block(
            {
                "layers": [
                    "layer_norm",
                    {"kind": "dense", "units": 5, "activation": "gelu"},
                    {"kind": "dense", "units": 4, **linear},
                ],
                "drop_rate": DROP_RATE,
            },
            (4,),
            {
                **_under("0", norm),
                **_under("1", {"weight": (4, 5), "bias": (5,)}),
                **_under("2", {"weight": (5, 4), "bias": (4,)}),
            },
            {},
            _feed_forward,
        ),
        Block(
            {
                "layers": [
                    {
                        "kind": "residual",
                        "layers": [{"kind": "dense", "units": 3, "activation": "tanh"}],
                    },
                    {"kind": "dense", "units": 2, "activation": "tanh"},
                ],
                "activation": "tanh",
            },
            (3,),
            {
                **_under("0.0", {"weight": (3, 3), "bias": (3,)}),
                **_under("1", {"weight": (3, 2), "bias": (2,)}),
                "projection.weight": (3, 2),
            },
            {},
            _nested,
        ),
        Block(
            {"layers": [{"kind": "conv1d", "filters": 3, "activation": "tanh"}]},
            (6, 2),
            {**_under("0", {"weight": (3, 2, 3), "bias": (3,)}), "projection.weight": (1, 2, 3)},
            {},
            _sequence,
        ),
    ]


def _basic_block(x: Tensor, p: Mapping[str, Tensor], kept: Mapping[str, Tensor], training: bool) -> Tensor:
    """The basic block of He et al. with stride 2; "same" pads an even number of rows below only."""

    def norm(z: Tensor, key: str) -> Tensor:
        mean, variance = kept[f"{key}.mean"], kept[f"{key}.variance"]
        return functional.batch_norm(z, mean, variance, p[f"{key}.scale"], p[f"{key}.shift"], training)

    images = x.permute(0, 3, 1, 2)
    z = functional.conv2d(functional.pad(images, (1, 1, 0, 1)), _kernels(p["0.weight"]), stride=2)
    z = functional.conv2d(functional.relu(norm(z, "1")), _kernels(p["3.weight"]), padding=1)
    shortcut = functional.conv2d(images, _kernels(p["projection.weight"]), stride=2)
    return functional.relu(norm(z, "4") + shortcut).permute(0, 2, 3, 1)


def _feed_forward(x: Tensor, p: Mapping[str, Tensor], kept: Mapping[str, Tensor], training: bool) -> Tensor:
    """A block of perceptrons with stochastic depth."""
    z = functional.layer_norm(x, (4,), p["0.scale"], p["0.shift"])
    z = functional.gelu(z @ p["1.weight"] + p["1.bias"])
    z = z @ p["2.weight"] + p["2.bias"]
    if training:
        stays = np.random.default_rng(MASK_SEED).random(ROWS) >= DROP_RATE
        z = z * torch.tensor(stays / (1 - DROP_RATE))[:, None]
    return x + z


def _nested(x: Tensor, p: Mapping[str, Tensor], kept: Mapping[str, Tensor], training: bool) -> Tensor:
    z = x + torch.tanh(x @ p["0.0.weight"] + p["0.0.bias"])
    z = torch.tanh(z @ p["1.weight"] + p["1.bias"])
    return torch.tanh(x @ p["projection.weight"] + z)


def _sequence(x: Tensor, p: Mapping[str, Tensor], kept: Mapping[str, Tensor], training: bool) -> Tensor:
    z = functional.conv1d(x.transpose(1, 2), _kernels(p["0.weight"]), p["0.bias"], padding=1)
    return torch.tanh(z).transpose(1, 2) + x @ p["projection.weight"][0]


def _under(key: str, things: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{key}.{name}": thing for name, thing in things.items()}


def _kernels(weight: Tensor) -> Tensor:
    """PyTorch has filters and channels in front."""
    return weight.movedim((-1, -2), (0, 1))


def _stored(tensor: Tensor) -> Any:
    return tensor.detach().numpy().round(12).tolist()
