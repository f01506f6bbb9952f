"""Networks of the golden file "traces", as ours."""

from typing import Any

import numpy as np
from pydantic import TypeAdapter

from engine.insight.trace.recording import trace_batch
from engine.insight.trace.sample import Batch
from engine.insight.trace.trace import Trace
from engine.layers import AnyLayer, Layer
from engine.losses import AnyLoss
from engine.network import Network


def layers_of(settings: list[dict[str, Any]]) -> list[Layer]:
    """The layers that settings describe; "pad" is for PyTorch alone."""
    own = [{name: value for name, value in one.items() if name != "pad"} for one in settings]
    return [TypeAdapter(AnyLayer).validate_python(one) for one in own]


def trace_of(case: dict[str, Any]) -> Trace:
    """The trace of a stored case."""
    network = Network(layers_of(case["layers"]), tuple(case["shape"]), np.float64)
    for named, views in (
        (case["parameters"], network.parameter_views),
        (case["kept"], network.statistics_views),
    ):
        for own, arrays in zip(named, views, strict=True):
            for name, value in own.items():
                arrays[name][...] = value
    loss = TypeAdapter(AnyLoss).validate_python(case["loss"])
    batch = Batch(np.array(case["x"], float), np.array(case["target"]), None, case["row"])
    return trace_batch(network, loss, batch, "training" if case["training"] else "evaluation")
