"""Two-dimensional examples made by a formula, from a seed: classes and surfaces to learn on the plane.

Coordinates lie within about −6 … 6. Noise is always a standard deviation: for classes it shifts the points
after their class was given, in units of the coordinates; for a surface it is added to y.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.data.columns.settings import ColumnType
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

    def read(self, progress: Progress, types: Mapping[str, ColumnType]) -> Table:
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


class Circle(TwoClasses):
    """A is a disc of radius 2.5, B the ring from radius 3.5 to 5 around it; no straight line parts them."""

    heading: ClassVar[str] = "Circle"
    icon: ClassVar[str] = "target"
    kind: Literal["circle"] = "circle"

    def classes(self, generator: np.random.Generator) -> tuple[Points, Points]:
        a, b = self.halves()
        return ring(generator, a, 0, SIDE / 2), ring(generator, b, 0.7 * SIDE, SIDE)


CENTRE = 2.0


class Gaussians(TwoClasses):
    """A around (−2, −2) and B around (2, 2), normally distributed: a straight line does as well as anything.

    At the standard deviation 1 the best possible line is right for 99.8 % of the points.
    """

    heading: ClassVar[str] = "Two Gaussians"
    icon: ClassVar[str] = "circles-three"
    kind: Literal["gaussians"] = "gaussians"

    noise: float = Field(
        1.0,
        ge=0,
        le=2,
        title="Noise",
        description="Standard deviation of each cloud; the centres are 5.7 apart.",
        json_schema_extra=hints(slider=True),
    )

    def classes(self, generator: np.random.Generator) -> tuple[Points, Points]:
        a, b = self.halves()
        return np.full((a, 2), -CENTRE), np.full((b, 2), CENTRE)


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


class Plane(Surface):
    """y = (x₁ + x₂) / 10: a single neuron without activation fits it exactly."""

    heading: ClassVar[str] = "Plane"
    icon: ClassVar[str] = "trend-up"
    kind: Literal["plane"] = "plane"

    def height(self, points: Points) -> NDArray[np.float64]:
        total: NDArray[np.float64] = points.sum(axis=1)
        return total / 10


class Spiral(TwoClasses):
    """Two arms that start at the middle, half a turn apart; the radius grows evenly with the angle."""

    heading: ClassVar[str] = "Spiral"
    icon: ClassVar[str] = "spinner"
    kind: Literal["spiral"] = "spiral"

    turns: float = Field(
        1.5,
        ge=0.25,
        le=5,
        title="Turns",
        description="How often each arm winds around the middle; more turns need a larger network.",
        json_schema_extra=hints(slider=True),
    )
    noise: float = Field(
        0.1,
        ge=0,
        le=2,
        title="Noise",
        description="Standard deviation of the random shift of each point; the points span about −6 to 6.",
        json_schema_extra=hints(slider=True),
    )

    def classes(self, generator: np.random.Generator) -> tuple[Points, Points]:
        a, b = self.halves()
        return self._arm(a, 0.0), self._arm(b, np.pi)

    def _arm(self, count: int, start: float) -> Points:
        # The first point stands a little off the middle, where the arms would meet.
        along: NDArray[np.float64] = np.linspace(0.06, 1.0, count)
        angle = start + 2 * np.pi * self.turns * along
        points: Points = SIDE * along[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
        return points


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
