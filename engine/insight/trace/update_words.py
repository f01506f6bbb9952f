"""An update in symbols and in words."""

import re

from engine.insight.trace.derivation import Place
from engine.insight.trace.loss_words import shown
from engine.insight.trace.symbols import Symbols
from engine.network import Network
from engine.optimizers import Optimizer

REFUSED = "After this step, a number would not be finite: the run would stop before it."
"""Of a step that no trainer would take."""


def symbol_of(network: Network, place: Place) -> tuple[str, str]:
    """Of a parameter, in LaTeX and in plain characters."""
    symbol = Symbols.of_network(network).of(place)
    return symbol.latex, symbol.text


def formula_of(optimizer: Optimizer) -> tuple[str, str]:
    """The rule of the optimizer, without weight decay where there is none."""
    latex, text = optimizer.formula
    if getattr(optimizer, "weight_decay", 0.0):
        return latex, text
    latex, text = latex.replace(r" + \lambda p", ""), text.replace(" + λ p", "")
    return re.sub(r"\((\w)\)", r"\1", latex), re.sub(r"\((\w)\)", r"\1", text)


def sentence(
    optimizer: Optimizer, rate: float, name: str, value: tuple[float, float], loss: tuple[float, float]
) -> str:
    """What the step does to a parameter, and to the loss of the sample.

    value, loss : before and after the step. name : the symbol of the parameter.
    """
    before, after = value
    moved = f"{optimizer.heading} with rate {shown(rate)} "
    if after == before:
        moved += f"leaves {name} at {shown(before)}"
    else:
        moved += f"{'lowers' if after < before else 'raises'} {name} from {shown(before)} to {shown(after)}"
    if loss[1] == loss[0]:
        return f"{moved}; the loss of this sample stays {shown(loss[0])}."
    toward = "falls" if loss[1] < loss[0] else "rises"
    return f"{moved}; the loss of this sample {toward} from {shown(loss[0])} to {shown(loss[1])}."
