"""Files as they may be after an accident, or made to do harm: mutants of models, experiments, tables, images.

A mutant is decided by its seed and number alone, so that one that has found a fault can be made again.
"""

import gzip
import io
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from engine.experiment import Experiment
from engine.files.run_file import save, saved_run
from tests.end_to_end.accidents import LINE_ACCIDENTS, changed_bytes, changed_json
from tests.engine.data.images.idx_files import write_mnist
from tests.engine.training.runs import dense, experiment, take, trainer

TABLE = "size,colour,weight,kind\n" + "".join(
    f'{number * 7 % 11},"{"red, dark" if number % 3 else "blue"}",{number / 8},{"ab"[number % 2]}\n'
    for number in range(60)
)

MODEL, EXPERIMENT, IMAGES = "model.gradwright", "experiment.json", "mnist"
TABLES = ("table.csv", "table.tsv", "table.csv.gz", "wide.csv")


@dataclass(frozen=True)
class Mutant:
    """kind : what was changed ("model", "experiment", "table", "images"). path : the file or folder."""

    kind: str
    path: Path


def write_originals(folder: Path) -> None:
    """The sound files that mutants are made of."""
    layers = [dense(5), {"kind": "dropout", "rate": 0.2}, {"kind": "batch_norm"}, dense(4)]
    for number, settings in enumerate(_experiments(layers)):
        save(folder / f"{number} {MODEL}", saved_run(take(trainer(settings), 15)))
        (folder / f"{number} {EXPERIMENT}").write_text(settings.to_json())
    (folder / "table.csv").write_text(TABLE)
    (folder / "table.tsv").write_text(TABLE.replace(",", "\t"), encoding="utf-16")
    (folder / "table.csv.gz").write_bytes(gzip.compress(TABLE.encode(), mtime=0))
    wide = ",".join(f"c{column}" for column in range(300))
    (folder / "wide.csv").write_text(f"{wide}\n" + f"{','.join('1' * 300)}\n" * 20, encoding="latin-1")
    write_mnist(folder / IMAGES, 30, 12)


def _experiments(layers: list[dict[str, Any]]) -> list[Experiment]:
    adam = {"kind": "adam", "learning_rate": 0.01}
    return [
        experiment(layers, optimizer=adam, early_stopping={"patience": 50}, weight_averaging=0.9),
        experiment([dense(3)], data={"source": {"kind": "iris"}}, schedule="plateau"),
    ]


def make_mutant(originals: Path, folder: Path, seed: int, number: int) -> Mutant:
    """The mutant of this seed and number, written into the folder."""
    random = Random(f"{seed}/{number}")
    kind = random.choice(("model", "model", "experiment", "table", "table", "images"))
    which = random.randrange(2)
    if kind == "model":
        data = _changed_model(random, (originals / f"{which} {MODEL}").read_bytes())
        return _written(kind, folder / MODEL, data)
    if kind == "experiment":
        data = _changed_json_file(random, (originals / f"{which} {EXPERIMENT}").read_bytes())
        return _written(kind, folder / EXPERIMENT, data)
    if kind == "table":
        name = random.choice(TABLES)
        return _written(kind, folder / name, _changed_table(random, (originals / name).read_bytes()))
    return Mutant(kind, _changed_images(random, originals / IMAGES, folder / IMAGES))


def _written(kind: str, path: Path, data: bytes) -> Mutant:
    path.write_bytes(data)
    return Mutant(kind, path)


def _changed_json_file(random: Random, data: bytes) -> bytes:
    return changed_bytes(random, data) if random.random() < 0.3 else changed_json(random, data)


# --- models ----------------------------------------------------------------------------------------------


