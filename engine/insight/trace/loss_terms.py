"""The loss as a sum over the outputs, and its gradient by each of them."""

import math

import numpy as np

from engine.arrays import Array
from engine.insight.trace.derivation import Factor, Place
from engine.insight.trace.kinds.base import Factors, Sum
from engine.insight.trace.loss_words import difference, read_row, shown, target_row
from engine.insight.trace.stage import Pass
from engine.insight.trace.symbols import Symbol, Symbols, in_latex
from engine.losses.binary_cross_entropy import BinaryCrossEntropy
from engine.losses.regression import MeanAbsoluteError, MeanSquaredError
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy


def output_gradient_sum(recorded: Pass, symbols: Symbols, index: tuple[int, ...]) -> Sum:
    """∂L/∂o: the difference that the loss is made of, and what it counts in the mean."""
    row, stage = recorded.row, recorded.stages[-1]
    value = float(recorded.dy[(row, *index)])
    place = Place(stage.index, "output", "", index)
    own = symbols.of(place)
    found = difference(recorded, symbols, row, index[0])
    if found is None or not np.isfinite(value):
        name = recorded.loss.heading
        gradient = symbols.of(Place(stage.index, "output", "", index, True))
        factor = Factor(gradient.latex, gradient.text, value, "", f"slope of the {name.lower()}")
        text = f"slope of {name} at {own.text}"
        return Sum(np.array([value]), lambda _: ((factor,), ""), Symbol(rf"\text{{{text}}}", text))
    latex = in_latex(found.text)
    main = Factor(latex, found.text, found.value, found.numbers, found.noun, place)
    scale = value / found.value if found.value else _scale_of_zero(recorded)
    if math.isclose(scale, 1.0, rel_tol=1e-12):
        return Sum(np.array([value]), lambda _: ((main,), ""), Symbol(latex, found.text))
    share = Factor(
        _scale_latex(scale), shown(scale), scale, _scale_text(recorded, scale), "what it counts in the mean"
    )

    def make(number: int) -> Factors:
        return (share, main), ""

    formula = Symbol(f"{share.symbol} ({latex})", f"{share.text} ({found.text})")
    return Sum(np.array([scale * found.value]), make, formula)


def _scale_of_zero(recorded: Pass) -> float:
    """The factor where the difference is 0, and nothing depends on it."""
    return 1.0 / len(recorded.output)


def _scale_latex(scale: float) -> str:
    return f"{scale:.4g}"


def _scale_text(recorded: Pass, scale: float) -> str:
    """Where it is a simple fraction: "2 / 3 outputs"."""
    outputs, rows = recorded.output.shape[1], len(recorded.output)
    counted = f"{outputs} output{'s' if outputs > 1 else ''}"
    if rows > 1:
        counted = f"({counted} · {rows} rows)"
    for top in (1, 2):
        if math.isclose(scale, top / (outputs * rows)):
            return f"{top} / {counted}"
    return f"1 / {rows} rows" if math.isclose(scale, 1 / rows) and rows > 1 else ""


# --- the loss itself -------------------------------------------------------------------------------------


