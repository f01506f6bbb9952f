"""Recognizes files that are not text by their first bytes, as names can mislead."""

import re
from dataclasses import dataclass

FIRST_BYTES = 4096
"""Enough to recognize a file by."""

IDX_SOURCE = "MNIST (IDX files)"
"""What the source that reads IDX files is called."""

SAVE_AS_TEXT = "Save the table as a CSV file in UTF-8 and open that."

PICTURES_ARE_IDX = (
    f"Pictures are read from IDX files only: put them into such files and choose the source “{IDX_SOURCE}”, "
    "with the folder that holds them."
)

CHOOSE_IDX = f"Choose the source “{IDX_SOURCE}”, with the folder that holds it."

PICTURES = {
    rb"\x89PNG": "a PNG image",
    rb"\xff\xd8\xff": "a JPEG image",
    rb"GIF8[79]a": "a GIF image",
    # Two letters alone could be those of a column “BMI”.
    rb"BM.{4}\0{4}": "a BMP image",
    rb"II\*\0|MM\0\*": "a TIFF image",
    rb"RIFF.{4}WEBP": "a WebP image",
    rb".{4}ftyp(hei[cfsx]|mif1|avif)": "an HEIF image",
}

IDX_FILES = {
    rb"\0\0\x08\x03": "images in IDX format",
    rb"\0\0\x08\x01": "labels in IDX format",
    rb"\0\0[\x08\x09\x0b-\x0e][\x01-\x08]": "numbers in IDX format",
}
"""The header's first four bytes, see `engine.data.image_files`."""

OTHERS = {
    rb"PK\x03\x04": "a zip archive or a workbook such as .xlsx",
    rb"\xd0\xcf\x11\xe0": "an old office document such as .xls",
    rb"%PDF": "a PDF document",
    rb"PAR1": "a Parquet file",
    rb"SQLite format 3": "an SQLite database",
    rb"\x89HDF": "an HDF5 file",
    rb"\x93NUMPY": "a NumPy array",
}


@dataclass(frozen=True)
class BinaryFile:
    """What a file is, for a sentence, and what to do with it."""

    what: str
    help: str


def of_images(head: bytes) -> BinaryFile | None:
    """What a file that begins so is, if it is a picture or in IDX format."""
    return _recognized(head, PICTURES, PICTURES_ARE_IDX) or _recognized(head, IDX_FILES, CHOOSE_IDX)


def no_text(head: bytes) -> BinaryFile | None:
    """What a file that begins so is; None where it may be text."""
    return of_images(head) or _recognized(head, OTHERS, SAVE_AS_TEXT)


def _recognized(head: bytes, kinds: dict[bytes, str], help: str) -> BinaryFile | None:
    for pattern, what in kinds.items():
        if re.match(pattern, head, re.DOTALL):
            return BinaryFile(what, help)
    return None
