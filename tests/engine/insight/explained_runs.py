"""Small untrained runs, one for every kind of layer, for the tests of what layers and units do."""

from functools import cache

from engine.errors import ShapeError
from engine.layers import LAYERS
from engine.layers.embedding import Embedding
from engine.training.trainer import Trainer
from tests.engine.training.runs import dense, experiment, trainer

DIGITS = {"source": {"kind": "digits"}}
KINDS = {cls.model_fields["kind"].default: cls for cls in LAYERS}
FRONTS = ([], ["flatten"], [{"kind": "reshape", "target_shape": "sequence", "channels": 8}])


@cache
def run_with(kind: str) -> tuple[Trainer, int]:
    """A run with this kind of layer between two others, and the layer's index."""
    if kind == "embedding":
        # In front of all others, on samples of one axis: the numbers of an iris, rounded, as codes.
        layers = [Embedding(vocabulary=4, size=3).model_dump(), "flatten", dense(5)]
        return trainer(experiment(layers, {"source": {"kind": "iris"}}, epochs=1)), 0
    layer = KINDS[kind]()
    for front in FRONTS:
        layers = [*front, layer.model_dump(), *([] if kind == "flatten" else ["flatten"]), dense(5)]
        settings = experiment(layers, DIGITS, epochs=1, batch_size=64)
        try:
            return trainer(settings), len(front)
        except ShapeError:
            continue
    raise AssertionError(f"nowhere fits {kind}")


def convolutions(**training) -> Trainer:
    """Two convolutions with batch normalization and dropout on the digits."""
    layers = [
        {"kind": "conv2d", "filters": 4, "activation": "tanh"},
        "batch_norm",
        {"kind": "dropout", "rate": 0.4},
        "max_pool",
        {"kind": "conv2d", "filters": 6, "activation": "relu"},
        "flatten",
        dense(12),
    ]
    return trainer(experiment(layers, DIGITS, **{"epochs": 1, "batch_size": 64, **training}))