def _changed_model(random: Random, data: bytes) -> bytes:
    if random.random() < 0.25:
        return changed_bytes(random, data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    index = random.randrange(len(parts))
    name, part = parts[index]
    action = random.randrange(10)
    if action == 0:
        del parts[index]
    elif action == 1:
        parts[index] = (random.choice(("../evil", name.upper(), "/", "x" * 60_000)), part)
    elif action == 2:
        parts[index] = (name, random.choice((b"", bytes(100_000), b"[]", b"{}", random.randbytes(500))))
    else:
        parts[index] = (name, _changed_part(random, name, part))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for part_name, content in parts:
            archive.writestr(part_name, content)
    return stream.getvalue()


def _changed_part(random: Random, name: str, part: bytes) -> bytes:
    if random.random() < 0.2:
        return changed_bytes(random, part)
    if name.endswith(".json"):
        return changed_json(random, part)
    if name.endswith(".safetensors"):
        return _changed_tensors(random, part)
    return _changed_columns(random, part)


def _changed_tensors(random: Random, part: bytes) -> bytes:
    """Another header over the same numbers."""
    (length,) = struct.unpack("<Q", part[:8])
    header, numbers = changed_json(random, part[8 : 8 + length]), part[8 + length :]
    claimed = random.choice((len(header), len(header), len(header), length, 2**63, 2**31))
    return struct.pack("<Q", claimed) + header + numbers


def _changed_columns(random: Random, part: bytes) -> bytes:
    """Other headers of the arrays, and other arrays."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(part)) as old, zipfile.ZipFile(stream, "w") as new:
        names = old.namelist()
        chosen = random.choice(names)
        for name in names:
            content = old.read(name)
            if name == chosen:
                content = random.choice((_other_header, _other_array))(random, content)
            new.writestr(name, content)
    return stream.getvalue()


def _other_header(random: Random, content: bytes) -> bytes:
    shape = random.choice(
        (b"(10000000000000,)", b"(-1,)", b"()", b"(0,)", b"(" + b"1," * 70 + b")", b"(1e3,)")
    )
    kind = random.choice(
        (b"'<f8'", b"'|O'", b"'<U99999999'", b"'<V0'", b"'<M8[s]'", b"[('a', '<f8')]", b"'<c32'")
    )
    header = b"{'descr': %b, 'fortran_order': %b, 'shape': %b, }" % (
        kind,
        random.choice((b"False", b"True", b"None")),
        shape,
    )
    return content[:8] + struct.pack("<H", len(header)) + header + content[10 + len(header) :]


def _other_array(random: Random, content: bytes) -> bytes:
    stream = io.BytesIO()
    arrays: list[Any] = [
        np.full(random.choice((0, 1, 15)), random.choice((np.nan, np.inf, -1.0, 1e300))),
        np.array(["x" * 5000, "\u202e"]),
        np.zeros((0,) * 20),
        np.array([2**63], np.uint64),
        np.array(3),
    ]
    np.save(stream, random.choice(arrays), allow_pickle=False)
    return stream.getvalue()


# --- tables and images -----------------------------------------------------------------------------------


def _changed_table(random: Random, data: bytes) -> bytes:
    """Accidents to its bytes or its text; compressed, before that or after."""
    if random.random() < 0.3:
        return changed_bytes(random, data)
    compressed = data.startswith(b"\x1f\x8b")
    text = gzip.decompress(data) if compressed else data
    lines = text.split(b"\n")
    for _ in range(random.choice((1, 1, 3))):
        place = random.randrange(len(lines))
        line = lines[place]
        lines[place] = random.choice(LINE_ACCIDENTS)(random, line)
    changed = b"\n".join(lines)
    return gzip.compress(changed, 1, mtime=0) if compressed or random.random() < 0.2 else changed


def _changed_images(random: Random, originals: Path, folder: Path) -> Path:
    """One file of the four is another one; returns the folder, or the file of images."""
    folder.mkdir(exist_ok=True)
    names = sorted(path.name for path in originals.iterdir())
    chosen = random.choice(names)
    for name in names:
        data = (originals / name).read_bytes()
        if name == chosen and random.random() < 0.3:
            data = changed_bytes(random, data)
        elif name == chosen:
            plain = bytearray(changed_bytes(random, gzip.decompress(data)))
            if random.random() < 0.5:
                sides = [random.choice((0, 1, 28, 1024, 2**20, 2**32 - 1)) for _ in range(3)]
                plain[4:16] = struct.pack(">3L", *sides)
            data = gzip.compress(bytes(plain), mtime=0) if random.random() < 0.7 else bytes(plain)
        (folder / name).write_bytes(data)
    return folder / chosen if "images" in chosen and random.random() < 0.5 else folder
