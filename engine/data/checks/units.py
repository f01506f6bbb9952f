"""Mixed units: a column whose values form two groups that differ by the factor of two units."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.data.checks.checked_table import CheckedTable
from engine.data.checks.finding import Finding, counted, each, first_row_numbers, ignoring, leaving_out, short
from engine.data.columns.types import FEWEST_ROWS

FACTORS: dict[float, str] = {
    1000.0: "as between grams and kilograms",
    100.0: "as between centimetres and metres, or per cent and fractions",
    10.0: "as between millimetres and centimetres",
    60.0: "as between minutes and hours",
    12.0: "as between inches and feet, or months and years",
    25.4: "as between millimetres and inches",
    2.54: "as between centimetres and inches",
    3.2808: "as between feet and metres",
    1.6093: "as between kilometres and miles",
    1 / 0.4536: "as between pounds and kilograms",
    1e6: "as between units and millions",
    4.1868: "as between joules and calories",
}

FEWEST = 3
"""Rows of the smaller group, and at least one in a hundred."""

CLEAR_GAP = 4.0
"""The gap between the groups is at least so many times any other, on the logarithmic scale."""

LEAST_GAP = 0.3
"""And at least this fraction of the factor's logarithm."""

TOLERANCE = 0.05
"""How far the medians' ratio may be off the factor, where the groups are so small that it is uncertain."""

SAME_SHAPE = 1.36
"""Kolmogorov-Smirnov: the two groups, in one unit, are alike with a probability of more than 5 %."""

TOLD_APART = 0.5
"""Where another column correlates as much with the two groups, they are two kinds of things."""

MINORITY = 1 / 3
"""A second unit is the rarer one; two groups of the same size are rather two kinds of things."""

LARGE = 50.0
"""Two kinds of things hardly differ by an exact factor this large, so the last two are not asked for."""


def mixed_units(checked: CheckedTable) -> Iterator[Finding]:
    """Columns of positive numbers in which two groups have the same distribution but for a factor."""
    low, _ = checked.limits
    found, rows, facts = [], [], []
    for number in np.flatnonzero((low > 0) & (checked.present >= FEWEST_ROWS)).tolist():
        checked.progress.check()
        logs = np.log(checked.ordered[: checked.present[number], number])
        split = _clear_gap(logs)
        if split is None:
            continue
        factor = _factor(logs[:split], logs[split:])
        if factor is None:
            continue
        column = checked.numbers[number]
        border = float(np.exp((logs[split - 1] + logs[split]) / 2))
        fewer = min(split, len(logs) - split)
        if factor < LARGE and (fewer > MINORITY * len(logs) or _told_apart(checked, number, border)):
            continue
        below = column.values < border
        above = column.values > border
        where = np.flatnonzero(below if below.sum() < above.sum() else above)
        found.append(column.name)
        rows.append(where)
        facts.append(
            (
                column.name,
                f"{counted(int(below.sum()), 'row')} about {short(np.nanmedian(column.values[below]))}, "
                f"{counted(int(above.sum()), 'row')} about {short(np.nanmedian(column.values[above]))}: "
                f"a factor of {factor:.4g}, {FACTORS[factor]}",
            )
        )
    if not found:
        return
    where = checked.original(np.unique(np.concatenate(rows)))
    one = f"“{found[0]}” seems to mix two units: {facts[0][1]}. Bring them to one in the table."
    several = f"{len(found):,} columns seem to mix two units: {each(facts)}. Bring them to one in the table."
    yield Finding(
        "mixed_units",
        one if len(found) == 1 else several,
        tuple(found),
        "Mixed units?" if len(found) == 1 else f"Mixed units? {len(found):,} columns",
        "warning",
        first_row_numbers(where),
        len(where),
        (*leaving_out(where), *ignoring(*found)),
    )


def _clear_gap(logs: NDArray[np.float64]) -> int | None:
    """How many of the values, in rising order, are below a gap that is wider than any other by far."""
    gaps = np.diff(logs)
    fewest = max(FEWEST, -(-len(logs) // 100))
    if len(gaps) < 2 * fewest:
        return None
    inner = gaps[fewest - 1 : len(gaps) - fewest + 1]
    split = int(np.argmax(inner)) + fewest
    widest = gaps[split - 1]
    rest = max(float(np.delete(gaps, split - 1).max()), 1e-12)
    return split if widest >= CLEAR_GAP * rest and widest > 0.2 else None


def _factor(lower: NDArray[np.float64], upper: NDArray[np.float64]) -> float | None:
    """The factor of two units that makes one of the groups (logarithms, in rising order) the other."""
    ratio = float(np.median(upper) - np.median(lower))
    uncertain = 1.25 * float(np.hypot(lower.std() / len(lower) ** 0.5, upper.std() / len(upper) ** 0.5))
    tolerance = max(min(3 * uncertain, np.log1p(TOLERANCE)), 1e-3)
    factor = min(FACTORS, key=lambda one: abs(np.log(one) - ratio))
    gap = upper[0] - lower[-1]
    if abs(np.log(factor) - ratio) > tolerance or gap < LEAST_GAP * np.log(factor):
        return None
    if min(len(np.unique(lower)), len(np.unique(upper))) < FEWEST:
        return None
    shifted = upper - np.log(factor)
    together = np.sort(np.concatenate([lower, shifted]))
    apart = np.abs(
        np.searchsorted(lower, together, "right") / len(lower)
        - np.searchsorted(shifted, together, "right") / len(shifted)
    ).max()
    most = SAME_SHAPE * ((len(lower) + len(upper)) / (len(lower) * len(upper))) ** 0.5
    return factor if apart <= most else None


def _told_apart(checked: CheckedTable, number: int, border: float) -> bool:
    """Whether any other column of numbers tells the two groups apart."""
    group = np.where(checked.sampled[:, number] > border, 1.0, 0.0)
    group -= group.mean()
    others = np.delete(checked.sampled, number, axis=1)
    others = np.nan_to_num(others - np.nanmean(others, axis=0))
    with np.errstate(all="ignore"):
        alike = np.abs(group @ others) / (np.linalg.norm(group) * np.linalg.norm(others, axis=0))
    return bool((np.nan_to_num(alike) > TOLD_APART).any())
