"""Runs one command, and turns whatever may end it into an exit status and a sentence."""

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence

from engine.cli.arguments import Misuse, parse
from engine.cli.terminal import say
from engine.errors import ShapeError, UserError

USAGE_STATUS = 2
INTERRUPTED_STATUS = 130
BROKEN_PIPE_STATUS = 141
"""As if SIGPIPE had ended the process, which is what a shell expects of `gradwright … | head -1`."""


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit status.

    0, or 1 where a check finds something wrong, or 2 with a sentence on standard error, or 130 after Ctrl+C.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal without “–” or “é” is to get a question mark, not a traceback.
        sys.stdout.reconfigure(errors="replace")
    try:
        try:
            status = _run(parse(arguments))
        except SystemExit as ended:  # --help and --version
            status = ended.code if isinstance(ended.code, int) else 0
        if sys.stdout is not None:  # as it is where the command was started without one
            sys.stdout.flush()
        return status
    except (Misuse, UserError) as error:
        say(str(error) if isinstance(error, Misuse) else f"gradwright: {error}{_remedy(error)}")
        return USAGE_STATUS
    except MemoryError:
        say(
            "gradwright: expected enough memory for this network and data, found too little. "
            "Choose smaller layers, a smaller batch or fewer rows."
        )
        return USAGE_STATUS
    except (
        KeyboardInterrupt
    ) as interrupted:  # by the keyboard, without a word, or by a command that has kept a file
        say(f"gradwright: interrupted; {str(interrupted) or 'no file was changed'}.")
        return INTERRUPTED_STATUS
    except BrokenPipeError:
        _silence()
        return BROKEN_PIPE_STATUS
    except OSError as error:
        # What files can do wrong is told where it is done: this is standard output, on a full disk perhaps.
        _silence()
        reason = (error.strerror or str(error)).lower()
        say(f"gradwright: expected a place for the result, found {reason}.")
        return USAGE_STATUS


def _run(options: argparse.Namespace) -> int:
    # Not at the top: what trains and predicts takes half a second to import.
    if options.command == "train":
        from engine.cli.train import train

        return train(options)
    if options.command == "check":
        from engine.cli.check import check

        return check(options)
    if options.command == "fields":
        from engine.cli.fields import fields

        return fields(options)
    from engine.cli.predict import predict

    return predict(options)


def _remedy(error: UserError) -> str:
    """The layer that mends a network, as it is written in an experiment; the window has a button for it."""
    if not isinstance(error, ShapeError) or error.insert_before is None or error.layer_index is None:
        return ""
    return f" In the experiment: {json.dumps(error.insert_before)} in front of layer {error.layer_index + 1}."


def _silence() -> None:
    """Nobody reads any more: what is left to be written at exit goes nowhere instead of failing again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
