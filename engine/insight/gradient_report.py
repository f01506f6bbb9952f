"""What a gradient check has found, in sentences: the verdict, and where the worst of all numbers is."""

import math
from collections.abc import Sequence

from engine.insight.gradient_check import ParameterCheck, Term

ENTRIES = 40
"""Numbers checked of each array of parameters, unless somebody asks for more."""

TERMS: dict[Term, str] = {"data": "loss", "penalty": "penalty"}
"""What the terms of the loss are called."""


def worst(checks: Sequence[ParameterCheck]) -> ParameterCheck | None:
    """The one with the largest relative error, of those of which anything was tested if there are any."""
    tested = [one for one in checks if one.verdict != "nothing tested"]
    return max(tested or checks, key=lambda one: one.largest_error, default=None)


def sentence(checks: Sequence[ParameterCheck]) -> str:
    """The verdict on all arrays."""
    found = worst(checks)
    if found is None:
        return "Nothing to check: the network has no parameters."
    if found.verdict == "nothing tested":
        return "Nothing tested: no number that was looked at has a gradient."
    if not math.isfinite(found.largest_error):
        return f"Wrong: a gradient in {found.layer_name}, {found.parameter}, or the loss is no finite number."
    checked, kinks = sum(one.checked for one in checks), sum(one.kinks for one in checks)
    left_out = f" ({kinks} more, at kinks, left out)" if kinks else ""
    return (
        f"{found.verdict.capitalize()}: of {checked} numbers checked{left_out}, the largest relative error "
        f"is {found.largest_error:.1e}, in {found.layer_name}, {found.parameter}."
    )


def location(check: ParameterCheck) -> str:
    """Where in its array the worst number is, counted from 1 as units are: "row 2 → column 4"."""
    places = [index + 1 for index in check.worst_index]
    if len(places) == 1:
        return f"entry {places[0]}"
    if len(places) == 2:
        return f"row {places[0]} → column {places[1]}"
    return f"entry ({', '.join(map(str, places))})"


def worst_number(check: ParameterCheck) -> str:
    """The worst number of an array: where it is, and what either way gives for its gradient."""
    term = ", penalty" if check.term == "penalty" else ""
    return (
        f"{check.layer_name}, {check.parameter}{term}, {location(check)}: "
        f"{check.analytic:.6g} by backpropagation, {check.numeric:.6g} by central differences."
    )
