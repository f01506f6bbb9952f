"""One loadable example of every source; a new source that needs a file adds a line here."""

import csv
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import numpy as np
import openpyxl
from arro3.core import Table
from arro3.io import write_ipc
from PIL import Image

from engine.data.sources.arff_file import ARFFFile
from engine.data.sources.arrow_file import ArrowFile
from engine.data.sources.base import Source
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.image_folder import ImageFolder
from engine.data.sources.json_file import JSONFile
from engine.data.sources.mnist import MNIST
from engine.data.sources.numpy_file import NumPyFile
from engine.data.sources.parquet_file import ParquetFile
from engine.data.sources.spreadsheet import Spreadsheet
from engine.data.sources.sqlite_table import SQLiteTable
from engine.data.sources.svmlight_file import SVMLightFile
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


def write_arrow(path: Path) -> None:
    text = path.with_suffix(".csv")
    write_text(text)
    write_ipc(Table.from_arrow(duckdb.sql(f"from read_csv('{text}', all_varchar = true)")), path)


def write_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table cars (length real, colour text, grown text)")
        connection.executemany("insert into cars values (?, ?, ?)", ROWS)
        connection.commit()


def write_numpy(path: Path) -> None:
    kinds = [("length", "f8"), ("colour", "U9"), ("grown", "U3")]
    np.save(path, np.array(ROWS, dtype=kinds))


def write_json(path: Path) -> None:
    lines = (json.dumps(dict(zip(NAMES, row, strict=True))) for row in ROWS)
    path.write_text("\n".join(lines), encoding="utf-8")


def write_arff(path: Path) -> None:
    header = (
        "@relation cars\n@attribute length numeric\n@attribute colour {red, blue}\n@attribute grown string"
    )
    rows = "\n".join(",".join(map(str, row)) for row in ROWS)
    path.write_text(f"{header}\n@data\n{rows}\n", encoding="utf-8")


def write_svmlight(path: Path) -> None:
    path.write_text("".join(f"{row % 2} 1:{row / 4} 3:{row % 3}\n" for row in range(20)), encoding="utf-8")


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
    ArrowFile: ("example.feather", write_arrow),
    SQLiteTable: ("example.db", write_sqlite),
    NumPyFile: ("example.npy", write_numpy),
    JSONFile: ("example.jsonl", write_json),
    ARFFFile: ("example.arff", write_arff),
    SVMLightFile: ("example.svmlight", write_svmlight),
    ImageFolder: ("pictures", write_pictures),
    MNIST: ("mnist", write_mnist),
}
"""What makes the file or folder of a source, and its name."""


def example(kind: type[Source], folder: Path) -> Source:
    """The source with its defaults, or with a small file where it needs one."""
    if kind not in WRITERS:
        return kind()
    name, write = WRITERS[kind]
    write(folder / name)
    return kind.model_validate({"path": str(folder / name)})
