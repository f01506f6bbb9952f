"""What commands write: notes on the data, and files whose places are checked first."""

from collections.abc import Mapping
from pathlib import Path

from engine.cli.data import finding_lines
from engine.cli.terminal import say
from engine.data import Dataset, Table
from engine.data.checks import findings
from engine.data.settings import DataSettings
from engine.data.sources import FileSource
from engine.data.task_inference import target_and_task
from engine.errors import UserError, excerpt
from engine.files.atomic import check_writable

MOST_UNREADABLE = 10
"""Lines that are listed; `gradwright data` lists all."""


def print_notes(settings: DataSettings, table: Table, dataset: Dataset) -> None:
    """How a file was read, which rows are left out, and all that is found in the data."""
    target, task = target_and_task(settings, table)
    read = table.notes if isinstance(settings.source, FileSource) else ()
    # Rows without a target are among the notes of the dataset already.
    found = [one for one in findings(table, settings, target, task) if one.kind != "missing_target"]
    for note in (*read, *dataset.notes):
        say(f"Note: {note}")
    for place in table.unreadable[:MOST_UNREADABLE]:
        column = f", column {place.column}" if place.column is not None else ""
        where = f"line {place.line}{column}: " if place.line else ""
        say(f"Note: {where}{place.reason}")
    if len(table.unreadable) > MOST_UNREADABLE:
        say(f"Note: {len(table.unreadable) - MOST_UNREADABLE:,} more lines were left out.")
    for line in finding_lines(found):
        say(line)


def target(text: str, suffix: str) -> Path:
    """The file named by --out; raises UserError where nothing can be written there."""
    path = Path(text)
    if path.suffix.lower() != suffix:
        raise UserError(
            f"--out {text}",
            expected=f"a name that ends in {suffix}",
            got=f"'{excerpt(path.name)}'",
            help=f"Name it {path.stem or 'result'}{suffix}, for instance.",
        )
    check_writable(path)
    return path


def spare(out: Path, used: Mapping[str, str]) -> None:
    """Raise UserError where the file to be written is one that the command reads.

    used : paths of what must stay as it is, by what each of them is ("the data to predict").
    """
    for what, path in used.items():
        if _same(out, Path(path)):
            raise UserError(
                f"--out {out}",
                expected="a file of its own",
                got=what,
                help="It would be overwritten: choose another name.",
            )


def _same(one: Path, other: Path) -> bool:
    """Whether both are one file, whatever they are called; a file that is not there is none."""
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False
