"""Opens what a person names, in a job: a saved run, an experiment or a table, read and prepared. No Qt."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.data.sources import DATA_SUFFIXES, source_for
from engine.errors import UserError
from engine.experiment import Experiment
from engine.files.atomic import FileState, file_state
from engine.files.left_behind import LeftBehind
from engine.files.opening import open_run
from engine.files.run_file import SUFFIX, SavedRun, load
from engine.first_model import first_experiment, offer
from engine.lessons import SUFFIX as LESSON_SUFFIX
from engine.lessons import Lesson, is_lesson_file, read_lesson
from engine.progress import Progress
from gui.core.runs import InvalidRun, Run, RunMaker, RunRequest
from gui.kit.text import tr

TABLE_PATTERNS = " ".join(f"*{suffix}" for suffix in DATA_SUFFIXES)
OPEN_FILTER = (
    f"All that can be opened (*{SUFFIX} *{LESSON_SUFFIX} *.json {TABLE_PATTERNS});;Gradwright (*{SUFFIX});;"
    f"Lessons (*{LESSON_SUFFIX});;Experiments (*.json);;Tables ({TABLE_PATTERNS});;All files (*)"
)
TABLE_FILTER = f"Tables ({TABLE_PATTERNS});;All files (*)"


@dataclass(frozen=True, eq=False)
class Opened:
    """What a file held, ready to take the place of the document."""

    path: Path
    """The file."""
    experiment: Experiment
    run: Run | InvalidRun
    maker: RunMaker
    """What has made the run, and knows its data."""
    state: FileState | None = None
    """Of a file that saving may replace: a saved run or experiment of this program; None for any other."""


@dataclass(frozen=True, eq=False)
class Unresumable:
    """A saved run was read, but its data is gone or has changed."""

    path: Path
    experiment: Experiment
    error: UserError


@dataclass(frozen=True, eq=False)
class OpenedLesson:
    """A lesson that was read; it begins beside the document, which stays as it is."""

    path: Path
    lesson: Lesson


Found = Opened | Unresumable | OpenedLesson


def open_file(path: Path, number: int, progress: Progress) -> Found:
    """Read a file and make its run, by this number; by its suffix it is a model, a table or an experiment.

    Raises UserError, MemoryError and Cancelled; nothing has changed then.
    """
    suffix, maker = path.suffix.lower(), RunMaker()
    if is_lesson_file(path):
        return OpenedLesson(path, read_lesson(path, progress))
    if suffix == SUFFIX:
        return _open_saved(path, number, maker, progress)
    if source_for(path) is not None:
        experiment = first_experiment(path, name=tr("Table"))
        if not path.exists():
            raise UserError(
                str(path),
                expected=tr("an existing file"),
                got=tr("nothing at this path"),
                help=tr("Check how its name is spelt, and which folder it is in."),
            )
        # Where the table cannot be used as it is, its experiment says so by the run that cannot be made.
        with suppress(UserError, MemoryError):
            table = maker.load(experiment.data, progress.part(0, 0.6))
            experiment = offer(experiment, table).experiment
        progress = progress.part(0.6, 1)
    else:
        experiment = open_run(str(path), progress).experiment
        if experiment.name == Experiment().name:
            experiment = experiment.replace(name=path.stem[:100])
    run = maker.make(RunRequest(lambda: (number, experiment)), progress)
    return Opened(path, experiment, run, maker)


def _open_saved(path: Path, number: int, maker: RunMaker, progress: Progress) -> Opened | Unresumable:
    progress.report(0, tr("Reading the file"))
    # Before the file is read: one that is replaced meanwhile is then noticed when it is to be saved to.
    state = file_state(path, progress)
    saved = load(path, progress)
    progress.report(0.2)
    try:
        run = _run_of(saved, path.name, number, maker, progress.part(0.2, 1))
    except UserError as error:
        return Unresumable(path, saved.experiment, error)
    return Opened(path, saved.experiment, run, maker, state)


def restore(work: LeftBehind, number: int, progress: Progress) -> Opened | Unresumable:
    """What a program has left behind, with its run, where its data is still the same.

    Raises UserError where it is damaged, MemoryError and Cancelled.
    """
    maker = RunMaker()
    saved = work.load(progress)
    path = work.path or work.folder
    try:
        name = work.path.name if work.path is not None else work.experiment.name
        run = _run_of(saved, name, number, maker, progress)
    except UserError as error:
        return Unresumable(path, work.experiment, error)
    return Opened(path, saved.experiment, run, maker, work.file)


def _run_of(saved: SavedRun, name: str, number: int, maker: RunMaker, progress: Progress) -> Run | InvalidRun:
    if saved.state is None:
        return maker.make(RunRequest(lambda: (number, saved.experiment)), progress)
    return maker.opened(number, saved, name, progress)
