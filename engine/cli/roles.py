"""What the options of commands on tables say of roles in the split, and of files of their own for parts."""

import argparse
from pathlib import Path

from engine.data.columns.roles import SINGLE
from engine.data.settings import DataSettings
from engine.data.splitting.supplied_parts import PARTS, source_like
from engine.errors import UserError

OPTIONS = (*SINGLE, *PARTS)
"""Names of the options, see `engine.cli.command_line`, which are None where they are not given."""


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
    ignored = tuple(name for name in data.ignored if name not in chosen)
    return data.replace(**changes, ignored=ignored) if changes else data
