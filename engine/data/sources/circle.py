"""A disc inside a ring."""

from typing import ClassVar, Literal

import numpy as np

from engine.data.sources.formula import SIDE, Points, TwoClasses, ring


class Circle(TwoClasses):
    """A is a disc of radius 2.5, B the ring from radius 3.5 to 5 around it; no straight line parts them."""

    heading: ClassVar[str] = "Circle"
    icon: ClassVar[str] = "target"
    kind: Literal["circle"] = "circle"

    def classes(self, generator: np.random.Generator) -> tuple[Points, Points]:
        a, b = self.halves()
        return ring(generator, a, 0, SIDE / 2), ring(generator, b, 0.7 * SIDE, SIDE)
