"""Checks of the numbers in a column: outliers, numbers that stand for missing, skew.

All columns are judged at once, by quantiles of sampled rows; only what is suspected is counted in all rows.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.data.checks.checked_table import CheckedTable
from engine.data.checks.finding import Finding, counted, each, first_row_numbers, ignoring, leaving_out, short
from engine.data.checks.remedies import PrepareAs, ReadAsMissing, Remedy
from engine.data.columns.types import FEWEST_ROWS
from engine.data.encoders.numbers import AsTheyAre, MinMax, Robust, Standardize
from engine.data.encoders.power import yeo_johnson
from engine.data.table import Column
from engine.settings import number_text

Array = NDArray[np.float64]

OUTLYING = 10.0
"""Robust z (distance from the median over 1.4826 median absolute deviations) beyond which a value is an
outlier, on the scale itself and, where no value is negative, on the logarithmic one too."""

MOST_OUTLIERS = 0.05
"""More of them than this fraction are the tail of a distribution, or things of another kind."""

FARTHER, FARTHER_ON_LOG = 2.5, 1.25
"""Between the outliers and all else is a gap: they are so many times as far from the median. Without one,
they are the end of a long tail."""

NORMAL = 1.4826
"""The standard deviation of a normal distribution over its median absolute deviation."""

SKEWED, STRAIGHT = 0.5, 0.25
"""Skewness by quantiles, (q95 + q5 − 2 median) / (q95 − q5): a normal distribution has 0, the exponential one
0.55. A column is skewed beyond the first, and no longer within the second. Reference: Hinkley 1975."""

FEWEST_DIFFERENT = 20
"""Numbers with fewer different values are counts or grades, not measurements."""

LAMBDAS = tuple(np.linspace(-2, 2, 17).tolist())
"""Of the Yeo-Johnson transformation."""


def skew(checked: CheckedTable) -> Iterator[Finding]:
    """Inputs with a long tail, which a logarithm or Yeo-Johnson takes away."""
    if not checked.numbers:
        return
    low, middle, high = (checked.quantile(fraction) for fraction in (0.05, 0.5, 0.95))
    before = _skewness(low, middle, high)
    least, _ = checked.limits
    suspects = np.flatnonzero((np.abs(before) > SKEWED) & (checked.present >= FEW_FOR_SHAPE))
    found: dict[str, list[tuple[str, str]]] = {"log": [], "yeo_johnson": []}
    for number in suspects:
        column = checked.numbers[number]
        if column.distinct < FEWEST_DIFFERENT or not _keeps_shape(checked, column):
            continue
        three = np.array([[low[number]], [middle[number]], [high[number]]])
        if least[number] > 0 and abs(after := float(_skewness(*np.log(three))[0])) < STRAIGHT:
            method = "log"
        else:
            # To the scale of the column, as the transformation bends at 1.
            scaled = three / (np.abs(three).max() or 1.0) * 10
            after = min((float(_skewness(*yeo_johnson(scaled, one))[0]) for one in LAMBDAS), key=abs)
            method = "yeo_johnson"
        if abs(after) < STRAIGHT:
            found[method].append((column.name, f"{before[number]:.2f}, then {after:.2f}".replace("-", "−")))
    facts = [*found["log"], *found["yeo_johnson"]]
    if not facts:
        return
    remedies: list[Remedy] = []
    for one in ("log", "yeo_johnson"):
        if found[one]:
            names = tuple(name for name, _ in found[one])
            remedies.append(PrepareAs(names, "log" if one == "log" else "yeo_johnson"))
    ways = [name for name, key in (("the logarithm", "log"), ("Yeo-Johnson", "yeo_johnson")) if found[key]]
    if len(facts) == 1:
        sentence = f"“{facts[0][0]}” has a long tail: skewness {facts[0][1]} with {ways[0]}."
    else:
        sentence = (
            f"{len(facts):,} columns have long tails, which {' or '.join(ways)} would take away. "
            f"Skewness: {each(facts)}."
        )
    title = "Skewed" if len(facts) == 1 else f"Skewed: {len(facts):,} columns"
    yield Finding("skew", sentence, tuple(name for name, _ in facts), title, "hint", remedies=tuple(remedies))


def _keeps_shape(checked: CheckedTable, column: Column) -> bool:
    """Whether the column's preparation only shifts and scales it, so that a tail stays."""
    chosen = checked.settings.column(column.name).preparation
    return chosen is None or isinstance(chosen, Standardize | MinMax | Robust | AsTheyAre)


