"""A folder of pictures: in folders of their own, named after the classes, or all in one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.data.column_settings import ColumnType
from engine.data.sources.base import FileSource
from engine.data.table import Column, Table
from engine.errors import UserError, excerpt
from engine.progress import Progress
from engine.settings import hints
from engine.tasks import Task

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")
MOST_PIXELS = 2**28
"""Of one picture; a larger one is left out."""
MOST_BYTES = 2**32
"""Of all images together, at one byte a value."""
MOST_FILES = 1_000_000
LOOKED_AT = 2000
"""Entries of a folder that tell whether it holds pictures."""
NAMED = 3
"""Files left out that a note names."""
SIDE = 32
"""Height and width where nothing is chosen."""

Fit = Literal["stretch", "crop", "pad"]


@dataclass(frozen=True)
class _Files:
    """The pictures in the order of their names. classes : of each, or none at all."""

    paths: list[Path]
    classes: list[str]


class ImageFolder(FileSource):
    """Pictures (PNG, JPEG, WebP, BMP, GIF, TIFF) in a folder, one class in each of its folders.

    Every picture is turned as its EXIF data says, laid on white where it is transparent, and made grey or
    colour: grey is .299 red + .587 green + .114 blue. Then it is brought to the chosen size: stretched, its
    middle cropped, or padded with black, by bilinear interpolation over all pixels that a new one covers.
    Of animations the first frame counts; 16 bits become 8. Pixels are 0 to 255.

    Files that cannot be decoded are left out, and said. `load` raises UserError where no picture is left.
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
        description="Holds a folder of pictures for each class, or pictures without classes.",
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
        description="Three channels, or one of grey; guessed from the first pictures.",
        json_schema_extra=hints(none_title="Guessed"),
    )
    fit: Fit = Field(
        "stretch",
        title="Fit",
        description="How a picture of another shape becomes a square.",
        json_schema_extra=hints(
            choices={"stretch": "Stretch", "crop": "Crop the middle", "pad": "Pad with black"}
        ),
    )

    @classmethod
    def reads(cls, path: Path) -> bool:
        try:
            return path.is_dir() and any(_is_picture(entry) for entry in islice(_entries(path), LOOKED_AT))
        except OSError:
            return False

    def read(self, progress: Progress, types: Mapping[str, ColumnType]) -> Table:
        return self._read(progress)

    def load_with_files(self) -> Table:
        """The table with the names of the files, within the folder, as a column "file" before the images."""
        return self._read(Progress(), with_files=True)

    def _read(self, progress: Progress, with_files: bool = False) -> Table:
        folder = self._folder()
        progress.report(0.0, "Looking for pictures")
        files = _files(folder, progress)
        if not files.paths:
            raise UserError(
                str(folder),
                expected="pictures, or folders of pictures",
                got="none",
                help=f"Choose a folder with files that end in {', '.join(SUFFIXES[:4])} and the like.",
            )
        colour = self.colour if self.colour is not None else _in_colour(files.paths)
        channels = 3 if colour else 1
        if len(files.paths) * self.side**2 * channels > MOST_BYTES:
            raise UserError(
                str(folder),
                expected=f"images of at most {MOST_BYTES // 2**30} GB in all",
                got=f"{len(files.paths):,} of {self.side} × {self.side} pixels",
                help="Choose a smaller size, or fewer pictures.",
            )
        images = np.empty((len(files.paths), self.side, self.side, channels), np.uint8)
        kept: list[int] = []
        left_out: list[str] = []
        for place, path in enumerate(files.paths):
            progress.report(place / len(files.paths), "Reading pictures")
            try:
                images[len(kept)] = pixels_of(path, self.side, colour, self.fit)
            except PictureError as error:
                left_out.append(f"{path.name} ({error})")
            else:
                kept.append(place)
        if not kept:
            raise UserError(
                str(folder),
                expected="a picture that can be read",
                got=left_out[0],
                help="Choose another folder.",
            )
        columns = [Column("image", "image", images[: len(kept)])]
        if files.classes:
            classes = np.array([files.classes[place] for place in kept], object)
            columns.append(Column("class", "category", classes))
        if with_files:
            names = np.array([str(files.paths[place].relative_to(folder)) for place in kept], object)
            columns.insert(0, Column("file", "category", names))
        kind = "colour" if colour else "grey"
        notes = [f"{len(kept):,} {kind} images, brought to {self.side} × {self.side} pixels."]
        if left_out:
            which = ", ".join(left_out[:NAMED]) + (", …" if len(left_out) > NAMED else "")
            notes.append(f"{len(left_out):,} of {len(files.paths):,} files left out: {which}.")
        return Table(folder.name or self.heading, tuple(columns), tuple(notes))

    def _folder(self) -> Path:
        if not self.path.strip():
            raise UserError(self.heading, expected="a folder", got="nothing", help="Choose a folder.")
        try:
            folder = Path(self.path).expanduser()
            if folder.is_dir():
                return folder
            got = "a file" if folder.exists() else "nothing there"
        except (OSError, ValueError, RuntimeError) as error:
            got = (getattr(error, "strerror", None) or str(error)).lower()
        raise UserError(excerpt(self.path), expected="a folder", got=got, help="Choose a folder.") from None


