"""Traces against PyTorch's autograd: every number of the forward and the backward pass, for every layer."""

import numpy as np
import pytest

from engine.layers import LAYERS
from engine.settings import kind_of
from tests.engine.golden import golden
from tests.engine.trace.stored import trace_of
from tests.engine.trace.traced import check_places

CASES = golden("traces")["cases"]
EXACT = {"rtol": 1e-9, "atol": 2e-12}


def named(case) -> str:
    return "-".join(layer["kind"] for layer in case["layers"])


@pytest.mark.parametrize("case", CASES, ids=named)
def test_every_number_agrees(case):
    trace = trace_of(case)
    assert trace.recorded.loss_value == pytest.approx(case["loss_value"], rel=1e-12)
    np.testing.assert_allclose(trace.layers[0].dx, case["value_gradients"][0], **EXACT)
    for number, layer in enumerate(trace.layers):
        np.testing.assert_allclose(layer.y, case["values"][number + 1], **EXACT)
        np.testing.assert_allclose(layer.dy, case["value_gradients"][number + 1], **EXACT)
        assert set(layer.gradients) == set(case["gradients"][number])
        for name, gradient in case["gradients"][number].items():
            np.testing.assert_allclose(layer.gradients[name], gradient, **EXACT)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_every_number_is_taken_apart(case):
    check_places(trace_of(case))


def test_every_kind_of_layer_is_compared():
    assert {layer["kind"] for case in CASES for layer in case["layers"]} == {kind_of(cls) for cls in LAYERS}