FEW_FOR_SHAPE = 50
"""With fewer rows, nothing is said about the shape of a distribution."""


def _skewness(low: Array, middle: Array, high: Array) -> Array:
    extent = high - low
    with np.errstate(all="ignore"):
        return np.where(extent > 0, (low + high - 2 * middle) / np.where(extent > 0, extent, 1), 0.0)


def outliers(checked: CheckedTable) -> Iterator[Finding]:
    """Single numbers far from all others."""
    if not checked.numbers or checked.rows < FEWEST_ROWS:
        return
    middle = checked.quantile(0.5)
    spread = _spread(checked.sampled, middle)
    logs, log_middle, log_spread = _on_log_scale(checked, middle)
    low, high = checked.limits
    with np.errstate(all="ignore"):
        reach = np.maximum(high - middle, middle - low) / spread
    suspects = np.flatnonzero((reach > OUTLYING) & (checked.present >= FEWEST_ROWS))
    columns, rows, facts = [], [], []
    for number in suspects:
        checked.progress.check()
        column = checked.numbers[number]
        with np.errstate(all="ignore"):
            far = _apart(np.abs(column.values - middle[number]), OUTLYING * spread[number], FARTHER)
            if logs[number]:
                on_log = np.log(column.values + _shift(low[number], middle[number]))
                distances = np.abs(on_log - log_middle[number])
                far &= _apart(distances, OUTLYING * log_spread[number], FARTHER_ON_LOG)
        where = np.flatnonzero(far)
        if not 0 < len(where) <= max(MOST_OUTLIERS * (column.rows - column.missing), 1):
            continue
        values = column.values[where]
        # The same number again and again stands for something: see `sentinels`.
        if len(where) >= FEWEST_MARKS and np.ptp(values) == 0:
            continue
        farthest = float(values[np.argmax(np.abs(values - middle[number]))])
        z = abs(farthest - middle[number]) / spread[number]
        columns.append(column.name)
        rows.append(where)
        usual = f"{number_text(float(middle[number]))} ± {short(float(spread[number]))}"
        facts.append(
            (
                column.name,
                f"{counted(len(where), 'row')}, up to {short(farthest)} where {usual} is usual, z {z:,.0f}",
            )
        )
    if not columns:
        return
    where = np.unique(np.concatenate(rows))
    one = f"“{columns[0]}” has values far from all others: {facts[0][1]}."
    several = f"{len(columns):,} columns have values far from all others: {each(facts)}."
    original = checked.original(where)
    yield Finding(
        "outliers",
        one if len(columns) == 1 else several,
        tuple(columns),
        "Outliers" if len(columns) == 1 else f"Outliers: {len(columns):,} columns",
        "warning",
        first_row_numbers(original),
        len(where),
        leaving_out(original),
    )


def _apart(distances: Array, bound: float, farther: float) -> NDArray[np.bool_]:
    """Which of the distances are beyond a bound and behind the first wide gap there."""
    beyond = np.sort(distances[distances > bound])
    if not len(beyond):
        return np.zeros(len(distances), bool)
    before = np.append(np.fmax.reduce(distances[~(distances > bound)]), beyond[:-1])
    wide = np.flatnonzero(beyond >= farther * before)
    return distances >= (beyond[wide[0]] if len(wide) else np.inf)


