"""Test scores of the model that is offered first, beside scikit-learn's default network and boosted trees.

All three get the same rows: the peers train on the training and the validation part together, as they need no
validation. Inputs of the network are standardized for it, and so is a number that it predicts, without which
it would hardly learn. The rules of engine/first_model.py were chosen on splits with other seeds than these.
"""

import importlib.util
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from engine.data import Dataset, Part, prepare
from engine.data.settings import DataSettings
from engine.data.table import Table
from engine.experiment import Experiment
from engine.first_model import offer
from engine.training.trainer import Trainer
from tests.benchmarks.measuring import QUICK, THOROUGH, Pace

SEEDS, QUICK_SEEDS = range(5), range(2)
"""Of split, starting weights and peers."""
CLOSE = 0.01
FOLDER = os.environ.get("GRADWRIGHT_DATA")

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Entry:
    """A table, and what is predicted of it."""

    name: str
    source: dict[str, Any]
    target: str | None = None
    ignored: tuple[str, ...] = ()

    def settings(self, seed: int) -> DataSettings:
        """Its data, split by this seed."""
        return DataSettings.model_validate(
            {
                "source": self.source,
                "target": self.target,
                "ignored": self.ignored,
                "split": {"seed": seed},
            }
        )


BUNDLED = tuple(
    Entry(kind, {"kind": kind}) for kind in ("iris", "wine", "digits", "breast_cancer", "diabetes")
)
STATSMODELS = (
    ("anes96", "'vote'", ()),
    ("modechoice", "choice", ("individual",)),
    ("grunfeld", "invest", ()),
    ("engel", "foodexp", ()),
    ("fair", "affairs", ()),
    ("fair", "rate_marriage", ()),
    ("star98", "PR50M", ()),
    ("macrodata", "infl", ()),
    ("cancer", "cancer", ()),
    ("randhie", "mdvis", ()),
)
"""Tables that the package statsmodels carries; it is only looked for, never imported."""
FILES = (
    ("penguins", "species", ()),
    ("titanic", "survived", ("alive", "deck")),
    ("mpg", "mpg", ("name",)),
)
"""Tables in the folder csv/ of GRADWRIGHT_DATA; `alive` gives the target away, `name` is one of a kind."""


def entries(pace: Pace) -> Iterator[Entry]:
    """All tables that are at hand; says which are not."""
    if pace is QUICK:
        yield BUNDLED[0]
        return
    yield from BUNDLED
    package = importlib.util.find_spec("statsmodels")
    if package is None or package.origin is None:
        print("statsmodels is not installed (extra “bench”): its tables are left out.")
    else:
        folder = Path(package.origin).parent / "datasets"
        for name, target, ignored in STATSMODELS:
            path = folder / name / f"{name}.csv"
            yield Entry(f"{name}, {target.strip(chr(39))}", _file(path), target, ignored)
    if FOLDER is None:
        print("GRADWRIGHT_DATA is not set: the tables in its folder csv/ are left out.")
    else:
        for name, target, ignored in FILES:
            yield Entry(name, _file(Path(FOLDER) / "csv" / f"{name}.csv"), target, ignored)


def main(pace: Pace = THOROUGH) -> None:
    """Print a row for each table, then how often the three aims are met."""
    seeds = QUICK_SEEDS if pace is QUICK else SEEDS
    print(f"test accuracy, or R² of a number: mean ± standard error of {len(seeds)} splits")
    heads = ("Gradwright", "network", "trees", "over network", "s")
    print(f"{'table':<24}{'rows':>7}" + "".join(f"{head:>15}" for head in heads))
    differences, below, close = [], [], 0
    for entry in entries(pace):
        table = entry.settings(0).load()
        scores = np.array([_scores(entry, table, seed) for seed in seeds])
        ours, network, trees, seconds = scores.T
        difference = ours.mean() - network.mean()
        differences.append(difference)
        close += ours.mean() >= max(network.mean(), trees.mean()) - CLOSE
        if difference < -standard_error(network):
            below.append(entry.name)
        columns = "".join(f"{_text(one):>15}" for one in (ours, network, trees))
        print(
            f"{entry.name:<24}{table.rows:>7,}{columns}{difference:>+15.3f}{seconds.mean():>15.1f}",
            flush=True,
        )
    print(f"mean over the network: {np.mean(differences):+.4f}")
    print(f"within {CLOSE:g} of the better of the two: {close} of {len(differences)} tables")
    print(f"more than a standard error below the network: {', '.join(below) or 'none'}")


def standard_error(scores: Scores) -> float:
    """Of the mean of some scores."""
    return float(scores.std(ddof=1) / np.sqrt(len(scores)))


def _scores(entry: Entry, table: Table, seed: int) -> tuple[float, float, float, float]:
    """Test scores of ours, the network and the trees, and the seconds that ours took."""
    settings = entry.settings(seed)
    experiment = offer(Experiment(data=settings), table).experiment
    experiment = experiment.replace(training=experiment.training.replace(seed=seed))
    dataset = prepare(settings, table, experiment.dtype)
    trainer = Trainer(experiment, dataset)
    for _ in trainer.run():
        pass
    metrics = trainer.evaluate("test").metrics
    ours = metrics["r2" if dataset.task == "regression" else "accuracy"]
    return ours, *peers(dataset, seed), trainer.seconds


def peers(dataset: Dataset, seed: int) -> tuple[float, float]:
    """Test scores of scikit-learn's default network and of its boosted trees."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.preprocessing import StandardScaler

    number = dataset.task == "regression"
    network = (MLPRegressor if number else MLPClassifier)(random_state=seed)
    trees = (HistGradientBoostingRegressor if number else HistGradientBoostingClassifier)(random_state=seed)
    parts = (dataset.training, dataset.validation)
    inputs, targets = (np.concatenate(arrays) for arrays in zip(*map(_arrays, parts), strict=True))
    test_inputs, test_targets = _arrays(dataset.test)
    if number:
        mean, deviation = targets.mean(), targets.std()
        targets, test_targets = (targets - mean) / deviation, (test_targets - mean) / deviation
    scaler = StandardScaler().fit(inputs)
    # On a machine with other work, threads that wait for one another take many times as long.
    with warnings.catch_warnings(), threadpool_limits(1):
        # The default network ends after 200 epochs, converged or not.
        warnings.simplefilter("ignore")
        network.fit(scaler.transform(inputs), targets)
        trees.fit(inputs, targets)
    return (
        float(network.score(scaler.transform(test_inputs), test_targets)),
        float(trees.score(test_inputs, test_targets)),
    )


def _arrays(part: Part) -> tuple[Scores, Scores]:
    """Inputs (rows, numbers) and targets (rows,)."""
    rows = part.rows_count
    return part.inputs.reshape(rows, -1).astype(float), part.targets.reshape(rows).astype(float)


def _file(path: Path) -> dict[str, Any]:
    return {"kind": "csv", "path": str(path)}


def _text(scores: Scores) -> str:
    return f"{scores.mean():.3f} ± {standard_error(scores):.3f}"
