"""Our layers over PyTorch's tensors, by their formulas and with the channels last; autograd does the rest."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional

Tensor = torch.Tensor
Arrays = dict[str, Tensor]
EPSILON = 1e-5

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda z: z,
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "softmax": lambda z: torch.softmax(z, -1),
}


class Network:
    """Computes layers one by one; draws : from which generator the layer at hand draws, in training."""

    def __init__(self, training: bool) -> None:
        self.training = training
        self.draws = np.random.default_rng(0)

    def layer(self, settings: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        """y of one layer; p : parameters, kept : running statistics."""
        found: Tensor = getattr(self, settings["kind"])(settings, p, kept, x)
        return found

    def dense(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        return ACTIVATIONS[s["activation"]](x @ p["weight"] + p["bias"])

    def activation(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        return ACTIVATIONS[s["activation"]](x)

    def prelu(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        return torch.where(x > 0, x, p["slope"] * x)

    def flatten(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        return x.reshape(len(x), -1)

    def reshape(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        return x.reshape(len(x), -1, s["channels"])

    def conv2d(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        weight = p["weight"].permute(3, 2, 0, 1)
        z = functional.conv2d(x.permute(0, 3, 1, 2), weight, p["bias"], stride=s["stride"], padding=s["pad"])
        return ACTIVATIONS[s["activation"]](z.permute(0, 2, 3, 1))

    def conv1d(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        weight = p["weight"].permute(2, 1, 0)
        z = functional.conv1d(x.permute(0, 2, 1), weight, p["bias"], padding=s["pad"])
        return ACTIVATIONS[s["activation"]](z.permute(0, 2, 1))

    def max_pool(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        return functional.max_pool2d(x.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)

    def average_pool(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        return functional.avg_pool2d(x.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)

    def global_average_pool(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        return x.mean(dim=tuple(range(1, x.ndim - 1)))

    def global_max_pool(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        return x.reshape(len(x), -1, x.shape[-1]).max(dim=1).values

    def up_sample(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        return x.repeat_interleave(2, 1).repeat_interleave(2, 2)

    def batch_norm(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        mean, variance = kept["mean"], kept["variance"]
        if self.training:
            axes = tuple(range(x.ndim - 1))
            mean, variance = x.mean(dim=axes), x.var(dim=axes, unbiased=False)
        return p["scale"] * (x - mean) / torch.sqrt(variance + EPSILON) + p["shift"]

    def layer_norm(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        return functional.layer_norm(x, x.shape[-1:], p["scale"], p["shift"], EPSILON)

    def dropout(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        return x * self._mask(tuple(x.shape), s["rate"]) if self.training else x

    def spatial_dropout(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        if not self.training:
            return x
        return x * self._mask((len(x), x.shape[-1]), s["rate"])[:, None, None]

    def gaussian_noise(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        return x + s["std"] * torch.tensor(self.draws.standard_normal(tuple(x.shape))) if self.training else x

    def _mask(self, shape: tuple[int, ...], rate: float) -> Tensor:
        return torch.tensor((self.draws.random(shape) >= rate) / (1 - rate))

    def simple_recurrent(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        h = torch.zeros(len(x), s["units"], dtype=x.dtype)
        for step in range(x.shape[1]):
            h = torch.tanh(x[:, step] @ p["weight"] + h @ p["recurrent"] + p["bias"])
        return h

    def gru(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        units = s["units"]
        h, states = torch.zeros(len(x), units, dtype=x.dtype), []
        for step in range(x.shape[1]):
            a = (x[:, step] @ p["weight"] + p["bias"]).split(units, 1)
            b = (h @ p["recurrent"] + p["recurrent_bias"]).split(units, 1)
            r, z = torch.sigmoid(a[0] + b[0]), torch.sigmoid(a[1] + b[1])
            h = (1 - z) * torch.tanh(a[2] + r * b[2]) + z * h
            states.append(h)
        return torch.stack(states, 1)

    def lstm(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        h = c = torch.zeros(len(x), s["units"], dtype=x.dtype)
        for step in range(x.shape[1]):
            z = (x[:, step] @ p["weight"] + h @ p["recurrent"] + p["bias"]).split(s["units"], 1)
            i, f, o = (torch.sigmoid(one) for one in z[:3])
            c = f * c + i * torch.tanh(z[3])
            h = o * torch.tanh(c)
        return h

    def self_attention(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        rows, steps, features = x.shape
        size = features // s["heads"]
        q, k, v = (
            one.reshape(rows, steps, s["heads"], size).transpose(1, 2)
            for one in (x @ p["weight"] + p["bias"]).split(features, -1)
        )
        weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(size), -1)
        context = (weights @ v).transpose(1, 2).reshape(rows, steps, features)
        return context @ p["output_weight"] + p["output_bias"]

    def positional_encoding(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        """Vaswani et al. 2017, section 3.5: sine and cosine in turn."""
        _, steps, features = x.shape
        place, number = np.arange(steps)[:, None], np.arange(features)
        angle = place / 10_000 ** (2 * (number // 2) / features)
        return x + torch.tensor(np.where(number % 2, np.cos(angle), np.sin(angle)))

    def embedding(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        return (
            functional.embedding(x.long(), p["weight"].reshape(s["vocabulary"], s["size"])) + 0 * x[..., None]
        )

    def residual(self, s: dict[str, Any], p: Arrays, kept: Arrays, x: Tensor) -> Tensor:
        y = x
        for number, inner in enumerate(s["layers"]):
            own = [
                {
                    name.removeprefix(f"{number}."): one
                    for name, one in every.items()
                    if name.startswith(f"{number}.")
                }
                for every in (p, kept)
            ]
            y = self.layer(inner, *own, y)
        return ACTIVATIONS[s["activation"]](x + y)
