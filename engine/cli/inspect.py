"""`gradwright inspect`: the trace of one sample, number by number, for people and for programs."""

import argparse
import json
import math
import re
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import Array
from engine.cli.inspect_input import TYPED, shown_sample, typed_row
from engine.cli.train import with_data
from engine.data import prepare
from engine.errors import UserError, excerpt
from engine.files.opening import open_run
from engine.files.run_file import resume
from engine.insight.trace.derivation import Derivation, Place
from engine.insight.trace.derive import derivation
from engine.insight.trace.loss_words import shown
from engine.insight.trace.numeric import NumericCheck, check_parameters, numeric_check, worst_of
from engine.insight.trace.recording import trace_sample
from engine.insight.trace.trace import PartName, Trace, TracedSample
from engine.insight.trace.update import UpdateTrace, update_of
from engine.network import Network
from engine.training.trainer import Trainer

MOST_NUMBERS = 8
"""Numbers of an array that a line shows."""

MOST_CHECKED = 20
"""Parameters of each array that the numeric check of all layers takes."""

PARTS: dict[str, PartName] = {"training": "training", "validation": "validation", "test": "test"}

PATH = re.compile(r"(?:(?P<name>[^\[\],]+)\[)?(?P<index>\d+(?:\s*,\s*\d+)*)\]?")


class Weight(NamedTuple):
    """What is printed of one parameter."""

    derivation: Derivation
    numeric: NumericCheck
    update: UpdateTrace


def inspect(options: argparse.Namespace) -> int:
    """Run the command; returns its exit status."""
    run = with_data(open_run(options.file), options.data)
    experiment = run.experiment
    table = experiment.data.load()
    trainer = resume(run, prepare(experiment.data, table, experiment.dtype), options.file)
    sample = _sample(trainer, options) if options.row is None else typed_row(trainer, table, options.row)
    place = None if options.weight is None else weight_place(trainer.network, options.weight)
    trace = trace_sample(trainer, sample)
    weight = None
    if place is not None:
        gradient = Place(place.layer, place.quantity, place.name, place.index, True)
        weight = Weight(
            derivation(trace, gradient), numeric_check(trace, place), update_of(trainer, sample, place)
        )
    if options.json:
        print(json.dumps(_result(trainer, trace, weight), allow_nan=False))
    else:
        _print(trainer, trace, weight)
    return 0


# --- what is asked for -----------------------------------------------------------------------------------


def _sample(trainer: Trainer, options: argparse.Namespace) -> TracedSample:
    if options.part not in PARTS:
        raise UserError(
            "--part",
            expected="training, validation or test",
            got=f"“{excerpt(options.part)}”",
            help="Name the part of the data that the sample is in.",
        )
    part, count = PARTS[options.part], trainer.dataset.part(options.part).rows_count
    number = options.sample.strip()
    if not (number.isascii() and number.isdigit() and 1 <= int(number[:18]) <= count):
        expected = f"a number of 1 … {count:,}, counted from 1 in the {part} part"
        raise UserError(
            "--sample",
            expected=expected if count else f"samples in the {part} part",
            got=f"“{excerpt(options.sample)}”" if count else "none",
            help="Choose another sample, or another part with --part.",
        )
    return TracedSample(part, int(number) - 1)


def weight_place(network: Network, text: str) -> Place:
    """The parameter that --weight names, LAYER:PATH; raises UserError where there is none."""
    layer_text, colon, path = text.rpartition(":")
    if not colon:
        raise _misread(f"“{excerpt(text)}”", "LAYER:PATH, such as “Output:weight[0,1]” or “1:0,1”")
    layer = _layer(network, layer_text.strip())
    views, name_of_layer = network.parameter_views[layer], network.names[layer]
    if not views:
        trained = ", ".join(f"“{network.names[one]}”" for one in network.trained_layers)
        raise _misread(f"“{name_of_layer}”, which has none", f"a layer with parameters: {trained}")
    match = PATH.fullmatch(path.strip())
    if match is None:
        raise _misread(f"“{excerpt(path)}”", "a parameter and its indices, such as “weight[0,1]” or “0,1”")
    name = (match["name"] or next(iter(views))).strip()
    if name not in views:
        known = ", ".join(f"“{one}”" for one in views)
        raise _misread(f"“{excerpt(name)}”", f"a parameter of {name_of_layer}: {known}")
    index = tuple(int(one[:18]) for one in re.findall(r"\d+", match["index"]))
    shape = views[name].shape
    if len(index) != len(shape) or any(one >= size for one, size in zip(index, shape, strict=True)):
        ranges = " × ".join(f"0 … {size - 1:,}" for size in shape)
        raise _misread(f"[{match['index']}]", f"indices of {name_of_layer}, {name}, from 0: {ranges}")
    return Place(layer, "parameter", name, index)


def _layer(network: Network, text: str) -> int:
    """By its number from 1, or by its name."""
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= len(network.names):
        return int(text) - 1
    wanted = text.casefold().replace(" ", "")
    for index, name in enumerate(network.names):
        if name.casefold().replace(" ", "") == wanted:
            return index
    named = ", ".join(f"“{name}”" for name in network.names)
    raise _misread(f"“{excerpt(text)}”", f"a layer, by number or name: {named}")


def _misread(got: str, expected: str) -> UserError:
    return UserError("--weight", expected=expected, got=got, help="gradwright inspect --help has the syntax.")


# --- for programs ----------------------------------------------------------------------------------------


