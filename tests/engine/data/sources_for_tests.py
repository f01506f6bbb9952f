"""One loadable example of every source; a new source that needs a file adds a line here."""

import csv
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import numpy as np
import openpyxl
from PIL import Image

from engine.data.sources.base import Source
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.drawn_points import DrawnPoints
from engine.data.sources.idx_files import IDXFiles
from engine.data.sources.image_arrays import ImageArrays
from engine.data.sources.image_folder import ImageFolder
from engine.data.sources.mnist import MNIST
from engine.data.sources.parquet_file import ParquetFile
from engine.data.sources.spreadsheet import Spreadsheet
from engine.data.sources.sqlite_table import SQLiteTable
from engine.data.sources.typed_table import TypedTable
from tests.engine.data.idx_files import write_mnist

ROWS = [(i / 4, "red" if i % 3 else "blue", "yes") for i in range(20)]
NAMES = ("length", "colour", "grown")


def write_text(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([NAMES, *ROWS])


def write_spreadsheet(path: Path) -> None:
    workbook = openpyxl.Workbook()
    for row in (NAMES, *ROWS):
        workbook.active.append(row)
    workbook.save(path)


def write_parquet(path: Path) -> None:
    text = path.with_suffix(".csv")
    write_text(text)
    duckdb.sql(f"copy (from read_csv('{text}', all_varchar = true)) to '{path}' (format parquet)")


def write_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table cars (length real, colour text, grown text)")
        connection.executemany("insert into cars values (?, ?, ?)", ROWS)
        connection.commit()


def write_idx(path: Path) -> None:
    """Images of floats, and three labels for each."""
    images = np.random.default_rng(0).random((20, 5, 4))
    labels = np.array([[i % 2, 7, i] for i in range(20)])
    write_array(path, 13, images.astype(">f4"))
    beside = path.with_name(path.name.replace("images-idx3-float", "labels-idx2-int"))
    write_array(beside, 12, labels.astype(">i4"))


def write_array(path: Path, code: int, array: np.ndarray) -> None:
    """An array of any type in IDX format."""
    header = bytes((0, 0, code, array.ndim)) + np.array(array.shape, ">u4").tobytes()
    path.write_bytes(header + array.tobytes())


def write_arrays(path: Path) -> None:
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (30, 6, 5, 3), dtype=np.uint8)
    labels = np.arange(30) % 3
    test = {"x_test": images[20:], "y_test": labels[20:]}
    np.savez_compressed(path, x_train=images[:20], y_train=labels[:20], **test)


def write_pictures(folder: Path, count: int = 8) -> Path:
    """Folders of red and of blue pictures of different sizes."""
    for name, colour in (("red", (220, 30, 30)), ("blue", (30, 30, 220))):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            pixels = np.full((12 + number, 16, 3), colour, np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


WRITERS: dict[type[Source], tuple[str, Callable[[Path], object]]] = {
    CSVFile: ("example.csv", write_text),
    Spreadsheet: ("example.xlsx", write_spreadsheet),
    ParquetFile: ("example.parquet", write_parquet),
    SQLiteTable: ("example.db", write_sqlite),
    ImageFolder: ("pictures", write_pictures),
    IDXFiles: ("train-images-idx3-float", write_idx),
    ImageArrays: ("arrays.npz", write_arrays),
    MNIST: ("mnist", write_mnist),
}
"""What makes the file or folder of a source, and its name."""


BY_HAND: dict[type[Source], Source] = {
    DrawnPoints: DrawnPoints(points=[(i / 4, i % 3, 1 + i % 2) for i in range(20)]),
    TypedTable: TypedTable(text="\n".join(",".join(map(str, row)) for row in (NAMES, *ROWS))),
}
"""What a person has made of a source that is no file."""


def example(kind: type[Source], folder: Path) -> Source:
    """The source with its defaults, or with a small file or what a person makes where it needs that."""
    if kind in BY_HAND:
        return BY_HAND[kind]
    if kind not in WRITERS:
        return kind()
    name, write = WRITERS[kind]
    write(folder / name)
    return kind.model_validate({"path": str(folder / name)})
