"""What commands say beside their result, on standard error. A terminal that is gone ends no work."""

import sys
from contextlib import suppress


def say(sentence: str) -> None:
    """Print a line on standard error; where nobody reads it any more, nothing happens."""
    if sys.stderr is not None:  # as it is where the command was started without one
        with suppress(OSError, ValueError):
            print(sentence, file=sys.stderr, flush=True)


def shows_progress() -> bool:
    """Whether standard error is a terminal, which a progress bar can be drawn on."""
    return sys.stderr is not None and sys.stderr.isatty()
