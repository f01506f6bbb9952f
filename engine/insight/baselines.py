"""How hard is it? The scores of simple models on the same parts and the same prepared data as the network's.

Always the most frequent class or the mean, a straight-line model (logistic regression, ridge), k nearest
neighbours, and boosted trees, all with scikit-learn's usual settings. What a network reaches beyond them, or
not, says what it is worth.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from engine.data.columns.encoded_texts import count_indices
from engine.data.dataset import Dataset, Part
from engine.errors import UserError, excerpt
from engine.insight.comparison import Baseline, Comparison, Kind
from engine.progress import Progress
from engine.training.resources import limited_to
from engine.training.trainer import Trainer

Maker = Callable[["Inputs", NDArray[Any]], Iterator[tuple[Any, bool]]]
"""Yields a model as it is so far, and whether it has finished."""

Inputs = NDArray[np.float64]

TITLES: dict[Kind, str] = {
    "always_same": "Always the same",
    "straight_line": "Straight-line model",
    "neighbours": "Nearest neighbours",
    "boosted_trees": "Boosted trees",
}

MOST_ROWS: dict[Kind, int] = {
    "always_same": 10**9,
    "straight_line": 50_000,
    "neighbours": 20_000,
    "boosted_trees": 50_000,
}
"""Each learns from at most so many rows of the training part, drawn once with seed 0."""

MOST_NUMBERS = 10_000_000
"""And from at most so many numbers in all inputs together, but from 1,000 rows at least."""

MOST_CHECKED = 10_000
"""Rows that it is scored on at most."""

MOST_CODES = 1_000
"""Columns that integer-encoded categories become for models that know no codes."""

SECONDS = 20.0
"""A model that goes on for longer is scored as it is by then."""

ONE_THREAD = 1_000_000
"""Fewer numbers are for one thread: on a busy machine, threads that wait for each other between short steps
take thirty times as long."""

NEIGHBOURS = 15
BOOSTING_ROUNDS, ROUNDS_AT_ONCE = 100, 5
LINEAR_STEPS, STEPS_AT_ONCE = 500, 25


class Baselines:
    """Fits and scores the simple models one after another: iterating gives how many of `steps` are done.

    part : the part that is scored, "validation" or "test". network : the network's score of it.
    Raises UserError where the task has no such models, or where the part has no rows.
    """

    steps = 100

    def __init__(self, dataset: Dataset, part: str = "validation", network: float | None = None) -> None:
        if dataset.task == "reconstruction":
            raise UserError(
                dataset.name,
                expected="a target that is predicted",
                got="the input itself, which is reconstructed",
                help="Choose another task to compare with simple models.",
            )
        if dataset.task != "classification" and dataset.outputs > 1:
            raise UserError(
                dataset.name,
                expected="one target",
                got=f"{dataset.outputs:,}",
                help="Simple models are compared on one target at a time: choose one of them.",
            )
        if not dataset.part(part).rows_count:
            raise UserError(
                dataset.name,
                expected=f"rows in the {part} part",
                got="none",
                help=f"Give {part} a share of the rows, so that models can be compared on them.",
            )
        self._dataset, self._part, self._network = dataset, part, network
        self._training, self._checked = dataset.training, dataset.part(part)
        self._found: list[Baseline] = []

    def __iter__(self) -> Iterator[int]:
        makers: tuple[tuple[Kind, Maker], ...] = (
            ("straight_line", self._linear),
            ("neighbours", self._neighbours),
            ("boosted_trees", self._trees),
        )
        self._found = [self._constant()]
        checked = _drawn(self._checked, MOST_CHECKED)
        inputs, truth = self._inputs(self._checked, checked), self._targets(self._checked, checked)
        for number, (kind, make) in enumerate(makers):
            start = 5 + 30 * number
            yield start
            rows = _drawn(self._training, self._most_rows(kind))
            began = time.monotonic()
            model, done = None, True
            for so_far in make(self._inputs(self._training, rows), self._targets(self._training, rows)):
                model, done = so_far
                fraction = (time.monotonic() - began) / SECONDS
                yield start + min(int(29 * fraction), 29)
                if fraction > 1:
                    break
            score = self._score(model, inputs, truth)
            seconds = time.monotonic() - began
            title = f"Nearest {_neighbours(len(rows))} neighbours" if kind == "neighbours" else TITLES[kind]
            self._found.append(Baseline(kind, title, score, len(rows), seconds, not done))
        yield self.steps

    def result(self) -> Comparison:
        """What was found; only after iterating."""
        checked = self._checked.rows_count
        return Comparison(
            self._dataset.task,
            self._part,
            min(checked, MOST_CHECKED),
            checked,
            self._training.rows_count,
            tuple(self._found),
            self._network,
        )

    @property
    def _classifies(self) -> bool:
        return self._dataset.task != "regression"

    def _constant(self) -> Baseline:
        """The most frequent class of training, or its mean."""
        began, training = time.monotonic(), self._targets(self._training, slice(None))
        truth = self._targets(self._checked, slice(None))
        if self._classifies:
            usual = int(count_indices(training, int(training.max()) + 1).argmax())
            title = f"Always saying “{excerpt(self._dataset.classes[usual])}”"
            score = float((truth == usual).mean())
        else:
            title, score = "Always saying the mean", _r2(truth, np.full(truth.shape, training.mean()))
        return Baseline("always_same", title, score, self._training.rows_count, time.monotonic() - began)

    def _most_rows(self, kind: Kind) -> int:
        numbers = int(np.prod(self._dataset.input_shape))
        return min(MOST_ROWS[kind], max(MOST_NUMBERS // max(numbers, 1), 1_000))

    def _inputs(self, part: Part, rows: Any) -> Inputs:
        """(rows, numbers), with codes as one column per category."""
        flat = np.asarray(part.inputs[rows], np.float64).reshape(len(part.inputs[rows]), -1)
        coded = self._dataset.preparation.encoded_columns
        if not coded or sum(one.cardinality for one in coded) > MOST_CODES:
            return flat
        pieces, start = [], 0
        for one in coded:
            pieces.append(flat[:, start : one.position])
            pieces.append(
                (flat[:, one.position, np.newaxis] == np.arange(one.cardinality)).astype(np.float64)
            )
            start = one.position + 1
        return np.concatenate([*pieces, flat[:, start:]], axis=1)

    def _targets(self, part: Part, rows: Any) -> NDArray[Any]:
        """(rows,) class indices, or numbers."""
        targets = part.targets[rows]
        # Yes and no are numbers for the network.
        dtype = np.intp if self._classifies else np.float64
        flat: NDArray[Any] = targets.reshape(len(targets), -1)[:, 0].astype(dtype)
        return flat

    # scikit-learn is imported only here: that takes a second or more.

    def _linear(self, inputs: Inputs, targets: NDArray[Any]) -> Iterator[tuple[Any, bool]]:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression, Ridge

        if not self._classifies:
            yield Ridge().fit(inputs, targets), True
            return
        if len(np.unique(targets)) < 2:
            yield None, True
            return
        model = LogisticRegression(max_iter=STEPS_AT_ONCE, warm_start=True)
        for _ in range(LINEAR_STEPS // STEPS_AT_ONCE):
            small = inputs.size < ONE_THREAD
            with limited_to(1) if small else nullcontext(), warnings.catch_warnings():
                # That it has not converged yet is why it goes on.
                warnings.simplefilter("ignore", ConvergenceWarning)
                model.fit(inputs, targets)
            done = bool(model.n_iter_.max() < STEPS_AT_ONCE)
            yield model, done
            if done:
                return

    def _neighbours(self, inputs: Inputs, targets: NDArray[Any]) -> Iterator[tuple[Any, bool]]:
        from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

        model = KNeighborsClassifier if self._classifies else KNeighborsRegressor
        yield model(_neighbours(len(inputs))).fit(inputs, targets), True

    def _trees(self, inputs: Inputs, targets: NDArray[Any]) -> Iterator[tuple[Any, bool]]:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        if self._classifies and len(np.unique(targets)) < 2:
            yield None, True
            return
        make = HistGradientBoostingClassifier if self._classifies else HistGradientBoostingRegressor
        model = make(max_iter=ROUNDS_AT_ONCE, warm_start=True, early_stopping=False, random_state=0)
        for rounds in range(ROUNDS_AT_ONCE, BOOSTING_ROUNDS + 1, ROUNDS_AT_ONCE):
            with threadpool_limits(1 if inputs.size < ONE_THREAD else None, "openmp"):
                model.set_params(max_iter=rounds).fit(inputs, targets)
            yield model, rounds == BOOSTING_ROUNDS

    def _score(self, model: Any, inputs: Inputs, truth: NDArray[Any]) -> float:
        if model is None:
            return self._found[0].score
        predicted = model.predict(inputs)
        return float((predicted == truth).mean()) if self._classifies else _r2(truth, predicted)


class NetworkComparison(Baselines):
    """The same beside the network of a run, as it is now; of an untrained one nothing is said."""

    def __init__(self, trainer: Trainer, part: str = "validation") -> None:
        network = None
        if trainer.step and trainer.dataset.part(part).rows_count:
            network = trainer.evaluate(part).metrics.get(
                "r2" if trainer.dataset.task == "regression" else "accuracy"
            )
        super().__init__(trainer.dataset, part, network)


def compare(dataset: Dataset, part: str = "validation", progress: Progress | None = None) -> Comparison:
    """Fit and score them all; raises UserError as `Baselines` does, and Cancelled."""
    progress = progress or Progress()
    baselines = Baselines(dataset, part)
    for done in baselines:
        progress.report(done / baselines.steps, "Fitting simple models")
    return baselines.result()


def _neighbours(rows: int) -> int:
    return max(min(NEIGHBOURS, rows // 2), 1)


def _drawn(part: Part, most: int) -> Any:
    """Indices of at most so many of its rows, always the same ones."""
    if part.rows_count <= most:
        return np.arange(part.rows_count)
    return np.sort(np.random.default_rng(0).choice(part.rows_count, most, replace=False))


def _r2(truth: NDArray[Any], predicted: NDArray[Any]) -> float:
    """1 − squared errors over those of the mean; 0 where the truth does not vary."""
    total = float(((truth - truth.mean()) ** 2).sum())
    return 1.0 - float(((truth - predicted) ** 2).sum()) / total if total > 0 else 0.0
