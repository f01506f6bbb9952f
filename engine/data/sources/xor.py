"""Exclusive or: opposite quadrants belong together."""

from typing import ClassVar, Literal

import numpy as np

from engine.data.sources.formula import SIDE, Points, TwoClasses

GAP = 0.3
"""Points stay this far from the axes before noise, so that the classes do not touch."""


class XOR(TwoClasses):
    """A where x₁ and x₂ have the same sign, B where they differ; needs a hidden layer."""

    heading: ClassVar[str] = "XOR"
    icon: ClassVar[str] = "squares-four"
    kind: Literal["xor"] = "xor"

    def classes(self, generator: np.random.Generator) -> tuple[Points, Points]:
        a, b = self.halves()
        return _quadrants(generator, a, 1.0), _quadrants(generator, b, -1.0)


def _quadrants(generator: np.random.Generator, count: int, sign: float) -> Points:
    """Points evenly over the two opposite quadrants in which x₁ x₂ has the sign."""
    points = generator.uniform(GAP, SIDE, (count, 2))
    side = generator.choice([-1.0, 1.0], count)
    points *= np.column_stack([side, sign * side])
    return points
