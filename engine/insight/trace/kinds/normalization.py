"""Normalizations: y = γ x̂ + β, with the statistics of the batch, of the run, or of the sample itself."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.insight.trace.kinds.base import Explanation, Factors, Sum, View
from engine.insight.trace.symbols import Symbol
from engine.layers import Layer, Workspace
from engine.layers.batch_norm import FixedBatchNorm
from engine.layers.layer_norm import LayerNorm


class NormalizationExplanation(Explanation):
    """Its details: mean and variance that x was normalized with, and the normalized x̂."""

    meanings: Mapping[str, str] = {
        "mean": "mean of the batch",
        "variance": "variance of the batch",
        "normalized": "x̂ = (x − mean) / √(variance + ε)",
    }

    def details(
        self, layer: Layer, parameters: Mapping[str, Array], x: Array, y: Array, workspace: Workspace
    ) -> dict[str, Array]:
        mean, variance = self.statistics(layer, x, workspace)
        normalized = (x - mean) / np.sqrt(variance + getattr(layer, "epsilon", 0.0))
        shape = (len(x), *mean.shape[1:])
        return {
            "mean": np.broadcast_to(mean, shape).copy(),
            "variance": np.broadcast_to(variance, shape).copy(),
            "normalized": normalized,
        }

    def detail_meaning(self, layer: Layer, name: str) -> str:
        return self.meanings.get(name, super().detail_meaning(layer, name))

    def statistics(self, layer: Layer, x: Array, workspace: Workspace) -> tuple[Array, Array]:
        """Mean and variance, to be broadcast over x."""
        axes = tuple(range(x.ndim - 1))
        return x.mean(axis=axes)[None], x.var(axis=axes)[None]

    def output_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        stage, own = view.stage, self._own(view, index)
        scale, shift = (stage.parameters[name][own] for name in ("scale", "shift"))
        normalized = float(stage.details["normalized"][(stage.row, *index)])

        def make(number: int) -> Factors:
            if number:
                return (view.factor(view.parameter("shift", own), shift, "shift"),), "shift"
            scaled = view.factor(view.parameter("scale", own), scale, "scale")
            hat = view.factor(view.detail("normalized", index), normalized, self.meanings["normalized"])
            return (scaled, hat), "the normalized input"

        formula = Symbol(r"\gamma \hat{x} + \beta", "γ x̂ + β")
        return Sum(np.array([scale * normalized, shift]), make, formula)

    def parameter_sum(self, view: View, name: str, index: tuple[int, ...]) -> Sum:
        stage = view.stage
        at: tuple[Any, ...] = (*(slice(None),) * (stage.x.ndim - len(index)), *index)
        passed, hats = stage.passed[at], stage.details["normalized"][at]
        slopes = hats if name == "scale" else np.ones_like(hats)
        own = view.parameter(name, index)

        def make(number: int) -> Factors:
            row, *cell = map(int, np.unravel_index(number, passed.shape))
            place = (*cell, *index)
            meaning = self.meanings["normalized"] if name == "scale" else "1: it is added as it is"
            hat = view.detail("normalized", place) if name == "scale" and row == stage.row else None
            value = float(slopes[(row, *cell)])
            slope = view.slope(view.output(place), own, value, meaning, place=hat)
            path = view.path(row, f"through {view.symbols.of(view.output(place)).text}")
            factors = (view.upstream(row, place, float(passed[(row, *cell)])), slope)
            return factors, path if passed.size > 1 else ""

        by = view.symbols.of(own).text
        front = "Σ " if passed.size > 1 else ""
        latex = r"\frac{\partial L}{\partial y}" + (r" \hat{x}" if name == "scale" else "")
        rule = Symbol((r"\sum " if front else "") + latex, f"{front}∂L/∂y · ∂y/∂{by}")
        return Sum((passed * slopes).reshape(-1), make, rule)

    def _own(self, view: View, index: tuple[int, ...]) -> tuple[int, ...]:
        """The index of scale and shift for an output."""
        return index[len(index) - view.stage.parameters["scale"].ndim :]


class FixedBatchNormExplanation(NormalizationExplanation):
    """In evaluation, by the running statistics: x acts on its own y alone."""

    meanings: Mapping[str, str] = {
        "mean": "running mean",
        "variance": "running variance",
        "normalized": "x̂ = (x − mean) / √(variance + ε)",
    }

    def statistics(self, layer: Layer, x: Array, workspace: Workspace) -> tuple[Array, Array]:
        return workspace.statistics["mean"][None], workspace.statistics["variance"][None]

    def input_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        stage, layer, own = view.stage, view.stage.layer, self._own(view, index)
        epsilon = layer.epsilon if isinstance(layer, FixedBatchNorm) else 0.0
        variance = float(stage.details["variance"][(stage.row, *own)])
        inverse = 1 / np.sqrt(variance + epsilon)
        scale, passed = float(stage.parameters["scale"][own]), float(stage.passed[(stage.row, *index)])

        def make(number: int) -> Factors:
            hat, x = view.detail("normalized", index), view.input(index)
            factors = (
                view.upstream(stage.row, index, passed),
                view.slope(view.output(index), hat, scale, "scale", place=view.parameter("scale", own)),
                view.slope(hat, x, inverse, "1 / √(variance + ε)"),
            )
            return factors, ""

        formula = Symbol(
            r"\frac{\partial L}{\partial y} \gamma / \sqrt{\sigma^2 + \epsilon}", "∂L/∂y · γ / √(σ² + ε)"
        )
        return Sum(np.array([passed * scale * inverse]), make, formula)


class LayerNormExplanation(NormalizationExplanation):
    """By the statistics of the sample itself."""

    meanings: Mapping[str, str] = {
        "mean": "mean of what is normalized together",
        "variance": "variance of what is normalized together",
        "normalized": "x̂ = (x − mean) / √(variance + ε)",
    }

    def statistics(self, layer: Layer, x: Array, workspace: Workspace) -> tuple[Array, Array]:
        whole = isinstance(layer, LayerNorm) and layer.axes == "sample"
        axes = tuple(range(1, x.ndim)) if whole else (-1,)
        return x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
