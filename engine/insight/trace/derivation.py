"""How a number of the forward or the backward pass comes about: a formula, taken apart into its factors.

A derivation is a sum of products: ∂L/∂w = Σ over the paths of ∂L/∂a · ∂a/∂z · ∂z/∂w.
"""

from dataclasses import dataclass
from typing import Literal

Quantity = Literal["input", "pre_activation", "output", "parameter", "detail", "target", "loss"]
"""What of a layer a place is in: its input x, its z = x W + b, its output y, one of its parameters, or a
further array of its kind (a mask, a mean, the weights of attention). Target and loss belong to no layer."""


@dataclass(frozen=True)
class Place:
    """One number of a traced sample, or its gradient.

    layer : index in the network; −1 for the network's input, the target and the loss.
    name : of the parameter or the detail; else "".
    index : position in that array, of one sample (without the batch axis).
    gradient : whether the gradient of the loss with respect to the number is meant.
    """

    layer: int
    quantity: Quantity
    name: str = ""
    index: tuple[int, ...] = ()
    gradient: bool = False


@dataclass(frozen=True)
class Factor:
    """One factor of a product.

    symbol : in LaTeX, without dollar signs. text : the same in plain characters ("∂L/∂a₁"). numbers : how
    its value was computed ("0.751 − 0.01"), or "". meaning : what it is, in a few words ("slope of the
    sigmoid"). place : the number that it is, where it comes from.
    """

    symbol: str
    text: str
    value: float
    numbers: str = ""
    meaning: str = ""
    place: Place | None = None


@dataclass(frozen=True)
class Term:
    """One product of a sum, and the path that it belongs to ("through Dense 2, unit 3")."""

    factors: tuple[Factor, ...]
    value: float
    path: str = ""


@dataclass(frozen=True)
class Derivation:
    """A number and the sum of products that gives it.

    place : of the number. symbol, text : as those of a factor. value : of the number.
    formula : the rule in symbols, in LaTeX, and `formula_text` in plain characters.
    terms : the products, the largest in magnitude first; at most `MOST_TERMS` of them.
    rest : the sum of those left out, and `left_out` how many these are.
    wrapped : what is done with the sum ("sigmoid"), "" where the number is the sum itself. sum : before it.
    sentence : the whole in words, with the numbers put in.
    """

    place: Place
    title: str
    symbol: str
    text: str
    value: float
    formula: str
    formula_text: str
    terms: tuple[Term, ...]
    sentence: str
    sum: float
    wrapped: str = ""
    rest: float = 0.0
    left_out: int = 0


MOST_TERMS = 10
