"""A folder of pictures: in folders named after their classes, or with a table that says what each one is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.data.columns.settings import ColumnType
from engine.data.images.decoding import SUFFIXES, Background, Fit, Pixels
from engine.data.images.label_table import labelled
from engine.data.images.parallel_decoding import decode_all, in_colour
from engine.data.sources.base import FileSource
from engine.data.stored_arrays import column_of_images
from engine.data.table import Column, Table, Unreadable
from engine.errors import NoDataYet, UserError, excerpt
from engine.progress import Progress
from engine.settings import hints
from engine.tasks import Task

MOST_BYTES = 2**32
"""Of all images together, at one byte a value."""
MOST_FILES = 1_000_000
LOOKED_AT = 2000
"""Entries of a folder that tell whether it holds pictures."""
NAMED = 3
"""Files left out that a note names."""
SIDE = 32
"""Height and width where nothing is chosen."""


@dataclass(frozen=True)
class _Chosen:
    """The pictures in the order of the table, the columns beside them, and what is known already."""

    paths: Sequence[Path]
    columns: tuple[Column, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: tuple[Unreadable, ...] = field(default=())


class ImageFolder(FileSource):
    """Pictures in a folder: one class in each of its folders, or with a table of their names and targets.

    PNG, JPEG, WebP, BMP, TIFF and the first frame of GIF. How a picture becomes pixels stands in
    `engine.data.images.decoding.pixels_of`, which prediction uses too. A table (CSV, Excel, …) in the folder
    counts where a column of it holds names of pictures, see `engine.data.images.label_table`; its other
    columns, classes or numbers, can be predicted. Without folders and table there is nothing but the images.

    Files that cannot be decoded are left out, and listed with the reason. `load` raises UserError where no
    picture is left.
    """

    heading: ClassVar[str] = "Folder of images"
    icon: ClassVar[str] = "image-square"
    of_images: ClassVar[bool] = True
    kind: Literal["image_folder"] = "image_folder"
    usual_target: ClassVar[str] = ""
    usual_task: ClassVar[Task | None] = None

    path: str = Field(
        "",
        title="Folder",
        description="Holds a folder of pictures for each class, or pictures and a table about them.",
        json_schema_extra=hints(folder=True),
    )
    side: int = Field(
        SIDE,
        ge=4,
        le=512,
        title="Size",
        description="Height and width to which all pictures are brought.",
        json_schema_extra=hints(unit="px"),
    )
    colour: bool | None = Field(
        None,
        title="Colour",
        description="Three channels, or one of grey (.299 R + .587 G + .114 B); guessed from the first "
        "pictures.",
        json_schema_extra=hints(none_title="Guessed"),
    )
    fit: Fit = Field(
        "stretch",
        title="Fit",
        description="How a picture of another shape becomes a square, by bilinear interpolation.",
        json_schema_extra=hints(
            choices={"stretch": "Stretch", "crop": "Crop the middle", "pad": "Pad with black"}
        ),
    )
    background: Background = Field(
        "white",
        title="Background",
        description="What shows through where a picture is transparent.",
        json_schema_extra=hints(choices={"white": "White", "black": "Black"}),
    )
    labels: Literal["folders", "table"] | None = Field(
        None,
        title="Targets from",
        description="What says which class or number a picture has; a table that names the pictures goes "
        "before folders.",
        json_schema_extra=hints(
            none_title="Guessed", choices={"folders": "Names of folders", "table": "A table in the folder"}
        ),
    )
    table: str | None = Field(
        None,
        title="Table",
        description="Name of the file in the folder that holds names of pictures and what they are.",
        json_schema_extra=hints(none_title="The first that names them"),
    )

    @classmethod
    def reads(cls, path: Path) -> bool:
        try:
            return path.is_dir() and any(_is_picture(entry) for entry in islice(_entries(path), LOOKED_AT))
        except OSError:
            return False

    def read(self, progress: Progress, types: Mapping[str, ColumnType]) -> Table:
        folder = self._folder()
        progress.report(0.0, "Looking for pictures")
        paths = _pictures(folder, progress)
        if not paths:
            raise UserError(
                str(folder),
                expected="pictures, or folders of pictures",
                got="none",
                help=f"Choose a folder with files that end in {', '.join(SUFFIXES[:4])} and the like.",
            )
        chosen = self._chosen(folder, paths, types, progress.part(0.0, 0.2))
        return self._table(folder, chosen, progress.part(0.2, 1.0))

    def load_with_files(self) -> Table:
        """Pictures to predict: without targets, with their names within the folder as a column "file".

        `path` may be that of a single picture.
        """
        path, progress = Path(self.path).expanduser(), Progress()
        if path.is_file():
            return self._table(path.parent, _Chosen([path]), progress, with_files=True)
        folder = self._folder()
        paths = _pictures(folder, progress)
        if not paths:
            raise UserError(str(folder), expected="pictures", got="none", help="Choose another folder.")
        return self._table(folder, _Chosen(paths), progress, with_files=True)

    def _chosen(
        self, folder: Path, paths: list[Path], types: Mapping[str, ColumnType], progress: Progress
    ) -> _Chosen:
        if self.labels != "folders":
            found = labelled(folder, paths, self.table or None, types, progress)
            if found is not None and found.paths:
                return _Chosen(found.paths, found.columns, (found.note,), found.left_out)
            if self.labels == "table":
                raise UserError(
                    str(folder),
                    expected="a table with a column of names of pictures",
                    got="none",
                    help="Put it into the folder, and write the names as they are.",
                )
        nested = [path for path in paths if path.parent != folder]
        if not nested:
            return _Chosen(paths)
        # Pictures beside folders of classes have no class.
        classes = np.array([path.parent.name for path in nested], object)
        beside = tuple(
            Unreadable(0, None, f"{path.name}: expected a picture in a folder of its class, found it beside.")
            for path in paths
            if path.parent == folder
        )
        return _Chosen(nested, (Column("class", "category", classes),), (), beside)

    def _table(self, folder: Path, chosen: _Chosen, progress: Progress, with_files: bool = False) -> Table:
        paths = chosen.paths
        colour = self.colour if self.colour is not None else in_colour(paths, SIDE, progress)
        if len(paths) * self.side**2 * (3 if colour else 1) > MOST_BYTES:
            raise UserError(
                str(folder),
                expected=f"images of at most {MOST_BYTES // 2**30} GB in all",
                got=f"{len(paths):,} of {self.side} × {self.side} pixels",
                help="Choose a smaller size, or fewer pictures.",
            )
        wanted = Pixels(self.side, colour, self.fit, self.background)
        decoded = decode_all(paths, folder, wanted, progress)
        if not len(decoded.kept):
            raise UserError(
                str(folder),
                expected="a picture that can be read",
                got=f"none in {len(paths):,} {'file' if len(paths) == 1 else 'files'}",
                help=f"{decoded.left_out[0].reason} Choose another folder.",
            )
        name = "image"
        while any(column.name == name for column in chosen.columns):
            name += "_"
        columns = [column_of_images(name, decoded.images)]
        columns += [column.take(decoded.kept) for column in chosen.columns]
        if with_files:
            names = [paths[place].relative_to(folder).as_posix() for place in decoded.kept]
            columns.insert(0, Column("file", "category", np.array(names, object)))
        what = "colour" if colour else "grey"
        count = len(decoded.kept)
        notes = [
            f"{count:,} {what} {'image' if count == 1 else 'images'}, brought to {self.side} × {self.side} "
            "pixels.",
            *chosen.notes,
        ]
        left_out = (*chosen.left_out, *decoded.left_out)
        notes += _note_on_left_out(left_out)
        title = folder.name or self.heading
        return Table(title, tuple(columns), tuple(notes), unreadable=left_out)

    def _folder(self) -> Path:
        if not self.path.strip():
            raise NoDataYet(self.heading, expected="a folder", got="nothing", help="Choose a folder.")
        try:
            folder = Path(self.path).expanduser()
            if folder.is_dir():
                return folder
            got = "a file" if folder.exists() else "nothing there"
        except (OSError, ValueError, RuntimeError) as error:
            got = (getattr(error, "strerror", None) or str(error)).lower()
        raise UserError(excerpt(self.path), expected="a folder", got=got, help="Choose a folder.") from None


def _note_on_left_out(left_out: Sequence[Unreadable]) -> list[str]:
    if not left_out:
        return []
    which = " ".join(one.reason for one in left_out[:NAMED]) + (" …" if len(left_out) > NAMED else "")
    return [f"{len(left_out):,} left out: {which}"]


def _pictures(folder: Path, progress: Progress) -> list[Path]:
    """The pictures of a folder and of its folders, by folder and name."""
    found = []
    try:
        for entry in _entries(folder):
            progress.check()
            if _is_picture(entry):
                found.append(entry)
            if len(found) > MOST_FILES:
                raise UserError(
                    str(folder),
                    expected=f"at most {MOST_FILES:,} pictures",
                    got="more",
                    help="Choose a folder with fewer of them.",
                )
    except OSError as error:
        raise UserError(
            str(folder),
            expected="a folder that can be read",
            got=(error.strerror or str(error)).lower(),
            help="Check its permissions, or choose another one.",
        ) from None
    found.sort(key=lambda path: (path.parent.name, path.name))
    return found


def _entries(folder: Path) -> Iterator[Path]:
    """The files of a folder and of its folders, without hidden ones."""
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from (inner for inner in sorted(entry.iterdir()) if not inner.name.startswith("."))
        else:
            yield entry


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file()
