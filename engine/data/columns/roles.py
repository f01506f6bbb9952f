"""Roles of columns: what a model predicts, what it learns from, what only guides training or the split."""

from collections.abc import Collection, Mapping
from typing import Literal

from engine.data.settings import DataSettings
from engine.data.table import Column

Role = Literal["input", "target", "ignored", "group", "weight", "time", "part"]

ROLE_TITLES: Mapping[Role, str] = {
    "input": "Input",
    "target": "Target",
    "ignored": "Ignored",
    "group": "Group",
    "weight": "Weight",
    "time": "Time",
    "part": "Part",
}
"""The roles that a person can choose, as the window names them."""

SINGLE: tuple[Literal["group", "weight", "time", "part"], ...] = ("group", "weight", "time", "part")
"""Roles that one column at most has; it is no input. Each is a field of `DataSettings`."""


def role_of(settings: DataSettings, name: str, target: str | None) -> Role:
    """The role of a column. target : the name of the column that is predicted, which may be inferred."""
    if name == target or name in settings.further_targets:
        return "target"
    for role in SINGLE:
        if getattr(settings, role) == name:
            return role
    return "ignored" if name in settings.ignored else "input"


def role_in_table(settings: DataSettings, column: Column, target: str | None) -> Role:
    """The role of a column; one that can only be predicted is ignored where it is not the target."""
    role = role_of(settings, column.name, target)
    return "ignored" if role == "input" and column.target_only else role


def with_role(settings: DataSettings, names: Collection[str], role: Role) -> DataSettings:
    """The settings with another role for these columns; a role that one column has goes to the last.

    Several columns that become targets are all predicted; one alone takes the place of those before it.
    """
    changes: dict[str, object] = {
        "ignored": tuple(name for name in settings.ignored if name not in names),
        "target": None if settings.target in names else settings.target,
        "further_targets": tuple(name for name in settings.further_targets if name not in names),
    }
    changes |= {single: None for single in SINGLE if getattr(settings, single) in names}
    if role == "ignored":
        changes["ignored"] = (*settings.ignored, *(one for one in names if one not in settings.ignored))
    elif role == "target" and names:
        changes["target"], *further = names
        changes["further_targets"] = tuple(further)
    elif role != "input" and names:
        changes[role] = list(names)[-1]
    return settings.replace(**changes)