def _result(trainer: Trainer, trace: Trace, weight: Weight | None) -> dict[str, Any]:
    result: dict[str, Any] = {
        "sample": shown_sample(trainer, trace)
        | {"inputs": _numbers(trace.x), "target": _numbers(trace.target)},
        "step": trace.step,
        "output": _numbers(trace.prediction),
        "scores": _numbers(trace.output),
        "loss": _number(trace.loss),
        "layers": {
            layer.name: {"output": _numbers(layer.y), "output_gradient": _numbers(layer.dy)}
            for layer in trace.layers
        },
        "gradients": {
            layer.name: {name: _numbers(array) for name, array in layer.gradients.items()}
            for layer in trace.layers
            if layer.gradients
        },
    }
    return result if weight is None else result | _result_of_weight(weight)


def _result_of_weight(weight: Weight) -> dict[str, Any]:
    found, numeric, update = weight
    terms = [
        {
            "value": _number(term.value),
            "path": term.path,
            "factors": [
                {
                    "symbol": factor.symbol,
                    "text": factor.text,
                    "value": _number(factor.value),
                    "numbers": factor.numbers,
                    "meaning": factor.meaning,
                }
                for factor in term.factors
            ],
        }
        for term in found.terms
    ]
    return {
        "weight": {"title": found.title, "symbol": found.symbol, "text": found.text},
        "formula": found.formula_text,
        "factors": terms[0]["factors"] if terms else [],
        "terms": terms,
        "rest": _number(found.rest),
        "gradient": _number(found.value),
        "numeric": _number(numeric.numeric),
        "relative_error": _number(numeric.relative_error),
        "kink": numeric.kink,
        "before": _number(update.before),
        "after": _number(update.after),
        "rate": _number(update.rate),
        "workings": {one.text: _number(one.value) for one in update.workings},
        "loss_after": _number(update.sample_loss[1]),
        "sentence": found.sentence,
    }


def _numbers(array: Array) -> Any:
    """Nested lists in the array's shape; null for what is no finite number."""
    if np.isfinite(array).all():
        return array.tolist()
    return _number(float(array)) if not array.ndim else [_numbers(part) for part in array]


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


# --- for people ------------------------------------------------------------------------------------------


def _print(trainer: Trainer, trace: Trace, weight: Weight | None) -> None:
    described = shown_sample(trainer, trace)
    where = TYPED if described["number"] is None else f"Sample {described['number']} · {described['part']}"
    print(f"{where}, step {trace.step:,}")
    print(f"  input    {_line(trace.x)}")
    print(f"  target   {described['target_text']}")
    print("\nForward")
    for layer in trace.layers:
        if layer.z is not None and layer.z is not layer.y and not np.array_equal(layer.z, layer.y):
            print(f"  {layer.name}, sum: {_line(layer.z)}")
        print(f"  {layer.name}: {_line(layer.y)}")
    print(f"  prediction: {_line(trace.prediction)}")
    print("\nLoss")
    print(f"  {derivation(trace, Place(-1, 'loss')).formula_text} = {shown(trace.loss)}")
    print("\nBackward")
    for layer in reversed(trace.layers):
        print(f"  {layer.name}, by its output: {_line(layer.dy)}")
        for name, array in layer.gradients.items():
            print(f"  {layer.name}, by {name}: {_line(array)}, norm {shown(float(np.linalg.norm(array)))}")
    _print_check(trace)
    if weight is not None:
        _print_weight(weight)


def _print_check(trace: Trace) -> None:
    checks = list(check_parameters(trace, MOST_CHECKED))
    worst = worst_of(checks)
    if worst is None:
        return
    kinks = sum(one.kink for one in checks)
    left_out = f", {kinks} at corners of the loss left out" if kinks else ""
    print(
        f"  {len(checks) - kinks} parameters checked by central differences{left_out}: "
        f"largest relative error {worst.relative_error:.1e}, {worst.verdict}"
    )


def _print_weight(weight: Weight) -> None:
    found, numeric, update = weight
    print(f"\n{found.title}: {found.text} = {shown(found.value)}")
    print(f"  {found.formula_text}")
    for term in found.terms:
        if len(found.terms) > 1:
            print(f"  {term.path or 'term'}: {shown(term.value)}")
        for factor in term.factors:
            numbers = f" = {factor.numbers}" if factor.numbers else ""
            print(f"    {factor.text}{numbers} = {shown(factor.value)}   {factor.meaning}")
    if found.left_out:
        print(f"  {found.left_out:,} more: {shown(found.rest)}")
    print(f"  {found.sentence}")
    print(f"  {numeric.sentence}")
    print(f"\nUpdate, {update.optimizer}, by this sample alone")
    print(f"  {update.formula_text}, ρ = {shown(update.rate)}")
    if update.penalty:
        print(f"  penalty adds {shown(update.penalty)} to the gradient")
    if update.clipping != 1.0:
        print(f"  clipping multiplies the gradient by {shown(update.clipping)}")
    for one in update.workings:
        print(f"  {one.text} = {shown(one.value)}   {one.meaning}")
    before, after = (f"{one:.9g}".replace("-", "−") for one in (update.before, update.after))
    print(f"  before {before}, after {after}")
    print(f"  loss of this sample {shown(update.sample_loss[0])} → {shown(update.sample_loss[1])}")


def _line(array: Array) -> str:
    """The first numbers of an array, and how many more there are."""
    flat = array.reshape(-1)
    more = f" … {flat.size - MOST_NUMBERS:,} more" if flat.size > MOST_NUMBERS else ""
    shape = f" ({' × '.join(map(str, array.shape))})" if array.ndim > 1 else ""
    return ", ".join(shown(float(one)) for one in flat[:MOST_NUMBERS]) + more + shape
