"""What an import begins with and what it makes: settings for a table, and the experiment on it."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.data import DataSettings, Table
from engine.data.sources import SOURCES, FileSource
from engine.data.sources.base import Source
from engine.experiment import Experiment
from engine.first_model import experiment_on, first_experiment, offer
from gui.kit.text import tr


class Requests(QObject):
    """What panels ask the window for.

    Signals: `import_data` with the DataSettings that the import dialog is to begin with; `open_tool` with the
    id of a panel that has a window of its own; `show_panel` with the id of a view or a plot that is to be in
    sight.
    """

    import_data = Signal(object)
    open_tool = Signal(str)
    show_panel = Signal(str)


def is_table(source: Source | type[Source]) -> bool:
    """Whether a source, or a kind of source, reads a table from a file: the import dialog is for these."""
    kind = source if isinstance(source, type) else type(source)
    return issubclass(kind, FileSource) and not kind.of_images


def is_table_file(source: Source) -> bool:
    """Whether a source reads a table from a file that is chosen."""
    return is_table(source) and bool(getattr(source, "path", ""))


def is_named_as_table(path: Path) -> bool:
    """Whether a file is a table, by its name; the disk is not looked at, which may hold things up."""
    return any(issubclass(kind, FileSource) and is_table(kind) and kind.reads(path) for kind in SOURCES)


def table_settings(path: Path) -> DataSettings:
    """What the import of a table begins with; raises as `imported_experiment` does."""
    return first_experiment(path, name=tr("Table")).data


def imported_experiment(settings: DataSettings, table: Table) -> Experiment:
    """The experiment that suits a table, with what a person has chosen for its data.

    Raises UserError for a path that cannot be written down in an experiment.
    """
    name = Path(getattr(settings.source, "path", "")).stem[:100] or tr("Table")
    return offer(experiment_on(settings.source, name=name).replace(data=settings), table).experiment
