"""Checks whether the network's usual precision can tell the prepared numbers apart."""

from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from engine.data.checks.checked_table import CheckedTable
from engine.data.checks.empty_and_constant import titled
from engine.data.checks.finding import Finding, each
from engine.data.checks.remedies import PrepareAs, Remedy, ScaleTarget
from engine.data.encoders.base import ColumnPreparation
from engine.data.encoders.numbers import AsTheyAre
from engine.data.table import Column
from engine.errors import UserError

ROUNDED = 0.01
"""From this fraction of the standard deviation on, rounding to float32 loses what could be learned."""

ADVICE = "the others are rounded away. Scale {them}, or choose the precision float64."


def float32(checked: CheckedTable) -> Iterator[Finding]:
    """Inputs, and a target, that come in without scaling, and which float32 rounds."""
    found = [one for one in checked.numbers if lost_digits(one, _preparation(checked, one))]
    if found:
        names = tuple(one.name for one in found)
        yield _finding(found, (PrepareAs(names, "standardize"),))
    target = checked.predicted
    if target is None or target.kind != "number" or checked.task != "regression":
        return
    if not checked.settings.scale_target and lost_digits(target, AsTheyAre()):
        yield _finding([target], (ScaleTarget(),))


def lost_digits(column: Column, preparation: ColumnPreparation | None) -> bool:
    """Whether float32 rounds the prepared numbers by more than `ROUNDED` of their standard deviation."""
    if not isinstance(preparation, AsTheyAre) or column.distinct < 2:
        # All others bring the values near 0, where float32 has the digits.
        return False
    values = column.values[~np.isnan(column.values)]
    with np.errstate(over="ignore", invalid="ignore"):
        error = np.sqrt(np.mean((values.astype(np.float32) - values) ** 2))
        return bool(error > ROUNDED * values.std())


def _preparation(checked: CheckedTable, column: Column) -> ColumnPreparation | None:
    """That of a column of numbers; None where it does not suit, which is said elsewhere."""
    settings = checked.settings
    with suppress(UserError):
        chosen = settings.column(column.name)
        return chosen.preparation_of(column, settings.scaling, settings.categories)
    return None


def _finding(found: list[Column], remedies: tuple[Remedy, ...]) -> Finding:
    left = [len(np.unique(_rounded(one))) for one in found]
    if len(found) == 1:
        sentence = (
            f"“{found[0].name}” is not scaled, and float32 keeps {left[0]:,} of its {found[0].distinct:,} "
            f"different values apart: {ADVICE.format(them='it')}"
        )
    else:
        facts = [(one.name, f"{kept:,} of {one.distinct:,}") for one, kept in zip(found, left, strict=True)]
        sentence = (
            f"{len(found):,} columns are not scaled, and float32 keeps only some of their different values "
            f"apart: {each(facts)}; {ADVICE.format(them='them')}"
        )
    names = tuple(one.name for one in found)
    return Finding("float32", sentence, names, titled("Rounded", found), remedies=remedies)


def _rounded(column: Column) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    with np.errstate(over="ignore"):
        rounded: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = column.values[
            ~np.isnan(column.values)
        ].astype(np.float32)
    return rounded
