"""What `gradwright check` says of gradients: a sentence and a table for people, an object for programs."""

import math
from collections.abc import Sequence
from typing import Any

from engine.insight.gradient_check import ParameterCheck

TITLES = ("layer", "parameter", "of", "largest error", "at", "checked", "kinks", "verdict")

TERMS = {"data": "loss", "penalty": "penalty"}


def worst(gradients: Sequence[ParameterCheck]) -> ParameterCheck | None:
    """The one with the largest relative error, of those of which anything was tested if there are any."""
    tested = [one for one in gradients if one.verdict != "nothing tested"]
    return max(tested or gradients, key=lambda one: one.largest_error, default=None)


def lines_of(gradients: Sequence[ParameterCheck]) -> list[str]:
    """A sentence on all arrays, then a line for each."""
    return [_sentence(gradients), *_table(gradients)]


def result_of(gradients: Sequence[ParameterCheck]) -> dict[str, Any]:
    """The worst of all arrays, and each of them."""
    found = worst(gradients)
    return {
        "verdict": found.verdict if found else None,
        "checked": sum(one.checked for one in gradients),
        "kinks": sum(one.kinks for one in gradients),
        "largest_error": _number(found.largest_error) if found else None,
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
        "largest_error": _number(one.largest_error),
        "index": list(one.worst_index),
        "analytic": _number(one.analytic),
        "numeric": _number(one.numeric),
        "checked": one.checked,
        "not_zero": one.not_zero,
        "kinks": one.kinks,
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _sentence(gradients: Sequence[ParameterCheck]) -> str:
    found = worst(gradients)
    if found is None:
        return "Nothing to check: the network has no parameters."
    if found.verdict == "nothing tested":
        return "Nothing tested: no number that was looked at has a gradient."
    if not math.isfinite(found.largest_error):
        return f"Wrong: a gradient in {found.layer_name}, {found.parameter}, or the loss is no finite number."
    checked, kinks = sum(one.checked for one in gradients), sum(one.kinks for one in gradients)
    left_out = f" ({kinks} more, at kinks, left out)" if kinks else ""
    return (
        f"{found.verdict.capitalize()}: of {checked} numbers checked{left_out}, the largest relative error "
        f"is {found.largest_error:.1e}, in {found.layer_name}, {found.parameter}."
    )


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
