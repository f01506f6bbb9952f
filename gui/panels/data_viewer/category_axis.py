"""An axis of categories: ticks at their places, with their names."""

from dataclasses import dataclass

from engine.errors import excerpt
from gui.kit.plot_parts import TICK_GAP, Axis
from gui.kit.scales import Tick
from gui.kit.theme import scaled

MOST_LETTERS = 9
"""Beside an upright axis there is room for so many."""


@dataclass(frozen=True)
class CategoryAxis(Axis):
    """Places of categories from 0, whose ticks show the names. names : in the order of the places."""

    names: tuple[str, ...] = ()

    def ticks(self, length: float) -> list[Tick]:
        most = max(int(length // scaled(TICK_GAP)), 2)
        step = -(-len(self.names) // most)
        return [
            Tick(float(place), excerpt(self.names[place], MOST_LETTERS))
            for place in range(0, len(self.names), step)
        ]
