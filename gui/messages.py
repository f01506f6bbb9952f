"""What the worker tells the window: plain frozen facts, through the mailbox and the outbox. No Qt."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.data import Dataset, Description
from engine.data.augmentation import AnyAugmentation
from engine.data.augmentation.preview import Preview
from engine.errors import UserError
from engine.experiment import Experiment
from engine.network import Network
from engine.training.evaluation import Scores
from engine.training.history import History
from engine.training.snapshot import Snapshot

Status = Literal["preparing", "invalid", "ready", "training", "paused", "stopped", "finished"]


@dataclass(frozen=True)
class Frame:
    """How the run stands, for the transport bar and the panels; only the newest one matters."""

    run: int
    status: Status
    step: int = 0
    position: float = 0.0
    """In epochs; 2.5 is the middle of the third."""
    epochs: int = 0
    """The run's total."""
    samples_per_second: float = 0.0
    seconds_left: float | None = None
    threads: int = 1
    """How many work on a training step at the same time."""
    sentence: str = ""
    """What is happening, in words."""
    history: History | None = None
    snapshot: Snapshot | None = None


@dataclass(frozen=True, eq=False)
class Prepared:
    """The data is loaded and the network built: the run may start (or goes on, if it was kept)."""

    run: int
    experiment: Experiment
    description: Description
    dataset: Dataset
    network: Network
    """For its names and shapes; its arrays belong to the worker."""
    step: int
    """Optimizer steps that the run has behind it: more than 0 for an opened or a kept one."""


@dataclass(frozen=True)
class Invalid:
    """The experiment cannot run as it is; `description` where at least the data could be read."""

    experiment: Experiment
    error: UserError
    description: Description | None = None


@dataclass(frozen=True)
class Saved:
    """The file is on disk. `step`: the step that it holds."""

    path: Path
    experiment: Experiment
    step: int


@dataclass(frozen=True)
class Opened:
    """A file was read; its experiment takes the place of the document's."""

    path: Path
    experiment: Experiment


@dataclass(frozen=True)
class Unresumable:
    """A saved run was read, but its data is gone or has changed; everything is as before."""

    path: Path
    experiment: Experiment
    error: UserError


@dataclass(frozen=True)
class Failed:
    """Something asked for could not be done ("Open", "Save"); everything is as before."""

    deed: str
    error: UserError


@dataclass(frozen=True)
class Scored:
    """Scores on each part of the data, for the weights as they are at `step`."""

    run: int
    step: int
    scores: tuple[Scores, ...]
    caption: str
    """Which weights these are, in words."""


@dataclass(frozen=True)
class PreviewWanted:
    """The window asks to see what some augmentations make of training examples.

    run : for whose data; the same seed shows the same examples.
    """

    run: int
    augmentations: tuple[AnyAugmentation, ...]
    seed: int


@dataclass(frozen=True, eq=False)
class Previewed:
    """The answer: pictures or numbers, or why there can be none."""

    wanted: PreviewWanted
    preview: Preview | None
    error: UserError | None = None


@dataclass(frozen=True)
class Crashed:
    """A fault of the program itself, with its traceback; the worker lives on with the last good state."""

    traceback: str


Message = Prepared | Invalid | Saved | Opened | Unresumable | Failed | Scored | Previewed | Crashed
