"""Settings are frozen models: validation, JSON, form and error text are derived from their fields.

A field declares its range, default, title and one-sentence description. What else a form needs is in
`json_schema_extra`, written with `hints()`: the unit, whether it may change in mid-run (`live`), whether it
has a slider, what an empty value means.
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
    """The foldable sections of its form, from top to bottom; `hints(section=…)` assigns fields to them."""

    field_order: ClassVar[tuple[str, ...]] = ()
    """The order of its fields in forms and files, `kind` first; inherited fields would come first otherwise.
    Fields that are not named here follow in the order of their declaration."""

    @classmethod
    def __pydantic_init_subclass__(cls, **more: Any) -> None:
        super().__pydantic_init_subclass__(**more)
        fields = cls.__pydantic_fields__
        ordered = [name for name in ("kind", *cls.field_order) if name in fields]
        ordered += [name for name in fields if name not in ordered]
        if cls.field_order and ordered != list(fields):
            for name in ordered:
                fields[name] = fields.pop(name)
            # The schema, by which files are written, was made with the fields in their former order.
            cls.model_rebuild(force=True)

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
    last: bool = False,
) -> dict[str, Any]:
    """What a form needs to know about a field besides its type, range, title and description.

    unit : shown after the number.
    live : may change between two training steps.
    slider : shows a slider beside the number. logarithmic : the slider runs over powers of ten.
    none_title : what an empty value means.
    hidden : not in forms.
    choices : from value to title, for texts from a list.
    path_filter : the field is a file; its filter in the file dialog ("Tables (*.csv)").
    folder : the field is a folder.
    section : one of the model's `sections`, in which the form shows it; without one it is always visible.
    last : stands below the fields that kinds of the model have of their own.
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
        "last": last,
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
    """Reset inherited declarations of a new class to those of `root`, if the class overrides methods.

    A declaration such as "this activation is the identity" may be false for a subclass with other methods.
    declarations : names of methods or class variables. One in the body of `cls` itself is kept, and so are
    all where `cls` overrides no method of the class that has declared it. Fields and their values may differ.
    """
    for name in declarations:
        declaring = next(base for base in cls.__mro__ if name in vars(base))
        if declaring not in (cls, root) and _overrides(cls, declaring):
            setattr(cls, name, vars(root)[name])


def _overrides(cls: type, declaring: type) -> bool:
    """Whether any method of a class differs from that of its base, also by a mixin."""
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
    """A number as people write it: 1e-05 → 1e-5, 3.0 → 3; an integer beyond all floats by its magnitude."""
    if isinstance(value, int) and abs(value) > sys.float_info.max:
        sign = "−" if value < 0 else ""
        return f"about {sign}1e{math.floor(math.log10(abs(value)))}"
    text = str(value) if isinstance(value, int) and abs(value) < 10**15 else f"{value:.12g}"
    return text.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
