"""Files as they may be after an accident, or made to do harm: mutants of models, experiments, tables, images.

A mutant is decided by its seed and number alone, so that one that has found a fault can be made again.
"""

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from engine.experiment import Experiment
from engine.files.run_file import save, saved_run
from tests.engine.data.idx_files import write_mnist
from tests.engine.training.runs import dense, experiment, take, trainer

TABLE = "size,colour,weight,kind\n" + "".join(
    f'{number * 7 % 11},"{"red, dark" if number % 3 else "blue"}",{number / 8},{"ab"[number % 2]}\n'
    for number in range(60)
)

MODEL, EXPERIMENT, IMAGES = "model.gradwright", "experiment.json", "mnist"
TABLES = ("table.csv", "table.tsv", "table.csv.gz", "wide.csv")

STRANGE_JSON = [
    *(
        "null",
        "true",
        "-1",
        "0",
        "0.5",
        "1e308",
        "1e999",
        "-1e999",
        "NaN",
        "Infinity",
        "[]",
        "{}",
        '""',
        "1e400",
    ),
    *("1" + "0" * 400, "1" + "0" * 5000, "9" * 19, "1e-400", '"\\ud800"', '"\\u202e\\u0000"', '"\\ud83d"'),
    *('"' + "x" * 70_000 + '"', "[" * 1000 + "]" * 1000, "[" * 100_000, '{"a":' * 1000 + "1" + "}" * 1000),
    *('{"kind": "dense"}', '{"kind": 3}', '{"kind": "' + "y" * 70_000 + '"}', "[1, 2, 3]", '["a", null]'),
    "[" + ",".join(["1" + "0" * 400] * 3) + "]",
    "[" + ",".join(["[]"] * 20_000) + "]",
]
"""Values that a field may turn into, as they are written."""

STRANGE_BYTES = [
    b"\0",
    b"\xff",
    b'"',
    b"\n",
    b",",
    b"\r",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\x1f\x8b",
    b"PK\5\6",
]

PLACE = "@" * 40
"""Stands in JSON text for a value that is no JSON that Python would write."""


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
        experiment(layers, optimizer=adam, early_stopping={"patience": 50}, average=0.9),
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


# --- bytes -----------------------------------------------------------------------------------------------


def changed_bytes(random: Random, data: bytes) -> bytes:
    """One to four accidents to bytes."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 4)):
        random.choice(ACCIDENTS)(random, changed)
    return bytes(changed)


def _place(random: Random, data: bytearray) -> int:
    """Anywhere, but half of the time near the beginning or the end, where headers and directories are."""
    near = min(64, len(data))
    return random.choice(
        (random.randint(0, len(data)), random.randint(0, near), len(data) - random.randint(0, near))
    )


def _flip(random: Random, data: bytearray) -> None:
    if data:
        data[min(_place(random, data), len(data) - 1)] ^= 1 << random.randrange(8)


def _overwrite(random: Random, data: bytearray) -> None:
    place = _place(random, data)
    number = random.choice((0, 1, 2**31 - 1, 2**32 - 1, random.getrandbits(32)))
    data[place : place + 4] = struct.pack(random.choice("<>") + "L", number)


def _insert(random: Random, data: bytearray) -> None:
    place = _place(random, data)
    data[place:place] = random.choice(STRANGE_BYTES) * random.choice((1, 1, 3, 1000))


def _remove(random: Random, data: bytearray) -> None:
    place = _place(random, data)
    del data[place : place + random.choice((1, 2, 16, 1000))]


def _repeat(random: Random, data: bytearray) -> None:
    place = _place(random, data)
    data[place:place] = data[place : place + random.randint(1, 200)] * random.choice((1, 2, 500))


def _cut(random: Random, data: bytearray) -> None:
    del data[_place(random, data) :]


ACCIDENTS: tuple[Callable[[Random, bytearray], None], ...] = (
    *(_flip, _flip, _overwrite, _overwrite, _insert, _remove, _repeat, _cut),
)


# --- JSON ------------------------------------------------------------------------------------------------


def _changed_json_file(random: Random, data: bytes) -> bytes:
    return changed_bytes(random, data) if random.random() < 0.3 else changed_json(random, data)


def changed_json(random: Random, data: bytes) -> bytes:
    """A value, a name or a group somewhere in the JSON is another one, missing, or there twice."""
    values = json.loads(data)
    places = list(_places(values))
    if not places:
        return data
    text = ""
    for _ in range(random.choice((1, 1, 1, 3))):
        group, key = random.choice(places)
        if key not in (group if isinstance(group, dict) else range(len(group))):
            continue
        action = random.randrange(6)
        if action == 0:
            del group[key]
        elif action == 1 and isinstance(group, dict):
            group[random.choice((str(key).upper(), "x" * 70_000, "\u202e", "kind", ""))] = group[key]
        elif action == 2:
            other, its_key = random.choice(places)
            with_place = its_key in (other if isinstance(other, dict) else range(len(other)))
            # Through JSON, so that no group comes to lie within itself.
            group[key] = json.loads(json.dumps(other[its_key])) if with_place else None
        else:
            group[key], text = PLACE, random.choice(STRANGE_JSON)
    written = json.dumps(values, indent=random.choice((None, 2)))
    if random.random() < 0.1:
        written = written.replace("{", '{"kind": "twice", "kind": "twice", ', 1)
    return written.replace(f'"{PLACE}"', text).encode(errors="surrogatepass")


def _places(values: Any) -> Any:
    """All places of values: the group or list, and the name or index in it."""
    keys = (
        list(values) if isinstance(values, dict) else range(len(values)) if isinstance(values, list) else ()
    )
    for key in keys:
        yield values, key
        yield from _places(values[key])


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


LINE_ACCIDENTS: tuple[Callable[[Random, bytes], bytes], ...] = (
    lambda random, line: changed_bytes(random, line),
    lambda random, line: line[1:],
    lambda random, line: line + b",",
    lambda random, line: b"",
    lambda random, line: b'"' + line,
    lambda random, line: line.replace(b",", b"", 1),
    lambda random, line: line + b"\0",
    lambda random, line: b"#" + line,
    lambda random, line: line + b"9" * 400,
    lambda random, line: b"1e999,nan,inf,-",
    lambda random, line: line * 200,
    lambda random, line: b'"' * 5001,
    lambda random, line: (line[:60] + b"\n") * 20_000,
    lambda random, line: b"1\n" * 2_000_000,
    lambda random, line: b'"1\n' + b"1\n" * 2_000_000,
    lambda random, line: b",".join([b"1"] * 20_000),
    lambda random, line: b"y" * 5_000_000,
)


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
