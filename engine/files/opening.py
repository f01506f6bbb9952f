"""From what a person names, a file or a ready experiment, to what it holds."""

from pathlib import Path

from engine.errors import UserError
from engine.experiment import Experiment, from_json, read_text
from engine.files.places import anchored
from engine.files.presets import preset_files
from engine.files.run_file import SUFFIX, SavedRun, load

TABLE_SUFFIXES = (".csv", ".tsv", ".tab", ".xlsx", ".xls", ".ods", ".parquet")

__all__ = ["open_run", "preset", "preset_files"]


def preset(name: str) -> Experiment:
    """A ready experiment; KeyError where there is none of that name."""
    return from_json(preset_files()[name].read_text(encoding="utf-8"), name)


def open_run(name: str) -> SavedRun:
    """What a path (.gradwright, .json) or the name of a ready experiment stands for.

    Raises UserError for a missing, foreign or damaged file.
    """
    if name in preset_files():
        return SavedRun(preset(name))
    path = Path(name)
    suffix = path.suffix.lower()
    if suffix == SUFFIX:
        return load(path)
    if suffix in TABLE_SUFFIXES:
        raise UserError(
            name,
            expected="an experiment (.json), a model (.gradwright) or a ready experiment",
            got="a table",
            help="Name the table as the data source of an experiment.",
        )
    if not suffix and not path.exists():
        raise UserError(
            name,
            expected="a file or a ready experiment",
            got="neither",
            help=f"Ready experiments are: {', '.join(preset_files())}.",
        )
    return SavedRun(anchored(from_json(read_text(path), path.name), path.parent))
