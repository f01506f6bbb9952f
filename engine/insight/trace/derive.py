"""Derivations: where any number of a trace comes from, as a sum of products and in words."""

import numpy as np

from engine.insight.trace.derivation import MOST_TERMS, Derivation, Factor, Place, Term
from engine.insight.trace.kinds import Sum, View, explanation_of
from engine.insight.trace.kinds.elementwise import pre_activation_sum
from engine.insight.trace.loss_terms import loss_sum, output_gradient_sum
from engine.insight.trace.sentences import sentence_of
from engine.insight.trace.stage import Pass
from engine.insight.trace.symbols import Symbol, Symbols
from engine.insight.trace.trace import Trace


def derivation(trace: Trace, place: Place) -> Derivation:
    """Take the number at a place apart; raises KeyError or IndexError where the trace has no such number."""
    recorded = trace.recorded
    if recorded is None:
        raise KeyError("this trace has been stored without what derivations are made from")
    value = trace.number(place)
    symbols = Symbols(recorded.stages)
    found = _sum(trace, recorded, symbols, place)
    order = np.argsort(-np.abs(found.products), kind="stable")
    largest = order[:MOST_TERMS].tolist()
    terms = []
    for number in largest:
        factors, path = found.make(number)
        terms.append(Term(factors, float(found.products[number]), path))
    left_out = len(order) - len(largest) + found.uncounted
    rest = float(found.products[order[MOST_TERMS:]].sum()) + found.elsewhere
    symbol = symbols.of(place)
    total = float(found.products.sum()) + found.elsewhere
    result = Derivation(
        place,
        symbols.title(place),
        symbol.latex,
        symbol.text,
        value,
        f"{symbol.latex} = {found.formula.latex}",
        f"{symbol.text} = {found.formula.text}",
        tuple(terms),
        "",
        total,
        found.wrapped,
        rest,
        left_out,
    )
    return sentence_of(result, trace, recorded, symbols)


def _sum(trace: Trace, recorded: Pass, symbols: Symbols, place: Place) -> Sum:
    """The sum that gives the number at a place."""
    if place.quantity == "loss":
        if place.gradient:
            return _given(trace, symbols, place, "the loss itself")
        return loss_sum(recorded, symbols)
    if place.quantity == "target":
        return _given(trace, symbols, place, "given by the data")
    stages, layer, quantity = recorded.stages, place.layer, place.quantity
    if quantity == "output" and layer < 0:
        layer, quantity = 0, "input"
    if quantity == "input" and not place.gradient:
        if layer <= 0:
            return _given(trace, symbols, place, "given by the data")
        layer, quantity = layer - 1, "output"
    if quantity == "output" and place.gradient:
        if layer == len(stages) - 1:
            return output_gradient_sum(recorded, symbols, place.index)
        layer, quantity = layer + 1, "input"
    stage = stages[max(layer, 0)]
    view, explanation = View(stage, symbols, recorded), explanation_of(stage.layer)
    if quantity == "input":
        return explanation.input_sum(view, place.index)
    if quantity == "parameter":
        if place.gradient:
            return explanation.parameter_sum(view, place.name, place.index)
        return _given(trace, symbols, place, "learned in training")
    if quantity == "detail":
        found = explanation.detail_sum(view, place.name, place.index)
        meaning = explanation.detail_meaning(stage.layer, place.name)
        return _given(trace, symbols, place, meaning) if found is None else found
    if quantity == "pre_activation" and place.gradient:
        return pre_activation_sum(view, stage.row, place.index)
    if place.index in stage.fixed:
        return _given(trace, symbols, place, "set by hand")
    output = explanation.output_sum(view, place.index)
    return output._replace(wrapped="") if quantity == "pre_activation" else output


def _given(trace: Trace, symbols: Symbols, place: Place, meaning: str) -> Sum:
    """A number that is not computed from others here."""
    own, value = symbols.of(place), trace.number(place)
    factor = Factor(own.latex, own.text, value, "", meaning, place)
    return Sum(np.array([value]), lambda _: ((factor,), ""), Symbol(rf"\text{{{meaning}}}", meaning))
