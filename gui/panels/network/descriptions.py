"""What is under the pointer, in words: a weight, a unit, a layer; and the whole drawing for listeners."""

from collections.abc import Mapping

import numpy as np

from engine.arrays import Array
from gui.kit.numbers import count_text, quantity_text, reading_text, shape_text
from gui.kit.text import tr
from gui.panels.network.geometry import Layout
from gui.panels.network.plan import Plan, Stage, rule_text
from gui.panels.network.values import LiveValues


def describe_edge(layout: Layout, values: LiveValues, bundle: int, edge: int) -> str:
    """ "x₁ → Dense 1, unit 3: weight 0.482", and its gradient in a second line."""
    source, one, target, other = layout.ends(bundle, edge)
    names = f"{source.unit_name(one)} → {target.unit_name(other)}"
    shape = (len(source.shown), len(target.shown))
    weight = values.weights.get(target.layer) if target.layer is not None else None
    if target.layer is None or weight is None or weight.shape != shape:
        return tr("{names}: weight not known yet", names=names)
    text = tr("{names}: weight {weight}", names=names, weight=reading_text(float(weight.flat[edge])))
    gradient = values.gradients.get(target.layer)
    if gradient is None or gradient.shape != shape:
        return text
    return f"{text}\n{tr('gradient {gradient}', gradient=reading_text(float(gradient.flat[edge])))}"


def describe_unit(
    layout: Layout, values: LiveValues, column: int, place: int, outputs: Mapping[int, Array]
) -> str:
    """Name, bias with its gradient, what it answers to the selected sample and over the plane of the inputs.

    place : among the units shown. outputs : to the selected sample, by layer: (1, units).
    """
    stage = layout.columns[column].stage
    unit = stage.shown[place]
    lines = [stage.unit_name(unit)]
    answered = outputs.get(-1 if stage.layer is None else stage.layer)
    if stage.layer is not None:
        bias, gradient = values.biases.get(stage.layer), values.bias_gradients.get(stage.layer)
        if bias is not None and len(bias) == len(stage.shown):
            lines.append(tr("bias {bias}", bias=reading_text(float(bias[place]))))
            if gradient is not None and len(gradient) == len(stage.shown):
                lines.append(tr("gradient of the bias {value}", value=reading_text(float(gradient[place]))))
    if answered is not None and answered.ndim == 2 and len(answered) and unit < answered.shape[1]:
        value = reading_text(float(answered[0, unit]))
        if stage.layer is None:
            lines.append(tr("selected sample, prepared: {value}", value=value))
        else:
            lines.append(tr("output for the selected sample: {value}", value=value))
    maps = values.maps.get(stage.layer) if stage.layer is not None else None
    if maps is not None and len(maps) == len(stage.shown):
        low, high = float(np.min(maps[place])), float(np.max(maps[place]))
        lines.append(tr("output {low} to {high}", low=reading_text(low), high=reading_text(high)))
    return "\n".join(lines)


def describe_fold(stage: Stage) -> str:
    """How many units are not drawn, and by which rule."""
    noun = tr("inputs") if stage.layer is None else tr("units")
    more = tr("{count} more {noun} of {name}", count=count_text(stage.hidden), noun=noun, name=stage.name)
    return f"{more}\n{rule_text()}"


def describe_stage(stage: Stage, values: LiveValues) -> str:
    """Name, shape, parameters; where the weights are known, how large they are."""
    name = f"{stage.name} · {stage.subtitle}" if stage.subtitle else stage.name
    lines = [tr("{name}, shape {shape}", name=name, shape=shape_text(stage.shape))]
    if stage.parameters:
        lines.append(quantity_text(stage.parameters, "parameter", "parameters"))
    if stage.skipped:
        lines.append(tr("a shortcut around {layers}", layers=", ".join(stage.skipped)))
    figures = values.figures.get(stage.layer) if stage.layer is not None else None
    if figures is not None:
        deviation, largest = map(reading_text, figures)
        lines.append(tr("weights: deviation {spread}, largest {largest}", spread=deviation, largest=largest))
    if stage.hidden:
        lines.append(rule_text())
    return "\n".join(lines)


def describe_network(plan: Plan | None, selected: str) -> str:
    """The whole drawing in a few sentences. selected : the name of what is selected, "" for nothing."""
    if plan is None:
        return ""
    stages = [stage for column in plan.columns for stage in (column, *column.gates)]
    parts = [
        tr("{name} with {values}", name=stage.name, values=quantity_text(stage.units, "value", "values"))
        for stage in stages
    ]
    sentence = tr(
        "From input to output: {join}. Left and Right select a layer, Up and Down a unit of it.",
        join=", ".join(parts),
    )
    if not selected:
        return sentence
    return tr("{sentence} {chosen} is selected.", sentence=sentence, chosen=selected)
