"""The network in words: tooltips for edges, units and layers, and the description for screen readers."""

import numpy as np

from gui.views.network_geometry import Layout
from gui.views.network_plan import Plan, Stage
from gui.views.network_values import LiveValues
from gui.views.numbers import number, quantity, shape_text


def describe_edge(layout: Layout, values: LiveValues, bundle: int, edge: int) -> str:
    """ "x₁ → Dense 1, unit 3: weight 0.482"."""
    source = layout.columns[layout.edges[bundle].source].stage
    target = layout.columns[layout.edges[bundle].source + 1].stage
    one, other = divmod(edge, target.units)
    names = f"{source.unit_name(one)} → {target.unit_name(other)}"
    weight = values.weights.get(target.layer) if target.layer is not None else None
    if weight is None or weight.shape != (source.units, target.units):
        return f"{names}: weight not known yet"
    return f"{names}: weight {number(float(weight[one, other]))}"


def describe_unit(layout: Layout, values: LiveValues, column: int, unit: int) -> str:
    """Name, bias, and the range of what the unit answers over the plane of the inputs."""
    stage = layout.columns[column].stage
    lines = [stage.unit_name(unit)]
    if stage.layer is not None:
        bias, maps = values.biases.get(stage.layer), values.maps.get(stage.layer)
        if bias is not None and len(bias) == stage.units:
            lines.append(f"bias {number(float(bias[unit]))}")
        if maps is not None and len(maps) == stage.units:
            low, high = float(np.min(maps[unit])), float(np.max(maps[unit]))
            lines.append(f"output {number(low)} to {number(high)}")
    return "\n".join(lines)


def describe_stage(stage: Stage, values: LiveValues) -> str:
    """Name, shape, parameters; where the weights are known, how large they are."""
    name = f"{stage.name} · {stage.subtitle}" if stage.subtitle else stage.name
    lines = [f"{name}, shape {shape_text(stage.shape)}"]
    if stage.parameters:
        lines.append(quantity(stage.parameters, "parameter", "parameters"))
    weight = values.weights.get(stage.layer) if stage.layer is not None else None
    if weight is not None and weight.size:
        spread, largest = number(float(np.std(weight))), number(float(np.abs(weight).max()))
        lines.append(f"weights: deviation {spread}, largest {largest}")
    return "\n".join(lines)


def describe_network(plan: Plan | None, selected: int | None) -> str:
    """The whole drawing in one or two sentences."""
    if plan is None:
        return ""
    stages = [stage for column in plan.columns for stage in (column, *column.gates)]
    parts = [f"{stage.name} with {quantity(stage.units, 'value', 'values')}" for stage in stages]
    chosen = next((stage.name for stage in stages if stage.layer == selected and selected is not None), "")
    sentence = f"From input to output: {', '.join(parts)}. Left and Right select a layer."
    return f"{sentence} {chosen} is selected." if chosen else sentence
