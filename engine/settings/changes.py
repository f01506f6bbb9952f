"""The structure of settings models: the groups of fields in them, and the differences of two settings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

from engine.settings.model import Settings, field_hints, number_text

# --- groups of fields ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FieldGroup:
    """The alternative models of a field, or of several fields with the same alternatives.

    paths : of the fields, from the root, "training.optimizer"; empty for the root itself. Kinds are not part
    of paths: "layers.initializer" is that of each layer that has one.
    members : the alternative models.
    """

    paths: tuple[str, ...]
    members: tuple[type[BaseModel], ...]

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.paths[0].rpartition(".")[2]


def groups(root: type[BaseModel]) -> list[FieldGroup]:
    """All groups in a model, those nearest to its root first, each of them once."""
    found: dict[tuple[type[BaseModel], ...], list[str]] = {}
    waiting: list[tuple[str, tuple[type[BaseModel], ...]]] = [("", (root,))]
    for path, members in waiting:
        if members in found:
            if path not in found[members]:
                found[members].append(path)
            continue
        found[members] = [path]
        for member in members:
            for name, field in member.model_fields.items():
                if inner := models_in(field.annotation):
                    waiting.append((f"{path}.{name}".lstrip("."), inner))
    return [FieldGroup(tuple(paths), members) for members, paths in found.items()]


def groups_with_field(name: str, root: type[BaseModel]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The groups that have a field of that name: path, and the kinds that have it.

    No kinds where all of them have it. The root itself is left out, as its path is empty.
    """
    for group in groups(root):
        having = [member for member in group.members if name in member.model_fields]
        if having and group.paths[0]:
            yield group.paths[0], tuple(kind_name(one) for one in having if len(having) < len(group.members))


def groups_with_kind(name: str, root: type[BaseModel]) -> Iterator[str]:
    """The paths of the groups that have a kind of that name."""
    for group in groups(root):
        if any(kind_name(member) == name for member in group.members):
            yield group.paths[0]


def kind_name(group: type[BaseModel]) -> str:
    """The tag by which it is named in JSON; empty where it needs none."""
    field = group.model_fields.get("kind")
    return "" if field is None else str(field.default)


def models_in(annotation: Any) -> tuple[type[BaseModel], ...]:
    """All models in an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (annotation,)
    return tuple(group for part in get_args(annotation) for group in models_in(part))


# --- differences of two settings ---------------------------------------------------------------------------


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
        own_path, changes_live = (*path, name), bool(field_hints(field).get("live"))
        if isinstance(before, BaseModel) and isinstance(after, BaseModel):
            yield from differences(before, after, own_path, changes_live)
        elif _same_length(before, after):
            for number, (one, other) in enumerate(zip(before, after, strict=True)):
                if one != other:
                    yield from differences(one, other, (*own_path, str(number)), changes_live)
        else:
            yield own_path, changes_live, before, after


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
    value: Any = settings
    name, choices = "setting", {}
    entries: list[str] = []
    for number, part in enumerate(path):
        if isinstance(value, tuple):
            value = value[int(part)]
            if number < len(path) - 1:
                # Named by the field: each is an entry of its own list.
                entry = f"{path[number - 1].replace('_', ' ').removesuffix('s')} {int(part) + 1}"
                entries.append(f"inner {entry}" if entries else entry)
        else:
            field = type(value).model_fields[part]
            name, choices = (
                _within(field.title or part.replace("_", " ")),
                field_hints(field).get("choices", {}),
            )
            value = getattr(value, part)
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
