"""Infers the target column and the kind of task from a table, and checks that it can be learned."""

import numpy as np
from numpy.typing import NDArray

from engine.data.columns.encoded_texts import MISSING
from engine.data.columns.roles import role_of
from engine.data.columns.texts import absence, different_texts, listed, too_many_texts
from engine.data.settings import DataSettings
from engine.data.table import Column, Table, different_values
from engine.errors import UserError, excerpt
from engine.tasks import TASK_TITLES, Task

MOST_INTEGER_CLASSES = 20
"""A column of whole numbers with more different ones than this is a quantity, not a list of classes."""

ROWS_PER_INTEGER_CLASS = 3
"""... and so is one whose numbers occur less often than this on average."""

MOST_CLASSES = 1000


Targets = tuple[Column, ...]


def targets_and_task(settings: DataSettings, table: Table) -> tuple[Targets, Task]:
    """The columns to be predicted, and the kind of task; raises UserError where there are no such columns.

    Several are all numbers, for regression, or all yes/no. For reconstruction the first one, if there is one,
    labels the samples.
    """
    first, task = target_and_task(settings, table)
    if first is None:
        return (), task
    further = tuple(_named(name, table) for name in settings.further_targets if name != first.name)
    if not further or task == "reconstruction":
        return (first,), task
    targets = (first, *further)
    return targets, settings.task or _task_of_several(targets)


def _task_of_several(targets: Targets) -> Task:
    tasks = {target.name: inferred_task(target) for target in targets}
    if all(
        task == "binary" or (target.holds_texts and target.distinct <= 2)
        for target, task in zip(targets, tasks.values(), strict=True)
    ):
        return "multilabel"
    if all(target.kind == "number" for target in targets):
        return "regression"
    others = [target.name for target in targets if target.kind != "number"]
    raise UserError(
        "Targets",
        expected="several targets that are all numbers, or all yes/no",
        got=f"{listed([target.name for target in targets], 6)}, of which {listed(others, 3)} "
        + ("is neither" if len(others) == 1 else "are no numbers"),
        help="Choose one target of several classes alone, or targets of one kind.",
    )


def target_and_task(settings: DataSettings, table: Table) -> tuple[Column | None, Task]:
    """The first column to be predicted, and its kind of task; raises UserError where there is none.

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

    Not chosen, it is the source's usual one, else the last column that suits: without another role, no image,
    not empty, and not a text that differs in most rows. A column of one value is taken too, and refused with
    a sentence: going on silently with another one would be a surprise.
    """
    if settings.target is not None:
        return _named(settings.target, table)
    usual = settings.source.usual_target
    if usual:
        return _named(usual, table)
    for column in reversed(table.columns):
        if role_of(settings, column.name, None) == "input" and _suits(column, table.rows):
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
    if target.holds_texts:
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
    elif task in ("binary", "multilabel"):
        _check_two(target, where)
    else:
        _check_classes(target, where)


def check_targets(targets: Targets, task: Task) -> None:
    """Raise UserError where one of the columns cannot be a target of the task, or one is too few or many."""
    for target in targets:
        check_target(target, task)
    several = len(targets) > 1
    if task == "multilabel" and not several:
        raise UserError(
            f"Target “{excerpt(targets[0].name)}”",
            expected="two targets or more, for several times yes or no",
            got="one",
            help="Choose more targets, or the task yes or no.",
        )
    if several and task in ("classification", "binary"):
        raise UserError(
            "Targets",
            expected=f"one target, for {TASK_TITLES[task]}",
            got=f"{len(targets)}: {listed([target.name for target in targets], 6)}",
            help="Choose one target, or another task.",
        )


def rows_with_targets(targets: Targets, rows: int, notes: list[str]) -> NDArray[np.intp]:
    """The rows in which no target is missing; what is left out is added to `notes`."""
    if not targets:
        return np.arange(rows)
    kept = np.ones(rows, bool)
    for target in targets:
        category = target.holds_texts
        present = target.texts.indices != MISSING if category else ~np.isnan(target.values)
        left_out = int((kept & ~present).sum())
        kept &= present
        if left_out:
            rows_were = "1 row was" if left_out == 1 else f"{left_out:,} rows were"
            why = f"“{excerpt(target.name)}” is {absence(target)} there"
            notes.append(f"{rows_were} left out, because {why}.")
    return np.flatnonzero(kept)


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
    return not column.holds_texts or column.distinct <= max(MOST_INTEGER_CLASSES, rows // 2)


def _check_numbers(target: Column, where: str) -> None:
    if target.kind != "number":
        raise UserError(
            where,
            expected="numbers, for regression",
            got=f"text such as “{excerpt(different_texts(target)[0])}”",
            help="Choose a column of numbers as the target, or the task classification.",
        )
    # A single example can be learned by heart, as textbooks do; the same number in all rows is a mistake.
    if target.distinct < 2 and target.rows > 1:
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
