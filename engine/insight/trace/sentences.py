"""A derivation in words, with its numbers put in."""

import math
from dataclasses import replace

from engine.insight.trace.derivation import Derivation
from engine.insight.trace.kinds.elementwise import activation_name
from engine.insight.trace.loss_words import difference, shown
from engine.insight.trace.stage import Pass, Stage
from engine.insight.trace.symbols import Symbols
from engine.insight.trace.trace import Trace

LITTLE = 0.01
"""By how much a number is raised in a sentence."""


def sentence_of(found: Derivation, trace: Trace, recorded: Pass, symbols: Symbols) -> Derivation:
    """The derivation with its sentence."""
    place = found.place
    if not math.isfinite(found.value):
        text = f"{found.text} is no finite number: the first layer whose output is none is where it began."
    elif place.gradient and place.quantity == "parameter":
        text = _of_parameter(found, recorded, symbols)
    elif place.gradient:
        text = _of_gradient(found, recorded, symbols)
    elif place.quantity == "loss":
        text = f"The loss of this sample is {shown(found.value)}: {recorded.loss.heading.lower()}."
    elif place.quantity in ("output", "pre_activation") and place.layer >= 0:
        text = _of_output(found)
    else:
        meaning = found.terms[0].factors[0].meaning if found.terms else ""
        text = f"{found.text} = {shown(found.value)}, {meaning}."
    return replace(found, sentence=text)


def _of_output(found: Derivation) -> str:
    count = len(found.terms) + found.left_out
    if count == 1 and not found.wrapped:
        factor = found.terms[0].factors[0]
        return f"{found.text} = {shown(found.value)}: {factor.meaning}."
    largest = found.terms[0] if found.terms else None
    text = f"{count} terms add up to {shown(found.sum)}" if count > 1 else f"The sum is {shown(found.sum)}"
    if largest is not None and count > 1 and largest.path:
        text += f", the largest of them, {shown(largest.value)}, {largest.path}"
    if found.wrapped:
        text += f"; the {found.wrapped} makes {shown(found.value)} of it"
    return text + "."


def _of_gradient(found: Derivation, recorded: Pass, symbols: Symbols) -> str:
    place = found.place
    name = found.text.removeprefix("∂L/∂")
    parts = []
    if place.quantity == "output" and place.layer == len(recorded.stages) - 1:
        parts.append(off_by(recorded, symbols, place.index[0]))
    count = len(found.terms) + found.left_out
    if count > 1:
        through = found.terms[0].path
        parts.append(f"{name} acts on the loss along {count} paths, most {through}")
    parts.append(_effect(name, found.value))
    return _joined(parts)


def _of_parameter(found: Derivation, recorded: Pass, symbols: Symbols) -> str:
    place, stage = found.place, recorded.stages[found.place.layer]
    count = len(found.terms) + found.left_out
    parts = []
    if count == 1:
        parts += _along(found, stage, recorded, symbols)
    elif count > 1:
        parts.append(f"it acts on the loss along {count} paths, most {found.terms[0].path}")
    noun = "the weight" if "weight" in place.name or "recurrent" in place.name else f"the {place.name}"
    effect = _effect(noun, found.value)
    if not found.value:
        return _joined([*parts, effect])
    way = "lowers" if found.value > 0 else "raises"
    return _joined([*parts, f"{effect}, so the update {way} it"])


def _along(found: Derivation, stage: Stage, recorded: Pass, symbols: Symbols) -> list[str]:
    """What the factors of the only product say."""
    place, parts = found.place, []
    factors = found.terms[0].factors
    first = factors[0]
    if stage.index == len(recorded.stages) - 1 and "." not in place.name:
        parts.append(off_by(recorded, symbols, place.index[-1]))
    elif first.place is not None:
        own = first.text.removeprefix("∂L/∂")
        parts.append(f"raising {own} by {LITTLE} would move the loss by about {shown(LITTLE * first.value)}")
    name = activation_name(stage.layer)
    if name and len(factors) == 3:
        parts.append(f"the {name} passes {_percent(factors[1].value)} of that on")
    if place.name == "weight" and len(factors) > 1 and factors[-1].place is not None:
        multiplied = symbols.of(factors[-1].place).text
        parts.append(f"the weight multiplied {multiplied} = {shown(factors[-1].value)}")
    return parts


def off_by(recorded: Pass, symbols: Symbols, output: int) -> str:
    """How far an output is from its target."""
    found = difference(recorded, symbols, recorded.row, output)
    if found is None or found.too_high is None:
        value = float(recorded.dy[recorded.row].reshape(-1)[output])
        return f"{symbols.letter('o', output)} moves the loss at the rate {shown(value)}"
    noun = "the output" if len(recorded.output[0]) == 1 else symbols.letter("o", output)
    if recorded.loss.inverse_link in ("softmax", "sigmoid"):
        noun = f"the probability {symbols.letter('p', output)}"
    if not found.too_high:
        return f"{noun} is exactly right"
    return f"{noun} is {shown(abs(found.too_high))} too {'high' if found.too_high > 0 else 'low'}"


def _effect(name: str, value: float) -> str:
    if not value:
        return f"changing {name} a little does not change the loss"
    way = "raises" if value > 0 else "lowers"
    return f"raising {name} by {LITTLE} {way} the loss by about {shown(abs(LITTLE * value))}"


def _percent(value: float) -> str:
    return f"{100 * value:.3g} %".replace("-", "−")


def _joined(parts: list[str]) -> str:
    """Clauses as sentences; each one keeps its first letter where it is a symbol."""
    sentences = []
    for part in parts:
        word = part.split(" ", 1)[0]
        sentences.append(part[0].upper() + part[1:] if word.isalpha() and len(word) > 1 else part)
    return ". ".join(sentences) + "."
