"""`gradwright train --folds`: cross-validation, with the scores of each fold and their mean."""

import argparse
import json
import math
import sys
from typing import Any

from tqdm import tqdm

from engine.cli.output import print_notes
from engine.cli.terminal import say, shows_progress
from engine.data import prepare
from engine.data.splitting.folds import MOST_FOLDS, MOST_REPEATS, in_sequence
from engine.errors import UserError, excerpt
from engine.experiment import Experiment
from engine.insight.cross_validation import FOLDS, CrossValidation, CrossValidationResult
from engine.settings import read
from engine.training_settings import Training


def cross_validate(options: argparse.Namespace, experiment: Experiment) -> int:
    """Run the command; returns its exit status."""
    if options.out is not None:
        raise UserError(
            f"--out {options.out}",
            expected="no file to save, as cross-validation trains one model for each fold",
            got=f"'{excerpt(options.out)}'",
            help="Leave --out out; train without --folds for a model to keep.",
        )
    count = FOLDS if options.folds is None else _number("--folds", options.folds, 2, MOST_FOLDS)
    repeats = 1 if options.repeats is None else _number("--repeats", options.repeats, 1, MOST_REPEATS)
    if options.epochs is not None:
        values = {name: getattr(experiment.training, name) for name in Training.model_fields}
        epochs = _number("--epochs", options.epochs, 1, 10**9)
        experiment = experiment.replace(training=read(Training, values | {"epochs": epochs}, "--epochs"))
    table = experiment.data.load()
    print_notes(experiment.data, table, prepare(experiment.data, table, experiment.dtype))
    if repeats > 1 and in_sequence(experiment.data):
        say("Note: rows are in order, so that folds cannot be drawn again: they are not repeated.")
    work = CrossValidation(experiment, table, count=count, repeats=repeats)
    # No thread that watches over bars: steps come often enough.
    tqdm.monitor_interval = 0
    with tqdm(
        desc="folds", total=work.steps, disable=not shows_progress(), file=sys.stderr, leave=False
    ) as bar:
        for done in work:
            bar.update(done - bar.n)
    result = work.result()
    if options.json:
        print(json.dumps(as_object(result), allow_nan=False))
    else:
        print("\n".join(lines_of(result)))
    return 0


def as_object(result: CrossValidationResult) -> dict[str, Any]:
    """What --json prints; a score that is not defined is null."""
    return {
        "folds": result.folds,
        "repeats": result.repeats,
        "scores": {
            name: {
                "mean": _finite(result.mean(name)),
                "standard_error": _finite(result.standard_error(name)),
                "values": [_finite(one.values[name]) for one in result.scores],
            }
            for name in result.names
        },
        "rows": [one.rows for one in result.scores],
        "epochs": [one.epochs for one in result.scores],
    }


def lines_of(result: CrossValidationResult) -> list[str]:
    """A line for each fold, and one for the mean of all and its standard error."""
    times = f", {result.repeats} times" if result.repeats > 1 else ""
    heads = [f"{result.folds}-fold cross-validation{times}: scores on the rows left out"]
    heads.append(f"{'':<12}{'rows':>8}" + "".join(f"{name:>20}" for name in result.names))
    for one in result.scores:
        place = f"{one.repeat}." if result.repeats > 1 else ""
        values = "".join(f"{_text(one.values[name]):>20}" for name in result.names)
        heads.append(f"{f'fold {place}{one.fold}':<12}{one.rows:>8,}{values}")
    means = "".join(
        f"{f'{_text(result.mean(name))} ± {_text(result.standard_error(name))}':>20}" for name in result.names
    )
    return [*heads, f"{'mean':<12}{'':>8}{means}", "± is the standard error of the mean over the folds."]


def _text(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else "–"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _number(name: str, text: str, least: int, most: int) -> int:
    """A whole number of an option; raises UserError where it is none, or out of range."""
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1
    if not least <= value <= most:
        raise UserError(
            name,
            expected=f"a whole number from {least} to {most:,}",
            got=f"'{excerpt(text)}'",
            help=f"For instance {name} {max(least, 5)}.",
        )
    return value
