"""What PyTorch's autograd finds for whole networks: loss, outputs of all layers, gradients of all numbers.

The layers are written out here by their formulas, over tensors with the channels last; autograd does the
rest. Random masks are drawn as a trace draws them, from NumPy. Results are kept to twelve places.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional

Tensor = torch.Tensor
Arrays = dict[str, Tensor]
ROWS, ROW = 3, 1
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


def dense(units: int, activation: str = "linear") -> dict[str, Any]:
    return {"kind": "dense", "units": units, "activation": activation}


FLAT = {"kind": "flatten"}
CONV = {"kind": "conv2d", "filters": 3, "height": 3, "width": 3, "stride": 1, "padding": "same", "pad": 1}
INNER = [dense(4, "tanh"), {"kind": "batch_norm"}]
SQUARED = {"kind": "mean_squared_error"}
CLASSES = {"kind": "softmax_cross_entropy"}
YES_NO = {"kind": "binary_cross_entropy"}

NETWORKS: list[tuple[list[dict[str, Any]], tuple[int, ...], dict[str, Any], bool]] = [
    ([dense(4, "sigmoid"), dense(3, "softmax"), dense(2)], (3,), SQUARED, False),
    ([dense(4, "relu"), {"kind": "dropout", "rate": 0.4}, dense(3)], (5,), CLASSES, True),
    ([dense(4, "tanh"), {"kind": "dropout", "rate": 0.4}, dense(3)], (5,), YES_NO, False),
    (
        [dense(4), {"kind": "batch_norm"}, {"kind": "activation", "activation": "tanh"}, dense(2)],
        (3,),
        SQUARED,
        True,
    ),
    ([dense(4), {"kind": "batch_norm"}, {"kind": "prelu"}, dense(3)], (3,), CLASSES, False),
    ([CONV | {"activation": "tanh"}, {"kind": "max_pool"}, FLAT, dense(3)], (4, 4, 2), CLASSES, False),
    (
        [
            CONV | {"activation": "linear", "stride": 2, "padding": "valid", "pad": 0},
            {"kind": "batch_norm"},
            {"kind": "spatial_dropout", "rate": 0.3},
            {"kind": "global_max_pool"},
            dense(2),
        ],
        (7, 7, 1),
        SQUARED,
        True,
    ),
    (
        [{"kind": "average_pool"}, {"kind": "up_sample"}, {"kind": "global_average_pool"}, dense(2)],
        (4, 4, 2),
        SQUARED,
        False,
    ),
    (
        [
            {"kind": "reshape", "target_shape": "sequence", "channels": 2},
            {
                "kind": "conv1d",
                "filters": 3,
                "kernel_size": 3,
                "padding": "same",
                "pad": 1,
                "activation": "relu",
            },
            {"kind": "layer_norm"},
            {"kind": "simple_recurrent", "units": 3},
            dense(2),
        ],
        (8,),
        SQUARED,
        False,
    ),
    (
        [
            {"kind": "embedding", "vocabulary": 6, "size": 4},
            {"kind": "positional_encoding"},
            {"kind": "self_attention", "heads": 2},
            {"kind": "gru", "units": 3, "returns": "sequence"},
            {"kind": "lstm", "units": 2},
            dense(3),
        ],
        (5,),
        CLASSES,
        False,
    ),
    (
        [
            {"kind": "gaussian_noise", "std": 0.3},
            {"kind": "residual", "layers": INNER, "activation": "relu"},
            dense(4),
        ],
        (4,),
        SQUARED,
        True,
    ),
    ([{"kind": "residual", "layers": INNER, "activation": "tanh"}, dense(2)], (4,), YES_NO, False),
]


def traces() -> dict[str, Any]:
    """For each network: in evaluation one sample alone, in training one of a batch of three."""
    generator = np.random.default_rng(12)
    return {"row": ROW, "cases": [_case(generator, *case) for case in NETWORKS]}


def _case(
    generator: np.random.Generator,
    settings: list[dict[str, Any]],
    shape: tuple[int, ...],
    loss: dict[str, Any],
    training: bool,
) -> dict[str, Any]:
    from engine.network import Network as Ours
    from tests.engine.trace.stored import layers_of

    # Only the shapes are ours.
    ours = Ours(layers_of(settings), shape, np.float64)
    parameters = [
        {name: _drawn(generator, one.shape) for name, one in views.items()} for views in ours.parameter_views
    ]
    kept = [
        {name: abs(_drawn(generator, one.shape)) + 0.2 for name, one in views.items()}
        for views in ours.statistics_views
    ]
    codes = settings[0]["kind"] == "embedding"
    x = generator.integers(0, 6, (ROWS, *shape)).astype(float) if codes else _drawn(generator, (ROWS, *shape))
    outputs = ours.output_shape[0]
    target: np.ndarray = {
        "mean_squared_error": lambda: _drawn(generator, (ROWS, outputs)),
        "softmax_cross_entropy": lambda: generator.integers(0, outputs, ROWS),
        "binary_cross_entropy": lambda: generator.integers(0, 2, (ROWS, outputs)).astype(float),
    }[loss["kind"]]()
    coupled = training and "batch_norm" in str(settings)
    rows = slice(0, ROWS) if coupled else slice(ROW, ROW + 1)
    row = ROW if coupled else 0
    found = _autograd(settings, parameters, kept, x[rows], target[rows], loss["kind"], training)
    return {
        "layers": settings,
        "shape": shape,
        "loss": loss,
        "training": training,
        "x": x[rows].tolist(),
        "target": target[rows].tolist(),
        "row": row,
        "parameters": [{name: one.tolist() for name, one in own.items()} for own in parameters],
        "kept": [{name: one.tolist() for name, one in own.items()} for own in kept],
        **{name: _picked(value, row) for name, value in found.items()},
    }


def _autograd(
    settings: list[dict[str, Any]],
    parameters: list[dict[str, np.ndarray]],
    kept: list[dict[str, np.ndarray]],
    x: np.ndarray,
    target: np.ndarray,
    kind: str,
    training: bool,
) -> dict[str, Any]:
    theirs = [{n: torch.tensor(v, requires_grad=True) for n, v in own.items()} for own in parameters]
    network, flowing = Network(training), torch.tensor(x, requires_grad=True)
    values = [flowing]
    for index, layer in enumerate(settings):
        network.draws = np.random.default_rng((0, index))
        statistics = {name: torch.tensor(one) for name, one in kept[index].items()}
        flowing = network.layer(layer, theirs[index], statistics, flowing)
        flowing.retain_grad()
        values.append(flowing)
    goal = torch.tensor(target)
    rules = {
        "mean_squared_error": functional.mse_loss,
        "softmax_cross_entropy": functional.cross_entropy,
        "binary_cross_entropy": functional.binary_cross_entropy_with_logits,
    }
    loss = rules[kind](flowing, goal)
    loss.backward()
    return {
        "loss_value": loss.item(),
        "values": [one.detach().numpy() for one in values],
        "value_gradients": [one.grad.numpy() for one in values],
        "gradients": [{name: _stored(one.grad) for name, one in own.items()} for own in theirs],
    }


def _picked(value: Any, row: int) -> Any:
    """Arrays of all rows as those of the sample."""
    if isinstance(value, list) and value and isinstance(value[0], np.ndarray):
        return [one[row].round(12).tolist() for one in value]
    return value


def _stored(tensor: Tensor) -> Any:
    return tensor.numpy().round(12).tolist()


def _drawn(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Normal numbers of three places, which take little room in the file."""
    return generator.normal(size=shape).round(3)
