"""What a field of an experiment may be, in words: "a number, above 0, at most 10, or null (guessed)"."""

import functools
import json
import operator
from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.settings import field_hints, number_text
from engine.settings.groups import kind_name, models_in

BOUNDS = {"ge": "at least {}", "gt": "above {}", "le": "at most {}", "lt": "below {}"}

PLAIN = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}

Titles = Mapping[tuple[type[BaseModel], ...], str]


def value_text(field: FieldInfo, titles: Titles) -> str:
    """What may stand there. titles : what groups are called, by what may stand in them."""
    hints = field_hints(field)
    text = _text(titles, field.annotation, list(field.metadata), list(hints.get("choices", {})))
    if unit := hints.get("unit"):
        text += f", in {unit}"
    if NoneType not in get_args(field.annotation):
        return text
    meaning = hints.get("none_title", "")
    return f"{text}, or null{f' ({meaning[:1].lower()}{meaning[1:]})' if meaning else ''}"


def _text(titles: Titles, annotation: Any, rules: list[Any], choices: Sequence[Any] = ()) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        for rule in arguments[1:]:
            rules = [*rules, *(rule.metadata if isinstance(rule, FieldInfo) else [rule])]
        return _text(titles, arguments[0], rules, choices)
    if origin is Literal:
        return _one_of(arguments)
    if models := models_in(annotation) if origin is not tuple else ():
        return f"{'a kind of' if any(map(kind_name, models)) else 'the group'} {titles[models]}"
    if origin in (Union, UnionType):
        kinds = [kind for kind in arguments if kind is not NoneType]
        if len(kinds) == 1:
            return _text(titles, kinds[0], rules, choices)
        if all(get_origin(kind) is Literal for kind in kinds):
            return _text(titles, functools.reduce(operator.or_, kinds), rules)
        return ", or ".join(_text(titles, kind, rules if kind is not str else []) for kind in kinds)
    if origin is tuple:
        length = " and ".join(
            f"{least} {getattr(rule, key)}"
            for rule in rules
            for key, least in (("min_length", "at least"), ("max_length", "at most"))
            if getattr(rule, key, None) is not None
        )
        return f"a list{f' of {length}' if length else ''}, each {_text(titles, arguments[0], [])}"
    if parts := getattr(annotation, "_fields", ()):
        return f"[{', '.join(parts)}]"
    if annotation is str and choices:
        return _one_of(choices)
    return ", ".join([PLAIN.get(annotation, "a value"), *_range(rules)])


def _one_of(values: Sequence[Any]) -> str:
    return " or ".join(json.dumps(value, ensure_ascii=False) for value in values)


def _range(rules: list[Any]) -> list[str]:
    return [
        told.format(number_text(getattr(rule, bound)))
        for rule in rules
        for bound, told in BOUNDS.items()
        if getattr(rule, bound, None) is not None
    ]
