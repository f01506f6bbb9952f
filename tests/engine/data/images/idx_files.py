"""Small files in IDX format, written by hand."""

import gzip
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NAMES = {
    ("training", "images"): "train-images-idx3-ubyte",
    ("training", "labels"): "train-labels-idx1-ubyte",
    ("test", "images"): "t10k-images-idx3-ubyte",
    ("test", "labels"): "t10k-labels-idx1-ubyte",
}
TRAINING_IMAGES = NAMES["training", "images"]


def idx_bytes(values: NDArray[np.uint8]) -> bytes:
    """Header and numbers."""
    sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
    return bytes((0, 0, 8, values.ndim)) + sizes + values.tobytes()


def images_and_labels(rows: int, seed: int, side: int = 4) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Random images (rows, side, side + 1) and labels (rows,) that go through 0, 1, 2 and begin again."""
    draws = np.random.default_rng(seed)
    images = draws.integers(0, 256, (rows, side, side + 1), dtype=np.uint8)
    return images, np.arange(rows, dtype=np.uint8) % 3


def write_mnist(folder: Path, training: int = 30, test: int = 12, compressed: bool = True) -> Path:
    """The four files under their usual names, of random images; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (part, rows) in enumerate((("training", training), ("test", test))):
        for what, values in zip(("images", "labels"), images_and_labels(rows, seed), strict=True):
            data = idx_bytes(values)
            name = NAMES[part, what]
            if compressed:
                (folder / f"{name}.gz").write_bytes(gzip.compress(data))
            else:
                (folder / name).write_bytes(data)
    return folder
