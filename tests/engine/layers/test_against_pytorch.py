"""Layers against what PyTorch computes for the same numbers."""

import numpy as np
import pytest
from pydantic import TypeAdapter

from engine.layers import LAYERS, AnyLayer
from engine.layers.batch_norm import BatchNorm
from engine.network import Network
from engine.settings import kind_of
from tests.engine.golden import golden
from tests.engine.layers.passes import passed

EXACT = {"rtol": 1e-9, "atol": 2e-12}
STORED = golden("layers")


@pytest.mark.parametrize(
    "case", [*STORED["cases"], *golden("sequences")["cases"]], ids=lambda case: str(case["settings"])
)
def test_output_and_gradients(case):
    layer = TypeAdapter(AnyLayer).validate_python(case["settings"])
    arrays = {name: np.array(value) for name, value in case["parameters"].items()}
    found = passed(layer, np.array(case["x"]), np.array(case["weight"]), arrays)
    np.testing.assert_allclose(found.y, case["y"], **EXACT)
    np.testing.assert_allclose(found.dx, case["dx"], **EXACT)
    assert set(found.gradients) == set(case["gradients"])
    for name, gradient in case["gradients"].items():
        np.testing.assert_allclose(found.gradients[name], gradient, **EXACT)


WITHOUT_ARITHMETIC = {"flatten", "reshape"}
AT_RANDOM = {"dropout", "spatial_dropout", "gaussian_noise"}
"""PyTorch draws other numbers; in evaluation they pass everything on."""
WITHOUT_COUNTERPART = {"positional_encoding"}
"""PyTorch has none; its waves are checked by their formula."""


def test_every_layer_is_compared_with_pytorch():
    """Batch normalization below, residual layers and activation functions in files of their own."""
    files = (STORED, golden("sequences"), golden("embedding"))
    compared = {case["settings"]["kind"] for stored in files for case in stored["cases"]}
    compared |= {"batch_norm", "residual", "activation"}
    left_out = WITHOUT_ARITHMETIC | AT_RANDOM | WITHOUT_COUNTERPART
    assert not compared & left_out
    assert compared | left_out == {kind_of(cls) for cls in LAYERS}


@pytest.mark.parametrize("stored", STORED["batch_norm"], ids=["images", "sequences", "numbers"])
def test_batch_norm_over_several_batches(stored):
    layer = BatchNorm(momentum=stored["momentum"])
    network = Network([layer], np.shape(stored["steps"][0]["x"])[1:], np.float64)
    network.initialize(np.random.default_rng(1))
    parameters, kept = network.parameter_views[0], network.statistics_views[0]
    assert parameters["scale"].tolist() == [1.0, 1.0, 1.0]
    parameters["scale"][...], parameters["shift"][...] = stored["scale"], stored["shift"]
    for step in stored["steps"]:
        spaces = network.workspaces(4).rows(4)
        spaces[0].needs_dx = True
        y = network.forward(np.array(step["x"]), spaces, step["training"])
        np.testing.assert_allclose(y, step["y"], **EXACT)
        np.testing.assert_allclose(kept["mean"], step["mean"], **EXACT)
        np.testing.assert_allclose(kept["variance"], step["variance"], **EXACT)
        if step["training"]:
            dx = network.backward(np.array(step["weight"]), spaces)
            np.testing.assert_allclose(dx, step["dx"], **EXACT)
            for name in ("scale", "shift"):
                np.testing.assert_allclose(network.gradient_views[0][name], step[name], **EXACT)
