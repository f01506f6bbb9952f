"""What the options of commands on tables say of roles in the split, and of files of their own for parts."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from engine.data.columns.roles import SINGLE
from engine.data.columns.settings import ColumnType
from engine.data.columns.texts import listed
from engine.data.settings import DataSettings
from engine.data.splitting.supplied_parts import PARTS, source_like
from engine.data.table import Table
from engine.errors import UserError, excerpt

OPTIONS = (*SINGLE, *PARTS)
"""Names of the options, see `engine.cli.command_line`, which are None where they are not given."""


TYPES: dict[str, ColumnType] = {
    "number": "number",
    "category": "category",
    "yes/no": "boolean",
    "boolean": "boolean",
    "date": "date",
    "text": "text",
    "code": "code",
}
"""How the option --type names them."""


def chosen_columns(options: argparse.Namespace) -> tuple[str, ...]:
    """The columns that have a role, and so are no inputs and no target."""
    return tuple(getattr(options, role) for role in SINGLE if getattr(options, role))


def with_roles(data: DataSettings, options: argparse.Namespace) -> DataSettings:
    """The settings with the roles and files of the options; raises UserError where a path is of no table.

    data : the settings that are offered for the table, in which the columns that have a role are ignored.
    A file of the same kind as the table is read as the table is: with its delimiter, its sheet and so on.
    """
    chosen = chosen_columns(options)
    changes: dict[str, object] = {role: getattr(options, role) for role in SINGLE if getattr(options, role)}
    for part in PARTS:
        path = getattr(options, part)
        if path is None:
            continue
        source = source_like(data.source, Path(path).absolute())
        if source is None:
            raise UserError(
                f"--{part} {path}",
                expected="a table, or a folder of images",
                got="a file of another kind",
                help="Name a file of the same kind as the table.",
            )
        changes[f"{part}_source"] = source
    for column, type in _types(options.type or ()):
        data = data.with_column(data.column(column).of_type(type))
    ignored = tuple(name for name in data.ignored if name not in chosen)
    return data.replace(**changes, ignored=ignored) if changes else data


def check_types(options: argparse.Namespace, table: Table) -> None:
    """Raises UserError where --type names a column that the table does not have."""
    names = [column.name for column in table.columns]
    for column, type in _types(options.type or ()):
        if column not in names:
            raise UserError(
                f"--type {excerpt(column)}={type}",
                expected=f"one of the columns {listed(names)}",
                got=f"“{excerpt(column)}”",
                help="Write its name as it stands in the header.",
            )


def _types(options: Sequence[str]) -> list[tuple[str, ColumnType]]:
    """Columns and their types, of options that say COLUMN=TYPE; a name may hold a = too."""
    found = []
    for option in options:
        column, equals, type = option.rpartition("=")
        if not equals or not column or type.lower() not in TYPES:
            raise UserError(
                f"--type {excerpt(option)}",
                expected="COLUMN=TYPE",
                got=f"“{excerpt(type)}” as type" if equals and column else "no column",
                help=f"Types are {', '.join(TYPES)}: --type zip=code.",
            )
        found.append((column, TYPES[type.lower()]))
    return found
