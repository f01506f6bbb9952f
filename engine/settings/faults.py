"""Validation errors of settings in our words: where, what was expected, what was found."""

import difflib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from engine.errors import UserError, excerpt
from engine.settings.changes import groups_with_field, groups_with_kind, kind_name, models_in
from engine.settings.model import Model, number_text
from engine.settings.renamed_fields import new_name

MOST_PLACES = 3
"""How many groups a sentence names for a field in the wrong group."""

MOST_KINDS = 4


def read(model: type[Model], values: Any, where: str) -> Model:
    """Validate values from outside; raises UserError with the first fault (and the count of the others)."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise user_error(error, where, model) from None


def user_error(error: ValidationError, where: str, model: type[BaseModel] | None = None) -> UserError:
    """The first fault of a pydantic ValidationError in our words.

    model : what was to be read, for the names that its fields have.
    """
    faults = list(_faults(error))
    place, expected, got = _explained(faults[0])
    more = len(faults) - 1
    if faults[0]["type"] == "extra_forbidden":
        *group, name = faults[0]["loc"]
        names = _names(model, group) if model else []
        help = _renamed(str(name), group) or _elsewhere(str(name), group, names, model)
        help = help or _advice(str(name), names)
        help += f" {more} more to correct after it." if more else ""
    else:
        help = "Correct the value." if not more else f"Correct the value; {more} more to correct after it."
    return UserError(", ".join([where, *place]), expected=expected, got=got, help=help)


def explain(error: ValidationError) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """For each fault: the path in words, what was expected, what was found."""
    return map(_explained, _faults(error))


def _faults(error: ValidationError) -> Iterator[Mapping[str, Any]]:
    faults = error.errors(include_url=False)
    # All places around faults, found once: a list may have as many faults as entries.
    around = {fault["loc"][:depth] for fault in faults for depth in range(len(fault["loc"]))}
    for fault in faults:
        # A list is counted without its faulty entries: they are what is wrong, not its length.
        if fault["type"] != "too_short" or fault["loc"] not in around:
            yield fault


def _explained(fault: Mapping[str, Any]) -> tuple[tuple[str, ...], str, str]:
    place = fault["loc"]
    if fault["type"] == "extra_forbidden":
        # Its place is the group that has no such field; a name is shown as it was typed.
        place = place[:-1]
    return _place(place), _expected(fault), _found(fault)


def _renamed(name: str, location: Sequence[int | str]) -> str:
    """What a field is called now that had another name before; empty for any other name."""
    new = new_name(_as_field(name), location)
    return f"There is no such field; it is called “{new}”." if new else ""


def _elsewhere(
    name: str, location: Sequence[int | str], names: list[str], model: type[BaseModel] | None
) -> str:
    """Where a field belongs that this group has not, but another of the model; empty where none has it."""
    name = _as_field(name)
    if model is None or name in (*names, "kind"):
        return ""
    # The same group of another kind before those far away; then by how near they are to the root.
    places = sorted(groups_with_field(name, model), key=lambda place: not _leads_to(location, place[0]))
    near = bool(places) and _leads_to(location, places[0][0])
    if not near and name in model.model_fields:
        return "It belongs at the top level, outside of all groups."
    if not near and (path := next(groups_with_kind(name, model), "")):
        return f'It is a kind of “{path}”, written as {{"kind": "{name}"}}.'
    named = [f"“{path}”" + (f" of kind {_some(kinds)}" if kinds else "") for path, kinds in places]
    return f"It belongs in {', or '.join(named[:MOST_PLACES])}." if named else ""


def _leads_to(location: Sequence[int | str], path: str) -> bool:
    return list(location[: path.count(".") + 1]) == path.split(".")


def _some(texts: Sequence[str]) -> str:
    shown = [*texts[:MOST_KINDS], *(["another"] if len(texts) > MOST_KINDS else [])]
    *first, last = shown
    return f"{', '.join(first)} or {last}" if first else last


def _as_field(name: str) -> str:
    """A name as fields are written, however it was typed."""
    return name.lower().replace(" ", "_").replace("-", "_")


def _advice(name: str, names: list[str]) -> str:
    """What to do about a field that there is not: the names it comes near to, or else all there are."""
    sentence = "There is no such field"
    near = difflib.get_close_matches(_as_field(name), names)
    if near:
        return f"{sentence}; did you mean {' or '.join(f'“{one}”' for one in near)}?"
    return f"{sentence}; those there are: {', '.join(names)}." if names else f"{sentence}."


def _names(model: type[BaseModel], location: Sequence[int | str]) -> list[str]:
    """The fields of the group at a place within a model."""
    groups = [model]
    for part in location:
        fields = [group.model_fields[part] for group in groups if part in group.model_fields]
        kinds = [group for group in groups if kind_name(group) == part]
        # What pydantic adds to the path, such as a place in a list or the name of a validator, leads nowhere.
        groups = [one for field in fields for one in models_in(field.annotation)] or kinds or groups
    return list(dict.fromkeys(name for group in groups for name in group.model_fields))


_BOUNDS: Mapping[str, str] = {
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of at most {le}",
    "too_short": "a longer list, of {min_length} or more",
    "too_long": "at most {max_length} entries",
    "string_too_short": "a longer text, of {min_length} or more",
}

_TYPES: Mapping[str, str] = {
    "missing": "a value",
    "extra_forbidden": "the name of a field",
    "finite_number": "a finite number",
    "float_parsing": "a number",
    "float_type": "a number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "a text",
    "model_type": "a group of fields",
    "model_attributes_type": "a group of fields",
    "dict_type": "a group of fields",
    "tuple_type": "a list",
    "list_type": "a list",
    "union_tag_not_found": "a field 'kind'",
}


def _expected(fault: Mapping[str, Any]) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind in _BOUNDS:
        shown = {k: number_text(v) if isinstance(v, int | float) else v for k, v in context.items()}
        return _BOUNDS[kind].format(**shown)
    if kind in _TYPES:
        return _TYPES[kind]
    if kind in ("literal_error", "enum"):
        return f"one of {context['expected']}"
    if kind == "union_tag_invalid":
        return f"one of {context['expected_tags']}"
    if kind == "value_error":
        return str(context["error"])
    return str(fault["msg"])


def _found(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "missing":
        return "nothing"
    if fault["type"] == "union_tag_invalid":
        return f"'{excerpt(fault['ctx']['tag'])}'"
    if fault["type"] == "extra_forbidden":
        return f"“{excerpt(str(fault['loc'][-1]))}”"
    value = fault.get("input")
    if isinstance(value, str):
        return f"'{excerpt(value)}'"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "nothing"}[value]
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, list | tuple) and any(isinstance(entry, BaseModel | Mapping) for entry in value):
        return f"a list of {len(value)}"
    return "a group of fields" if isinstance(value, BaseModel) else excerpt(value)


def _place(location: tuple[int | str, ...]) -> tuple[str, ...]:
    """Field names in words; list positions count from 1 ("layers", "entry 2", "learning rate")."""
    words = []
    for part in location:
        words.append(f"entry {part + 1}" if isinstance(part, int) else excerpt(str(part)).replace("_", " "))
    return tuple(words)


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
    and for an integer of more digits than it converts. NaN and infinity pass: a field that asks for a finite
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
