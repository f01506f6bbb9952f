"""Losses that hypothesis draws, and targets that suit them."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from engine.arrays import Array
from tests.engine.random_networks.drawing_layers import Settings

SIGNS = frozenset({"mean_absolute_error", "huber", "hinge", "multiclass_hinge"})
"""Their gradients are numbers of one size and both signs; sums of them may be 0 but for rounding."""

LENGTHLESS = frozenset({"cosine_similarity"})
"""The length of the outputs does not count: what does nothing but stretch them has a gradient of 0 but for
rounding."""

MARGIN = {"squared": st.booleans()}

FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "softmax_cross_entropy": {"label_smoothing": st.sampled_from([0.0, 0.1, 0.35])},
    "focal": {"label_smoothing": st.sampled_from([0.0, 0.1]), "gamma": st.floats(0.0, 4.0)},
    "kullback_leibler": {},
    "multiclass_hinge": MARGIN,
    "binary_cross_entropy": {"label_smoothing": st.sampled_from([0.0, 0.1, 0.35])},
    "binary_focal": {
        "label_smoothing": st.sampled_from([0.0, 0.1]),
        "gamma": st.floats(0.0, 4.0),
        "alpha": st.none() | st.floats(0.1, 0.9),
    },
    "hinge": MARGIN,
    "mean_squared_error": {"reduction": st.sampled_from(["mean", "half_sum"])},
    "mean_absolute_error": {},
    "huber": {"delta": st.floats(0.1, 3.0)},
    "log_cosh": {},
    "cosine_similarity": {},
}
"""By kind, the settings that are drawn."""

CLASSES = frozenset({"softmax_cross_entropy", "focal", "kullback_leibler", "multiclass_hinge"})
YES_OR_NO = frozenset({"binary_cross_entropy", "binary_focal", "hinge"})


@st.composite
def losses(draw: st.DrawFn) -> tuple[Settings, int]:
    """A loss, and the number of outputs."""
    kind = draw(st.sampled_from(list(FIELDS)))
    weight = st.floats(0.2, 5.0)
    more: Settings = draw(st.fixed_dictionaries(FIELDS[kind]))
    if kind in CLASSES:
        outputs = draw(st.integers(2, 5))
        more["class_weights"] = draw(st.none() | st.tuples(*[weight] * outputs))
    elif kind in YES_OR_NO:
        outputs = 1
        more["class_weights"] = draw(st.none() | st.tuples(weight, weight))
    else:
        # A single number has no direction.
        outputs = draw(st.integers(2 if kind == "cosine_similarity" else 1, 4))
    return {"kind": kind, **more}, outputs


def targets(loss: Settings, rows: int, outputs: int, draws: np.random.Generator) -> Array:
    """What the outputs of a batch are to be, (rows, outputs)."""
    kind = loss["kind"]
    if kind == "kullback_leibler":
        return draws.dirichlet(np.ones(outputs), rows)
    if kind in CLASSES:
        return np.eye(outputs)[draws.integers(outputs, size=rows)]
    if kind in YES_OR_NO:
        return draws.integers(2, size=(rows, 1)).astype(float)
    return draws.normal(size=(rows, outputs))
