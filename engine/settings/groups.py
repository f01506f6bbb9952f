"""The groups of fields inside a settings model: what stands where, and of which kinds it may be."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel


@dataclass(frozen=True)
class Group:
    """What may stand in one place, or in several alike.

    paths : where, from the root, "training.optimizer"; empty for the root itself. Kinds on the way are not
    named: "layers.initializer" is that of each layer that has one.
    members : the models that may stand there, one of them at a time.
    """

    paths: tuple[str, ...]
    members: tuple[type[BaseModel], ...]

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.paths[0].rpartition(".")[2]


def groups(root: type[BaseModel]) -> list[Group]:
    """All groups in a model, those nearest to its root first, each once however many places it has."""
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
    return [Group(tuple(paths), members) for members, paths in found.items()]


def places_of(name: str, root: type[BaseModel]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Where a model has a field of that name: the path of the group, and the kinds that have it.

    No kinds where all have it. The root itself is left out, as its path is empty.
    """
    for group in groups(root):
        having = [member for member in group.members if name in member.model_fields]
        if having and group.paths[0]:
            yield group.paths[0], tuple(kind_name(one) for one in having if len(having) < len(group.members))


def kinds_of(name: str, root: type[BaseModel]) -> Iterator[str]:
    """The paths of the groups that have a kind of that name."""
    for group in groups(root):
        if any(kind_name(member) == name for member in group.members):
            yield group.paths[0]


def kind_name(group: type[BaseModel]) -> str:
    """The tag by which it is named in JSON; empty where it needs none."""
    field = group.model_fields.get("kind")
    return "" if field is None else str(field.default)


def models_in(annotation: Any) -> tuple[type[BaseModel], ...]:
    """All models that stand in an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (annotation,)
    return tuple(group for part in get_args(annotation) for group in models_in(part))
