"""Where a table lies that an experiment names: files are moved, and a path may be a relative one."""

from pathlib import Path

from engine.data.sources.csv_file import CSVFile
from engine.experiment import Experiment


def anchored(experiment: Experiment, folder: Path) -> Experiment:
    """The experiment with its table's path made absolute, if the table is found.

    A relative path is looked for in the folder of the file that names it, then in the current one. A table
    that is not where it was is taken from that folder, if one of its name lies there: so model and table can
    be moved together.
    """
    source = experiment.data.source
    if not isinstance(source, CSVFile) or not source.path:
        return experiment
    try:
        named = Path(source.path).expanduser()
        candidates = [named, folder / named.name] if named.is_absolute() else [folder / named, named]
        found = next((candidate for candidate in candidates if candidate.is_file()), None)
    except (OSError, ValueError, RuntimeError):
        # No name that a file could have, or a home folder of nobody: reading the table will say so.
        return experiment
    if found is None or source.path == str(found.absolute()):
        return experiment
    moved = source.replace(path=str(found.absolute()))
    return experiment.replace(data=experiment.data.replace(source=moved))
