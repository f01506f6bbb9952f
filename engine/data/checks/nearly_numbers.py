"""A check for columns of texts that would be numbers, but for a few values."""

from collections.abc import Iterator

from engine.data.checks.checked_table import CheckedTable
from engine.data.checks.empty_and_constant import titled
from engine.data.checks.finding import Finding, each, first_row_numbers, ignoring
from engine.data.checks.remedies import TakeAs
from engine.errors import excerpt


def nearly_numbers(checked: CheckedTable) -> Iterator[Finding]:
    """Inputs and the target, where all but a few texts are numbers: an “abc” among prices."""
    columns = [checked.table.column(name) for name in checked.no_numbers]
    others = list(checked.no_numbers.values())
    counts = [
        f"{len(rows):,} of {one.rows - one.missing:,}" for one, rows in zip(columns, others, strict=True)
    ]
    firsts = [
        f"first “{excerpt(one.texts.decoded(one.texts.indices[rows[:1]])[0])}”"
        for one, rows in zip(columns, others, strict=True)
    ]
    if len(columns) == 1:
        begin = f"“{columns[0].name}” holds numbers in all but {counts[0]} values, {firsts[0]}"
    else:
        facts = [f"{count}, {first}" for count, first in zip(counts, firsts, strict=True)]
        named = each([(one.name, fact) for one, fact in zip(columns, facts, strict=True)])
        begin = f"{len(columns):,} columns hold numbers in all but a few values, {named}"
    names = tuple(one.name for one in columns)
    # What is predicted cannot be ignored.
    inputs = [one.name for one in checked.inputs if one.name in checked.no_numbers]
    if columns:
        yield Finding(
            "nearly_numbers",
            f"{begin}: as texts, each number is a category of its own. As numbers, what is none counts as "
            "missing.",
            names,
            titled("Nearly all numbers", columns),
            rows=first_row_numbers(checked.original(others[0])) if len(columns) == 1 else (),
            count=len(others[0]) if len(columns) == 1 else 0,
            remedies=(TakeAs(names, "number"), *(ignoring(*inputs) if inputs else ())),
        )
