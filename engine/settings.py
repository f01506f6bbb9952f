"""Settings are frozen models: validation, JSON, form and error text are read from their fields.

A field declares its range, default, title and one-sentence description. What else a form needs stands in
`json_schema_extra`, written with `hints()`: the unit, whether it may change in mid-run (`live`), whether a
slider suits it, what an empty value means.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, ClassVar, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.errors import UserError

Model = TypeVar("Model", bound=BaseModel)


class Settings(BaseModel):
    """Base of everything a person can set: immutable, strict about unknown fields, compared by value."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    heading: ClassVar[str] = ""
    """What a person calls this thing, in sentence case ("Dense", "Adam", "Two moons")."""

    icon: ClassVar[str] = ""
    """Name of a Phosphor icon for cards and menus, without its prefix ("graph")."""

    sections: ClassVar[tuple[str, ...]] = ()
    """The parts that a form of it folds, from top to bottom; `hints(section=…)` says what stands in which."""

    def replace(self: Model, **changes: Any) -> Model:
        """A validated copy with some fields changed; raises pydantic's ValidationError on bad values."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_validate(values | changes)


def hints(
    *,
    unit: str = "",
    live: bool = False,
    slider: bool = False,
    logarithmic: bool = False,
    none_title: str = "",
    hidden: bool = False,
    choices: Mapping[str, str] | None = None,
    path_filter: str = "",
    folder: bool = False,
    section: str = "",
) -> dict[str, Any]:
    """What a form needs to know of a field beyond its type, range, title and description.

    unit : shown behind the number. live : may change between two training steps.
    slider : a slider stands beside the number. logarithmic : that slider runs over powers of ten.
    none_title : what an empty value means. hidden : not in forms. choices : value to title, for texts
    that come from a list. path_filter : the field is a file; its file-dialog filter ("Tables (*.csv)").
    folder : the field is a folder. section : the part of a form that it stands in, one of the model's
    `sections`; without one it is always in sight.
    """
    given = {
        "unit": unit,
        "live": live,
        "slider": slider,
        "logarithmic": logarithmic,
        "none_title": none_title,
        "hidden": hidden,
        "choices": dict(choices or {}),
        "path_filter": path_filter,
        "folder": folder,
        "section": section,
    }
    return {name: value for name, value in given.items() if value}


def field_hints(field: Any) -> dict[str, Any]:
    """The `hints()` that a pydantic FieldInfo carries."""
    extra = field.json_schema_extra
    return dict(extra) if isinstance(extra, Mapping) else {}


def expand_kind(value: Any) -> Any:
    """Read "adam" as {"kind": "adam"}, so that JSON written by hand stays short."""
    return {"kind": value} if isinstance(value, str) else value


def members(union: Any) -> tuple[Any, ...]:
    """The classes of an annotated discriminated union, in the order they are listed."""
    inner = get_args(union)[0]
    return get_args(inner) or (inner,)


def kind_of(settings: type[BaseModel]) -> str:
    """The tag by which a class is named in JSON."""
    default = settings.model_fields["kind"].default
    return str(default)


def read(model: type[Model], values: Any, where: str) -> Model:
    """Validate values from outside; raises UserError with the first fault (and the count of the others)."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise user_error(error, where) from None


def user_error(error: ValidationError, where: str) -> UserError:
    """The first fault of a pydantic ValidationError in our words."""
    faults = list(explain(error))
    place, expected, got = faults[0]
    more = len(faults) - 1
    help = "Correct the value." if not more else f"Correct the value; {more} more to correct after it."
    return UserError(", ".join([where, *place]), expected=expected, got=got, help=help)


def explain(error: ValidationError) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """For each fault: the path in words, what was expected, what was found."""
    faults = error.errors(include_url=False)
    for fault in faults:
        place = fault["loc"]
        # A list is counted without its faulty entries: they are what is wrong, not its length.
        inside = any(other["loc"][: len(place)] == place for other in faults if other is not fault)
        if fault["type"] != "too_short" or not inside:
            yield _place(place), _expected(fault), _found(fault)


def number_text(value: float) -> str:
    """A number as people write it: 1e-05 → 1e-5, 3.0 → 3."""
    text = str(value) if isinstance(value, int) and abs(value) < 10**15 else f"{value:.12g}"
    return text.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


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
    "extra_forbidden": "no such field",
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
        return f"'{fault['ctx']['tag']}'"
    value = fault.get("input")
    if isinstance(value, str):
        return f"'{_shortened(value)}'"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "nothing"}[value]
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, BaseModel | Mapping):
        return "a group of fields"
    if isinstance(value, list | tuple) and any(isinstance(entry, BaseModel | Mapping) for entry in value):
        return f"a list of {len(value)}"
    return _shortened(str(value))


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


def _place(location: tuple[int | str, ...]) -> tuple[str, ...]:
    """Field names in words; list positions count from 1 ("layers", "entry 2", "learning rate")."""
    words = []
    for part in location:
        words.append(f"entry {part + 1}" if isinstance(part, int) else str(part).replace("_", " "))
    return tuple(words)


Task = Literal["classification", "binary", "regression", "reconstruction"]
"""What is to be learned: one of several classes, yes or no, a number, or the input itself (autoencoder)."""


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


def describe_difference(path: tuple[str, ...], before: Any, after: Any) -> str:
    """One changed setting in words: "learning rate 0.01 → 0.001", "optimizer Adam → SGD".

    What belongs to an entry of a list says to which, counted from 1: "layer 2, rate 0.2 → 0.5", and where
    lists are inside one another, "layer 2, inner layer 1, rate 0.2 → 0.5".
    """
    name = next((part for part in reversed(path) if not part.isdigit()), "setting").replace("_", " ")
    entries = [
        f"{one.replace('_', ' ').removesuffix('s')} {int(number) + 1}"
        for one, number in pairwise(path[:-1])
        if number.isdigit()
    ]
    places = [*entries[:1], *(f"inner {entry}" for entry in entries[1:]), name]
    return f"{', '.join(places)} {_value_text(before)} → {_value_text(after)}"


def _value_text(value: Any) -> str:
    if isinstance(value, Settings):
        return value.heading
    if isinstance(value, bool) or value is None:
        return {True: "on", False: "off", None: "off"}[value]
    if isinstance(value, tuple):
        return ", ".join(map(_value_text, value)) or "none"
    return number_text(value) if isinstance(value, int | float) else str(value)
