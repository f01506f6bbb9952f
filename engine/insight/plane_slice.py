"""A plane through the space of a table's inputs: two columns vary, all others are held at a value each."""

import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Targets
from engine.data import Dataset
from engine.data.encoders.base import NumericInput
from engine.data.encoders.categories import OrdinalInput
from engine.data.encoders.category_inputs import CategoryInput, IntegerInput, TextInput
from engine.data.encoders.dates import DateInput
from engine.data.encoders.inputs import AnyInput, BooleanInput, ImageInput
from engine.data.preparation import Preparation
from engine.data.table import Column, ColumnKind, Table
from engine.insight.query import Query
from engine.insight.run_queries import DecisionMap, frozen
from engine.training.trainer import Trainer

Value = float | str | None
"""A number in the column's own unit, the text of a category or of yes or no; None: missing."""
MOST_ROWS = 20_000
"""Of the training part, for the range and the middle of a column."""


@dataclass(frozen=True)
class InputFacts:
    """What an input column can be held at: a number between two ends, one of several texts, or nothing else
    than missing ("fixed": a date, a text of words).

    default : the median, or the most frequent text.
    """

    column: str
    kind: Literal["number", "choice", "fixed"]
    default: Value
    low: float = 0.0
    high: float = 0.0
    options: tuple[str, ...] = ()


def numeric_columns(preparation: Preparation) -> tuple[str, ...]:
    """The input columns that can be an axis: numbers that become one number each."""
    return tuple(fitted.column for fitted in preparation.inputs if _is_axis(fitted))


def _is_axis(fitted: AnyInput) -> bool:
    return isinstance(fitted, NumericInput) and fitted.of_numbers and not fitted.constant


