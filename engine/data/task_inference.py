"""Infers the target column and the kind of task from a table, and checks that it can be learned."""

import numpy as np

from engine.data.column_text import different_texts, listed, too_many_texts
from engine.data.settings import DataSettings
from engine.data.table import Column, Table, different_values
from engine.errors import UserError, excerpt
from engine.tasks import Task

MOST_INTEGER_CLASSES = 20
"""A column of whole numbers with more different ones than this is a quantity, not a list of classes."""

ROWS_PER_INTEGER_CLASS = 3
"""... and so is one whose numbers occur less often than this on average."""

MOST_CLASSES = 1000


def target_and_task(settings: DataSettings, table: Table) -> tuple[Column | None, Task]:
    """The column to be predicted, and the kind of task; raises UserError where there is no such column.

    For reconstruction the target is the input, and the column only labels the samples: it is no input, and
    there may be none.
    """
    if settings.task == "reconstruction":
        return label_column(settings, table), settings.task
    target = target_column(settings, table)
    return target, task_of(settings, target)


def label_column(settings: DataSettings, table: Table) -> Column | None:
    """What labels the samples of a reconstruction: the target chosen, or the source's usual one, or nothing.

    A column is never guessed here: what nobody calls a target is an input.
    """
    name = settings.target if settings.target is not None else settings.source.usual_target
    return _named(name, table) if name else None


def target_column(settings: DataSettings, table: Table) -> Column:
    """The column to be predicted; raises UserError where there is none.

    Not chosen, it is the source's usual one, else the last column that suits: not ignored, no image, not
    empty, and not a text that differs in most rows. A column of one value is taken too, and refused with a
    sentence: going on silently with another one would be a surprise.
    """
    if settings.target is not None:
        return _named(settings.target, table)
    usual = settings.source.usual_target
    if usual:
        return _named(usual, table)
    for column in reversed(table.columns):
        if column.name not in settings.ignored and _suits(column, table.rows):
            return column
    raise UserError(
        f"{table.name}, target",
        expected="a column that can be predicted",
        got="none",
        help="Choose a target, or another table.",
    )


def task_of(settings: DataSettings, target: Column) -> Task:
    """The task chosen, or the source's usual one for its usual target, or what the column suggests."""
    if settings.task is not None:
        return settings.task
    source = settings.source
    if source.usual_task is not None and target.name == source.usual_target:
        return source.usual_task
    return inferred_task(target)


def inferred_task(target: Column) -> Task:
    """What a column suggests.

    Text → classification; yes/no, true/false and 0/1 → binary; whole numbers with at most 20 different
    values, each of which occurs three times or more on average (ratings, cylinders) → classification; any
    other numbers → regression.
    """
    if target.kind == "category":
        return "classification"
    if target.kind == "boolean":
        return "binary"
    if target.kind == "image":
        return "regression"
    values = target.values[~np.isnan(target.values)]
    different = different_values(values)
    if np.array_equal(different, [0.0, 1.0]):
        return "binary"
    whole = bool(np.all(different == np.floor(different)))
    few = 2 <= len(different) <= MOST_INTEGER_CLASSES
    often = len(values) >= ROWS_PER_INTEGER_CLASS * len(different)
    return "classification" if whole and few and often else "regression"


def check_target(target: Column, task: Task) -> None:
    """Raise UserError where the column cannot be the target of the task."""
    where = f"Target “{excerpt(target.name)}”"
    if target.kind == "image":
        raise UserError(
            where, expected="numbers, yes and no, or classes", got="images", help="Choose another target."
        )
    if task == "reconstruction":
        return
    if target.missing == target.rows:
        raise UserError(
            where, expected="values to learn from", got="none in any row", help="Choose another target."
        )
    if task == "regression":
        _check_numbers(target, where)
    elif task == "binary":
        _check_two(target, where)
    else:
        _check_classes(target, where)


def _named(name: str, table: Table) -> Column:
    try:
        return table.column(name)
    except KeyError:
        names = [column.name for column in table.columns]
        raise UserError(
            f"{table.name}, target",
            expected=f"one of the columns {listed(names, 12)}",
            got=f"“{excerpt(name)}”",
            help="Choose one of these columns as the target.",
        ) from None


def _suits(column: Column, rows: int) -> bool:
    if column.kind == "image" or column.distinct == 0:
        return False
    return column.kind != "category" or column.distinct <= max(MOST_INTEGER_CLASSES, rows // 2)


def _check_numbers(target: Column, where: str) -> None:
    if target.kind != "number":
        raise UserError(
            where,
            expected="numbers, for regression",
            got=f"text such as “{excerpt(different_texts(target)[0])}”",
            help="Choose a column of numbers as the target, or the task classification.",
        )
    if target.distinct < 2:
        raise UserError(
            where,
            expected="numbers that differ",
            got=f"{excerpt(different_texts(target)[0])} in every row",
            help="There is nothing to learn in it: choose another target.",
        )


def _check_two(target: Column, where: str) -> None:
    if target.distinct == 1:
        _one_class(target, where)
    if target.distinct > 2:
        raise UserError(
            where,
            expected="two different values, for yes or no",
            got=f"{target.distinct:,}",
            help="Choose the task classification or regression, or another target.",
        )


def _check_classes(target: Column, where: str) -> None:
    present = target.rows - target.missing
    if target.distinct == 1:
        _one_class(target, where)
    too_many = target.distinct > MOST_CLASSES
    too_rare = target.distinct > MOST_INTEGER_CLASSES and target.distinct > present / 2
    if too_many or too_rare:
        if target.kind == "number":
            help = "Choose the task regression, or another target."
        else:
            help = too_many_texts(target, "choose another target")
        raise UserError(
            where,
            expected=f"at most {MOST_CLASSES:,} classes"
            if too_many
            else "classes that come up again and again, in two rows or more on average",
            got=f"{target.distinct:,} different values in {present:,} rows",
            help=help,
        )


def _one_class(target: Column, where: str) -> None:
    only = different_texts(target)[0]
    raise UserError(
        where,
        expected="at least two classes",
        got=f"only “{excerpt(only)}”",
        help="There is nothing to tell apart: choose another target, or a table with more classes.",
    )
