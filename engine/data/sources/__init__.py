"""Where data comes from: one source a file, listed here."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.data.sources.arff_file import ARFFFile
from engine.data.sources.arrow_file import ArrowFile
from engine.data.sources.base import FileSource, HandMade, ReadingRules, Source
from engine.data.sources.bundled import BreastCancer, Diabetes, Digits, Iris, Wine
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.drawn_points import DrawnPoints
from engine.data.sources.idx_files import IDXFiles
from engine.data.sources.image_arrays import ImageArrays
from engine.data.sources.image_folder import ImageFolder
from engine.data.sources.json_file import JSONFile
from engine.data.sources.mnist import MNIST
from engine.data.sources.numpy_file import NumPyFile
from engine.data.sources.openml import OpenML
from engine.data.sources.parquet_file import ParquetFile
from engine.data.sources.spreadsheet import Spreadsheet
from engine.data.sources.sqlite_table import SQLiteTable
from engine.data.sources.svmlight_file import SVMLightFile
from engine.data.sources.two_dimensional import XOR, Bumps, Circle, Gaussians, Moons, Plane, Spiral
from engine.data.sources.typed_table import TypedTable
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
    | DrawnPoints
    | TypedTable
    | ImageArrays
    | NumPyFile
    | IDXFiles
    | CSVFile
    | Spreadsheet
    | ParquetFile
    | ArrowFile
    | SQLiteTable
    | JSONFile
    | ARFFFile
    | SVMLightFile
    | ImageFolder
    | MNIST
    | OpenML,
    Field(discriminator="kind"),
]
AnySource = Annotated[_Union, BeforeValidator(expand_kind)]
SOURCES: tuple[type[Source], ...] = members(_Union)


def source_for(path: Path) -> type[FileSource] | None:
    """The source that reads what lies at a path; None where there is none."""
    kinds = [kind for kind in SOURCES if issubclass(kind, FileSource)]
    if path.suffix.lower() in COMPRESSED:
        # t.arff.gz is no table of delimited text.
        inner = path.with_suffix("")
        found = next((kind for kind in kinds if kind.compressed and kind.reads(inner)), None)
        if found is not None:
            return found
    return next((kind for kind in kinds if kind.reads(path)), None)


COMPRESSED = (".gz", ".zst")
"""How the names of compressed files end."""


DATA_SUFFIXES = tuple(
    dict.fromkeys(suffix for kind in SOURCES if issubclass(kind, FileSource) for suffix in kind.suffixes)
)
"""How the names of files of data end."""

__all__ = [
    "DATA_SUFFIXES",
    "SOURCES",
    "AnySource",
    "FileSource",
    "HandMade",
    "ReadingRules",
    "Source",
    "source_for",
]
