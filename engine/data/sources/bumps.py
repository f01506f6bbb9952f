"""A bumpy surface, for regression."""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.sources.formula import Points, Surface

CENTRES = np.array([(-4, 2.5), (0, 2.5), (4, 2.5), (-4, -2.5), (0, -2.5), (4, -2.5)])
SIGNS = np.array([1, -1, 1, -1, 1, -1])
WIDTH = 1.3
"""Standard deviation of each bump; the centres are at least 4 apart."""


class Bumps(Surface):
    """Six Gaussian bumps, up and down by turns: y = Σ ±exp(−distance² / (2 · 1.3²))."""

    heading: ClassVar[str] = "Bumpy surface"
    icon: ClassVar[str] = "waves"
    kind: Literal["bumps"] = "bumps"

    def height(self, points: Points) -> NDArray[np.float64]:
        squared = ((points[:, None, :] - CENTRES) ** 2).sum(axis=2)
        heights: NDArray[np.float64] = np.exp(-squared / (2 * WIDTH**2)) @ SIGNS
        return heights
