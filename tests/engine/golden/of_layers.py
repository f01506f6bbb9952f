"""What PyTorch computes for our layers over images and sequences: outputs, gradients, kept statistics.

PyTorch has the channels behind the batch axis, ours are last; the stored arrays are ours. Results are kept
to twelve places.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional

Tensor = torch.Tensor
ROWS = 2


def layers() -> dict[str, Any]:
    """One batch through each layer: y, and for the loss Σ weight · y the gradients of x and parameters."""
    generator = np.random.default_rng(4)
    stored = []
    for settings, shape, parameter_shapes, function in _cases():
        x = _drawn(generator, (ROWS, *shape))
        values = {name: _drawn(generator, size) for name, size in parameter_shapes.items()}
        tensors = {name: _theirs(name, value).requires_grad_() for name, value in values.items()}
        ours = torch.tensor(np.moveaxis(x, -1, 1).copy(), requires_grad=True)
        y = function(ours, tensors)
        weight = _drawn(generator, _channels_last(y).shape)
        (y * torch.tensor(np.moveaxis(weight, -1, 1).copy())).sum().backward()
        stored.append(
            {
                "settings": settings,
                "x": x.tolist(),
                "weight": weight.tolist(),
                "parameters": {name: value.tolist() for name, value in values.items()},
                "y": _channels_last(y).round(12).tolist(),
                "dx": _channels_last(ours.grad).round(12).tolist(),
                "gradients": {
                    name: _our_axes(name, t.grad).round(12).tolist() for name, t in tensors.items()
                },
            }
        )
    return {"cases": stored, "batch_norm": _batch_norm(generator)}


def _cases() -> list[
    tuple[dict[str, Any], tuple[int, ...], dict[str, tuple[int, ...]], Callable[..., Tensor]]
]:
    linear = {"activation": "linear"}
    image, sequence = (4, 5, 4), (7, 4)

    def convolution(padding: Any = 0, **arguments: Any) -> Callable[..., Tensor]:
        def apply(x: Tensor, p: dict[str, Tensor]) -> Tensor:
            rule = functional.conv2d if x.ndim == 4 else functional.conv1d
            return rule(functional.pad(x, padding) if padding else x, p["weight"], p.get("bias"), **arguments)

        return apply

    def kernels(*weight: int) -> dict[str, tuple[int, ...]]:
        return {"weight": weight, "bias": weight[-1:]}

    def pool(name: str, **arguments: Any) -> Callable[..., Tensor]:
        return lambda x, p: getattr(functional, f"{name}_pool{x.ndim - 2}d")(x, **arguments)

    conv2d, conv1d = {"kind": "conv2d", "filters": 4, **linear}, {"kind": "conv1d", "filters": 4, **linear}
    average, largest = {"kind": "average_pool"}, {"kind": "max_pool"}
    return [
        (conv2d, image, kernels(3, 3, 4, 4), convolution((1, 1, 1, 1))),
        (
            conv2d | {"activation": "relu"},
            image,
            kernels(3, 3, 4, 4),
            lambda x, p: functional.relu(functional.conv2d(x, p["weight"], p["bias"], padding="same")),
        ),
        (
            conv2d | {"padding": "valid", "height": 2, "bias": False},
            image,
            {"weight": (2, 3, 4, 4)},
            convolution(),
        ),
        (conv2d | {"height": 2, "width": 2}, image, kernels(2, 2, 4, 4), convolution((0, 1, 0, 1))),
        (conv2d | {"stride": 2}, image, kernels(3, 3, 4, 4), convolution((1, 1, 0, 1), stride=2)),
        (conv2d | {"dilation": 2}, image, kernels(3, 3, 4, 4), convolution((2, 2, 2, 2), dilation=2)),
        (conv2d | {"groups": 2}, image, kernels(3, 3, 2, 4), convolution((1, 1, 1, 1), groups=2)),
        (conv2d | {"groups": 4}, image, kernels(3, 3, 1, 4), convolution((1, 1, 1, 1), groups=4)),
        (conv1d, sequence, kernels(3, 4, 4), convolution((1, 1))),
        (
            conv1d | {"stride": 2, "padding": "valid", "groups": 2},
            sequence,
            kernels(3, 2, 4),
            convolution(stride=2, groups=2),
        ),
        (largest, image, {}, pool("max", kernel_size=2)),
        (
            largest | {"size": 3, "width": 2, "stride": 1},
            image,
            {},
            pool("max", kernel_size=(3, 2), stride=1),
        ),
        (
            largest | {"size": 3, "stride": 2, "padding": "same"},
            sequence,
            {},
            pool("max", kernel_size=3, stride=2, padding=1),
        ),
        (average, image, {}, pool("avg", kernel_size=2)),
        (
            average | {"size": 3, "stride": 1, "padding": "same"},
            image,
            {},
            pool("avg", kernel_size=3, stride=1, padding=1, count_include_pad=False),
        ),
        (average, sequence, {}, pool("avg", kernel_size=2)),
        ({"kind": "global_average_pool"}, image, {}, lambda x, p: x.mean(dim=(2, 3))),
        (
            {"kind": "up_sample", "factor": 3},
            (2, 3, 2),
            {},
            lambda x, p: functional.interpolate(x, scale_factor=3),
        ),
        (
            {"kind": "layer_norm"},
            sequence,
            {"scale": (4,), "shift": (4,)},
            lambda x, p: functional.layer_norm(x.transpose(1, 2), (4,), p["scale"], p["shift"]).transpose(
                1, 2
            ),
        ),
        (
            {"kind": "layer_norm", "over": "sample", "epsilon": 0.01},
            (6,),
            {"scale": (6,), "shift": (6,)},
            lambda x, p: functional.layer_norm(x, (6,), p["scale"], p["shift"], 0.01),
        ),
        ({"kind": "prelu"}, image, {"slope": (4,)}, lambda x, p: functional.prelu(x, p["slope"])),
        (
            {"kind": "prelu", "per_channel": False},
            (6,),
            {"slope": (1,)},
            lambda x, p: functional.prelu(x, p["slope"]),
        ),
    ]


def _batch_norm(generator: np.random.Generator) -> dict[str, Any]:
    """Three batches in training, then one in evaluation: outputs, gradients, and what is kept after each."""
    layer = torch.nn.BatchNorm2d(3, momentum=0.2).double()
    scale, shift = _drawn(generator, (3,)), _drawn(generator, (3,))
    layer.weight.data, layer.bias.data = torch.tensor(scale), torch.tensor(shift)
    steps = []
    for training in (True, True, True, False):
        layer.train(training)
        layer.zero_grad()
        x, weight = 2 + 3 * _drawn(generator, (4, 3, 2, 3)), _drawn(generator, (4, 3, 2, 3))
        theirs = torch.tensor(np.moveaxis(x, -1, 1).copy(), requires_grad=True)
        y = layer(theirs)
        (y * torch.tensor(np.moveaxis(weight, -1, 1).copy())).sum().backward()
        steps.append(
            {
                "training": training,
                "x": x.tolist(),
                "weight": weight.tolist(),
                "y": _channels_last(y).round(12).tolist(),
                "dx": _channels_last(theirs.grad).round(12).tolist(),
                "scale": layer.weight.grad.numpy().round(12).tolist(),
                "shift": layer.bias.grad.numpy().round(12).tolist(),
                "mean": layer.running_mean.numpy().round(12).tolist(),
                "variance": layer.running_var.numpy().round(12).tolist(),
            }
        )
    return {
        "momentum": 0.2,
        "scale": scale.tolist(),
        "shift": shift.tolist(),
        "steps": steps,
    }


def _drawn(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Normal numbers of three places, which take little room in the file."""
    return generator.normal(size=shape).round(3)


def _theirs(name: str, value: np.ndarray) -> Tensor:
    """Kernels with their last two axes (channels, filters) in front, the other way round."""
    if name != "weight":
        return torch.tensor(value)
    return torch.tensor(np.moveaxis(value, (-1, -2), (0, 1)).copy())


def _our_axes(name: str, gradient: Tensor) -> np.ndarray:
    return np.moveaxis(gradient.numpy(), (0, 1), (-1, -2)) if name == "weight" else gradient.numpy()


def _channels_last(tensor: Tensor) -> np.ndarray:
    return np.moveaxis(tensor.detach().numpy(), 1, -1)
