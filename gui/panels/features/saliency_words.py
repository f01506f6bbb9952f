"""What the saliency page says: what can be explained, the score, the numbers beside the bars."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.insight.occlusion import Occlusion
from engine.insight.saliency import Method, Saliency
from gui.kit import Option
from gui.kit.numbers import count_text, percent_text, reading_text
from gui.kit.text import tr
from gui.panels.features.page import Looked

PREDICTED, UNIT = "predicted", "unit"
METHODS = (
    Option("gradient", tr("Gradient"), description=tr("The slope of the score by each number.")),
    Option(
        "gradient_input",
        tr("Gradient × input"),
        description=tr("The slope times the number itself: what is 0 counts nothing."),
    ),
    Option(
        "smooth_grad",
        tr("SmoothGrad"),
        description=tr("The mean slope over 25 copies with noise: less speckled."),
    ),
)


def options_of(looked: Looked) -> list[tuple[Any, str]]:
    """What can be explained of this model: value and title, the usual one first."""
    model = looked.model
    options: list[tuple[Any, str]] = []
    if model.task in ("classification", "binary"):
        options.append((PREDICTED, tr("Predicted class")))
    if model.task != "reconstruction":
        options += list(enumerate(_outputs_of(looked)))
    return [*options, (UNIT, unit_words(looked))]


def unit_words(looked: Looked) -> str:
    """The selected unit: "Dense 2, unit 7"."""
    return tr("{layer}, unit {unit}", layer=looked.layer_name, unit=count_text(looked.unit + 1))


def _outputs_of(looked: Looked) -> tuple[str, ...]:
    """Names of the classes, or of the columns that are predicted."""
    model = looked.model
    return model.class_names if model.task in ("classification", "binary") else model.targets


def score_words(looked: Looked, found: Saliency, of_unit: bool) -> str:
    """What is explained, and how large it is."""
    model, subject = looked.model, found.subject
    if of_unit:
        what = unit_words(looked)
        text = tr("Activation of {what}: {score}.", what=what, score=reading_text(found.score))
        return f"{looked.sample_words}. {text}"
    names = _outputs_of(looked)
    what = names[subject.number] if subject.number < len(names) else count_text(subject.number + 1)
    if model.task == "regression":
        text = tr("Output for {what}, standardized: {score}.", what=what, score=reading_text(found.score))
        return f"{looked.sample_words}. {text}"
    share = float(found.prediction[subject.unit])
    text = tr(
        "Score of {what} before the last activation: {score}; probability {share}.",
        what=what,
        score=reading_text(found.score),
        share=percent_text(1 - share if subject.sign < 0 else share),
    )
    return f"{looked.sample_words}. {text}"


def bar_texts(
    looked: Looked, found: Saliency
) -> tuple[tuple[str, ...], NDArray[np.float64], tuple[str, ...]]:
    """Name, slope and text of each number of a sample."""
    names, values = looked.model.feature_names, found.values.reshape(-1).astype(np.float64)
    if len(names) != len(values):
        names = tuple(tr("Input {number}", number=count_text(place + 1)) for place in range(len(values)))
    own = found.own_units
    shown = values if own is None else np.where(np.isfinite(own), own, values)
    return names, values, tuple(reading_text(value) for value in shown.tolist())


def bar_words(method: Method) -> str:
    """What the bars and the numbers beside them are."""
    if method == "gradient_input":
        return tr("Slope of the score times the scaled value, for each input.")
    return tr(
        "Bars: how the score moves per scaled unit, so that columns can be compared. "
        "Numbers: per unit of a number column itself, else per scaled unit."
    )


def occlusion_words(found: Occlusion) -> str:
    """What an occlusion map shows."""
    return tr(
        "Blue: hiding it lowers the prediction, {before} of the whole image. "
        "Patch {patch}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}{patch}, step {step}.",
        before=reading_text(found.before),
        patch=found.patch,
        step=count_text(found.step),
    )
