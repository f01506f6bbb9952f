"""The arguments of `gradwright`, and what is said where they are not as needed."""

import argparse
import difflib
from collections.abc import Sequence
from typing import NoReturn

import engine
from engine.errors import excerpt

COMMANDS = ("train", "predict", "check", "fields")


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
    train.add_argument("file", metavar="FILE", help="a .json, a .gradwright, or a ready experiment")
    train.add_argument("--data", metavar="PATH", help="where its data lies: a table, or a folder of images")
    train.add_argument("--epochs", metavar="N", help="total number of epochs; a saved run goes on up to it")
    train.add_argument(
        "--restart",
        action="store_true",
        help="train a saved run from its start, without its weights, on the data as it is now",
    )
    _old_spelling(train)
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
    check = commands.add_parser(
        "check",
        help="check whether a set-up can learn",
        description="Check the gradients, whether a few examples can be learned by heart, and which learning "
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
    _old_spelling(check)
    check.add_argument("--json", action="store_true", help="print the result as one JSON object")
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


def _old_spelling(command: argparse.ArgumentParser) -> None:
    """Take --anew for --restart: scripts from before it had this name go on working."""
    command.add_argument("--anew", dest="restart", action="store_true", help=argparse.SUPPRESS)


def _ready_experiments(arguments: Sequence[str]) -> str:
    """Their names, where they will be read: looking for them takes longer than all the rest here."""
    if not {"-h", "--help"} & set(arguments):
        return ""
    from engine.files.opening import preset_files

    return f"Ready experiments: {', '.join(preset_files())}."
