"""Accidents that happen to bytes, to JSON, and to the lines of a table; each is drawn from a generator."""

import json
import struct
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

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


def _places(values: Any) -> Iterator[tuple[Any, Any]]:
    """All places of values: the group or list, and the name or index in it."""
    keys = (
        list(values) if isinstance(values, dict) else range(len(values)) if isinstance(values, list) else ()
    )
    for key in keys:
        yield values, key
        yield from _places(values[key])


# --- lines of a table ------------------------------------------------------------------------------------


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
