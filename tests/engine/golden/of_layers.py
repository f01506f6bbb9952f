"""What PyTorch computes for our layers over images and sequences: outputs, gradients, kept statistics.

PyTorch has the channels behind the batch axis, ours are last; the stored arrays are ours. Results are kept
to twelve places.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from tests.engine.golden.layer_cases import cases, later_cases

Tensor = torch.Tensor
ROWS = 2


def layers() -> dict[str, Any]:
    """One batch through each layer: y, and for the loss Σ weight · y the gradients of x and parameters."""
    generator, later = np.random.default_rng(4), np.random.default_rng(11)
    stored = [_stored(generator, *case) for case in cases()]
    # For images, sequences and lists of numbers.
    batch_norm = [_batch_norm(rng, shape) for rng, shape in ((generator, (3, 2)), (later, (5,)), (later, ()))]
    return {"batch_norm": batch_norm, "cases": stored + [_stored(later, *case) for case in later_cases()]}


def _stored(
    generator: np.random.Generator,
    settings: dict[str, Any],
    shape: tuple[int, ...],
    parameter_shapes: dict[str, tuple[int, ...]],
    function: Callable[[Tensor, dict[str, Tensor]], Tensor],
) -> dict[str, Any]:
    x = _drawn(generator, (ROWS, *shape))
    values = {name: _drawn(generator, size) for name, size in parameter_shapes.items()}
    tensors = {name: _theirs(name, value).requires_grad_() for name, value in values.items()}
    ours = torch.tensor(np.moveaxis(x, -1, 1).copy(), requires_grad=True)
    y = function(ours, tensors)
    weight = _drawn(generator, _channels_last(y).shape)
    (y * torch.tensor(np.moveaxis(weight, -1, 1).copy())).sum().backward()
    return {
        "settings": settings,
        "x": x.tolist(),
        "weight": weight.tolist(),
        "parameters": {name: value.tolist() for name, value in values.items()},
        "y": _channels_last(y).round(12).tolist(),
        "dx": _channels_last(ours.grad).round(12).tolist(),
        "gradients": {name: _our_axes(name, t.grad).round(12).tolist() for name, t in tensors.items()},
    }


def _batch_norm(generator: np.random.Generator, cells: tuple[int, ...]) -> dict[str, Any]:
    """Three batches in training, then one in evaluation: outputs, gradients, and what is kept after each."""
    layer = (torch.nn.BatchNorm2d if len(cells) == 2 else torch.nn.BatchNorm1d)(3, momentum=0.2).double()
    scale, shift = _drawn(generator, (3,)), _drawn(generator, (3,))
    layer.weight.data, layer.bias.data = torch.tensor(scale), torch.tensor(shift)
    steps = []
    for training in (True, True, True, False):
        layer.train(training)
        layer.zero_grad()
        shape = (4, *cells, 3)
        x, weight = 2 + 3 * _drawn(generator, shape), _drawn(generator, shape)
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
