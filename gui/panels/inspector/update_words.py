"""The update to come and the checks of gradients, in words. No Qt."""

import math
from dataclasses import dataclass, replace

from engine.insight.trace.derivation import Factor
from engine.insight.trace.numeric import NumericCheck
from engine.insight.trace.update import UpdateTrace
from gui.kit.numbers import count_text, quantity_text, reading_text
from gui.kit.text import tr
from gui.panels.inspector.symbols import latex_number, short_text, value_text


@dataclass(frozen=True)
class AllChecked:
    """The check of many parameters: how many, of how many, and the worst."""

    checked: int
    of: int
    kinks: int
    worst: NumericCheck | None


def step_words(update: UpdateTrace) -> str:
    """What becomes of the parameter; in plain gradient descent with its numbers put in."""
    plain = update.before - update.rate * update.used
    if not update.workings and not update.decay and math.isclose(plain, update.after, rel_tol=1e-5):
        return tr(
            "{symbol} ← {before} − {rate} · {gradient} = {after}",
            symbol=update.text,
            before=value_text(update.before),
            rate=short_text(update.rate, 4),
            gradient=value_text(update.used),
            after=value_text(update.after),
        )
    return tr(
        "{symbol}: {before} → {after}",
        symbol=update.text,
        before=value_text(update.before),
        after=value_text(update.after),
    )


def boxes_of(update: UpdateTrace) -> tuple[tuple[str, Factor], ...]:
    """The step as signs and factors: what the parameter becomes, = what it was − rate · direction."""
    moved = update.before - update.after
    direction = moved / update.rate if update.rate else 0.0
    plain = math.isclose(direction, update.used, rel_tol=1e-5)
    gradient = rf"\frac{{\partial L}}{{\partial {update.symbol}}}", f"∂L/∂{update.text}"
    latex, text = gradient if plain else ("d", "d")
    rows = quantity_text(update.rows, "sample", "samples")
    meaning = tr("gradient of {rows}", rows=rows) if plain else tr("what the optimizer makes of the gradient")
    rate = Factor(r"\rho", "ρ", update.rate, meaning=tr("learning rate"))
    return (
        ("", Factor(f"{update.symbol}'", f"{update.text}′", update.after, meaning=tr("after the step"))),
        ("=", Factor(update.symbol, update.text, update.before, meaning=tr("before it"), place=update.place)),
        ("−", rate),
        ("·", Factor(latex, text, direction, meaning=meaning, place=replace(update.place, gradient=True))),
    )


def latex_of_update(update: UpdateTrace) -> str:
    """The step in symbols and with its numbers, as LaTeX."""
    (_, after), (_, before), (_, rate), (_, direction) = boxes_of(update)
    symbols = rf"{before.symbol} - {rate.symbol} \cdot {direction.symbol}"
    numbers = rf"{latex_number(before.value)} - {latex_number(rate.value)} \cdot "
    numbers += latex_number(direction.value)
    lines = [f"{after.symbol} &= {symbols}", f"&= {numbers}", f"&= {latex_number(after.value)}"]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def workings(update: UpdateTrace) -> str:
    """Every number of the step, one a line."""
    lines = [update.formula_text]
    rows = quantity_text(update.rows, "sample", "samples")
    lines.append(tr("gradient of {rows}: {value}", rows=rows, value=value_text(update.gradient)))
    if update.penalty:
        lines.append(tr("L1 and L2 add {value}", value=value_text(update.penalty)))
    if update.clipping != 1:
        lines.append(tr("clipped by the factor {value}", value=value_text(update.clipping)))
    if update.decay:
        lines.append(tr("weight decay {value}", value=value_text(update.decay)))
    for factor in update.workings:
        meaning = f" ({factor.meaning})" if factor.meaning else ""
        lines.append(f"{factor.text} = {value_text(factor.value)}{meaning}")
    if update.shrinkage:
        lines.append(tr("shrunk by {value} at last", value=value_text(update.shrinkage)))
    return "\n".join(lines)


def loss_changes(update: UpdateTrace) -> list[tuple[str, str]]:
    """Of the sample and of the batch, before and after, by title."""

    def change(losses: tuple[float, float]) -> str:
        return f"{reading_text(losses[0], 4)} → {reading_text(losses[1], 4)}"

    return [
        (tr("Loss of this sample"), change(update.sample_loss)),
        (tr("Mean loss of the batch"), change(update.batch_loss)),
    ]


def checked_words(found: AllChecked) -> str:
    """How many were checked, and the largest error."""
    checked = quantity_text(found.checked, "parameter", "parameters")
    error = f"{found.worst.relative_error:.0e}" if found.worst is not None else "–"
    words_of = (
        tr("All {checked}: largest relative error {error}", checked=checked, error=error)
        if found.checked == found.of
        else tr(
            "{checked} of {all}: largest relative error {error}",
            checked=checked,
            all=count_text(found.of),
            error=error,
        )
    )
    return f"{words_of}; {quantity_text(found.kinks, 'kink', 'kinks')}" if found.kinks else words_of
