"""A tilted plane, for regression."""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.sources.formula import Points, Surface


class Plane(Surface):
    """y = (x₁ + x₂) / 10: a single neuron without activation fits it exactly."""

    heading: ClassVar[str] = "Plane"
    icon: ClassVar[str] = "trend-up"
    kind: Literal["plane"] = "plane"

    def height(self, points: Points) -> NDArray[np.float64]:
        total: NDArray[np.float64] = points.sum(axis=1)
        return total / 10
