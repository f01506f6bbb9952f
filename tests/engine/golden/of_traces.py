"""What PyTorch's autograd finds for whole networks: loss, outputs of all layers, gradients of all numbers.

Random masks are drawn as a trace draws them, from NumPy. Results are kept to twelve places.
"""

from typing import Any

import numpy as np
import torch
from torch.nn import functional

from tests.engine.golden.torch_layers import Network, Tensor

ROWS, ROW = 3, 1


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
