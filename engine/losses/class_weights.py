"""Class weights: given by people, as numbers or by name, or balanced."""

import difflib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PlainValidator, field_serializer, field_validator, model_validator

from engine.arrays import Array, Targets, ones
from engine.errors import UserError, excerpt
from engine.losses.base import Loss, are_class_indices
from engine.settings import hints, number_text

HEAVIEST = 1e9
"""The largest weight of a class."""

BALANCED = "balanced"
"""The keyword for weights that give every class the same total weight, as in scikit-learn."""

MOST_NAMED = 12
"""How many classes a sentence lists."""

WHERE = "Training, loss, class weights"
PLACE = ("training", "loss", "class_weights")


# --- class weights as people write them --------------------------------------------------------------------
#
# A list of numbers, one for each class in order, or of texts such as "cat: 2.5"; so either fits into one line
# of a form.


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
    return entry_text(name, weight) if name else weight


ClassWeight = Annotated[float | str, Field(ge=0, le=HEAVIEST), PlainValidator(_entry)]


def entry_text(name: str, weight: Any) -> str:
    """The entry of a class with its weight, "cat: 2.5"."""
    if not isinstance(weight, float | int) or isinstance(weight, bool):
        return f"{name}: {weight}"
    short = number_text(weight)
    return f"{name}: {short if float(short) == weight else repr(weight)}"


def parse_entries(given: Any) -> Any:
    """Class weights from JSON or a form as a list of entries; raises ValueError where they are neither.

    given : a list, or a mapping from classes to weights ({"cat": 2.5}).
    """
    if isinstance(given, Mapping):
        return [entry_text(str(name), weight) for name, weight in given.items()]
    if given is None or isinstance(given, list | tuple):
        return given
    raise ValueError(f"a list of numbers, numbers by class such as {{“cat”: 2}}, or “{BALANCED}”")


def by_class(given: Sequence[float | str]) -> dict[str, float]:
    """Weights by class name; empty where entries are numbers in the order of the classes."""
    pairs = (entry.rpartition(":") for entry in given if isinstance(entry, str))
    return {name.strip(): float(weight) for name, _, weight in pairs}


