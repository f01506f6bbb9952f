"""The window of a convolution: which numbers of the input a number of the output is made from. No Qt."""

import numpy as np

from engine.insight.trace.derivation import Place
from engine.insight.trace.kinds import explanation_of
from engine.insight.trace.kinds.weighted import WeightedExplanation
from engine.insight.trace.trace import Trace

Index = tuple[int, ...]
MOST_CELLS = 4096
"""Of a window that is looked for cell by cell."""


def window_of(trace: Trace, place: Place) -> tuple[Index, ...]:
    """The cells of the input under the window that gives an output, or its gradient.

    Empty where the layer has no window: where an output is made from all of the input, or each from its own
    number, there is nothing to frame.
    """
    recorded, layer = trace.recorded, place.layer
    if recorded is None or place.quantity not in ("output", "pre_activation") or layer < 0:
        return ()
    stage = recorded.stages[layer]
    explanation = explanation_of(stage.layer)
    if not isinstance(explanation, WeightedExplanation) or len(stage.input_shape) < 2:
        return ()
    inputs = explanation.into(stage, place.index).inputs
    cells = np.broadcast_arrays(*(np.asarray(axis) for axis in inputs))
    count = cells[0].size
    if not 1 < count <= MOST_CELLS or count == np.prod(stage.input_shape):
        return ()
    return tuple(zip(*(axis.ravel().tolist() for axis in cells), strict=True))
