"""Ctrl+C in mid-training: noted when it comes and heeded at the next step boundary, never within a step."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

SENTENCES = {
    signal.SIGINT: "Interrupted from the keyboard.",
    signal.SIGTERM: "Stopped because the process was asked to end.",
}

SIGNALLED_STATUS = 128
"""Added to a signal's number, as shells do: 130 after Ctrl+C."""


class Interruption:
    """While entered, notes Ctrl+C and a request to end; the second one interrupts at once.

    `sentence` is empty until then. Only Python's main thread hears of signals: in any other nothing is noted.
    """

    def __init__(self) -> None:
        self.sentence = ""
        self.status = 0
        """Exit status that tells of it."""
        self._previous: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._previous = {number: signal.signal(number, self._note) for number in SENTENCES}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.sentence:
            raise KeyboardInterrupt
        self.sentence = SENTENCES[signal.Signals(number)]
        self.status = SIGNALLED_STATUS + number
