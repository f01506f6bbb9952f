"""JSON from outside: whatever is wrong with the text, one kind of error says what was found."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from engine.errors import excerpt

MOST_VALUES = 4_000_000
"""Each takes some hundred bytes in memory, whatever little it takes in the text."""


class JSONFault(ValueError):
    """Text that is no JSON as we read it; the message says what was found. line : where, if that is known."""

    def __init__(self, found: str, line: int | None = None) -> None:
        super().__init__(found)
        self.line = line


def read_json(text: str | bytes) -> Any:
    """The values of a JSON text; bytes are UTF-8.

    Raises JSONFault also for a name that stands twice in a group, of which Python's reader takes the last,
    and for an integer of more digits than it converts. NaN and infinity pass: whoever asks for a finite
    number says where it is missing.
    """
    try:
        text = text.decode() if isinstance(text, bytes) else text
    except UnicodeDecodeError:
        raise JSONFault("bytes that are no text in UTF-8") from None
    if text.count(",") + text.count("[") + text.count("{") > MOST_VALUES:
        raise JSONFault(f"more than {MOST_VALUES:,} values")
    try:
        return json.loads(text, object_pairs_hook=_group)
    except json.JSONDecodeError as error:
        raise JSONFault(f"text that is none ({error.msg.lower()})", error.lineno) from None
    except JSONFault:
        raise
    except (ValueError, RecursionError):
        raise JSONFault("numbers too long or groups too deep to be one") from None


def _group(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    group = dict(pairs)
    if len(group) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = max(counts, key=counts.__getitem__)
        raise JSONFault(f"“{excerpt(twice)}” twice in one group")
    return group
