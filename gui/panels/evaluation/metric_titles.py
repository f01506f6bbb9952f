"""How scores are called and written: title, format, and one sentence that says what they measure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gui.kit.number_text import percent_text, reading_text


@dataclass(frozen=True)
class MetricTitle:
    """One score. With `in_target_units`, the number has the unit of what is predicted."""

    title: str
    sentence: str
    write: Callable[[float], str] = reading_text
    in_target_units: bool = False


METRIC_TITLES: Mapping[str, MetricTitle] = {
    "loss": MetricTitle("Loss", "What training makes small, as a mean over the rows, without penalties."),
    "accuracy": MetricTitle("Accuracy", "Share of rows whose class is predicted right.", percent_text),
    "balanced_accuracy": MetricTitle(
        "Balanced accuracy",
        "Share predicted right, as a mean over the classes: a rare class counts as much as a common one.",
        percent_text,
    ),
    "f1": MetricTitle(
        "F1", "Harmonic mean of precision and recall, 1 at best; over several classes, their mean."
    ),
    "r2": MetricTitle("R²", "Share of the target's variance explained: 1 at best, 0 is guessing the mean."),
    "explained_variance": MetricTitle(
        "Explained variance",
        "Share of the inputs' variance that comes back: 1 at best, 0 is always answering with the means.",
        percent_text,
    ),
    "mse": MetricTitle(
        "Reconstruction error",
        "Mean squared difference between inputs and reconstructions, in scaled units.",
    ),
    "rmse": MetricTitle(
        "RMSE", "Root of the mean squared error, in the target's own units.", reading_text, True
    ),
    "mae": MetricTitle(
        "MAE", "Mean distance from the true value, in the target's own units.", reading_text, True
    ),
}


def metric_title(name: str) -> MetricTitle:
    """The title of a score by its name in the engine; an unknown one is called by that name."""
    return METRIC_TITLES.get(name, MetricTitle(name.replace("_", " ").capitalize(), ""))
