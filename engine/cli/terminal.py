"""The terminal: sentences on standard error, and Ctrl+C, which is heeded at the next step boundary."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any, Self

SENTENCES = {
    signal.SIGINT: "Interrupted from the keyboard.",
    signal.SIGTERM: "Stopped because the process was asked to end.",
}
HANGUP = getattr(signal, "SIGHUP", None)
"""Windows has none."""

if HANGUP is not None:
    SENTENCES[HANGUP] = "Stopped because the terminal was closed."

SIGNALLED_STATUS = 128
"""Added to a signal's number, as shells do: 130 after Ctrl+C."""


def say(sentence: str) -> None:
    """Print a line on standard error; where nobody reads it any more, nothing happens."""
    if sys.stderr is not None:  # as it is where the command was started without one
        with suppress(OSError, ValueError):
            print(sentence, file=sys.stderr, flush=True)


def shows_progress() -> bool:
    """Whether standard error is a terminal, which a progress bar can be drawn on."""
    return sys.stderr is not None and sys.stderr.isatty()


class Interruption:
    """While entered, notes Ctrl+C and a request to end; the same one a second time interrupts at once.

    A terminal that is closed asks more than once, by itself and by its shell: that interrupts nothing. What
    was ignored when the program was started, such as SIGHUP by nohup, stays ignored.

    `sentence` is empty until then. Only Python's main thread hears of signals: in any other nothing is noted.
    """

    def __init__(self) -> None:
        self.sentence = ""
        self.status = 0
        """Exit status that tells of it."""
        self._previous: dict[signal.Signals, Any] = {}
        self._noted: set[int] = set()
        self._postponed = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            handled = [number for number in SENTENCES if signal.getsignal(number) != signal.SIG_IGN]
            self._previous = {number: signal.signal(number, self._note) for number in handled}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    @contextmanager
    def postponed(self) -> Iterator[None]:
        """While entered, nothing is interrupted at once: a run is being saved, and that is soon over."""
        before, self._postponed = self._postponed, True
        try:
            yield
        finally:
            self._postponed = before

    def _note(self, number: int, frame: FrameType | None) -> None:
        if number in self._noted and number != HANGUP and not self._postponed:
            raise KeyboardInterrupt
        self._noted.add(number)
        if not self.sentence:
            self.sentence = SENTENCES[signal.Signals(number)]
            self.status = SIGNALLED_STATUS + number
