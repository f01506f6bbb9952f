"""What a command says of the data before it begins, on standard error."""

from engine.cli.messages import say
from engine.data import Dataset, Table
from engine.data.findings import findings
from engine.data.settings import DataSettings
from engine.data.task import target_and_task


def print_notes(settings: DataSettings, table: Table, dataset: Dataset) -> None:
    """Rows left out, and columns better ignored, such as one that gives the target away."""
    target, task = target_and_task(settings, table)
    found = [one.sentence for one in findings(table, settings, target, task) if one.ignore is not None]
    for note in (*dataset.notes, *found):
        say(f"Note: {note}")
