"""The layers that PyTorch computes for us, each with PyTorch's own function for the same settings.

There the channels stand behind the batch axis, and kernels have filters and channels in front.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional

Tensor = torch.Tensor
Rule = Callable[[Tensor, dict[str, Tensor]], Tensor]

Case = tuple[dict[str, Any], tuple[int, ...], dict[str, tuple[int, ...]], Rule]
"""Our settings, our shape of a sample, our parameters' shapes, and what PyTorch makes of x and parameters."""

CONV2D: dict[str, Any] = {"kind": "conv2d", "filters": 4, "activation": "linear"}
CONV1D: dict[str, Any] = {"kind": "conv1d", "filters": 4, "activation": "linear"}


def convolution(padding: Any = 0, **arguments: Any) -> Rule:
    def apply(x: Tensor, p: dict[str, Tensor]) -> Tensor:
        rule = functional.conv2d if x.ndim == 4 else functional.conv1d
        return rule(functional.pad(x, padding) if padding else x, p["weight"], p.get("bias"), **arguments)

    return apply


def kernels(*weight: int) -> dict[str, tuple[int, ...]]:
    return {"weight": weight, "bias": weight[-1:]}


def pool(name: str, **arguments: Any) -> Rule:
    return lambda x, p: getattr(functional, f"{name}_pool{x.ndim - 2}d")(x, **arguments)


def on_last_axis(rule: Rule) -> Rule:
    return lambda x, p: rule(x.movedim(1, -1), p).movedim(-1, 1)


def dense(bend: Callable[[Tensor], Tensor]) -> Rule:
    return lambda x, p: bend(functional.linear(x, p["weight"], p.get("bias")))


def cases() -> list[Case]:
    """Layers over images and sequences, with their usual settings and with others."""
    image, sequence = (4, 5, 4), (7, 4)
    conv2d, conv1d = CONV2D, CONV1D
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
            largest | {"pool_size": 3, "width": 2, "stride": 1},
            image,
            {},
            pool("max", kernel_size=(3, 2), stride=1),
        ),
        (
            largest | {"pool_size": 3, "stride": 2, "padding": "same"},
            sequence,
            {},
            pool("max", kernel_size=3, stride=2, padding=1),
        ),
        (average, image, {}, pool("avg", kernel_size=2)),
        (
            average | {"pool_size": 3, "stride": 1, "padding": "same"},
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
            {"kind": "layer_norm", "axes": "sample", "epsilon": 0.01},
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


def later_cases() -> list[Case]:
    """Those that were added later: drawn after the others, whose numbers so stay what they are."""
    image, sequence, numbers = (4, 5, 4), (7, 4), (6,)
    return [
        *(({"kind": "dense", "units": 5, **more}, numbers, kernels(6, 5), rule) for more, rule in DENSE),
        ({"kind": "dense", "units": 3, "bias": False}, numbers, {"weight": (6, 3)}, dense(functional.relu)),
        *(
            (
                {"kind": "dense", "units": 3, "axes": "features", "activation": bend},
                shape,
                kernels(4, 3),
                on_last_axis(dense(rule)),
            )
            for shape, bend, rule in ((sequence, "softmax", softmax), (image, "tanh", torch.tanh))
        ),
        (CONV1D | {"dilation": 2}, sequence, kernels(3, 4, 4), convolution((2, 2), dilation=2)),
        (CONV1D | {"kernel_size": 4}, sequence, kernels(4, 4, 4), convolution((1, 2))),
        (
            CONV1D | {"kernel_size": 2, "dilation": 3, "stride": 2, "padding": "valid"},
            sequence,
            kernels(2, 4, 4),
            convolution(dilation=3, stride=2),
        ),
        # Windows that are even, larger than the image, and spread over more than the image.
        (
            CONV2D | {"height": 2, "width": 2, "dilation": 2},
            image,
            kernels(2, 2, 4, 4),
            convolution((1, 1, 1, 1), dilation=2),
        ),
        (CONV2D | {"height": 5, "width": 7}, image, kernels(5, 7, 4, 4), convolution((3, 3, 2, 2))),
        (CONV2D | {"dilation": 6}, image, kernels(3, 3, 4, 4), convolution((6, 6, 6, 6), dilation=6)),
        ({"kind": "global_average_pool"}, sequence, {}, lambda x, p: x.mean(dim=2)),
        ({"kind": "global_max_pool"}, sequence, {}, lambda x, p: x.amax(dim=2)),
        ({"kind": "global_max_pool"}, image, {}, lambda x, p: x.amax(dim=(2, 3))),
        ({"kind": "up_sample"}, sequence, {}, lambda x, p: functional.interpolate(x, scale_factor=2)),
        (
            {"kind": "layer_norm", "axes": "sample"},
            image,
            {"scale": image, "shift": image},
            on_last_axis(lambda x, p: functional.layer_norm(x, image, p["scale"], p["shift"])),
        ),
    ]


def softmax(z: Tensor) -> Tensor:
    return functional.softmax(z, dim=-1)


DENSE: list[tuple[dict[str, Any], Rule]] = [
    ({"activation": "linear"}, dense(lambda z: z)),
    ({"activation": "relu"}, dense(functional.relu)),
    ({"activation": "gelu"}, dense(functional.gelu)),
    ({"activation": {"kind": "elu", "alpha": 0.5}}, dense(lambda z: functional.elu(z, 0.5))),
    ({"activation": "softmax"}, dense(softmax)),
]
