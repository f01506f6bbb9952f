"""Fields that had another name before schema version 3: old files and sentences about old names need both."""

from collections.abc import Mapping, Sequence
from typing import Any

_TRAINING = {
    "accumulate": "accumulate_batches",
    "average": "weight_averaging",
    "l1_step": "l1_update",
    "stop_below": "target_loss",
}
_EARLY_STOPPING = {"keep_best": "restore_best_weights", "min_change": "min_delta"}

RENAMED_FIELDS: Mapping[str, Mapping[str, str]] = {
    "training": _TRAINING,
    "early_stopping": _EARLY_STOPPING,
}
"""Old name → new name, for each group: its kind, or where it has none the field that holds it."""


def renamed_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON form of settings with the present names of its fields; what comes in stays as it is.

    Without recursion, as a file can hold groups inside one another deeper than Python's stack.
    """
    root = dict(values)
    waiting: list[tuple[str, dict[str, Any] | list[Any]]] = [("", root)]
    while waiting:
        held_by, group = waiting.pop()
        if isinstance(group, dict):
            kind = group.get("kind", held_by)
            names = RENAMED_FIELDS.get(kind, {}) if isinstance(kind, str) else {}
            entries = [(names.get(name, name), value) for name, value in group.items()]
            # Where both names stand, the old one stays: reading says that there is no such field.
            if len({name for name, _ in entries}) == len(group):
                group.clear()
                group.update(entries)
        places: Any = group if isinstance(group, dict) else range(len(group))
        for place in places:
            value = group[place]
            if isinstance(value, dict | list):
                group[place] = value = value.copy()
                waiting.append((place if isinstance(place, str) else held_by, value))
    return root


def new_name(name: str, location: Sequence[int | str]) -> str:
    """What the field of this old name is called now, in the group at a place; empty where it had no other.

    location : as in an error of pydantic, whose path has the kinds of groups in it.
    """
    groups = [RENAMED_FIELDS[part] for part in location if isinstance(part, str) and part in RENAMED_FIELDS]
    return groups[-1].get(name, "") if groups else ""
