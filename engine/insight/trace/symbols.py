"""Symbols of the numbers of a network, as textbooks have them: x₁, h₂, o₁, w₅, ∂L/∂w₅."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

from engine.arrays import Array
from engine.insight.trace.derivation import Place
from engine.insight.trace.stage import Stage
from engine.layers import Layer
from engine.layers.dense import Dense
from engine.network import Network

MOST_NUMBERED = 99
"""A network of up to so many weights has them numbered through, w₁ … w₉₉; a larger one has two indices."""

SUBSCRIPTS = str.maketrans("0123456789,−-", "₀₁₂₃₄₅₆₇₈₉,₋₋")
SUPERSCRIPTS = str.maketrans("0123456789()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾")

GREEK = {"scale": (r"\gamma", "γ"), "shift": (r"\beta", "β"), "slope": (r"\alpha", "α")}
LETTERS = {"weight": "w", "bias": "b", "recurrent": "u", "recurrent_bias": "c"}


class Symbol(NamedTuple):
    """In LaTeX, and in plain characters."""

    latex: str
    text: str


LOSS = Symbol("L", "L")


def subscript(letter: str, indices: Sequence[int], upper: str = "", latex: str = "") -> Symbol:
    """A letter with indices that count from 1: h₂, h₁,₃⁽²⁾."""
    below = ",".join(str(index + 1) for index in indices)
    in_latex = latex or letter
    if below:
        in_latex += f"_{{{below}}}" if len(below) > 1 else f"_{below}"
    if upper:
        in_latex += f"^{{{upper}}}"
    return Symbol(in_latex, letter + below.translate(SUBSCRIPTS) + upper.translate(SUPERSCRIPTS))


def partial(of: Symbol, by: Symbol) -> Symbol:
    """∂of/∂by."""
    top, bottom = of.latex, by.latex
    return Symbol(rf"\frac{{\partial {top}}}{{\partial {bottom}}}", f"∂{of.text}/∂{by.text}")


def in_latex(text: str) -> str:
    """A short text in plain characters as LaTeX: subscripts, minus signs, and a few other signs."""
    plain = text.translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789"))
    found = ""
    for letter, own in zip(text, plain, strict=True):
        below = letter != own
        if below and found.endswith("}"):
            found = f"{found[:-1]}{own}}}"
        else:
            found += f"_{{{own}}}" if below else own
    for sign, command in (("−", "-"), ("±", r"\pm "), ("sign", r"\mathrm{sign}"), ("tanh", r"\tanh")):
        found = found.replace(sign, command)
    return found


class Symbols:
    """The symbols of a traced network: inputs x, hidden units h, outputs o, sums before an activation z."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._last = len(stages) - 1
        self._names = [stage.name for stage in stages]
        self._shapes = [stage.input_shape for stage in stages] + [stages[-1].y.shape[1:]]
        self._number([(stage.layer, stage.parameters) for stage in stages])

    @classmethod
    def of_network(cls, network: Network) -> Self:
        """Those of a network that has not been traced."""
        found = cls.__new__(cls)
        found._last = len(network.layers) - 1
        found._names, found._shapes = list(network.names), list(network.shapes)
        found._number(list(zip(network.layers, network.parameter_views, strict=True)))
        return found

    def _number(self, layers: Sequence[tuple[Layer, Mapping[str, Array]]]) -> None:
        """How many weights and units there are before each layer, if they are numbered through."""
        self._single = len(layers) <= 2
        trained = [(index, *one) for index, one in enumerate(layers) if one[1]]
        shapes = [named["weight"].shape for _, _, named in trained if "weight" in named]
        self._numbered = (
            0 < len(shapes) == len(trained)
            and all(isinstance(layer, Dense) and len(self._shapes[index]) == 1 for index, layer, _ in trained)
            and sum(map(math.prod, shapes)) <= MOST_NUMBERED
        )
        self._before: dict[int, tuple[int, int]] = {}
        count = units = 0
        if self._numbered:
            for (index, _, _), shape in zip(trained, shapes, strict=True):
                self._before[index] = count, units
                count, units = count + math.prod(shape), units + shape[-1]

    def of(self, place: Place) -> Symbol:
        """The symbol of a place; with ∂L/∂ in front where its gradient is meant."""
        plain = self._plain(place)
        return partial(LOSS, plain) if place.gradient else plain

    def _plain(self, place: Place) -> Symbol:
        layer, index = place.layer, place.index
        if place.quantity == "loss":
            return LOSS
        if place.quantity == "target":
            return subscript("t", index)
        if place.quantity == "input":
            layer -= 1
        if layer < 0:
            return subscript("x", index)
        if place.quantity == "parameter":
            return self.parameter(layer, place.name, index)
        if place.quantity == "detail":
            latex = rf"\mathrm{{{place.name.replace('_', chr(92) + '_')}}}"
            return subscript(place.name.replace("_", " "), index, latex=latex)
        if place.quantity == "pre_activation":
            return self._pre_activation(layer, index)
        return self._output(layer, index)

    def _upper(self, layer: int) -> str:
        """The number of a hidden layer, where there are several."""
        return "" if self._single or layer == self._last else f"({layer + 1})"

    def _output(self, layer: int, index: tuple[int, ...]) -> Symbol:
        return subscript("o" if layer == self._last else "h", index, self._upper(layer))

    def _pre_activation(self, layer: int, index: tuple[int, ...]) -> Symbol:
        if layer != self._last and self._single:
            unit = self._output(layer, index)
            return Symbol(f"z_{{{unit.latex}}}", f"z({unit.text})")
        return subscript("z", index, self._upper(layer))

    def parameter(self, layer: int, name: str, index: tuple[int, ...]) -> Symbol:
        """w₅ in a small dense network, else w with its indices and the number of its layer."""
        inner, _, own = name.rpartition(".")
        backward = own.endswith("_backward")
        base = own.removesuffix("_backward")
        if self._numbered and name in ("weight", "bias"):
            weights, units = self._before[layer]
            if name == "bias":
                return subscript("b", (units + index[0],))
            return subscript("w", (weights + index[1] * self._shapes[layer][0] + index[0],))
        upper = f"({layer + 1}.{int(inner) + 1})" if inner.isdigit() else f"({layer + 1})"
        if base in GREEK:
            latex, greek = GREEK[base]
            return subscript(greek, index, upper, latex)
        prime = "′" if base.startswith("output_") else "←" if backward else ""
        letter = LETTERS.get(base.removeprefix("output_"))
        if letter is None:
            return subscript(own.replace("_", " "), index, upper, rf"\mathrm{{{own.replace('_', ' ')}}}")
        mark = {"′": "'", "←": r"^{\leftarrow}"}.get(prime, "")
        return subscript(letter + prime, index, upper, f"{{{letter}{mark}}}" if mark else letter)

    def letter(self, letter: str, output: int) -> str:
        """A letter with the number of an output: p₂."""
        return letter + str(output + 1).translate(SUBSCRIPTS)

    def title(self, place: Place) -> str:
        """Where a place is, in words: "Output, weight from h₁ to o₁"."""
        if place.quantity in ("loss", "target"):
            return "Loss" if place.quantity == "loss" else f"Target {self._plain(place).text}"
        if place.layer < 0 or (place.quantity == "input" and place.layer == 0):
            return f"Input {self._plain(place).text}"
        name, plain = self._names[place.layer], self._plain(place).text
        if place.quantity == "parameter":
            return f"{name}, {self._parameter_words(place)}"
        words = {"input": "input", "pre_activation": "weighted sum", "output": "output", "detail": "value"}
        return f"{name}, {words[place.quantity]} {plain}"

    def _parameter_words(self, place: Place) -> str:
        layer, index = place.layer, place.index
        output, before = self._shapes[layer + 1], self._shapes[layer]
        if place.name == "weight" and len(index) == 2 == len(output) + len(before):
            start = self._plain(Place(layer, "input", "", index[:1])).text
            return f"weight from {start} to {self._output(layer, index[1:]).text}"
        if place.name == "bias" and len(output) == 1 and len(index) == 1:
            return f"bias of {self._output(layer, index).text}"
        return f"{place.name.replace('_', ' ')} {self._plain(place).text}"
