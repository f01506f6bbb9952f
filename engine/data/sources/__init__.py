"""Where data comes from: one source a file, listed here."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.data.sources.base import FileSource, Source
from engine.data.sources.bundled import BreastCancer, Diabetes, Digits, Iris, Wine
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.mnist import MNIST
from engine.data.sources.two_dimensional import XOR, Bumps, Circle, Gaussians, Moons, Plane, Spiral
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
