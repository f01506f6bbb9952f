"""Self-attention: queries, keys and values of each head, and how much each step attends to the others."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.insight.trace.kinds.base import Explanation, Factors, Sum, View
from engine.insight.trace.symbols import Symbol
from engine.layers import Layer, Workspace
from engine.layers.self_attention import SelfAttention

PARTS = ("queries", "keys", "values")
WEIGHTS, CONTEXT, GRADIENTS = "attention_weights", "context", "projection_gradients"

MEANINGS = {
    "queries": "what the step looks for",
    "keys": "what the step is found by",
    "values": "what the step has to say",
    WEIGHTS: "how much the step attends to the other one; of a step they add up to 1",
    CONTEXT: "what all heads have gathered for the step",
    GRADIENTS: "how the loss moves with this number of a query, a key or a value",
}


class AttentionExplanation(Explanation):
    """y = [A v]ₕ W′ + b′ with A = softmax(q kᵀ / √size).

    Details: queries, keys, values (heads, steps, size); attention weights (heads, steps, steps), without
    their dropout; context (steps, heads · size); gradients of queries, keys and values side by side.
    """

    def details(
        self, layer: Layer, parameters: Mapping[str, Array], x: Array, y: Array, workspace: Workspace
    ) -> dict[str, Array]:
        heads = layer.heads if isinstance(layer, SelfAttention) else 1
        projected = x @ parameters["weight"] + parameters.get("bias", 0.0)
        rows, steps, columns = projected.shape
        size = columns // (3 * heads)
        # (rows, steps, 3, heads, size), as in the columns of the weights.
        parts = projected.reshape(rows, steps, 3, heads, size).transpose(2, 0, 3, 1, 4)
        scores = parts[0] @ parts[1].swapaxes(-1, -2) / np.sqrt(size)
        if isinstance(layer, SelfAttention) and layer.causal:
            scores = np.where(np.tri(steps, dtype=bool), scores, -np.inf)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        context = np.array(workspace["context"]).reshape(rows, steps, -1)
        return {**dict(zip(PARTS, parts.copy(), strict=True)), WEIGHTS: weights, CONTEXT: context}

    def gradient_details(self, layer: Layer, x: Array, workspace: Workspace) -> dict[str, Array]:
        return {GRADIENTS: np.array(workspace["dprojected"]).reshape(*x.shape[:2], -1)}

    def detail_meaning(self, layer: Layer, name: str) -> str:
        return MEANINGS.get(name, name)

    def output_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        stage, (step, feature) = view.stage, index
        context = stage.details[CONTEXT][stage.row][step]
        weights = stage.parameters["output_weight"][:, feature]
        products = weights * context
        bias = stage.parameters.get("output_bias")
        if bias is not None:
            products = np.append(products, bias[feature])

        def make(number: int) -> Factors:
            if number == len(context):
                place = view.parameter("output_bias", (feature,))
                return (view.factor(place, products[number], "bias"),), "bias"
            place, start = (
                view.parameter("output_weight", (number, feature)),
                view.detail(CONTEXT, (step, number)),
            )
            factors = (
                view.factor(place, weights[number], "weight"),
                view.factor(start, context[number], MEANINGS[CONTEXT]),
            )
            return factors, f"from {view.symbols.of(start).text}"

        return Sum(products, make, Symbol("c W' + b'", "c W′ + b′"))

    def detail_sum(self, view: View, name: str, index: tuple[int, ...]) -> Sum | None:
        stage = view.stage
        if name == CONTEXT and not getattr(stage.layer, "dropout", 0.0):
            return self._context_sum(view, index)
        if name not in PARTS:
            return None
        head, step, number = index
        heads, _, size = stage.details[name].shape[1:]
        column = (PARTS.index(name) * heads + head) * size + number
        x, weights = stage.x[stage.row][step], stage.parameters["weight"][:, column]
        products = x * weights
        bias = stage.parameters.get("bias")
        if bias is not None:
            products = np.append(products, bias[column])

        def make(number: int) -> Factors:
            if number == len(x):
                return (view.factor(view.parameter("bias", (column,)), products[number], "bias"),), "bias"
            start = view.input((step, number))
            factors = (
                view.factor(view.parameter("weight", (number, column)), weights[number], "weight"),
                view.factor(start, x[number], "what it multiplies"),
            )
            return factors, f"from {view.symbols.of(start).text}"

        return Sum(products, make, Symbol("x W + b", "x W + b"))

    def _context_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        """A v of one head: the values of all steps, weighted."""
        stage, (step, number) = view.stage, index
        head, own = divmod(number, stage.details["values"].shape[-1])
        weights = stage.details[WEIGHTS][stage.row, head, step]
        values = stage.details["values"][stage.row, head, :, own]

        def make(other: int) -> Factors:
            factors = (
                view.factor(view.detail(WEIGHTS, (head, step, other)), weights[other], MEANINGS[WEIGHTS]),
                view.factor(view.detail("values", (head, other, own)), values[other], MEANINGS["values"]),
            )
            return factors, f"from step {other + 1}"

        return Sum(weights * values, make, Symbol(r"\sum_s A_{ts} v_s", "Σₛ Aₜₛ vₛ"))

    def input_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        stage, (step, feature) = view.stage, index
        gradients = stage.details[GRADIENTS][stage.row][step]
        weights = stage.parameters["weight"][feature]

        def make(number: int) -> Factors:
            place = view.detail(GRADIENTS, (step, number))
            factors = (
                view.factor(place, gradients[number], MEANINGS[GRADIENTS]),
                view.factor(view.parameter("weight", (feature, number)), weights[number], "weight"),
            )
            return factors, f"through {PARTS[3 * number // len(weights)]}"

        formula = Symbol(r"\sum_j \frac{\partial L}{\partial a_j} w_j", "Σⱼ ∂L/∂aⱼ · wⱼ")
        return Sum(gradients * weights, make, formula)

    def parameter_sum(self, view: View, name: str, index: tuple[int, ...]) -> Sum:
        """Over the steps, at each of which the parameter acts."""
        stage, outer = view.stage, name.startswith("output_")
        gradients = (stage.passed if outer else stage.details[GRADIENTS])[..., index[-1]]
        inputs: Any = np.ones_like(gradients)
        if len(index) > 1:
            inputs = (stage.details[CONTEXT] if outer else stage.x)[..., index[0]]

        def make(number: int) -> Factors:
            row, step = (int(one) for one in np.unravel_index(number, gradients.shape))
            here, at = row == stage.row, (step, index[-1])
            value = float(gradients[row, step])
            factors = [
                view.upstream(row, at, value)
                if outer
                else view.factor(view.detail(GRADIENTS, at), value, MEANINGS[GRADIENTS])
            ]
            if len(index) > 1:
                start = (step, index[0])
                place = view.detail(CONTEXT, start) if outer else view.input(start)
                factors.append(view.factor(place, inputs[row, step], "what the weight multiplies"))
            if not here:
                factors = [one.__class__(one.symbol, one.text, one.value, "", one.meaning) for one in factors]
            return tuple(factors), view.path(row, f"at step {step + 1}")

        formula = Symbol(r"\sum_t \frac{\partial L}{\partial a_t} x_t", "Σₜ ∂L/∂aₜ · xₜ")
        return Sum((gradients * inputs).reshape(-1), make, formula)
