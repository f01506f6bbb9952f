"""Dropout and noise: what was drawn for the sample; in evaluation nothing was."""

from collections.abc import Mapping

import numpy as np

from engine.arrays import Array
from engine.insight.trace.derivation import Place
from engine.insight.trace.kinds.base import Explanation, Factors, Sum, View
from engine.insight.trace.symbols import Symbol
from engine.layers import Layer, Workspace


class MaskExplanation(Explanation):
    """y = x · mask; the mask of a channel holds for all of its cells."""

    def details(
        self, layer: Layer, parameters: Mapping[str, Array], x: Array, y: Array, workspace: Workspace
    ) -> dict[str, Array]:
        return {"mask": workspace["mask"].copy()}

    def detail_meaning(self, layer: Layer, name: str) -> str:
        return "0: dropped; else 1 / (1 − rate), so that the mean stays"

    def output_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        stage = view.stage
        value = float(stage.x[(stage.row, *index)])
        place, mask = self._mask(view, index)

        def make(number: int) -> Factors:
            meaning = "dropped" if not mask else "kept, and scaled so that the mean stays"
            return (view.factor(view.input(index), value, "input"), view.factor(place, mask, meaning)), ""

        x, m = view.symbols.of(view.input(index)), view.symbols.of(place)
        return Sum(np.array([value * mask]), make, Symbol(f"{x.latex} {m.latex}", f"{x.text} · {m.text}"))

    def input_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        stage = view.stage
        passed = float(stage.passed[(stage.row, *index)])
        place, mask = self._mask(view, index)

        def make(number: int) -> Factors:
            meaning = "dropped: nothing flows through it" if not mask else "kept"
            slope = view.slope(view.output(index), view.input(index), mask, meaning, place=place)
            return (view.upstream(stage.row, index, passed), slope), ""

        y, m = view.symbols.of(view.output(index, True)), view.symbols.of(place)
        return Sum(np.array([passed * mask]), make, Symbol(f"{y.latex} {m.latex}", f"{y.text} · {m.text}"))

    def _mask(self, view: View, index: tuple[int, ...]) -> tuple[Place, float]:
        stage = view.stage
        mask = stage.details["mask"][stage.row]
        own = index[-mask.ndim :]
        return view.detail("mask", own), float(mask[own])


class NoiseExplanation(Explanation):
    """y = x + noise."""

    def details(
        self, layer: Layer, parameters: Mapping[str, Array], x: Array, y: Array, workspace: Workspace
    ) -> dict[str, Array]:
        return {"noise": y - x}

    def detail_meaning(self, layer: Layer, name: str) -> str:
        return "drawn from a normal distribution; 0 in evaluation"

    def output_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        stage = view.stage
        at = (stage.row, *index)
        values = np.array([stage.x[at], stage.details["noise"][at]])
        places = (view.input(index), view.detail("noise", index))

        def make(number: int) -> Factors:
            return (view.factor(places[number], values[number], ("input", "noise")[number]),), ""

        x, noise = (view.symbols.of(one) for one in places)
        return Sum(values, make, Symbol(f"{x.latex} + {noise.latex}", f"{x.text} + {noise.text}"))