@dataclass(frozen=True)
class InputFactsQuery(Query[tuple[InputFacts, ...]]):
    """Of all input columns, from the training part; none where the input is an image."""

    constant: ClassVar[bool] = True

    def answer(self, trainer: Trainer) -> tuple[InputFacts, ...]:
        dataset = trainer.dataset
        inputs = dataset.training.inputs
        rows = inputs[:: max(len(inputs) // MOST_ROWS, 1)]
        return tuple(
            _facts(fitted, np.asarray(rows[:, part], np.float64))
            for fitted, part in columns_of(dataset.preparation)
        )


def columns_of(preparation: Preparation) -> Iterator[tuple[AnyInput, slice]]:
    """Each input column with its numbers in a sample; none of images."""
    start = 0
    for fitted in preparation.inputs:
        if isinstance(fitted, ImageInput):
            return
        yield fitted, slice(start, start + len(fitted.names))
        start += len(fitted.names)


def _facts(fitted: AnyInput, values: NDArray[np.float64]) -> InputFacts:
    if isinstance(fitted, OrdinalInput):
        ranks = np.rint(fitted.inverse(values[:, 0])).astype(int)
        return _choice(fitted.column, fitted.order, ranks)
    if isinstance(fitted, NumericInput):
        own = fitted.inverse(values[:, 0])
        own = own[np.isfinite(own)]
        if not len(own):
            return InputFacts(fitted.column, "fixed", None)
        # Scaling in single precision has left its traces: 196 comes back as 195.99999.
        low, high, middle = (float(f"{value:.6g}") for value in (own.min(), own.max(), np.median(own)))
        return InputFacts(fitted.column, "number", middle, low, high)
    if isinstance(fitted, BooleanInput):
        return _choice(fitted.column, fitted.labels, (values[:, 0] >= 0.5).astype(int))
    if isinstance(fitted, CategoryInput):
        return _choice(fitted.column, fitted.categories, values[:, : fitted.size].argmax(axis=1))
    if isinstance(fitted, IntegerInput):
        return _choice(fitted.column, fitted.categories, np.rint(values[:, 0]).astype(int) - 1)
    if isinstance(fitted, TextInput):
        return InputFacts(fitted.column, "choice", fitted.categories[0], options=fitted.categories)
    return InputFacts(fitted.column, "fixed", None)


def _choice(column: str, options: tuple[str, ...], indices: NDArray[np.intp]) -> InputFacts:
    known = indices[(indices >= 0) & (indices < len(options))]
    most = int(np.bincount(known, minlength=len(options)).argmax())
    return InputFacts(column, "choice", options[most], options=options)


# --- predictions over the plane ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Plane:
    """Two number columns with their ranges, and what the others are held at: (column, value).

    A column that is not named is missing, as its preparation replaces that.
    """

    x: str
    y: str
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    held: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True)
class SliceMapQuery(Query[DecisionMap | None]):
    """Predictions at side × side points of a plane; None where the data has not these columns."""

    plane: Plane
    side: int

    def answer(self, trainer: Trainer) -> DecisionMap | None:
        dataset = trainer.dataset
        if len(dataset.targets) > 1 or dataset.task == "reconstruction":
            return None
        grid = _grid(dataset, self)
        if grid is None:
            return None
        with np.errstate(all="ignore"):
            values = trainer.predict(grid)
            if dataset.task == "regression":
                values = dataset.in_target_units(values)
            shaped = frozen(values.reshape(self.side, self.side, -1).astype(np.float32))
        return DecisionMap(self.plane.x_range, self.plane.y_range, shaped)


_grids: dict[int, tuple[SliceMapQuery, Array | None]] = {}
"""Of each data set, by its identity, the samples that were asked for last: they go when the data set does."""


def _grid(dataset: Dataset, query: SliceMapQuery) -> Array | None:
    key = id(dataset)
    known = _grids.get(key)
    if known is not None and known[0] == query:
        return known[1]
    if known is None:
        # Another data set may have the same identity later.
        weakref.finalize(dataset, _grids.pop, key, None).atexit = False
    grid = plane_samples(dataset, query.plane, query.side)
    _grids[key] = query, grid
    return grid


def plane_samples(dataset: Dataset, plane: Plane, side: int) -> Array | None:
    """Prepared samples for side × side points, row by row from the lowest y; None without these columns."""
    places = {fitted.column: part for fitted, part in columns_of(dataset.preparation)}
    if not {plane.x, plane.y} <= set(numeric_columns(dataset.preparation)) or plane.x == plane.y:
        return None
    varied = {plane.x: np.linspace(*plane.x_range, side), plane.y: np.linspace(*plane.y_range, side)}
    along = dataset.preparation.transform(
        _table(dataset.preparation, plane, varied, side), dataset.training.inputs.dtype.type
    )
    grid: Array = np.repeat(along[None, :, :], side, axis=0)
    # Along a row x varies, as it does in `along`; the numbers of y are those of the row.
    grid[:, :, places[plane.y]] = along[:, None, places[plane.y]]
    return grid.reshape(side * side, -1)


def _table(
    preparation: Preparation, plane: Plane, varied: dict[str, NDArray[np.float64]], rows: int
) -> Table:
    """`rows` rows in which both columns vary at once, and the others are held."""
    held = dict(plane.held)
    columns = []
    for fitted, _ in columns_of(preparation):
        name = fitted.column
        if name in varied:
            columns.append(Column(name, "number", varied[name]))
        else:
            columns.append(_held_column(fitted, held.get(name), rows))
    return Table("plane", tuple(columns))


def _held_column(fitted: AnyInput, value: Value, rows: int) -> Column:
    if isinstance(fitted, NumericInput) and fitted.of_numbers:
        number = value if isinstance(value, float | int) else np.nan
        return Column(fitted.column, "number", np.full(rows, number, np.float64))
    if isinstance(fitted, BooleanInput):
        truth = float(fitted.labels.index(value)) if value in fitted.labels else np.nan
        return Column(fitted.column, "boolean", np.full(rows, truth), fitted.labels)
    if isinstance(fitted, DateInput):
        return Column(fitted.column, "date", np.full(rows, np.nan))
    texts = np.full(rows, value if isinstance(value, str) else None, object)
    kind: ColumnKind = "category" if fitted.known_texts else "text"
    return Column(fitted.column, kind, texts)


# --- samples near the plane -------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class SlicePoints:
    """Samples as they lie over a plane.

    x : (n, 2) in the columns' own units. targets : (n,) class indices or numbers in the target's unit.
    parts : (n,) names, indices : (n,) within the part. distances : (n,) from the plane: the root mean square
    over the columns held of the difference, in standard deviations, or 1 for another category.
    """

    x: NDArray[np.float64]
    targets: NDArray[np.number]
    parts: NDArray[np.str_]
    indices: NDArray[np.intp]
    distances: NDArray[np.float64]


@dataclass(frozen=True)
class SlicePointsQuery(Query[SlicePoints | None]):
    """About `most` samples of all parts, evenly thinned; None where the data has not these columns."""

    plane: Plane
    most: int
    constant: ClassVar[bool] = True

    def answer(self, trainer: Trainer) -> SlicePoints | None:
        dataset = trainer.dataset
        base = plane_samples(dataset, self.plane, 1)
        if base is None or len(dataset.targets) > 1 or dataset.task == "reconstruction":
            return None
        parts = [(name, dataset.part(name)) for name in ("training", "validation", "test")]
        step = max(-(-sum(len(part.inputs) for _, part in parts) // self.most), 1)
        columns = list(columns_of(dataset.preparation))
        scales = np.maximum(dataset.training.inputs[:MOST_ROWS].std(axis=0, dtype=np.float64), 1e-6)
        places, targets, names, indices, distances = [], [], [], [], []
        for name, part in parts:
            rows = np.arange(0, len(part.inputs), step)
            inputs = np.asarray(part.inputs[rows], np.float64)
            places.append(
                np.column_stack([_own(columns, inputs, axis) for axis in (self.plane.x, self.plane.y)])
            )
            targets.append(_targets(dataset, part.targets[rows]))
            names.append(np.full(len(rows), name))
            indices.append(rows)
            distances.append(self._distances(columns, inputs, base[0], scales))
        together = (np.concatenate(found) for found in (places, targets, names, indices, distances))
        return SlicePoints(*together)

    def _distances(
        self,
        columns: list[tuple[AnyInput, slice]],
        inputs: NDArray[np.float64],
        base: Array,
        scales: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        squares = np.zeros(len(inputs))
        held = [(one, part) for one, part in columns if one.column not in (self.plane.x, self.plane.y)]
        for fitted, part in held:
            differences = inputs[:, part] - base[part]
            if isinstance(fitted, NumericInput):
                squares += (differences[:, 0] / scales[part][0]) ** 2
            else:
                # Of one-hot inputs two differ where the category does.
                twice = 2 if differences.shape[1] > 1 else 1
                squares += np.minimum((differences**2).sum(axis=1) / twice, 1.0)
        return np.sqrt(squares / max(len(held), 1))


def _own(
    columns: list[tuple[AnyInput, slice]], inputs: NDArray[np.float64], name: str
) -> NDArray[np.float64]:
    fitted, part = next((one, part) for one, part in columns if one.column == name)
    if not isinstance(fitted, NumericInput):
        raise ValueError(f"{name} is no column of numbers")
    return fitted.inverse(inputs[:, part][:, 0])


def _targets(dataset: Dataset, targets: Targets) -> NDArray[np.number]:
    if dataset.task == "regression":
        return np.asarray(dataset.in_target_units(targets)[:, 0])
    return targets[:, 0].astype(np.intp) if dataset.task == "binary" else targets
