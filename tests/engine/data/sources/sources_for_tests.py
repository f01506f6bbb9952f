"""One loadable example of every source; a new source that needs a file adds a line here."""

import gzip
import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from engine.data.sources.base import Source
from engine.data.sources.drawn_points import DrawnPoints
from engine.data.sources.idx_files import IDXFiles
from engine.data.sources.image_arrays import ImageArrays
from engine.data.sources.image_folder import ImageFolder
from engine.data.sources.mnist import MNIST
from engine.data.sources.openml import CACHE_VARIABLE, OpenML
from engine.data.sources.typed_table import TypedTable
from tests.engine.data.images.idx_files import write_mnist
from tests.engine.data.sources.table_writers import NUMBERS_ALONE, WRITE, example_rows

ROWS = [(i / 4, "red" if i % 3 else "blue", "yes") for i in range(20)]
NAMES = ("length", "colour", "grown")


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


def write_table(kind: type[Source], path: Path) -> None:
    """The same table in every format that can hold it."""
    names, rows = example_rows(kind) if kind in NUMBERS_ALONE else (NAMES, ROWS)
    WRITE[kind][1](path, names, rows)


def fill_cache(name: str = "cars") -> None:
    """Put a data set of OpenML into the cache, as if it had been fetched."""
    folder = Path(os.environ[CACHE_VARIABLE]) / "openml" / f"{name}-oldest" / "openml.org"
    lines = ["@relation cars", "@attribute length numeric", "@attribute colour {red, blue}", "@data"]
    lines += [f"{length},{colour}" for length, colour, _ in ROWS]
    flags = {"is_ignore": "false", "is_row_identifier": "false"}
    features = [
        {"name": "length", "is_target": "false", **flags},
        {"name": "colour", "is_target": "true", **flags},
    ]
    for place, text in (
        ("data/v1/download/1/cars.arff", "\n".join(lines)),
        ("api/v1/json/data/features/1", json.dumps({"data_features": {"feature": features}})),
    ):
        path = folder / f"{place}.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text.encode()))


WRITERS: dict[type[Source], tuple[str, Callable[[Path], object]]] = {
    **{kind: (f"example.{suffix}", partial(write_table, kind)) for kind, (suffix, _) in WRITE.items()},
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
    if kind is OpenML:
        fill_cache()
        return OpenML(name="cars")
    if kind not in WRITERS:
        return kind()
    name, write = WRITERS[kind]
    write(folder / name)
    return kind.model_validate({"path": str(folder / name)})
