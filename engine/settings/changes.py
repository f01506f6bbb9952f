"""Where two settings differ, and a change of one of them in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from engine.settings.model import Settings, field_hints
from engine.settings.numbers import number_text


def differences(
    old: BaseModel, new: BaseModel, path: tuple[str, ...] = (), live: bool = False
) -> Iterator[tuple[tuple[str, ...], bool, Any, Any]]:
    """Where two settings differ: (path, may change in mid-run, old value, new value), leaf by leaf.

    A field whose kind of thing changes (Adam → SGD) is one difference.
    """
    if type(old) is not type(new):
        yield path, live, old, new
        return
    for name, field in type(new).model_fields.items():
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        place, changes_live = (*path, name), bool(field_hints(field).get("live"))
        if isinstance(before, BaseModel) and isinstance(after, BaseModel):
            yield from differences(before, after, place, changes_live)
        elif _same_length(before, after):
            for number, (one, other) in enumerate(zip(before, after, strict=True)):
                if one != other:
                    yield from differences(one, other, (*place, str(number)), changes_live)
        else:
            yield place, changes_live, before, after


def _same_length(before: Any, after: Any) -> bool:
    """Two lists of settings of equal length, to be compared one by one."""
    both = (before, after)
    return (
        all(isinstance(each, tuple) for each in both)
        and len(before) == len(after)
        and all(isinstance(entry, BaseModel) for each in both for entry in each)
    )


def describe_difference(settings: BaseModel, path: tuple[str, ...], before: Any, after: Any) -> str:
    """One changed setting in words, as forms call it: "learning rate 0.01 → 0.001", "optimizer Adam → SGD".

    path : of a difference in `settings`. What belongs to an entry of a list says to which, counted from 1:
    "layer 2, rate 0.2 → 0.5", or "layer 2, inner layer 1, rate 0.2 → 0.5" where lists are inside one another.
    """
    place: Any = settings
    name, choices = "setting", {}
    entries: list[str] = []
    for number, part in enumerate(path):
        if isinstance(place, tuple):
            place = place[int(part)]
            if number < len(path) - 1:
                # By the field, as each is one of its layers, and not one of its network.
                entry = f"{path[number - 1].replace('_', ' ').removesuffix('s')} {int(part) + 1}"
                entries.append(f"inner {entry}" if entries else entry)
        else:
            field = type(place).model_fields[part]
            name, choices = (
                _within(field.title or part.replace("_", " ")),
                field_hints(field).get("choices", {}),
            )
            place = getattr(place, part)
    return f"{', '.join([*entries, name])} {_value_text(before, choices)} → {_value_text(after, choices)}"


def _within(title: str) -> str:
    """A title as it stands within a sentence; "L1" stays as it is."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def _value_text(value: Any, choices: Mapping[str, str]) -> str:
    if isinstance(value, Settings):
        return value.heading
    if isinstance(value, bool) or value is None:
        return {True: "on", False: "off", None: "off"}[value]
    if isinstance(value, tuple):
        return ", ".join(_value_text(entry, choices) for entry in value) or "none"
    return number_text(value) if isinstance(value, int | float) else choices.get(value, str(value))
