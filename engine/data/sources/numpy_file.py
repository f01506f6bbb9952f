"""Arrays of NumPy: .npy and .npz."""

import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import IO, Any, ClassVar, Literal, NoReturn

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.data.columns.texts import listed
from engine.data.delimited.compression import ZIP
from engine.data.delimited.csv_dialect import MOST_COLUMNS
from engine.data.sources.converted import ConvertedTable, Rows
from engine.data.sources.table_file import RoleInFile
from engine.errors import UserError, excerpt
from engine.input_files import TABLE_FILE, open_input
from engine.progress import Progress
from engine.settings import hints

INPUT_NAMES = ("x", "data", "inputs", "features", "x_train")
TARGET_NAMES = ("y", "target", "targets", "labels", "label", "y_train")
"""What arrays of inputs and of targets are usually called, in small letters."""

ROWS_AT_ONCE = 1000


class NumPyFile(ConvertedTable):
    """A table in arrays of NumPy: one row an entry of the first axis.

    An array of two axes gives a column for each entry of the second, one with named fields a column for each
    of these. Arrays of Python objects are refused: they can hold programs.
    """

    heading: ClassVar[str] = "NumPy arrays"
    suffixes: ClassVar[tuple[str, ...]] = (".npy", ".npz")
    part_field: ClassVar[str] = "inputs"
    kind: Literal["numpy"] = "numpy"

    path: str = Field(
        "",
        title="File",
        description="One or several arrays of NumPy.",
        json_schema_extra=hints(path_filter="NumPy arrays (*.npy *.npz);;All files (*)"),
    )
    inputs: str | None = Field(
        None,
        title="Array of inputs",
        description="Of several arrays, the one whose columns are inputs; one called X or data is found.",
        json_schema_extra=hints(none_title="By name"),
    )
    targets: str | None = Field(
        None,
        title="Array of targets",
        description="Of several arrays, the one that is to be predicted; one called y or target is found.",
        json_schema_extra=hints(none_title="By name"),
    )

    def rows_of(self, path: Path, progress: Progress) -> Rows:
        with open_input(path, TABLE_FILE, progress) as stream:
            if stream.peek(4)[:4] != ZIP:
                return Rows(_rows(path, [_columns(path, "column", _array(path, "", stream))], progress), NOTE)
            inputs, targets = self._chosen(path, _names(path, stream))
            with _archive(path, stream) as archive:
                parts = []
                for name in filter(None, (inputs, targets)):
                    with archive.open(f"{name}.npy") as member:
                        parts.append(_columns(path, name, _array(path, name, member)))
        note = f"Read from {listed([name for name in (inputs, targets) if name])} of a NumPy file."
        return Rows(_rows(path, parts, progress), note)

    def parts(self) -> tuple[str, ...]:
        path = Path(self.path)
        with open_input(path, TABLE_FILE) as stream:
            return tuple(_names(path, stream)) if stream.peek(4)[:4] == ZIP else ()

    def roles(self, progress: Progress | None = None) -> Mapping[str, RoleInFile]:
        names = self.parts()
        targets = self._chosen(Path(self.path), names)[1] if names else None
        return {} if targets is None else {targets: "target"}

    def _chosen(self, path: Path, names: Sequence[str]) -> tuple[str, str | None]:
        """The arrays of inputs and of targets."""
        for chosen in (self.inputs, self.targets):
            if chosen is not None and chosen not in names:
                _refuse_name(path, names, f"“{excerpt(chosen)}”")
        targets = self.targets or _usual(names, TARGET_NAMES)
        others = [name for name in names if name != targets]
        inputs = self.inputs or _usual(names, INPUT_NAMES) or (others[0] if len(others) == 1 else None)
        if inputs is None:
            _refuse_name(path, names, "none")
        return inputs, targets if targets != inputs else None


NOTE = "Read from a NumPy file."


def _usual(names: Sequence[str], usual: Sequence[str]) -> str | None:
    found = {name.lower(): name for name in reversed(names)}
    return next((found[name] for name in usual if name in found), None)


