"""For the law suites: from a settings class, values that its own fields forbid, and how they are refused."""

import re
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.errors import UserError
from engine.settings import Settings, number_text, read

NAMELESS = "nonsense"
LONGEST = 1000
"""Lists are tried too long where that is no longer than this."""

NOT_OURS = re.compile(r"\b(input|should|unable|value error|extra|required|instance)\b", re.IGNORECASE)
"""Words of pydantic's own sentences."""


def out_of_range(cls: type[Settings]) -> Iterator[tuple[str, Any]]:
    """(field, value) pairs that the fields forbid: by their kind of value, their choices or their ranges."""
    for name, field in cls.model_fields.items():
        if name != "kind":
            for value in _bad(field.annotation, field.metadata):
                yield name, value


def check_refusal(cls: type[Settings], name: str, value: Any) -> None:
    """A bad value gets a sentence of ours that says where, what is expected and what was found."""
    with pytest.raises(UserError) as caught:
        read(
            cls,
            {"kind": cls.model_fields["kind"].default, name: value} if _named(cls) else {name: value},
            "Here",
        )
    error, field = caught.value, name.replace("_", " ")
    inside = r"(, entry \d+)*(, [a-z ]+)?" if isinstance(value, tuple | dict) else ""
    assert re.fullmatch(f"Here, {re.escape(field)}{inside}", error.where), error.where
    assert error.expected
    assert not NOT_OURS.search(error.expected), error.expected
    if isinstance(value, str):
        assert error.got == f"'{value}'"
    elif isinstance(value, int | float):
        assert error.got == number_text(value)
    nameless = "|There is no such field; .+?" if isinstance(value, dict) else ""
    assert re.fullmatch(rf"(Correct the value{nameless})(; \d+ more to correct after it)?\.", error.help), (
        error.help
    )
    assert str(error) == f"{error.where}: expected {error.expected}, found {error.got}. {error.help}"


def _named(cls: type[Settings]) -> bool:
    return "kind" in cls.model_fields


def _bad(annotation: Any, rules: list[Any]) -> Iterator[Any]:
    """Values that this annotation forbids, with the rules that stand beside it."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        for rule in more:
            rules = [*rules, *(rule.metadata if isinstance(rule, FieldInfo) else [rule])]
        yield from _bad(inner, rules)
    elif origin in (Union, UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
        if len(kinds) == 1:
            yield from _bad(kinds[0], rules)
        elif set(kinds) == {float, str}:
            # A number, or a text with a number in it.
            yield from _bad_numbers(float, rules)
        else:
            # Of one or another kind of thing: each may be named by a text.
            yield NAMELESS
            yield 3
            yield {"kind": NAMELESS}
    elif origin is Literal:
        yield NAMELESS
        yield -1
    elif origin is tuple:
        yield from _bad_lists(get_args(annotation)[0], rules)
    elif annotation is bool:
        yield "abc"
        yield 2
    elif annotation in (int, float):
        yield from _bad_numbers(annotation, rules)
    elif annotation is str:
        yield 3
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield 3
        yield {NAMELESS: 1}
    else:
        raise TypeError(f"no bad values are known for {annotation}")


def _bad_numbers(kind: type, rules: list[Any]) -> Iterator[Any]:
    yield "abc"
    yield float("nan")
    if kind is int:
        yield 2.5
    for rule in rules:
        for bound, offset in (("ge", -1), ("gt", 0), ("le", 1), ("lt", 0)):
            if getattr(rule, bound, None) is not None:
                yield getattr(rule, bound) + offset


def _bad_lists(entry: Any, rules: list[Any]) -> Iterator[Any]:
    """No list, one too short or too long, and for each bad entry a list of nothing else."""
    yield "abc"
    yield 3
    shortest = max([getattr(rule, "min_length", None) or 0 for rule in rules], default=0)
    if shortest:
        yield (1,) * (shortest - 1)
    for rule in rules:
        longest = getattr(rule, "max_length", None)
        if longest is not None and longest < LONGEST:
            yield (1,) * (longest + 1)
    if not (isinstance(entry, type) and issubclass(entry, tuple)):
        for value in _bad(entry, []):
            yield (value,) * max(shortest, 1)
