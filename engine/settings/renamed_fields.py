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

_POOLING = {"size": "pool_size"}
_NOISE = {"deviation": "std"}

RENAMED_FIELDS: Mapping[str, Mapping[str, str]] = {
    "training": _TRAINING,
    "early_stopping": _EARLY_STOPPING,
    # Initializers, augmentations, layers.
    "normal": _NOISE,
    "noise": _NOISE,
    "gaussian_noise": _NOISE,
    "activation": {"function": "activation"},
    "average_pool": _POOLING,
    "conv1d": {"size": "kernel_size"},
    "dense": {"over": "axes"},
    "layer_norm": {"over": "axes"},
    "max_pool": _POOLING,
    "positional_encoding": {"form": "encoding", "period": "base"},
    "reshape": {"form": "target_shape"},
    # Optimizers.
    "lbfgs": {"evaluations": "max_line_search_evaluations", "memory": "history_size"},
    "rprop": {"grow": "eta_plus", "largest": "max_step", "shrink": "eta_minus", "smallest": "min_step"},
}
"""Old name → new name, for each group: its kind, or where it has none the field that holds it."""

RENAMED_VALUES: Mapping[tuple[str, str], Mapping[Any, Any]] = {("data", "categories"): {"codes": "integer"}}
"""The same for the values of fields: (group, field) → old value → new value."""


def renamed_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON form of settings with the present names; what comes in stays as it is.

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
            for (held, name), new in RENAMED_VALUES.items():
                if held == held_by and isinstance(old := group.get(name), str):
                    group[name] = new.get(old, old)
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
    group = next((part for part in reversed(location) if isinstance(part, str)), "")
    return RENAMED_FIELDS.get(group, {}).get(name, "")
