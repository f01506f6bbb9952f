"""Messages between worker and window, frozen, and a channel that keeps only the newest. No Qt."""

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, TypeVar

from engine.data import Dataset, Description
from engine.errors import UserError
from engine.experiment import Experiment
from engine.files.run_file import SavedRun
from engine.insight.query import Query
from engine.network import Network
from engine.training.frozen_network import FrozenNetwork
from engine.training.history import History, HistoryRows
from engine.training.scoring import Scores
from gui.kit.text import tr

Request = TypeVar("Request")
Result = TypeVar("Result")


class Channel(Generic[Request, Result]):
    """A slot for the newest request and a slot for the newest result.

    Any thread may call any method. A slot is a deque of length one: its append (which drops what was there)
    and pop are atomic in CPython, so neither side ever waits for the other.
    """

    def __init__(self) -> None:
        self._requests: deque[Request] = deque(maxlen=1)
        self._results: deque[Result] = deque(maxlen=1)

    def ask(self, request: Request) -> None:
        """From the window: what the next result is to hold. Replaces a request that was not taken yet."""
        self._requests.append(request)

    @property
    def requested(self) -> bool:
        """Whether a request waits for the worker; cheap enough to look at after each training step."""
        return bool(self._requests)

    def take_request(self) -> Request | None:
        """From the worker: the newest request, or None; each request is handed out once."""
        return _taken(self._requests)

    def put(self, result: Result) -> None:
        """From the worker: a result. Replaces one that the window has not taken yet."""
        self._results.append(result)

    def take(self) -> Result | None:
        """From the window: the newest result, or None; each result is handed out once."""
        return _taken(self._results)


Item = TypeVar("Item")


def _taken(slot: deque[Item]) -> Item | None:
    # Looking first and popping then would race with the other thread's pop.
    try:
        return slot.pop()
    except IndexError:
        return None


Status = Literal["preparing", "empty", "invalid", "ready", "training", "paused", "stopped", "finished"]

Goal = Literal["run", "batch", "epoch"]
"""What training was asked for: to go on, or to take one step and pause."""


Queries = Collection[Query[Any]]
"""What is asked of a run at once."""


@dataclass(frozen=True, eq=False)
class Answers:
    """What the panels in sight have asked of a run, as it was at `step`; one answer for equal queries."""

    run: int = 0
    step: int = 0
    results: Mapping[Query[Any], Any] = field(default_factory=dict)
    errors: Mapping[Query[Any], UserError] = field(default_factory=dict)
    """Why some have no answer."""

    def get(self, query: Query[Result]) -> Result | None:
        """The answer, or None where there is none."""
        result: Result | None = self.results.get(query)
        return result

    def error(self, query: Query[Any]) -> UserError | None:
        """Why there is no answer, in a sentence; None where there is one, or will be."""
        return self.errors.get(query)


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
    answers: Answers | None = None
    command: int = 0
    """Number of the last command that the worker has carried out: what was ordered later is not in it."""
    held: bool = False
    """Whether it would go on were it not for a question that is open."""


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
class Refused:
    """The run cannot take the settings of `experiment`; it is as it was before, and waits."""

    run: int
    experiment: Experiment
    error: UserError


@dataclass(frozen=True, eq=False)
class Captured:
    """A copy of a run as it stood when it was asked for, or why there is none."""

    request: int
    """Number of the request."""
    copy: "Copy | None"
    error: UserError | None = None


@dataclass(frozen=True, eq=False)
class Copy:
    """What is to be saved of a run: its state, copied, and the rows of its history, which do not change.

    rows : None where there is no run, and the experiment alone is to be saved.
    """

    saved: SavedRun
    rows: HistoryRows | None = None
    seconds: float = 0.0
    """How long copying has held up the training."""

    @property
    def step(self) -> int:
        """Training steps that it has behind it."""
        return self.saved.state.numbers["step"] if self.saved.state is not None else 0

    def complete(self) -> SavedRun:
        """With the history's rows copied, as it is saved."""
        return self.saved if self.rows is None else replace(self.saved, history=self.rows.arrays())


@dataclass(frozen=True)
class Edited:
    """Weights of a run were edited at a step boundary, or put back; or why they could not be."""

    run: int
    sentence: str = ""
    """What a person is to know of it beside what is seen."""
    error: UserError | None = None


@dataclass(frozen=True, eq=False)
class Frozen:
    """A copy of a run's network, to be scored beside the training; or why there is none."""

    command: int
    """Number of the command that asked for it."""
    run: int
    step: int
    network: FrozenNetwork | None
    caption: str = ""
    """Which weights these are, in words."""
    error: UserError | None = None


@dataclass(frozen=True)
class Scored:
    """Scores on each part of the data, for the weights as they were at `step`."""

    run: int
    step: int
    scores: tuple[Scores, ...]
    caption: str
    """Which weights these are, in words."""


@dataclass(frozen=True)
class Crashed:
    """A fault of the program itself, with its traceback; the worker lives on with the last good state."""

    traceback: str


Message = Refused | Captured | Frozen | Edited | Crashed
"""What the worker says beside frames; nothing of it may be lost."""


def in_words(error: UserError | MemoryError) -> UserError:
    """Too little memory is something a person can mend."""
    if isinstance(error, UserError):
        return error
    return UserError(
        tr("Memory"),
        expected=tr("enough for the data and the network"),
        got=tr("too little"),
        help=tr("Use smaller layers, a smaller batch or fewer rows."),
    )
