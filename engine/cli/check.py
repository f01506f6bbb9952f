"""What `gradwright check` says of gradients: a sentence and a table for people, an object for programs."""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from engine.cli.output import print_notes
from engine.cli.terminal import shows_progress
from engine.cli.train import with_data
from engine.data import prepare
from engine.errors import UserError
from engine.files.opening import open_run
from engine.files.run_file import SavedRun, resume
from engine.insight.gradient_check import ENTRIES, TERMS, GradientCheck, ParameterCheck, sentence, worst
from engine.insight.overfit_check import OverfitCheck, OverfitResult
from engine.insight.range_test import RangeTest, RangeTestResult, usual_start
from engine.training.trainer import Trainer

TITLES = ("layer", "parameter", "of", "largest error", "at", "checked", "kinks", "verdict")


def lines_of(gradients: Sequence[ParameterCheck]) -> list[str]:
    """A sentence on all arrays, then a line for each."""
    return [sentence(gradients), *_table(gradients)]


def result_of(gradients: Sequence[ParameterCheck]) -> dict[str, Any]:
    """The worst of all arrays, and each of them."""
    found = worst(gradients)
    return {
        "verdict": found.verdict if found else None,
        "checked": sum(one.checked for one in gradients),
        "kinks": sum(one.kinks for one in gradients),
        "largest_error": _finite(found.largest_error) if found else None,
        "layer": found.layer_name if found else None,
        "parameter": found.parameter if found else None,
        "arrays": [_array(one) for one in gradients],
    }


