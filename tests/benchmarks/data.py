"""How long reading tables takes, and how much memory training on data that are larger than it."""

import importlib.util
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from tests.benchmarks.measuring import QUICK, THOROUGH, Pace
from tests.benchmarks.resident import kilobytes, probed

PROBE = "tests.benchmarks.data_probe"
COLUMNS = 30
LINES_A_WRITE = 100_000
PICTURE_CLASSES = 10
MOST_MB, LONGEST_WAIT, WIDE_S = 2048, 0.1, 3.0


def main(pace: Pace = THOROUGH) -> None:
    """Print each figure beside what is wanted; the large table and what is made of it take 11 GB of disk."""
    quick = pace is QUICK
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        imported(place / "table.csv", 2_000 if quick else 2_000_000)
        wide(place / "wide.csv", 100 if quick else 10_000)
        large(place / "large.csv", 2_000 if quick else 20_000_000)
        pictures(place / "pictures", 100 if quick else 100_000)


def imported(path: Path, rows: int) -> None:
    """Our reader beside pandas with pyarrow, each in a process of its own, in turn."""
    write_table(path, rows, COLUMNS)
    peers = ["import"]
    if all(importlib.util.find_spec(name) for name in ("pandas", "pyarrow")):
        peers.append("pandas")
    else:
        print("pandas and pyarrow are not installed (extra “bench”): they are left out.")
    seconds: dict[str, list[float]] = {peer: [] for peer in peers}
    for _ in range(3):
        for peer in peers:
            seconds[peer].append(probed(PROBE, peer, path)["seconds"])
    for peer, title in (("import", "ours"), ("pandas", "pandas with pyarrow")):
        if peer in seconds:
            print(f"import of {rows:,} × {COLUMNS}, {title:<20}{float(np.median(seconds[peer])):>8.2f} s")
    path.unlink()


def wide(path: Path, columns: int) -> None:
    """Reading and describing very many columns."""
    write_table(path, 100, columns)
    found = probed(PROBE, "describe", path)
    print(f"{columns:,} columns × 100 rows, described {found['seconds']:>8.2f} s   wanted: ≤ {WIDE_S:g}")


def large(path: Path, rows: int) -> None:
    """Training on a table that is larger than the memory that may be used."""
    write_table(path, rows, COLUMNS)
    trained(f"{rows:,} × {COLUMNS}", probed(PROBE, "train", path, timeout_s=7200))
    path.unlink()


def pictures(folder: Path, count: int) -> None:
    """Training on a folder of pictures."""
    generator = np.random.default_rng(0)
    for number in range(PICTURE_CLASSES):
        (folder / f"class {number}").mkdir(parents=True)
    for number in range(count):
        pixels = generator.integers(0, 256, (64, 64), np.uint8)
        Image.fromarray(pixels).save(folder / f"class {number % PICTURE_CLASSES}" / f"{number}.bmp")
    trained(f"{count:,} pictures of 64 × 64", probed(PROBE, "images", folder, timeout_s=7200))


def trained(what: str, found: dict[str, float]) -> None:
    """Print what training took."""
    print(
        f"{what}, trained: peak {kilobytes(found['peak'])} KB, waiting {found['waiting']:.1%} of its time, "
        f"{found['seconds']:.0f} s   wanted: ≤ {1024 * MOST_MB:,} KB, < {LONGEST_WAIT:.0%}",
        flush=True,
    )


def write_table(path: Path, rows: int, columns: int) -> None:
    """Numbers of four decimals, and yes or no as the last column."""
    generator = np.random.default_rng(0)
    numbers = np.array([f"{number:.4f}" for number in generator.standard_normal(100_000)])
    with path.open("w", encoding="utf-8") as stream:
        stream.write(",".join([*(f"c{place}" for place in range(columns - 1)), "label"]) + "\n")
        for start in range(0, rows, LINES_A_WRITE):
            count = min(LINES_A_WRITE, rows - start)
            found = [numbers[generator.integers(0, len(numbers), count)].tolist() for _ in range(columns - 1)]
            found.append(np.where(generator.random(count) < 0.5, "yes", "no").tolist())
            stream.write("\n".join(map(",".join, zip(*found, strict=True))) + "\n")