class PictureError(Exception):
    """Why a picture cannot be used, in a few words."""


def pixels_of(path: Path, side: int, colour: bool, fit: Fit) -> NDArray[np.uint8]:
    """A picture as (side, side, channels); see `ImageFolder`. Raises PictureError."""
    # Not at the top: no other source needs it.
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise PictureError("too large")
            flat = _flat(ImageOps.exif_transpose(picture))
            square = _square(flat.convert("RGB" if colour else "L"), side, fit)
    except UnidentifiedImageError:
        raise PictureError("no picture") from None
    except Image.DecompressionBombError:
        raise PictureError("too large") from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        words = (getattr(error, "strerror", None) or str(error) or "damaged").lower()
        raise PictureError(excerpt(re.sub(r"\s+", " ", words), 40)) from None
    return np.asarray(square, np.uint8).reshape(side, side, -1)


def _flat(picture: "Image") -> "Image":
    """Without transparency, on white; and in 8 bits."""
    from PIL import Image

    if picture.mode in ("I;16", "I;16B", "I;16L", "I;16N", "I"):
        numbers = np.asarray(picture).astype(np.float64)
        return Image.fromarray(np.clip(np.rint(numbers / 257), 0, 255).astype(np.uint8))
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        opaque = picture.convert("RGBA")
        ground = Image.new("RGBA", opaque.size, "white")
        return Image.alpha_composite(ground, opaque).convert("RGB")
    # Palettes and single bits would be resized without interpolation.
    return picture.convert("L") if picture.mode in ("1", "L") else picture.convert("RGB")


def _square(picture: "Image", side: int, fit: Fit) -> "Image":
    from PIL import Image, ImageOps

    bilinear = Image.Resampling.BILINEAR
    if fit == "crop":
        return ImageOps.fit(picture, (side, side), bilinear)
    if fit == "pad":
        return ImageOps.pad(picture, (side, side), bilinear, color=0)
    return picture.resize((side, side), bilinear)


def _in_colour(paths: list[Path]) -> bool:
    """Whether one of the first pictures has a pixel that is not grey."""
    for path in paths[:20]:
        try:
            pixels = pixels_of(path, SIDE, True, "stretch").astype(np.int16)
        except PictureError:
            continue
        if np.ptp(pixels, axis=2).max() > 8:
            return True
    return False


def _files(folder: Path, progress: Progress) -> _Files:
    try:
        found = []
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
    nested = [path for path in found if path.parent != folder]
    # Pictures beside folders of classes have no class.
    paths = nested or found
    return _Files(paths, [path.parent.name for path in paths] if nested else [])


def _entries(folder: Path) -> Iterator[Path]:
    """The files of a folder and of its folders, without hidden ones."""
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from (inner for inner in sorted(entry.iterdir()) if not inner.name.startswith("."))
        else:
            yield entry


def _is_picture(path: Any) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file()
