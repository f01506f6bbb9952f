"""A picture of a file as pixels: one function, for training and for prediction."""

import re
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import excerpt

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")

MOST_PIXELS = 100_000_000
"""Of one picture, by its header; a larger one is never decoded."""

LARGE_PIXELS = 2**24
"""Pictures with more are decoded one at a time, whatever the number of threads."""

SIXTEEN_BIT_MODES = ("I;16", "I;16B", "I;16L", "I;16N")

FAULTS = (
    *(OSError, ValueError, SyntaxError, EOFError, TypeError, LookupError, ArithmeticError, RuntimeError),
    *(AttributeError, struct.error, zlib.error),
)
"""What Pillow raises over damaged files, beside errors of its own: MemoryError is none of them."""

Fit = Literal["stretch", "crop", "pad"]
Background = Literal["white", "black"]

_one_large = threading.Lock()


@contextmanager
def without_warnings() -> Iterator[None]:
    """Keep back what Pillow warns of in damaged files: all that counts is whether they are decoded."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")
        yield


class PictureError(Exception):
    """Why a picture cannot be used: what was found, for a sentence ("no picture")."""


@dataclass(frozen=True)
class Pixels:
    """What every picture becomes: side × side pixels of one byte a channel, three channels or one of grey."""

    side: int
    colour: bool
    fit: Fit
    background: Background = "white"


def pixels_of(path: Path, wanted: Pixels) -> NDArray[np.uint8]:
    """A picture as (side, side, channels), 0 to 255. Raises PictureError, and MemoryError.

    In this order: the first frame is decoded; turned as its EXIF data says; 16 bits become 8, divided by 257
    and rounded (16-bit colour by 256, cut, as Pillow decodes it); what is transparent is laid on the
    background; it is made grey or colour, also of palettes, single bits and CMYK, where grey is .299 red +
    .587 green + .114 blue, rounded (ITU-R BT.601); and resized by bilinear interpolation over all pixels that
    a new one covers (Pillow's BILINEAR): stretched, or its middle cropped, or padded with black.
    """
    # Not at the top: no other source needs it.
    from PIL import Image, ImageOps, UnidentifiedImageError

    # Pillow would only warn of sizes that are refused here, before anything is decoded.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(path) as picture:
            size = picture.width * picture.height
            if size > MOST_PIXELS:
                shape = f"{picture.width:,} × {picture.height:,} pixels"
                raise PictureError(f"one of {shape}, which is too large")
            with _one_large if size > LARGE_PIXELS else nullcontext():
                plain = _plain(ImageOps.exif_transpose(picture), wanted.background)
                square = _square(plain.convert("RGB" if wanted.colour else "L"), wanted)
    except UnidentifiedImageError:
        raise PictureError("no picture") from None
    except FileNotFoundError:
        raise PictureError("no file of that name") from None
    except FAULTS as error:
        raise PictureError(_found(error)) from None
    return np.asarray(square, np.uint8).reshape(wanted.side, wanted.side, -1)


def _found(error: Exception) -> str:
    words = getattr(error, "strerror", None)
    if words:
        return f"one that cannot be read ({words.lower()})"
    words = re.sub(r"\s+", " ", str(error)).strip().lower()
    return f"a damaged one ({excerpt(words, 50)})" if words else "a damaged one"


def _plain(picture: "Image", background: Background) -> "Image":
    """As RGB, or as grey of 8 bits: palettes and single bits would be resized without interpolation."""
    from PIL import Image

    if picture.mode in SIXTEEN_BIT_MODES or picture.mode == "I":
        return _of_sixteen_bits(picture, background)
    if picture.mode == "F":
        raise PictureError("one of floating-point pixels, whose range no file tells")
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        opaque = picture.convert("RGBA")
        ground = Image.new("RGBA", opaque.size, background)
        return Image.alpha_composite(ground, opaque).convert("RGB")
    return picture.convert("L") if picture.mode in ("1", "L") else picture.convert("RGB")


def _of_sixteen_bits(picture: "Image", background: Background) -> "Image":
    from PIL import Image

    numbers = np.asarray(picture).astype(np.int64)
    if picture.mode == "I" and (numbers.min() < 0 or numbers.max() > 65_535):
        raise PictureError("one of 32-bit pixels, of which 16 bits are read")
    grey = np.rint(numbers / 257).astype(np.uint8)
    transparent = picture.info.get("transparency")
    if isinstance(transparent, int):
        grey[numbers == transparent] = 255 if background == "white" else 0
    return Image.fromarray(grey)


def _square(picture: "Image", wanted: Pixels) -> "Image":
    from PIL import Image, ImageOps

    side, bilinear = wanted.side, Image.Resampling.BILINEAR
    if wanted.fit == "crop":
        return ImageOps.fit(picture, (side, side), bilinear)
    if wanted.fit == "pad":
        return ImageOps.pad(picture, (side, side), bilinear, color=0)
    return picture.resize((side, side), bilinear)
