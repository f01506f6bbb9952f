"""What the inspector says: where in the walk it is, what the status is, what stands at an edge. No Qt."""

from dataclasses import replace

import numpy as np

from engine.arrays import Array
from engine.insight.trace.derivation import Derivation, Place
from engine.insight.trace.trace import Trace
from gui.core.model_summary import ModelSummary
from gui.kit.numbers import count_text, percent_text, reading_text, shape_text
from gui.kit.text import tr
from gui.panels.inspector.inspection import Inspection
from gui.panels.inspector.symbols import short_text, value_text
from gui.panels.inspector.walk import Phase, value_at

MOST_NUMBERS = 6
"""Written one after the other; of more, the first and how many there are."""
PASSES: dict[Phase, str] = {
    "forward": tr("forward pass"),
    "loss": tr("loss"),
    "backward": tr("chain rule"),
    "update": tr("update"),
}


def value_of(trace: Trace, place: Place) -> float:
    """The number at a place, not its gradient; 0 where there is none."""
    found = value_at(trace, replace(place, gradient=False))
    return 0.0 if found is None else found


def counter(state: Inspection) -> str:
    """ "step 5 of 12 · chain rule"."""
    walk = state.walk()
    if walk is None or state.focus is None:
        return ""
    step = walk.step_of(state.focus)
    if step is None:
        return PASSES[state.phase]
    return tr(
        "step {step} of {steps} · {phase}",
        step=count_text(step + 1),
        steps=count_text(len(walk)),
        phase=PASSES[state.phase],
    )


def status(state: Inspection, derivation: Derivation | None) -> str:
    """ "Backward pass of sample 1: ∂L/∂w₅ = 0.0822. Nothing is changed until Update."."""
    if derivation is None:
        return ""
    sample = count_text(state.sample.index + 1)
    number = f"{derivation.text} = {value_text(derivation.value)}"
    whose = (
        tr("the typed sample") if state.sample.values is not None else tr("sample {number}", number=sample)
    )
    if state.overrides:
        return tr("What if: {number}, for {sample}. The run is not changed.", number=number, sample=whose)
    match state.phase:
        case "forward":
            return tr("Forward pass of {sample}: {number}.", sample=whose, number=number)
        case "loss":
            return tr("Loss of {sample}: {number}.", sample=whose, number=number)
        case "backward":
            return tr(
                "Backward pass of {sample}: {number}. Nothing is changed until Update.",
                sample=whose,
                number=number,
            )
        case "update":
            return tr(
                "Update after {sample}: {number}. It is made only when you take the step.",
                sample=whose,
                number=number,
            )


def edge_label(trace: Trace, focus: Place, phase: Phase, new: float | None) -> tuple[str, ...]:
    """What stands at the selected weight: its value, and its gradient or what it becomes."""
    if focus.quantity != "parameter":
        return ()
    weight = value_at(trace, replace(focus, gradient=False))
    slope = value_at(trace, replace(focus, gradient=True))
    if weight is None:
        return ()
    first = tr("w = {value}", value=value_text(weight))
    if phase == "update" and new is not None:
        return (tr("w = {value} → {new}", value=value_text(weight), new=value_text(new)),)
    if phase in ("backward", "update") and slope is not None:
        return (first, tr("∂L/∂w = {value}", value=value_text(slope)))
    return (first,)


def numbers_words(values: Array) -> str:
    """Some numbers, one after the other; of many, the shape alone."""
    flat = np.ravel(values)
    if values.ndim > 1 and flat.size > MOST_NUMBERS:
        return shape_text(values.shape)
    shown = ", ".join(short_text(float(one)) for one in flat[:MOST_NUMBERS])
    if flat.size <= MOST_NUMBERS:
        return shown
    return tr("{first}, … ({count} values)", first=shown, count=count_text(flat.size))


def sample_rows(trace: Trace, model: ModelSummary) -> list[tuple[str, str]]:
    """Input, target, output and loss, by title."""
    return [
        (tr("Input"), numbers_words(trace.x)),
        (tr("Target"), target_words(trace.target, model)),
        (tr("Output"), output_words(trace, model)),
        (tr("Loss"), reading_text(trace.loss, 4)),
    ]


def target_words(target: Array, model: ModelSummary) -> str:
    """A class by its name, else the numbers."""
    names = model.class_names
    flat = np.ravel(target)
    whole = flat.size == 1 and names and float(flat[0]) == int(flat[0]) and 0 <= int(flat[0]) < len(names)
    return names[int(flat[0])] if whole else numbers_words(target)


def output_words(trace: Trace, model: ModelSummary) -> str:
    """What the network gives, with the loss's inverse link."""
    return prediction_words(trace.prediction, model)


def prediction_words(prediction: Array, model: ModelSummary) -> str:
    """The most probable class with its probability, else the numbers."""
    names, chances = model.class_names, np.ravel(prediction)
    if model.task == "classification" and len(names) == chances.size and np.isfinite(chances).all():
        best = int(np.argmax(chances))
        return f"{names[best]}, {percent_text(float(chances[best]))}"
    if model.task == "binary" and len(names) == 2 and chances.size == 1 and np.isfinite(chances[0]):
        chance = float(chances[0])
        yes = chance >= 0.5
        return f"{names[yes]}, {percent_text(chance if yes else 1 - chance)}"
    return numbers_words(prediction)