def _refuse_name(path: Path, names: Sequence[str], got: str) -> NoReturn:
    raise UserError(
        f"{path.name}, array of inputs",
        expected=f"one of {listed(names, 12)}" if names else "an array",
        got=got,
        help="Choose one of its arrays.",
    )


def _names(path: Path, stream: IO[bytes]) -> list[str]:
    with _archive(path, stream) as archive:
        return [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]


def _archive(path: Path, stream: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(stream)
    except zipfile.BadZipFile:
        _refuse_damaged(path, "")


def _refuse_damaged(path: Path, name: str) -> NoReturn:
    where = f"{path.name}, array “{excerpt(name)}”" if name else path.name
    raise UserError(
        where,
        expected="a whole array of NumPy",
        got="a damaged or cut one, or something else",
        help="Save or download the file again.",
    ) from None


def _array(path: Path, name: str, stream: IO[bytes]) -> NDArray[Any]:
    try:
        found = np.lib.format.read_array(stream, allow_pickle=False)
    except ValueError as error:
        if "Object arrays" not in str(error):
            _refuse_damaged(path, name)
        raise UserError(
            f"{path.name}, array “{excerpt(name)}”" if name else path.name,
            expected="numbers, texts or dates",
            got="objects of Python, which can hold programs and are never read",
            help="Save it with a type of its own, such as float64 or str.",
        ) from None
    except (EOFError, SyntaxError, zipfile.BadZipFile, zlib.error, OverflowError, TypeError):
        _refuse_damaged(path, name)
    return found


Columns = list[tuple[str, NDArray[Any]]]


def _columns(path: Path, name: str, array: NDArray[Any]) -> Columns:
    """The columns of an array, with their names."""
    where = f"{path.name}, array “{excerpt(name)}”" if name else path.name
    if array.dtype.names is not None and array.ndim == 1:
        parts = [_columns(path, field, array[field]) for field in array.dtype.names]
        return list(chain.from_iterable(parts))
    if array.ndim not in (1, 2) or array.dtype.kind not in "biufSUMm":
        kind = f"{array.ndim} axes" if array.ndim not in (1, 2) else f"values of type {array.dtype}"
        raise UserError(
            where,
            expected="an array of one or two axes, of numbers, texts or dates",
            got=excerpt(kind),
            help="Save it as a table: a row for each sample, a column for each number.",
        )
    if array.ndim == 1:
        return [(name, array)]
    if array.shape[1] > MOST_COLUMNS:
        raise UserError(
            where,
            expected=f"at most {MOST_COLUMNS:,} columns",
            got=f"{array.shape[1]:,}",
            help="Keep a part of the columns.",
        )
    if array.shape[1] == 1:
        return [(name, array[:, 0])]
    return [(f"{name} {place + 1}", array[:, place]) for place in range(array.shape[1])]


def _rows(path: Path, parts: Sequence[Columns], progress: Progress) -> Iterator[Sequence[Any]]:
    """The names, then the rows."""
    columns = list(chain.from_iterable(parts))
    lengths = [len(part[0][1]) for part in parts if part]
    if len(set(lengths)) > 1:
        raise UserError(
            path.name,
            expected="as many targets as inputs",
            got=f"{lengths[0]:,} rows of inputs and {lengths[1]:,} of targets",
            help="Choose arrays that belong together.",
        )
    yield [name for name, _ in columns]
    for start in range(0, lengths[0] if lengths else 0, ROWS_AT_ONCE):
        progress.check()
        yield from zip(*(_values(array[start : start + ROWS_AT_ONCE]) for _, array in columns), strict=True)


def _values(array: NDArray[Any]) -> list[Any]:
    """The values as Python has them; small floats with the digits that tell them apart."""
    kind = array.dtype.kind
    if kind == "f" and array.dtype.itemsize != 8:
        narrow = array.dtype.itemsize < 8
        return list(array.astype(str).tolist() if narrow else array.astype(np.float64).tolist())
    if kind == "S":
        return [text.decode("utf-8", "replace") for text in array.tolist()]
    if kind == "M":
        return ["" if np.isnat(value) else str(value).replace("T", " ") for value in array]
    if kind == "m":
        seconds = array / np.timedelta64(1, "s")
        return [None if np.isnan(value) else float(value) for value in seconds]
    return list(array.tolist())
