"""Weights of classes as people write them: a number for each class in order, or classes by name.

An entry is a number, or a text such as "cat: 2.5"; so a list of either kind fits into one line of a form.
"""

import difflib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, PlainValidator

from engine.errors import UserError, excerpt
from engine.settings import number_text

HEAVIEST = 1e9
"""The largest weight of a class."""

BALANCED = "balanced"
"""The word for weights that make every class count the same in all, as in scikit-learn."""

MOST_NAMED = 12
"""Classes that a sentence lists."""

WHERE = "Training, loss, class weights"


def _entry(value: Any) -> float | str:
    """A number, or a name and its number as one text; raises ValueError in our words."""
    name, number = "", value
    if isinstance(value, str):
        # The last colon: a class may have one in its name.
        name, _, number = (part.strip() for part in value.rpartition(":"))
    try:
        weight = float("nan") if isinstance(number, bool) else float(number)
    except (TypeError, ValueError):
        weight = float("nan")
    if weight != weight or (not name and isinstance(value, str) and ":" in value):
        raise ValueError("a number, or a class and its number such as “cat: 2”")
    if weight < 0:
        raise ValueError("a number of at least 0")
    if weight > HEAVIEST:
        raise ValueError(f"a number of at most {number_text(HEAVIEST)}")
    return named(name, weight) if name else weight


ClassWeight = Annotated[float | str, Field(ge=0, le=HEAVIEST), PlainValidator(_entry)]


def named(name: str, weight: Any) -> str:
    """A class and its weight as one entry."""
    if not isinstance(weight, float | int) or isinstance(weight, bool):
        return f"{name}: {weight}"
    short = number_text(weight)
    return f"{name}: {short if float(short) == weight else repr(weight)}"


def entries(given: Any) -> Any:
    """What stands for class weights, as a list; raises ValueError where it can be none.

    given : a list, or weights by class ({"cat": 2.5}).
    """
    if isinstance(given, Mapping):
        return [named(str(name), weight) for name, weight in given.items()]
    if given is None or isinstance(given, list | tuple):
        return given
    raise ValueError(f"a list of numbers, numbers by class such as {{“cat”: 2}}, or “{BALANCED}”")


def by_class(given: Sequence[float | str]) -> dict[str, float]:
    """The weights of classes that are named; empty where numbers stand in the order of the classes."""
    pairs = (entry.rpartition(":") for entry in given if isinstance(entry, str))
    return {name.strip(): float(weight) for name, _, weight in pairs}


def in_order_of(classes: Sequence[str], given: Sequence[float | str], count: int) -> tuple[float, ...]:
    """A weight for each of `count` classes; those that are not named count 1.

    classes : their names, empty where they have none. Raises UserError where the weights are of others.
    """
    weights = by_class(given)
    if not weights:
        numbers = tuple(entry for entry in given if not isinstance(entry, str))
        if len(numbers) != count:
            raise UserError(
                WHERE,
                expected=f"{count} numbers, one for each class",
                got=str(len(numbers)),
                help="Give a weight for each class in the order of the classes"
                f"{_named_too(classes)}, or leave all away.",
            )
        return numbers
    if not classes:
        raise UserError(
            WHERE,
            expected="numbers, as there are no classes with names here",
            got=_quoted([str(entry) for entry in given]),
            help="Give a weight of 0 and one of 1, or leave all away.",
        )
    for name in weights:
        if name not in classes:
            alike = [one for one in classes if one.lower() == name.lower()]
            near = alike or difflib.get_close_matches(name, classes, 1)
            raise UserError(
                WHERE,
                expected=f"classes of the target, {_quoted(classes)}",
                got=f"“{excerpt(name)}”",
                help=f"Did you mean “{near[0]}”?" if near else "Correct the name, or leave it away.",
            )
    return tuple(weights.get(name, 1.0) for name in classes)


def _quoted(names: Sequence[str]) -> str:
    shown = ", ".join(f"“{excerpt(name)}”" for name in names[:MOST_NAMED])
    return shown if len(names) <= MOST_NAMED else f"{shown}, …"


def _named_too(classes: Sequence[str]) -> str:
    return f", {_quoted(classes)}" if classes else ""
