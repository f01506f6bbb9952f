"""From what a person names, a file or a ready experiment, to what it holds."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from engine.data.sources.csv_file import CSVFile
from engine.errors import UserError
from engine.experiment import Experiment, from_json, read_text
from engine.files.run_file import SUFFIX, SavedRun, load


def preset_files() -> dict[str, Traversable]:
    """The ready experiments that come along, by name, in the order in which they are offered."""
    folder = files("resources") / "presets"
    found = {entry.name.removesuffix(".json"): entry for entry in folder.iterdir()}
    return {name: found[name] for name in sorted(found) if found[name].name.endswith(".json")}


def preset(name: str) -> Experiment:
    """A ready experiment; KeyError where there is none of that name."""
    return from_json(preset_files()[name].read_text(encoding="utf-8"), name)


def open_run(name: str) -> SavedRun:
    """What a path (.gradwright, .json) or the name of a ready experiment stands for.

    Raises UserError for a missing, foreign or damaged file.
    """
    path = Path(name)
    if path.suffix == SUFFIX:
        return load(path)
    if not path.exists() and name in preset_files():
        return SavedRun(preset(name))
    if not path.exists() and not path.suffix:
        raise UserError(
            name,
            expected="a file or a ready experiment",
            got="neither",
            help=f"Ready experiments are: {', '.join(preset_files())}.",
        )
    return SavedRun(anchored(from_json(read_text(path), path.name), path.parent))


def anchored(experiment: Experiment, folder: Path) -> Experiment:
    """A table named by a relative path lies beside the experiment that names it, if it is there."""
    source = experiment.data.source
    if isinstance(source, CSVFile) and source.path and (folder / source.path).exists():
        beside = source.replace(path=str((folder / source.path).resolve()))
        return experiment.replace(data=experiment.data.replace(source=beside))
    return experiment
