"""Where the files lie that an experiment names: they are moved, and a path may be a relative one."""

from pathlib import Path

from engine.data.sources import FileSource
from engine.experiment import Experiment


def anchored(experiment: Experiment, folder: Path) -> Experiment:
    """The experiment with its data's path made absolute, if there is something.

    A relative path is looked for in the folder of the file that names it, then in the current one. Data
    that is not where it was is taken from that folder, if something of its name lies there: so model and
    data can be moved together.
    """
    source = experiment.data.source
    if not isinstance(source, FileSource) or not source.path:
        return experiment
    try:
        named = Path(source.path).expanduser()
        candidates = [named, folder / named.name] if named.is_absolute() else [folder / named, named]
        found = next((candidate for candidate in candidates if candidate.exists()), None)
    except (OSError, ValueError, RuntimeError):
        # No name that a file could have, or a home folder of nobody: loading the data will say so.
        return experiment
    if found is None or source.path == str(found.absolute()):
        return experiment
    moved = source.replace(path=str(found.absolute()))
    return experiment.replace(data=experiment.data.replace(source=moved))
