"""Settings are frozen models: validation, JSON, form and error text are read from their fields.

A field declares its range, default, title and one-sentence description. What else a form needs stands in
`json_schema_extra`, written with `hints()`: the unit, whether it may change in mid-run (`live`), whether a
slider suits it, what an empty value means.
"""

import math
import sys
from collections.abc import Mapping
from types import FunctionType
from typing import Any, ClassVar, TypeVar, get_args

from pydantic import BaseModel, ConfigDict

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


METHODS = (FunctionType, property, staticmethod, classmethod)


def withdraw_overridden(cls: type, root: type, declarations: tuple[str, ...]) -> None:
    """Give a new class what `root` declares, where its own methods make what it would inherit untrue.

    declarations : names of methods or class variables. One that `cls` has in its own body stays as it is; so
    does one whose class has the same methods as `cls`. Fields and their values may differ.
    """
    for name in declarations:
        declaring = next(base for base in cls.__mro__ if name in vars(base))
        if declaring not in (cls, root) and _overrides(cls, declaring):
            setattr(cls, name, vars(root)[name])


def _overrides(cls: type, declaring: type) -> bool:
    """Whether a class has another method than the one that it is derived from, be it from a mixin."""
    methods = {
        name
        for base in declaring.__mro__
        for name, value in vars(base).items()
        if isinstance(value, METHODS) and not name.startswith("__")
    }
    return any(_found(cls, name) is not _found(declaring, name) for name in methods)


def _found(cls: type, name: str) -> Any:
    return next(vars(base)[name] for base in cls.__mro__ if name in vars(base))


def number_text(value: float) -> str:
    """A number as people write it: 1e-05 → 1e-5, 3.0 → 3. Of an integer beyond all floats, its size."""
    if isinstance(value, int) and abs(value) > sys.float_info.max:
        sign = "−" if value < 0 else ""
        return f"about {sign}1e{math.floor(math.log10(abs(value)))}"
    text = str(value) if isinstance(value, int) and abs(value) < 10**15 else f"{value:.12g}"
    return text.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
