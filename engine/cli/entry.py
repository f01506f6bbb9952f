"""Runs one command, and turns whatever may end it into an exit status and a sentence."""

import argparse
import io
import os
import sys
from collections.abc import Sequence

from engine.cli.arguments import Misuse, parse
from engine.errors import UserError

USAGE_STATUS = 2
INTERRUPTED_STATUS = 130
BROKEN_PIPE_STATUS = 141
"""As if SIGPIPE had ended the process, which is what a shell expects of `gradwright … | head -1`."""


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit status.

    0, or 2 with a sentence on standard error, or 130 after Ctrl+C.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal without “–” or “é” is to get a question mark, not a traceback.
        sys.stdout.reconfigure(errors="replace")
    try:
        status = _run(parse(arguments))
        sys.stdout.flush()
        return status
    except SystemExit as done:
        return _flushed(done.code)
    except (Misuse, UserError) as error:
        sentence = str(error) if isinstance(error, Misuse) else f"gradwright: {error}"
        print(sentence, file=sys.stderr)
        return USAGE_STATUS
    except MemoryError:
        print(
            "gradwright: expected enough memory for this network and data, found too little. "
            "Choose smaller layers, a smaller batch or fewer rows.",
            file=sys.stderr,
        )
        return USAGE_STATUS
    except KeyboardInterrupt:
        print("gradwright: interrupted; no file was changed.", file=sys.stderr)
        return INTERRUPTED_STATUS
    except BrokenPipeError:
        return _silenced()


def _run(options: argparse.Namespace) -> int:
    # Not at the top: what trains and predicts takes half a second to import.
    if options.command == "train":
        from engine.cli.train import train

        return train(options)
    from engine.cli.predict import predict

    return predict(options)


def _flushed(code: object) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _silenced()
    return code if isinstance(code, int) else 0


def _silenced() -> int:
    """Nobody reads any more: what is left to be written at exit goes nowhere instead of failing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE_STATUS
