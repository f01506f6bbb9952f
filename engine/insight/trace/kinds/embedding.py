"""Embedding: the row of the table that a code stands for."""

import numpy as np

from engine.insight.trace.kinds.base import Explanation, Factors, Sum, View
from engine.insight.trace.symbols import Symbol
from engine.layers.embedding import Embedding


class EmbeddingExplanation(Explanation):
    """y is a number of a table, a number that is no code, or 0 for an unknown category."""

    def output_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        stage = view.stage
        dy = np.zeros_like(stage.dy[:1])
        dy[(0, *index)] = 1.0
        dx, gradients = stage.back(dy, stage.x[stage.row : stage.row + 1], row=stage.row)
        weight = gradients.get("weight")
        if weight is not None and weight.any():
            place = view.parameter("weight", (int(weight.argmax()),))
            value = float(stage.parameters["weight"][place.index])
            meaning = f"of {self._code(view, index)}"
        elif dx.any():
            place = view.input((int(dx[0].argmax()),))
            value, meaning = float(stage.x[(stage.row, *place.index)]), "no code: handed on as it is"
        else:
            place, value, meaning = view.output(index), 0.0, "unknown category: the zero vector"

        def make(number: int) -> Factors:
            return (view.factor(place, value, meaning),), ""

        symbol = view.symbols.of(place)
        return Sum(np.array([value]), make, Symbol(symbol.latex, symbol.text) if value else Symbol("0", "0"))

    @staticmethod
    def _code(view: View, index: tuple[int, ...]) -> str:
        stage, layer = view.stage, view.stage.layer
        if isinstance(layer, Embedding) and layer.vocabulary is not None:
            code = int(np.clip(np.rint(stage.x[stage.row][index[0]]), 0, layer.vocabulary - 1))
            return f"the vector of code {code}, at step {index[0] + 1}"
        return "the vector of its category"
