"""What the two-dimensional examples share: points made by a formula, from a seed.

Coordinates lie within about −6 … 6. Noise is always a standard deviation: for classes it shifts the points
after their class was given, in units of the coordinates; for a surface it is added to y.
"""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.data.sources.base import Source
from engine.data.table import Column, Table
from engine.progress import Progress
from engine.settings import hints
from engine.tasks import Task

Points = NDArray[np.float64]
"""Coordinates x₁, x₂: (points, 2)."""

SIDE = 5.0
"""Half the width of the square in which points are drawn before noise."""

INPUT_NAMES = ("x₁", "x₂")
CLASS_NAMES = ("A", "B")


class Formula(Source):
    """An example without a file: number of points and seed; subclasses add their noise and shape."""

    group: ClassVar[str] = "Two-dimensional examples"

    points: int = Field(
        500, ge=10, le=100_000, title="Points", description="How many examples are made, over all classes."
    )
    seed: int = Field(
        0,
        ge=0,
        le=2**32 - 1,
        title="Seed",
        description="The same seed makes the same points; another seed makes others of the same shape.",
    )

    def read(self, progress: Progress) -> Table:
        points, target = self.make(np.random.default_rng(self.seed))
        inputs = (Column(n, "number", points[:, i].copy()) for i, n in enumerate(INPUT_NAMES))
        return Table(self.heading, (*inputs, target), (f"{self.points} points, made by a formula.",))

    @abstractmethod
    def make(self, generator: np.random.Generator) -> tuple[Points, Column]:
        """The points (points, 2), and their class or value as a column."""

    def halves(self) -> tuple[int, int]:
        """How many points each of two classes gets; they differ by at most one."""
        return self.points - self.points // 2, self.points // 2


class TwoClasses(Formula):
    """An example whose points belong to class A or B, shifted by noise after the class was given."""

    usual_target: ClassVar[str] = "class"
    usual_task: ClassVar[Task | None] = "classification"

    noise: float = Field(
        0.2,
        ge=0,
        le=2,
        title="Noise",
        description="Standard deviation of the random shift of each point; the points span about −6 to 6.",
        json_schema_extra=hints(slider=True),
    )

    def make(self, generator: np.random.Generator) -> tuple[Points, Column]:
        a, b = self.classes(generator)
        points = np.concatenate([a, b])
        points += self.noise * generator.standard_normal(points.shape)
        names = np.array([CLASS_NAMES[0]] * len(a) + [CLASS_NAMES[1]] * len(b), dtype=object)
        return points, Column(self.usual_target, "category", names)

    @abstractmethod
    def classes(self, generator: np.random.Generator) -> tuple[Points, Points]:
        """The points of A and of B, before noise."""


class Surface(Formula):
    """An example whose points carry a height y = f(x₁, x₂) plus noise."""

    usual_target: ClassVar[str] = "y"
    usual_task: ClassVar[Task | None] = "regression"

    noise: float = Field(
        0.05,
        ge=0,
        le=2,
        title="Noise",
        description="Standard deviation of what is added to y; without noise y spans about −1 to 1.",
        json_schema_extra=hints(slider=True),
    )

    def make(self, generator: np.random.Generator) -> tuple[Points, Column]:
        points = generator.uniform(-SIDE - 1, SIDE + 1, (self.points, 2))
        heights = self.height(points) + self.noise * generator.standard_normal(self.points)
        return points, Column(self.usual_target, "number", heights)

    @abstractmethod
    def height(self, points: Points) -> NDArray[np.float64]:
        """f at each point: (points,)."""


def ring(generator: np.random.Generator, count: int, inner: float, outer: float) -> Points:
    """Points spread evenly over the area between two radii around the middle."""
    radius = np.sqrt(generator.uniform(inner**2, outer**2, count))
    angle = generator.uniform(0, 2 * np.pi, count)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
