"""Data sets of openml.org, fetched through scikit-learn, and kept in the user's cache."""

import gzip
import json
import os
import re
import tempfile
import urllib.error
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import platformdirs
from pydantic import Field

from engine.data.columns.settings import ColumnType
from engine.data.columns.texts import listed
from engine.data.sources.arff_file import ARFFFile
from engine.data.sources.base import Source
from engine.data.table import Table
from engine.errors import UserError, excerpt
from engine.progress import Progress, left_when_cancelled
from engine.settings import hints

CACHE_VARIABLE = "GRADWRIGHT_CACHE"
"""Names another folder for what was fetched."""


class OpenML(Source):
    """A data set of openml.org, by its name or its number.

    It is fetched when it is first loaded, and never again: what is in the cache needs no network. It is read
    as the ARFF file that it is. Columns that its makers call no inputs are left out; its target comes last.
    """

    heading: ClassVar[str] = "Data set of OpenML"
    group: ClassVar[str] = "Network"
    icon: ClassVar[str] = "database"
    kind: Literal["openml"] = "openml"

    name: str = Field(
        "",
        max_length=200,
        title="Name or number",
        description="How the data set is called on openml.org, such as iris or 61; it is fetched from there.",
    )
    version: int | None = Field(
        None,
        ge=1,
        le=10**9,
        title="Version",
        description="Of several data sets of this name; a number says all.",
        json_schema_extra=hints(none_title="The oldest in use"),
    )

    def read(self, progress: Progress, types: Mapping[str, ColumnType]) -> Table:
        name = self.name.strip()
        if not name:
            raise UserError(
                "OpenML", expected="a name or a number", got="nothing", help="Enter one, such as iris."
            )
        folder = _cache() / (re.sub(r"[^a-z0-9._-]+", "-", name.lower()) + f"-{self.version or 'oldest'}")
        found = _fetched_files(folder)
        if found is None:
            progress.report(None, "Fetching from openml.org")
            left_when_cancelled(lambda: _fetch(name, self.version, folder), progress, waited_for=False)
            found = _fetched_files(folder)
        if found is None:
            raise _refused(name, "files that are not as expected")
        data, features = found
        table = ARFFFile(path=str(data)).read(progress, types)
        return _arranged(table, name, json.loads(gzip.decompress(features.read_bytes())))


def _cache() -> Path:
    named = os.environ.get(CACHE_VARIABLE)
    return (Path(named) if named else platformdirs.user_cache_path("gradwright", appauthor=False)) / "openml"


def _fetched_files(folder: Path) -> tuple[Path, Path] | None:
    """The file of data and the description of its columns, where both are in the cache."""
    found = [path for path in folder.rglob("*.gz") if path.is_file()]
    data = [path for path in found if "json" not in path.relative_to(folder).parts]
    features = [path for path in found if path.parent.name == "features"]
    return (data[0], features[0]) if len(data) == 1 and len(features) == 1 else None


def _fetch(name: str, version: int | None, folder: Path) -> None:
    """Have scikit-learn fetch the files, check and keep them."""
    which: dict[str, Any] = {"data_id": int(name)} if name.isdecimal() else {"name": name}
    if version is not None and not name.isdecimal():
        which["version"] = version
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Elsewhere at first, so that only what was fetched to the end and checked is ever read.
    with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as staging:
        _fetch_into(Path(staging), name, which)
        with suppress(OSError):  # another one was quicker
            (Path(staging) / "openml").rename(folder)


def _fetch_into(staging: Path, name: str, which: dict[str, Any]) -> None:
    from sklearn.datasets import fetch_openml

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Without a target: it refuses one that has missing values.
            how = {"parser": "liac-arff", "as_frame": "auto", "target_column": None, "n_retries": 1}
            fetch_openml(**which, **how, data_home=staging)
    except ImportError:
        # Without pandas it makes no table of what it has fetched and checked; we do.
        return
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        missing = getattr(error, "code", None) in (404, 412)
        raise _refused(
            name, "none there" if missing else f"no answer ({excerpt(str(reason).lower())})"
        ) from None
    except (ValueError, KeyError, IndexError) as error:
        raise _refused(name, excerpt(str(error).splitlines()[0].rstrip("."))) from None


def _refused(name: str, got: str) -> UserError:
    return UserError(
        f"openml.org, data set “{excerpt(name)}”",
        expected="a data set in use",
        got=got,
        help="Check the name or the number, and the connection to the network.",
    )


def _arranged(table: Table, name: str, described: Any) -> Table:
    """Without columns that are no inputs, and with the target at the end."""
    features = described["data_features"]["feature"]
    flagged = {
        flag: [feature["name"] for feature in features if feature.get(flag) == "true"]
        for flag in ("is_target", "is_ignore", "is_row_identifier")
    }
    out = {*flagged["is_ignore"], *flagged["is_row_identifier"]} - set(flagged["is_target"])
    columns = [column for column in table.columns if column.name not in out]
    columns.sort(key=lambda column: column.name in flagged["is_target"])
    notes = [f"Data set “{excerpt(name)}” of openml.org."]
    if out:
        notes.append(f"Left out, as they are no inputs by its description: {listed(sorted(out))}.")
    return replace(table, name=name, columns=tuple(columns), notes=(*notes, *table.notes))
