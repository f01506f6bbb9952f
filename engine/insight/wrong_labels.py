"""Labels that are likely wrong: rows whose neighbours all agree on another class than theirs."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.data.checks.finding import Finding, counted, first_row_numbers, leaving_out
from engine.data.columns.texts import in_order
from engine.data.dataset import Dataset
from engine.errors import UserError

NEIGHBOURS = 15
"""Nearest other rows that are asked for their class."""

AGREEING = 0.9
"""Fraction of them that have one other class, while none has the row's own or but one."""

USUALLY_RIGHT = 0.9
"""Where the neighbours are right for a smaller fraction of the rows, they are no witnesses."""

MOST_ROWS, MOST_NUMBERS = 20_000, 20_000_000
"""So many rows at most are looked at, drawn once with seed 0, and so many numbers in all their inputs."""

ROWS_AT_ONCE = 1_000


class WrongLabels:
    """Looks for them: iterating gives how many of `steps` are done, then `result` is a finding, or None.

    All parts are used, and each row is judged by other rows alone, in the prepared inputs.
    Raises UserError where there are no classes. Reference: Wilson 1972, edited nearest neighbours.
    """

    steps = 100

    def __init__(self, dataset: Dataset) -> None:
        if not dataset.classes:
            raise UserError(
                dataset.name,
                expected="a target with classes",
                got="none",
                help="Labels can only be doubted where rows have one of several classes.",
            )
        self._dataset = dataset
        self._rows: NDArray[np.intp] = np.zeros(0, np.intp)
        self._lines: list[tuple[str, str]] = []
        self.right = 0.0
        """Fraction of the rows for which the neighbours have the row's class."""

    def __iter__(self) -> Iterator[int]:
        # scikit-learn is imported only here: that takes a second or more.
        from sklearn.neighbors import NearestNeighbors

        dataset = self._dataset
        parts = [one for one in (dataset.training, dataset.validation, dataset.test) if one.rows_count]
        rows = np.concatenate([one.rows for one in parts])
        inputs = np.concatenate([one.inputs.reshape(one.rows_count, -1) for one in parts])
        classes = np.concatenate([one.targets.reshape(one.rows_count) for one in parts]).astype(np.intp)
        most = min(MOST_ROWS, max(MOST_NUMBERS // inputs.shape[1], 1_000))
        if len(rows) > most:
            drawn = np.sort(np.random.default_rng(0).choice(len(rows), most, replace=False))
            rows, inputs, classes = rows[drawn], inputs[drawn], classes[drawn]
        count = min(NEIGHBOURS, len(rows) - 1)
        if count < 3:
            yield self.steps
            return
        model = NearestNeighbors(n_neighbors=count).fit(inputs)
        votes = np.zeros((len(rows), len(dataset.classes)), np.intp)
        for start in range(0, len(rows), ROWS_AT_ONCE):
            yield int(self.steps * start / len(rows))
            own = np.arange(start, min(start + ROWS_AT_ONCE, len(rows)))
            # Each row is its own nearest; of equal rows another may come first.
            found = model.kneighbors(inputs[own], count + 1, return_distance=False)
            itself = found == own[:, np.newaxis]
            itself[~itself.any(axis=1), -1] = True
            others = found[~itself].reshape(len(own), count)
            np.add.at(votes, (np.repeat(own, count), classes[others].ravel()), 1)
        self._judge(rows, classes, votes, count)
        yield self.steps

    def _judge(
        self, rows: NDArray[np.intp], classes: NDArray[np.intp], votes: NDArray[np.intp], count: int
    ) -> None:
        winner = votes.argmax(axis=1)
        self.right = float((winner == classes).mean())
        own = votes[np.arange(len(rows)), classes]
        suspect = (
            (votes.max(axis=1) >= AGREEING * count)
            & (own <= (1 - AGREEING) / 2 * count)
            & (winner != classes)
        )
        names = self._dataset.classes
        pairs = [
            f"“{names[one]}” among “{names[other]}”"
            for one, other in zip(classes[suspect], winner[suspect], strict=True)
        ]
        self._lines = [(pair, counted(pairs.count(pair), "row")) for pair in in_order(set(pairs))]
        self._rows = np.sort(rows[suspect])

    def result(self) -> Finding | None:
        """The rows whose labels are doubtful; None where there are none, or neighbours say nothing."""
        if not len(self._rows) or self.right < USUALLY_RIGHT:
            return None
        shown = ", ".join(f"{pair} ({rows})" for pair, rows in self._lines[:4])
        more = f" and {len(self._lines) - 4:,} more pairs" if len(self._lines) > 4 else ""
        return Finding(
            "wrong_labels",
            f"{counted(len(self._rows), 'row')} whose nearest {NEIGHBOURS} rows nearly all have another "
            f"class: {shown}{more}. Neighbours are right for {self.right:.1%} of all rows. Look at them "
            "before you change or leave out any.",
            (self._dataset.target,),
            "Wrong labels?",
            "warning",
            first_row_numbers(self._rows),
            len(self._rows),
            leaving_out(self._rows),
        )
