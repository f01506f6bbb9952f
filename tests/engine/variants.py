"""For the law suites: from a settings class, the settings that its own fields make possible."""

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.settings import Settings


def variants(cls: type[Settings]) -> Iterator[Settings]:
    """The defaults, then for each field each of its other choices, alone: flipped, listed or in mid-range."""
    default = cls()
    yield default
    for name, field in cls.model_fields.items():
        for value in alternatives(field, getattr(default, name)):
            yield default.replace(**{name: value})


def alternatives(field: FieldInfo, current: Any) -> list[Any]:
    """Other valid values of a field."""
    kinds = list(_leaves(field.annotation))
    if bool in kinds:
        return [not current]
    found: list[Any] = []
    for kind in kinds:
        if get_origin(kind) is Literal:
            found += [choice for choice in get_args(kind) if choice != current]
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            found.append(kind())
        elif kind in (int, float):
            low, high = bounds(field)
            found.append(kind(min(max(low + (high - low) * 0.1, low + 1e-3), low + 3)))
    return found


def bounds(field: FieldInfo) -> tuple[float, float]:
    """Lowest and highest value, from the field's constraints."""
    low, high = 0.0, 10.0
    for rule in field.metadata:
        low = getattr(rule, "ge", getattr(rule, "gt", None)) or low
        high = getattr(rule, "le", getattr(rule, "lt", None)) or high
    return low, high


def _leaves(annotation: Any) -> Iterator[Any]:
    """The plain types inside unions and annotations; a list of numbers counts as one thing of its own."""
    if get_origin(annotation) in (Literal, tuple) or isinstance(annotation, type):
        yield annotation
        return
    arguments = get_args(annotation)
    if hasattr(annotation, "__metadata__"):
        arguments = arguments[:1]
    for argument in arguments:
        yield from _leaves(argument)