def _spread(values: Array, middle: Array) -> Array:
    """(columns,) robust standard deviations; inf where half of the values are equal: nothing is far then."""
    apart = np.sort(np.abs(values - middle), axis=0)
    present = np.clip((~np.isnan(apart)).sum(axis=0) - 1, 0, None)
    spread = NORMAL * apart[present // 2, np.arange(apart.shape[1])]
    return np.where(spread > 0, spread, np.inf)


def _shift(low: float, middle: float) -> float:
    """Added before the logarithm: where there are zeros, about one usual value."""
    return 0.0 if low > 0 else abs(middle)


def _on_log_scale(checked: CheckedTable, middle: Array) -> tuple[NDArray[np.bool_], Array, Array]:
    """For each column, whether logarithms can be taken; and the median and spread of these."""
    low, _ = checked.limits
    usable = (low >= 0) & (middle > 0)
    with np.errstate(all="ignore"):
        logs = np.log(checked.sampled + np.where(low > 0, 0.0, np.abs(middle)))
        log_middle = np.where(usable, np.log(middle + np.where(low > 0, 0.0, np.abs(middle))), 0.0)
    return usable, log_middle, _spread(np.where(usable, logs, np.nan), log_middle)


MARKS = (-1.0, *(sign * float("9" * digits) for digits in range(2, 7) for sign in (1, -1)))
"""Numbers that people write for a missing value: −1, ±99, ±999 to ±999,999; also 0, see `_zeros`."""

FEWEST_MARKS = 3
"""Rows with it, or it may be a value."""

APART = 0.25
"""How far the mark is from all other values, as a fraction of their range; and at least `GAPS` times as far
as any two neighbours among them."""

GAPS = 3.0

ZERO_GAP, ZERO_SPREAD, MOST_ZEROS = 0.2, 0.7, 0.5
"""A 0 among positive measurements is suspicious if the least of those is at least this fraction of their
median, their logarithms vary by no more than the second, and no more than the third of the rows are 0."""


def sentinels(checked: CheckedTable) -> Iterator[Finding]:
    """Numbers that stand for a missing value: isolated, repeated, and of the usual spelling; or 0."""
    if not checked.numbers:
        return
    low, high = checked.limits
    facts, marks, rows = [], [], []
    listed = (np.isin(low, MARKS) & (low < 0)) | (low == 0) | (np.isin(high, MARKS) & (high > 0))
    for number in np.flatnonzero(listed):
        checked.progress.check()
        column = checked.numbers[number]
        for mark in dict.fromkeys((float(low[number]), float(high[number]))):
            is_mark = (mark in MARKS and (mark < 0) == (mark == low[number])) or mark == 0.0
            if not is_mark or (mark == 0 and mark != low[number]):
                continue
            where = np.flatnonzero(column.values == mark)
            if len(where) < FEWEST_MARKS or len(where) > MOST_ZEROS * column.rows:
                continue
            others = checked.ordered[: checked.present[number], number]
            others = others[others != mark]
            if len(others) >= FEWEST_ROWS and (_zeros(others) if mark == 0 else _isolated(mark, others)):
                marks.append((column.name, mark))
                rows.append(where)
                span = f"{short(others[0])} to {short(others[-1])}"
                facts.append((column.name, f"{short(mark)} in {counted(len(where), 'row')}, else {span}"))
    if not marks:
        return
    where = np.unique(np.concatenate(rows))
    names = tuple(dict.fromkeys(name for name, _ in marks))
    if len(marks) == 1:
        sentence = f"“{names[0]}” is {facts[0][1]}: the number seems to stand for a missing value."
    else:
        sentence = f"Numbers that seem to stand for missing values: {each(facts)}."
    yield Finding(
        "sentinel",
        sentence,
        names,
        "Stands for missing?" if len(names) == 1 else f"Stand for missing? {len(names):,} columns",
        "warning" if any(mark != 0 for _, mark in marks) else "hint",
        first_row_numbers(checked.original(where)),
        len(where),
        (ReadAsMissing(tuple(marks)), *ignoring(*names)),
    )


def _isolated(mark: float, others: Array) -> bool:
    """Whether a mark stands far from the other values, which are in rising order."""
    gap = others[0] - mark if mark < others[0] else mark - others[-1]
    if gap <= 0:
        return False
    neighbours = float(np.diff(others).max(initial=0.0))
    return bool(gap >= APART * (others[-1] - others[0]) and gap >= GAPS * neighbours)


def _zeros(others: Array) -> bool:
    """Whether a 0 is no measurement, among these positive numbers in rising order."""
    if others[0] <= 0 or len(others) < FEW_FOR_SHAPE or len(np.unique(others)) < FEWEST_DIFFERENT:
        return False
    whole = bool((others % 1 == 0).all())
    # 0, 1, 2, … count something.
    if whole and others[0] < 5:
        return False
    return bool(others[0] >= ZERO_GAP * np.median(others) and np.log(others).std() < ZERO_SPREAD)
