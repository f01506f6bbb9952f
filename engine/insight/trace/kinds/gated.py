"""LSTM and GRU: how their state is made of the gates."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from engine.arrays import Array
from engine.insight.trace.derivation import Place
from engine.insight.trace.kinds.base import Factors, Sum, View
from engine.insight.trace.kinds.recurrent import BEFORE, Cell, RecurrentExplanation, timed
from engine.insight.trace.symbols import Symbol
from engine.layers.recurrent_workspace import Unrolled

Product = tuple[tuple[Place, float, str], ...]


def sum_of(view: View, products: list[tuple[Product, float]], formula: Symbol) -> Sum:
    """A sum of products of numbers at places; the factor stands for what multiplies them besides."""
    values = [factor * float(np.prod([value for _, value, _ in own])) for own, factor in products]

    def make(number: int) -> Factors:
        own, _ = products[number]
        return tuple(view.factor(place, value, meaning) for place, value, meaning in own), ""

    return Sum(np.array(values), make, formula)


class LSTMExplanation(RecurrentExplanation):
    """c = f c′ + i g; h = o tanh c."""

    gate_names: ClassVar[tuple[str, ...]] = ("input_gate", "forget_gate", "output_gate", "candidate")
    meanings: ClassVar[Mapping[str, str]] = {
        "input_gate": "how much of the candidate enters the cell",
        "forget_gate": "how much stays in the cell",
        "output_gate": "how much of the cell is shown",
        "cells": "cell after the step",
        "cells_before": "cell before the step; 0 at first",
        "shown_cells": "tanh of the cell",
    }

    def memories(self, unrolled: Unrolled) -> dict[str, Array]:
        cells = unrolled.block("cells", unrolled.sizes.steps + 1)
        runs = unrolled.sizes.directions
        after = timed(cells[1:], runs)
        return {"cells": after, "cells_before": timed(cells[:-1], runs), "shown_cells": np.tanh(after)}

    def wrapping(self, view: View, gate: int) -> str:
        return "tanh" if gate == 3 else "sigmoid"

    def state_sum(self, view: View, cell: Cell) -> Sum:
        own = tuple(self.part(view, name, cell) for name in ("output_gate", "shown_cells"))
        return sum_of(view, [(own, 1.0)], Symbol(r"o \tanh c", "o · tanh c"))

    def detail_sum(self, view: View, name: str, index: tuple[int, ...]) -> Sum | None:
        cell = self._cell(view, index)
        if name == "cells":
            products = [
                (tuple(self.part(view, part, cell) for part in parts), 1.0)
                for parts in (("forget_gate", "cells_before"), ("input_gate", "candidate"))
            ]
            return sum_of(view, products, Symbol("f c' + i g", "f c′ + i g"))
        if name == "shown_cells":
            return sum_of(view, [((self.part(view, "cells", cell),), 1.0)], Symbol("c", "c"))._replace(
                wrapped="tanh"
            )
        return super().detail_sum(view, name, index)

    def part(self, view: View, name: str, cell: Cell) -> tuple[Place, float, str]:
        """A detail of one unit, with what it is."""
        index = (cell.step, cell.direction * self._units(view) + cell.unit)
        value = float(view.stage.details[name][(view.stage.row, *index)])
        return view.detail(name, index), value, self.detail_meaning(view.stage.layer, name)


class GRUExplanation(LSTMExplanation):
    """h = (1 − z) n + z h′, which is n + z (h′ − n) written out."""

    gate_names: ClassVar[tuple[str, ...]] = ("reset_gate", "update_gate", "candidate")
    meanings: ClassVar[Mapping[str, str]] = {
        "reset_gate": "how much of the state goes into the candidate",
        "update_gate": "how much of the state stays",
        "renewal": "1 − update gate: how much of the candidate comes in",
    }

    def memories(self, unrolled: Unrolled) -> dict[str, Array]:
        update = unrolled.block("gates", unrolled.sizes.steps, 3)[:, 1]
        return {"renewal": 1 - timed(update, unrolled.sizes.directions)}

    def wrapping(self, view: View, gate: int) -> str:
        return "tanh" if gate == 2 else "sigmoid"

    def state_sum(self, view: View, cell: Cell) -> Sum:
        products = [
            (tuple(self.part(view, part, cell) for part in parts), 1.0)
            for parts in (("renewal", "candidate"), ("update_gate", BEFORE))
        ]
        return sum_of(view, products, Symbol("(1 - z) n + z h'", "(1 − z) n + z h′"))

    def detail_sum(self, view: View, name: str, index: tuple[int, ...]) -> Sum | None:
        return RecurrentExplanation.detail_sum(self, view, name, index)

    def reset_of(self, view: View, cell: Cell, gate: int) -> tuple[Place, float] | None:
        """The reset gate multiplies h′ U + c of the candidate."""
        return self.part(view, "reset_gate", cell)[:2] if gate == 2 else None