def loss_sum(recorded: Pass, symbols: Symbols) -> Sum:
    """The loss of the sample, output by output where it is such a sum."""
    loss, row = recorded.loss, recorded.row
    o, t = read_row(recorded, row), target_row(recorded, row)
    count = len(o)
    if isinstance(loss, MeanSquaredError | MeanAbsoluteError):
        return _distances(recorded, symbols)
    plain = not (getattr(loss, "label_smoothing", 0.0) or getattr(loss, "weighted", False))
    if isinstance(loss, SoftmaxCrossEntropy) and plain:
        used = np.flatnonzero(t)
        logs = _log_softmax(recorded.output[row])

        def of_class(number: int) -> Factors:
            at = int(used[number])
            p = symbols.letter("p", at)
            log = Factor(
                rf"-\ln p_{{{at + 1}}}",
                f"−ln {p}",
                -float(logs[at]),
                f"−ln {shown(float(o[at]))}",
                "surprise: 0 for a sure and right answer",
                Place(recorded.stages[-1].index, "output", "", (at,)),
            )
            if t[at] == 1.0:
                return (log,), ""
            goal = Factor(
                f"t_{{{at + 1}}}",
                symbols.letter("t", at),
                float(t[at]),
                "",
                "target",
                Place(-1, "target", "", (at,)),
            )
            return (goal, log), ""

        formula = Symbol(r"-\sum_k t_k \ln p_k", "−Σₖ tₖ ln pₖ")
        return Sum(-t[used] * logs[used], of_class, formula)
    if isinstance(loss, BinaryCrossEntropy) and plain:
        z = recorded.output[row]
        each = np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z)))

        def of_output(number: int) -> Factors:
            p, goal = symbols.letter("p", number), symbols.letter("t", number)
            text = f"−{goal} ln {p} − (1 − {goal}) ln(1 − {p})"
            factor = Factor(
                rf"-t_{{{number + 1}}} \ln p_{{{number + 1}}} - (1 - t_{{{number + 1}}}) "
                rf"\ln(1 - p_{{{number + 1}}})",
                text,
                float(each[number]),
                f"{goal} = {shown(float(t[number]))}, {p} = {shown(float(o[number]))}",
                "surprise: 0 for a sure and right answer",
                Place(recorded.stages[-1].index, "output", "", (number,)),
            )
            return ((factor,) if count == 1 else (_share(1 / count, f"1 / {count} outputs"), factor)), ""

        formula = Symbol(
            r"-\frac{1}{n}\sum_k t_k \ln p_k + (1 - t_k) \ln(1 - p_k)",
            "−1/n Σₖ (tₖ ln pₖ + (1 − tₖ) ln(1 − pₖ))",
        )
        return Sum(each / count, of_output, formula)
    name = loss.heading
    factor = Factor(r"L", "L", recorded.sample_loss, "", name.lower())
    return Sum(np.array([recorded.sample_loss]), lambda _: ((factor,), ""), Symbol(rf"\text{{{name}}}", name))


def _distances(recorded: Pass, symbols: Symbols) -> Sum:
    """Mean squared and mean absolute error."""
    loss, row = recorded.loss, recorded.row
    o, t = read_row(recorded, row), target_row(recorded, row)
    squared, count = isinstance(loss, MeanSquaredError), len(o)
    half = isinstance(loss, MeanSquaredError) and loss.reduction == "half_sum"
    weight = 0.5 if half else 1 / count
    each = (o - t) ** 2 if squared else np.abs(o - t)

    def make(number: int) -> Factors:
        a, b = symbols.letter("o", number), symbols.letter("t", number)
        inner = f"{shown(float(o[number]))} − {shown(float(t[number]))}"
        n = number + 1
        factor = Factor(
            rf"(o_{{{n}}} - t_{{{n}}})^2" if squared else rf"|o_{{{n}}} - t_{{{n}}}|",
            f"({a} − {b})²" if squared else f"|{a} − {b}|",
            float(each[number]),
            f"({inner})²" if squared else f"|{inner}|",
            "squared difference to the target" if squared else "distance to the target",
            Place(recorded.stages[-1].index, "output", "", (number,)),
        )
        if weight == 1.0:
            return (factor,), ""
        return (_share(weight, "½" if half else f"1 / {count} outputs"), factor), f"output {n}"

    front = (r"\tfrac{1}{2} ", "½ ") if half else (r"\frac{1}{n} ", "1/n ")
    body = (r"\sum_k (o_k - t_k)^2", "Σₖ (oₖ − tₖ)²") if squared else (r"\sum_k |o_k - t_k|", "Σₖ |oₖ − tₖ|")
    return Sum(weight * each, make, Symbol(front[0] + body[0], front[1] + body[1]))


def _share(value: float, numbers: str) -> Factor:
    return Factor(_scale_latex(value), shown(value), value, numbers, "what it counts")


def _log_softmax(z: Array) -> Array:
    shifted = z - z.max()
    found: Array = shifted - np.log(np.exp(shifted).sum())
    return found
