"""Where data comes from: one source a file, listed here."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.data.sources.base import FileSource, Source
from engine.data.sources.breast_cancer import BreastCancer
from engine.data.sources.bumps import Bumps
from engine.data.sources.circle import Circle
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.diabetes import Diabetes
from engine.data.sources.digits import Digits
from engine.data.sources.gaussians import Gaussians
from engine.data.sources.iris import Iris
from engine.data.sources.mnist import MNIST
from engine.data.sources.moons import Moons
from engine.data.sources.plane import Plane
from engine.data.sources.spiral import Spiral
from engine.data.sources.wine import Wine
from engine.data.sources.xor import XOR
from engine.settings import expand_kind, members

_Union = Annotated[
    Spiral
    | Circle
    | Gaussians
    | XOR
    | Moons
    | Plane
    | Bumps
    | Iris
    | Wine
    | BreastCancer
    | Digits
    | Diabetes
    | CSVFile
    | MNIST,
    Field(discriminator="kind"),
]
AnySource = Annotated[_Union, BeforeValidator(expand_kind)]
SOURCES: tuple[type[Source], ...] = members(_Union)

__all__ = ["SOURCES", "AnySource", "FileSource", "Source"]
