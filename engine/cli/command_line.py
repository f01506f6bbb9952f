"""The command line of `gradwright`: parses arguments, runs one command, turns errors into messages."""

import argparse
import difflib
import io
import json
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import engine
from engine.cli.options import inspect_options, inspect_texts, old_spelling, sheet_option, table_options
from engine.cli.terminal import say
from engine.errors import ShapeError, UserError, excerpt

COMMANDS = ("train", "predict", "data", "check", "inspect", "fields")


class Misuse(Exception):
    """The command line itself is not as needed; the text is one sentence."""


class Parser(argparse.ArgumentParser):
    """Raises Misuse where argparse would print the usage and exit."""

    def error(self, message: str) -> NoReturn:
        raise Misuse(f"{self.prog}: {message}; `{self.prog} --help` tells how it is used.")


def meant(word: str) -> str:
    """The command that a word comes near to; empty where it is a command, or like none."""
    near = difflib.get_close_matches(word, COMMANDS, 1)
    return near[0] if near and word not in COMMANDS else ""


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of one command; raises Misuse, and SystemExit after --help and --version."""
    word = arguments[0] if arguments else "-"
    if not word.startswith("-") and word not in COMMANDS:
        near = meant(word)
        advice = f"did you mean {near}?" if near else f"the commands are {', '.join(COMMANDS)}."
        raise Misuse(f"gradwright: unknown command “{excerpt(word)}”; {advice}")
    top = Parser(
        prog="gradwright",
        description="Build, train and understand neural networks. Without a command, the window opens.",
        epilog="gradwright [FILE] opens the window, with the file if one is named.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"Gradwright {engine.__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    train = commands.add_parser(
        "train",
        help="train without a window",
        description="Train an experiment without a window. Ctrl+C stops after the step under way and saves.",
        epilog=_ready_experiments(arguments),
        allow_abbrev=False,
    )
    train.add_argument(
        "file",
        metavar="FILE",
        help="a .json, a .gradwright, a ready experiment, or a table (openml:NAME for one of openml.org), "
        "for which the model that the window offers is trained",
    )
    table_options(train)
    train.add_argument("--data", metavar="PATH", help="where its data lies: a table, or a folder of images")
    train.add_argument("--epochs", metavar="N", help="total number of epochs; a saved run goes on up to it")
    train.add_argument(
        "--restart",
        action="store_true",
        help="train a saved run from its start, without its weights, on the data as it is now",
    )
    old_spelling(train)
    train.add_argument(
        "--folds",
        metavar="K",
        help="cross-validate: train K times, each time tested on another part of the rows; nothing is saved",
    )
    train.add_argument("--repeats", metavar="R", help="cross-validate R times, with other folds each time")
    train.add_argument("--out", metavar="FILE.gradwright", help="where to save the trained model")
    train.add_argument("--json", action="store_true", help="print the result as one JSON object")
    predict = commands.add_parser(
        "predict",
        help="predict the rows of a table, or images",
        description="Write the rows of a table with the prediction and the probability of each class; for an "
        "autoencoder, with what comes back of each input and how far off the row is. Images are written as "
        "their numbers.",
        allow_abbrev=False,
    )
    predict.add_argument("file", metavar="FILE.gradwright", help="a trained model")
    predict.add_argument(
        "--data",
        metavar="PATH",
        help="the rows to predict: a table, or for a model of images, a file or a folder of images in IDX "
        "format; without it, the data that the model was trained on",
    )
    predict.add_argument("--out", required=True, metavar="OUT.csv", help="where to write the predictions")
    sheet_option(predict)
    data = commands.add_parser(
        "data",
        help="tell how a table is read",
        description="Print how a table is read: its columns with type and role, what was understood, and "
        "what is worth mending before a model is trained on it.",
        allow_abbrev=False,
    )
    data.add_argument("file", metavar="PATH", help="a table, or openml:NAME for a data set of openml.org")
    table_options(data)
    data.add_argument("--rows", metavar="N", help="print the first N rows as they are understood")
    data.add_argument(
        "--baselines",
        action="store_true",
        help="say how hard it is: what simple models reach, and which labels may be wrong; takes seconds",
    )
    data.add_argument("--json", action="store_true", help="print the result as one JSON object")
    check = commands.add_parser(
        "check",
        help="check whether a set-up can learn",
        description="Check the gradients, whether a few examples can be memorized, and which learning "
        "rates suit. No file is written. The exit status is 1 where something is wrong.",
        epilog=_ready_experiments(arguments),
        allow_abbrev=False,
    )
    check.add_argument("file", metavar="FILE", help="a .json, a .gradwright, or a ready experiment")
    check.add_argument("--data", metavar="PATH", help="where its data lies: a table, or a folder of images")
    check.add_argument(
        "--restart",
        action="store_true",
        help="check a saved run at its starting weights, on the data as it is now",
    )
    old_spelling(check)
    check.add_argument("--json", action="store_true", help="print the result as one JSON object")
    inspect_options(commands.add_parser("inspect", **inspect_texts(_ready_experiments(arguments))))
    fields = commands.add_parser(
        "fields",
        help="tell what can be set in an experiment",
        description="Print what can be set in an experiment in JSON: every field with what it may be, its "
        "default and what it is for.",
        epilog="For instance: gradwright fields training, gradwright fields adam, gradwright fields epochs.",
        allow_abbrev=False,
    )
    fields.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        help="a group such as training or training.optimizer, a kind such as adam or dense, or a field; "
        "without it, all are printed",
    )
    return top.parse_args(arguments)


def _ready_experiments(arguments: Sequence[str]) -> str:
    """Their names, where they will be read."""
    if not {"-h", "--help"} & set(arguments):
        return ""
    from engine.files.presets import names_of_presets

    return f"Ready experiments: {names_of_presets()}."


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
    if options.command == "inspect":
        from engine.cli.inspect import inspect

        return inspect(options)
    if options.command == "data":
        from engine.cli.data import data

        return data(options)
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
