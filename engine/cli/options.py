"""Options of the command line that several commands have, and those of `inspect`."""

import argparse
from typing import Any


def inspect_texts(ready: str) -> dict[str, Any]:
    """What `gradwright inspect --help` says. ready : which ready experiments there are."""
    return {
        "help": "take the gradient of one sample apart",
        "description": "Print every number of the forward and the backward pass of one sample, in float64: "
        "outputs, loss, gradients, and of one weight the factors of its gradient, a numeric check and the "
        "update. Nothing is trained, no file is written.",
        "epilog": "LAYER is a layer's number from 1 or its name, PATH the name of a parameter with its "
        "indices from 0, or the indices alone for its weights: --weight Output:weight[0,1], --weight 2:0,1, "
        f"--weight 'Dense 1:bias[3]'. {ready}",
        "allow_abbrev": False,
    }


def inspect_options(command: argparse.ArgumentParser) -> None:
    """Which sample and which of its numbers are meant."""
    command.add_argument(
        "file",
        metavar="FILE",
        help="a trained .gradwright, a .json with its first weights, or a ready experiment",
    )
    command.add_argument("--data", metavar="PATH", help="where its data lies: a table, or a folder of images")
    which = command.add_mutually_exclusive_group()
    which.add_argument(
        "--sample", metavar="N", default="1", help="number of the sample in its part, from 1; 1 without it"
    )
    which.add_argument(
        "--row",
        metavar="VALUES",
        help="a row as in the table, in its own units: “5.1,3.5,1.4,0.2”, also with the target; without it, "
        "the prediction is taken for the target",
    )
    command.add_argument(
        "--part", metavar="PART", default="training", help="training (without it), validation or test"
    )
    command.add_argument("--weight", metavar="LAYER:PATH", help="take the gradient of this parameter apart")
    command.add_argument("--json", action="store_true", help="print the result as one JSON object")


ROLES = {
    "group": "a column whose rows of one value get to one part",
    "time": "a column in whose order rows are split, the latest for the test",
    "weight": "a column that says how much each row counts in loss and scores",
    "part": "a column that says train, validation or test",
}


def table_options(command: argparse.ArgumentParser) -> None:
    """Which table is meant, what is to be predicted, and which columns are left out."""
    sheet_option(command)
    command.add_argument("--target", metavar="COLUMN[,COLUMN]", help="of a table: what to predict")
    command.add_argument(
        "--ignore", metavar="COLUMNS", help="of a table: columns that are no inputs, with commas between them"
    )
    command.add_argument(
        "--type",
        metavar="COLUMN=TYPE",
        action="append",
        help="of a table: what the values of a column are (number, category, yes/no, date, text or code), "
        "where that is not what they look like; can be given several times",
    )
    for role, words in ROLES.items():
        command.add_argument(f"--{role}", metavar="COLUMN", help=f"of a table: {words}")
    for part in ("validation", "test"):
        command.add_argument(f"--{part}", metavar="PATH", help=f"of a table: a file of its own for {part}")


def sheet_option(command: argparse.ArgumentParser) -> None:
    """Which of several tables in a file is meant."""
    command.add_argument(
        "--sheet",
        metavar="NAME",
        help="of a file with several tables, the one that is meant: a sheet, a table of a database, a file "
        "in an archive, an array",
    )


def old_spelling(command: argparse.ArgumentParser) -> None:
    """Take --anew for --restart: scripts from before it had this name go on working."""
    command.add_argument("--anew", dest="restart", action="store_true", help=argparse.SUPPRESS)