def in_order_of(classes: Sequence[str], given: Sequence[float | str], count: int) -> tuple[float, ...]:
    """The weight of each of `count` classes; classes that are not named have weight 1.

    classes : their names, empty where they have none. Raises UserError where weights name other classes.
    """
    weights = by_class(given)
    if not weights:
        numbers = tuple(entry for entry in given if not isinstance(entry, str))
        if len(numbers) != count:
            raise UserError(
                WHERE,
                place=PLACE,
                expected=f"{count} numbers, one for each class",
                got=str(len(numbers)),
                help="Give a weight for each class in the order of the classes"
                f"{_named_too(classes)}, or leave all away.",
            )
        return numbers
    if not classes:
        raise UserError(
            WHERE,
            place=PLACE,
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
                place=PLACE,
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


# --- losses with class weights ---------------------------------------------------------------------------

FEWEST = 0.5
"""Sum of a class's targets below which it does not occur: soft targets leave less than this by rounding."""

TINY_WEIGHT = float(np.finfo(np.float32).tiny)
"""The weight of a batch whose examples all have weight 0: too small to change a mean over batches."""

BALANCED_FORMS = (BALANCED, (BALANCED,), [BALANCED])


class ClassWeighted(Loss):
    """A loss whose mean is Σ w E / Σ w, with the weight w of the class of each example.

    Examples of a class of weight 0 are left out; a batch of only such examples has loss 0 and gradient 0.
    Scaling all weights by one factor does not change the loss.
    Balanced weights are n / (k n_c), for n examples in all and n_c of class c, of k classes that occur: then
    every class has the same total weight, and the mean weight is 1. Given weights are multiplied by these,
    and scaled to mean weight 1; a class without examples has the factor 1.
    Weights may be given by name, {"cat": 2.5}; the classes that are not named then count 1.
    Reference: King & Zeng 2001, Logistic regression in rare events data; scikit-learn, class_weight
    "balanced"; the weighted mean as in PyTorch, CrossEntropyLoss.
    """

    balanced: bool = Field(
        False,
        title="Balance classes",
        description="Gives every class the same total weight, however few examples it has.",
    )
    class_weights: tuple[ClassWeight, ...] | None = Field(
        None,
        max_length=100_000,
        title="Class weights",
        description="How much an example of each class counts: a number for each class in their order, or "
        "some by name, as in “cat: 2.5”; 0 leaves a class out.",
        json_schema_extra=hints(none_title="All alike"),
    )

    @model_validator(mode="before")
    @classmethod
    def _balanced_by_keyword(cls, values: Any) -> Any:
        """The keyword in place of weights sets `balanced`; a form passes it as a list."""
        given = values.get("class_weights") if isinstance(values, dict) else None
        return {**values, "balanced": True, "class_weights": None} if given in BALANCED_FORMS else values

    @field_validator("class_weights", mode="before")
    @classmethod
    def _as_entries(cls, given: Any) -> Any:
        return parse_entries(given)

    @field_validator("class_weights")
    @classmethod
    def _of_one_kind(cls, given: tuple[float | str, ...] | None) -> tuple[float | str, ...] | None:
        if given is None:
            return None
        weights = by_class(given)
        if weights and len(weights) < len(given):
            raise ValueError("a number for every class in order, or each class by name and once")
        if not weights and len(given) < 2:
            raise ValueError("a longer list, of 2 or more, or a class by name such as “cat: 2”")
        if not weights and not any(given):
            raise ValueError("a weight above 0 for at least one class")
        return given

    @field_serializer("class_weights", when_used="json")
    def _as_json(self, given: tuple[float | str, ...] | None) -> Any:
        return by_class(given or ()) or given

    def fitted(
        self, targets: Targets, classes: Sequence[str] = (), weights: NDArray[np.float64] | None = None
    ) -> Loss:
        """With a weight for each class, computed from `balanced` and names.

        Where rows have sample weights, balanced classes have the same total of these.
        Raises UserError where weights do not match the classes, or are 0 for all classes that occur.
        """
        totals = self.class_totals(targets, classes)
        numbers = in_order_of(classes, self.class_weights, len(totals)) if self.class_weights else None
        given = np.array(numbers or (1.0,) * len(totals))
        occurs = totals >= FEWEST
        if numbers and not given[occurs].any():
            raise UserError(
                WHERE,
                place=PLACE,
                expected="a weight above 0 for a class that the training examples have",
                got="0 for each of them",
                help="Give one of these classes a weight, or leave all away.",
            )
        if not self.balanced:
            return self if numbers == self.class_weights else self.replace(class_weights=numbers)
        if weights is not None:
            totals = self.class_totals(targets, classes, weights)
            occurs &= totals > 0
        factors = given.copy()
        factors[occurs] *= totals.sum() / (occurs.sum() * totals[occurs])
        if numbers:
            factors /= factors.dot(totals) / totals.sum()
        return self.replace(balanced=False, class_weights=tuple(factors.clip(0, HEAVIEST).tolist()))

    def weight(self, target: Targets, dtype: np.dtype[Any]) -> float:
        """Σ w over the batch; a soft target has the mean weight of its classes."""
        weights = None if self.class_weights is None and not self.balanced else self.weights(dtype)
        if weights is None:
            return float(len(target))
        if are_class_indices(target):
            counts = np.bincount(target, minlength=len(weights)).astype(dtype)
        else:
            counts = ones(len(target), dtype).dot(target)
        return max(float(counts.dot(weights)), TINY_WEIGHT)

    def mean(self, total: float, target: Targets, dtype: np.dtype[Any]) -> float:
        """The weighted mean over the batch, from the sum Σ w E."""
        weight = self.weight(target, dtype)
        return total / weight if weight > TINY_WEIGHT else 0.0 * total

    def scale(self, target: Targets, dtype: np.dtype[Any]) -> float:
        """The factor from the gradient of the sum Σ w E to that of the mean."""
        weight = self.weight(target, dtype)
        return 1 / weight if weight > TINY_WEIGHT else 0.0

    def set_row_weights(self, target: Targets, column: Array) -> None:
        """Write the weight of every row into `column`, (rows,)."""
        weights = self.weights(column.dtype)
        if weights is None:
            return
        if are_class_indices(target):
            np.take(weights, target, out=column, mode="clip")
        else:
            target.dot(weights, column)

    def row_weights(self, target: Targets, out: Array) -> None:
        out.fill(1.0)
        self.set_row_weights(target, out)

    def class_totals(
        self, targets: Targets, classes: Sequence[str], weights: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """How many examples each class has: (classes,). `classes`, `weights` : as in `fitted`."""
        if are_class_indices(targets):
            return np.bincount(targets, weights, minlength=len(classes)).astype(np.float64)
        if weights is not None:
            return np.asarray(weights @ targets, np.float64)
        totals: NDArray[np.float64] = targets.sum(axis=0, dtype=np.float64)
        return totals

    @property
    def weighted(self) -> bool:
        """Whether examples count differently."""
        return self.balanced or self.class_weights is not None

    def weights(self, dtype: np.dtype[Any]) -> Array | None:
        """The weight of each class (classes,), None where all are equal.

        Raises ValueError before `fitted` has computed them.
        """
        if self.balanced:
            raise ValueError("balanced weights are not known before `fitted` has seen the training targets")
        return _vector(self.class_weights, dtype) if self.class_weights else None


@lru_cache(maxsize=16)
def _vector(values: tuple[float | str, ...], dtype: np.dtype[Any]) -> Array:
    array = np.array(values, dtype)
    array.flags.writeable = False
    return array
