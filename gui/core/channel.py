"""One-slot hand-over between worker and window: the newest thing wins, and nothing ever queues. No Qt.

The window asks with what it needs; the worker answers with one result. A slow window gets fewer results,
never older ones.
"""

from collections import deque
from typing import Generic, TypeVar

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
    # TrainerState first and popping then would race with the other thread's pop.
    try:
        return slot.pop()
    except IndexError:
        return None
