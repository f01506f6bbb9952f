"""Columns on which checks of data are tested."""

import numpy as np

from engine.data.table import Column
from tests.engine.data.tables import numbers, texts

ROWS = 300


def draws(seed: int, rows: int = ROWS) -> np.random.Generator:
    return np.random.default_rng([seed, rows])


def noise(name: str, seed: int, rows: int = ROWS) -> Column:
    return numbers(name, draws(seed, rows).normal(10, 2, rows).tolist())


def classes(rows: int = ROWS) -> Column:
    return texts("t", [("a", "b")[one] for one in draws(99, rows).integers(0, 2, rows)])


def changed(values: np.ndarray, **places: float) -> list[float]:
    """places : r5=-999.0 puts that into row 5."""
    values = values.copy()
    for place, value in places.items():
        values[int(place[1:])] = value
    return values.tolist()


def every(values: np.ndarray, step: int, value: float) -> list[float]:
    values = values.copy()
    values[::step] = value
    return values.tolist()


def normal(seed: int, mean: float = 10.0, deviation: float = 2.0, rows: int = ROWS) -> np.ndarray:
    return draws(seed, rows).normal(mean, deviation, rows)


def lognormal(seed: int, sigma: float, rows: int = ROWS) -> np.ndarray:
    return draws(seed, rows).lognormal(3.0, sigma, rows)


def mixed(factor: float, step: int = 4) -> np.ndarray:
    values = lognormal(31, 0.15)
    values[::step] *= factor
    return values


def patients(rows: int = ROWS) -> tuple[Column, ...]:
    """Four rows for each patient, whose age is that of all of them."""
    who = np.repeat(np.arange(rows // 4), 4)
    order = draws(5).permutation(rows)
    age = draws(6).integers(20, 90, rows // 4)[who]
    return numbers("patient_id", who[order].tolist()), numbers("age", age[order].tolist()), noise("x", 1)


def days(rising: bool) -> Column:
    order = np.arange(ROWS) if rising else draws(8).permutation(ROWS)
    return texts("day", [str(np.datetime64("2020-01-01") + int(one)) for one in order])


def twice(rows: int) -> tuple[Column, ...]:
    """Rows, of which the first `rows` come again at the end."""
    place = np.concatenate([np.arange(ROWS - rows), np.arange(rows)])
    x, y, t = normal(1)[place], normal(2)[place], classes().values[place]
    return numbers("x", x.tolist()), numbers("y", y.tolist()), texts("t", t.tolist())


def other_class(rows: int) -> tuple[Column, ...]:
    """The first rows come again, with the other class."""
    x, y, t = twice(rows)
    labels = t.values.copy()
    labels[ROWS - rows :] = [{"a": "b", "b": "a"}[label] for label in labels[:rows]]
    return x, y, texts("t", labels.tolist())