def _array(one: ParameterCheck) -> dict[str, Any]:
    return {
        "layer": one.layer_name,
        "parameter": one.parameter,
        "term": one.term,
        "verdict": one.verdict,
        "largest_error": _finite(one.largest_error),
        "index": list(one.worst_index),
        "analytic": _finite(one.analytic),
        "numeric": _finite(one.numeric),
        "checked": one.checked,
        "not_zero": one.not_zero,
        "kinks": one.kinks,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _table(gradients: Sequence[ParameterCheck]) -> list[str]:
    """Columns as wide as what is in them; numbers to the right."""
    if not gradients:
        return []
    # Which term it is says something only where there are two.
    shown = [title for title in TITLES if title != "of" or any(one.term == "penalty" for one in gradients)]
    rows = [dict(zip(TITLES, TITLES, strict=True)), *(_texts(one) for one in gradients)]
    widths = {title: max(len(row[title]) for row in rows) for title in shown}
    return ["  ".join(_aligned(title, row[title], widths[title]) for title in shown).rstrip() for row in rows]


def _texts(one: ParameterCheck) -> dict[str, str]:
    values = (
        one.layer_name,
        one.parameter,
        TERMS[one.term],
        f"{one.largest_error:.1e}",
        ", ".join(map(str, one.worst_index)),
        str(one.checked),
        str(one.kinks),
        one.verdict,
    )
    return dict(zip(TITLES, values, strict=True))


def _aligned(title: str, text: str, width: int) -> str:
    return text.rjust(width) if title in ("largest error", "checked", "kinks") else text.ljust(width)


# `gradwright check`: whether a set-up can learn at all, before time goes into training it.
#
# Gradients against differences, one batch memorized, and a range test of the learning rate. Nothing is
# written and no run is changed.

WRONG_STATUS = 1

INDENT = 13


def check(options: argparse.Namespace) -> int:
    """Run the command; returns its exit status: 0, or 1 where something is wrong."""
    run = with_data(open_run(options.file), options.data)
    if options.restart:
        run = SavedRun(run.experiment)
    experiment = run.experiment
    table = experiment.data.load()
    dataset = prepare(experiment.data, table, experiment.dtype)
    print_notes(experiment.data, table, dataset)
    trainer = resume(run, dataset, options.file)
    gradients = _gradients(trainer)
    overfit = _overfit(trainer)
    rates = _rates(trainer)
    faults = _faults(gradients, overfit, rates)
    if options.json:
        result = _result(gradients, overfit, rates, faults)
        print(json.dumps(result, allow_nan=False))
    else:
        _print(gradients, overfit, rates, faults)
    return WRONG_STATUS if faults else 0


def _gradients(trainer: Trainer) -> list[ParameterCheck]:
    test = GradientCheck(trainer, entries=ENTRIES)
    with _bar("gradients", test.steps) as bar:
        for steps in test:
            bar.update(steps - bar.n)
    return test.result()


def _overfit(trainer: Trainer) -> OverfitResult:
    test = OverfitCheck(trainer)
    with _bar("overfitting", test.steps) as bar:
        for steps in test:
            bar.update(steps - bar.n)
    return test.result()


def _rates(trainer: Trainer) -> RangeTestResult | UserError:
    """The error where the optimizer has no use for a range test."""
    try:
        test = RangeTest(trainer, start=usual_start(trainer))
    except UserError as error:
        return error
    with _bar("rates", test.steps) as bar:
        for steps in test:
            bar.update(steps - bar.n)
    return test.result()


def _bar(what: str, total: int) -> tqdm:
    """A progress bar on standard error, if that is a terminal."""
    # No thread that watches over bars: steps come often enough.
    tqdm.monitor_interval = 0
    return tqdm(desc=what, total=total, disable=not shows_progress(), file=sys.stderr, leave=False)


def _faults(
    gradients: list[ParameterCheck], overfit: OverfitResult, rates: RangeTestResult | UserError
) -> list[str]:
    """What is wrong, in words."""
    faults = []
    if any(one.verdict == "wrong" for one in gradients):
        faults.append("gradients")
    if overfit.verdict != "learns":
        faults.append("overfitting")
    if isinstance(rates, RangeTestResult) and rates.set_rate_breaks:
        faults.append("the learning rate")
    return faults


# --- for programs ----------------------------------------------------------------------------------------


def _result(
    gradients: list[ParameterCheck],
    overfit: OverfitResult,
    rates: RangeTestResult | UserError,
    faults: list[str],
) -> dict[str, Any]:
    return {
        "wrong": faults,
        "gradients": result_of(gradients),
        "overfit": {
            "verdict": overfit.verdict,
            "sentence": overfit.sentence,
            "examples": overfit.rows,
            "losses": _numbers(overfit.losses),
            "floor": _number(overfit.floor),
            "goal": _number(overfit.goal),
            "switched_off": list(overfit.switched_off),
            "findings": [{"cause": one.cause, "sentence": one.sentence} for one in overfit.findings],
        },
        "rates": _result_of_rates(rates),
    }


def _result_of_rates(rates: RangeTestResult | UserError) -> dict[str, Any]:
    if isinstance(rates, UserError):
        return {"stop": None, "sentence": str(rates)}
    return {
        "stop": rates.stop,
        "sentence": rates.stop_reason,
        "advice": rates.advice,
        "set_rate": rates.set_rate,
        "suggestion": rates.suggestion,
        "steepest": rates.steepest,
        "tenth": rates.tenth,
        "rates": _numbers(rates.rates),
        "losses": _numbers(rates.losses),
        "smoothed": _numbers(rates.smoothed),
    }


def _numbers(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[float | None]:
    return [_number(value) for value in values.tolist()]


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


# --- for people ------------------------------------------------------------------------------------------


def _print(
    gradients: list[ParameterCheck],
    overfit: OverfitResult,
    rates: RangeTestResult | UserError,
    faults: list[str],
) -> None:
    _section("Gradients", lines_of(gradients))
    lines = [overfit.sentence, *(one.sentence for one in overfit.findings), overfit.switched_off_sentence]
    _section("Overfitting", list(filter(None, lines)))
    if isinstance(rates, UserError):
        _section("Rates", [str(rates)])
    else:
        _section("Rates", list(filter(None, [rates.stop_reason, rates.readings_sentence, rates.advice])))
    print(f"Wrong: {', '.join(faults)}." if faults else "Nothing is wrong.")


def _section(title: str, lines: list[str]) -> None:
    for number, line in enumerate(lines):
        print(f"{'' if number else title:<{INDENT}}{line}")
