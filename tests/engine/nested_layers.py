"""Residual layers with all sorts of layers inside, for the law suites: shortcuts, state, draws, nesting."""

from typing import Any

from engine.layers.residual import Residual


def dense(units: int, activation: str = "tanh", **more: Any) -> dict[str, Any]:
    return {"kind": "dense", "units": units, "activation": activation, **more}


def residual(*layers: Any, **more: Any) -> dict[str, Any]:
    return {"kind": "residual", "layers": list(layers), **more}


def conv(kind: str, filters: int, activation: str = "tanh", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "filters": filters, "activation": activation, **more}


DROPOUT = {"kind": "dropout", "rate": 0.4}
FLAT_AND_BACK = ({"kind": "flatten"}, {"kind": "reshape", "channels": 2})

NESTED = tuple(
    Residual.model_validate(residual(*layers, **more))
    for layers, more in (
        # Lists of numbers: straight, projected, with every kind of activation behind the sum.
        ((dense(4), dense(6, "linear")), {"drop_rate": 0.5}),
        ((dense(4, "gelu"),), {"activation": "gelu", "drop_rate": 0.2}),
        ((dense(3), DROPOUT, dense(6)), {"activation": "tanh"}),
        (("batch_norm", dense(5), "batch_norm"), {"drop_rate": 0.3}),
        # Images and sequences, strides and all.
        ((conv("conv2d", 3, bias=False), "batch_norm", conv("conv2d", 2)), {"activation": "softplus"}),
        ((conv("conv2d", 4, stride=2), "layer_norm"), {"drop_rate": 0.5}),
        ((conv("conv1d", 4, groups=2), {"kind": "spatial_dropout"}, "prelu"), {}),
        ((conv("conv1d", 3, stride=2, padding="same"),), {}),
        (("self_attention", {"kind": "gru", "units": 3, "returns": "sequence"}), {"drop_rate": 0.3}),
        # Layers that pass their input on, or views of it, and layers without weights.
        ((DROPOUT,), {}),
        (({"kind": "max_pool", "padding": "same"},), {}),
        (FLAT_AND_BACK, {}),
        (("gaussian_noise", "activation"), {"drop_rate": 0.5}),
        # Inside one another.
        ((residual(dense(4)), residual(dense(6), DROPOUT, drop_rate=0.4)), {"drop_rate": 0.1}),
        ((residual(residual(residual("batch_norm", conv("conv2d", 3)))),), {"activation": "elu"}),
    )
)
