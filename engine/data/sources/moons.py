"""Two half circles that reach into each other."""

from typing import ClassVar, Literal

import numpy as np

from engine.data.sources.formula import Points, TwoClasses

RADIUS = 3.5


class Moons(TwoClasses):
    """A is the upper half of a circle, B the lower half of another, shifted by one radius and half of one."""

    heading: ClassVar[str] = "Two moons"
    icon: ClassVar[str] = "moon"
    kind: Literal["moons"] = "moons"

    def classes(self, generator: np.random.Generator) -> tuple[Points, Points]:
        a, b = self.halves()
        upper, lower = np.linspace(0, np.pi, a), np.linspace(0, -np.pi, b)
        middle = np.array([RADIUS / 2, RADIUS / 4])
        return (
            RADIUS * np.column_stack([np.cos(upper), np.sin(upper)]) - middle,
            RADIUS * np.column_stack([np.cos(lower), np.sin(lower)]) + middle,
        )
