"""What a field of an experiment may be, in words: "a number, above 0, at most 10, or null (guessed)"."""

import argparse
import difflib
import functools
import inspect
import json
import operator
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.errors import UserError, excerpt
from engine.experiment import Experiment
from engine.settings import Settings, field_hints, number_text
from engine.settings.changes import FieldGroup, groups, kind_name, models_in

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
        words.format(number_text(getattr(rule, bound)))
        for rule in rules
        for bound, words in BOUNDS.items()
        if getattr(rule, bound, None) is not None
    ]


WIDTH = 100

ROOT = "experiment"
"""What the group is called in which all others are."""


def fields(options: argparse.Namespace) -> int:
    """Run the command; returns its exit status."""
    lines = _found(options.name) if options.name else _everything()
    sys.stdout.write("\n".join(lines).strip() + "\n")
    return 0


def _everything() -> Iterator[str]:
    all_groups = groups(Experiment)
    yield from _wrapped(f"Groups: {', '.join(dict.fromkeys(map(_title, all_groups)))}.")
    yield from _wrapped(
        'A group stands in the field of its name. Where it has kinds, "kind" says which; the kind alone, as '
        "a text, means the kind with its defaults. What is left away has its default."
    )
    for group in all_groups:
        yield from _group(group, group.members)


def _found(name: str) -> Iterator[str]:
    """What is called so: a group by path or name, a kind of one, or else a field, wherever there is one."""
    wanted = name.lower().replace("-", "_").replace(" ", "_")
    all_groups = groups(Experiment)
    chosen: list[tuple[FieldGroup, tuple[type[BaseModel], ...]]] = [
        (group, group.members) for group in all_groups if wanted in {*group.paths, group.name, _title(group)}
    ]
    chosen += [
        (group, (member,))
        for group in all_groups
        for member in group.members
        if kind_name(member) and wanted in _names_of_kind(group, member)
    ]
    for group, members in chosen:
        yield from _group(group, members)
    if chosen:
        return
    having = [(group, one) for group in all_groups for one in group.members if wanted in one.model_fields]
    if not having or wanted == "kind":
        raise _unknown(name, wanted, all_groups)
    for group, member in having:
        yield ""
        yield _heading(group, member)
        yield from _field(wanted, member.model_fields[wanted])


def _names_of_kind(group: FieldGroup, member: type[BaseModel]) -> set[str]:
    kind = kind_name(member)
    return {kind, f"{group.name}.{kind}", *(f"{path}.{kind}" for path in group.paths)}


def _unknown(name: str, wanted: str, all_groups: list[FieldGroup]) -> UserError:
    members = {member for group in all_groups for member in group.members}
    names = {_title(group) for group in all_groups} | {group.name for group in all_groups}
    names |= {kind_name(member) for member in members}
    names |= {field for member in members for field in member.model_fields}
    near = difflib.get_close_matches(wanted, sorted(names - {"", "kind"}))
    return UserError(
        f"fields {name}",
        expected="the name of a group, a kind or a field of an experiment",
        got=f"“{excerpt(name)}”",
        help=f"Did you mean {' or '.join(f'“{one}”' for one in near)}?"
        if near
        else f"The groups are: {', '.join(dict.fromkeys(map(_title, all_groups)))}.",
    )


def _title(group: FieldGroup) -> str:
    return group.paths[0] or ROOT


def _group(group: FieldGroup, members: tuple[type[BaseModel], ...]) -> Iterator[str]:
    if len(group.members) > 1 and len(members) > 1:
        yield ""
        kinds = ", ".join(map(kind_name, members))
        yield from _wrapped(f"{_title(group)}: one of {len(members)} kinds, {kinds}.")
        if len(group.paths) > 1:
            yield from _wrapped(f"The same kinds stand in {', '.join(group.paths[1:])}.", "    ")
    for member in members:
        yield ""
        yield _heading(group, member)
        yield from _wrapped(inspect.cleandoc(member.__doc__ or "").partition("\n\n")[0], "    ")
        for name, field in member.model_fields.items():
            if name != "kind" and name != "schema_version":
                yield from _field(name, field)


def _heading(group: FieldGroup, member: type[BaseModel]) -> str:
    kind = kind_name(member)
    title = member.heading if issubclass(member, Settings) else ""
    return f"{_title(group)}{f', kind {json.dumps(kind)}' if kind else ''}: {title or 'a group of fields'}"


def _field(name: str, field: FieldInfo) -> Iterator[str]:
    """The name with what it may be, then what it is for."""
    titles = {group.members: _title(group) for group in groups(Experiment)}
    yield from _wrapped(f"{name}: {value_text(field, titles)}; {_default(field)}", "  ")
    yield from _wrapped(field.description or "", "      ")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "has to be given"
    return f"default {_json(field.default)}"


def _json(value: Any) -> str:
    """A value as it is written in an experiment; of a group with kinds, that alone."""
    if isinstance(value, BaseModel):
        kind = kind_name(type(value))
        changed = {
            name: getattr(value, name)
            for name, field in type(value).model_fields.items()
            if name != "kind" and getattr(value, name) != field.default
        }
        if not changed:
            return json.dumps(kind) if kind else "those of its fields"
        return json.dumps(value.model_dump(mode="json"), ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, default=str)


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}    ", break_on_hyphens=False
    )
