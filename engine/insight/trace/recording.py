"""Runs one sample through a float64 copy of a network, forward and backward, and records every number."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.arrays import Array, Targets
from engine.insight.query import Query
from engine.insight.trace.kinds import explanation_of
from engine.insight.trace.sample import (
    Batch,
    FixedOutputs,
    Traceable,
    apply_overrides,
    batch_of,
    fixed_outputs,
)
from engine.insight.trace.stage import Draws, Pass, Stage
from engine.insight.trace.trace import LayerTrace, Mode, Override, Trace, TracedSample
from engine.losses import Loss
from engine.losses.sample_weights import loss_arrays, weight_rows, weighted_mean
from engine.network import Network
from engine.network_assembly import linked
from engine.training.trainer import Trainer


@dataclass(frozen=True)
class TraceQuery(Query[Trace]):
    """The trace of one sample with the weights in use."""

    sample: TracedSample = field(default_factory=TracedSample)
    mode: Mode = "evaluation"
    overrides: tuple[Override, ...] = ()

    def answer(self, trainer: Trainer) -> Trace:
        return trace_sample(trainer, self.sample, self.mode, self.overrides)


def trace_sample(
    run: Traceable, sample: TracedSample, mode: Mode = "evaluation", overrides: Sequence[Override] = ()
) -> Trace:
    """Compute one sample forward and backward in float64, with the weights in use; the run is not changed.

    In training mode, masks and noise are drawn, from a seed of the step; where a layer couples the rows of a
    batch, the sample is computed in the batch of consecutive rows of its part that it is in, and the
    gradients are those of the mean loss of that batch. Everywhere else it is computed by itself.
    overrides : numbers that are set by hand. No gradient flows through an output that is.
    Raises UserError where there is no such sample, or no such number.
    """
    batch = batch_of(run, sample, mode)
    return trace_batch(run.network, run.loss, batch, mode, overrides, run.step, sample)


def trace_batch(
    run: Network,
    loss: Loss,
    batch: Batch,
    mode: Mode = "evaluation",
    overrides: Sequence[Override] = (),
    step: int = 0,
    sample: TracedSample | None = None,
) -> Trace:
    """As `trace_sample`, for rows that are given; inputs and targets are float64 and may be overwritten."""
    network = float64_copy(run, mode)
    apply_overrides(network, batch, overrides)
    with np.errstate(all="ignore"):
        recorded = _Recorder(network, loss, batch, mode, step, fixed_outputs(network, overrides)).run()
    return _trace(recorded, step, sample or TracedSample(), mode, tuple(overrides))


def float64_copy(run: Network, mode: Mode) -> Network:
    """A copy whose layers compute in training what those of the run compute in this mode."""
    layers = run.layers if mode == "training" else [layer.as_evaluated() for layer in run.layers]
    network = Network(layers, run.input_shape, np.float64, run.names)
    network.parameters[...] = run.parameters
    network.running_statistics[...] = run.running_statistics
    return network


# --- forward and backward --------------------------------------------------------------------------------


class _Recorder:
    """Runs a batch through a network, layer by layer."""

    def __init__(
        self,
        network: Network,
        loss: Loss,
        batch: Batch,
        mode: Mode,
        step: int,
        outputs: FixedOutputs,
    ) -> None:
        self._network, self._loss, self._batch = network, loss, batch
        self._mode, self._step, self._outputs = mode, step, outputs

    def run(self) -> Pass:
        network, (x, _, _, row) = self._network, self._batch
        rows = len(x)
        spaces = network.workspaces(rows).rows(rows)
        stages: list[dict[str, Any]] = []
        for index, (layer, space) in enumerate(zip(network.layers, spaces, strict=True)):
            space.needs_dx = True
            seed = (self._step, index)
            space.generator = Draws(seed, rows)
            parameters = network.parameter_views[index]
            fixed = tuple(place for place, _ in self._outputs.get(index, ()))
            explanation = explanation_of(layer)
            y = np.array(layer.forward(parameters, x, space, True))
            stages.append(
                {
                    "layer": layer,
                    "index": index,
                    "name": network.names[index],
                    "parameters": parameters,
                    "gradients": network.gradient_views[index],
                    "statistics": network.statistics_views[index],
                    "x": x,
                    "z": explanation.pre_activation(layer, parameters, x, y, space),
                    "details": explanation.details(layer, parameters, x, y, space),
                    "computed": y,
                    "seed": seed,
                    "row": row,
                    "fixed": fixed,
                }
            )
            if fixed:
                y = y.copy()
                for place, value in self._outputs[index]:
                    y[(row, *place)] = value
            stages[-1]["y"] = x = y
        loss, sample_loss, dy = self._compare(x)
        whole = dy
        for stage, space in zip(reversed(stages), reversed(spaces), strict=True):
            stage["dy"], passed = dy, dy.copy()
            for place in stage["fixed"]:
                passed[(row, *place)] = 0.0
            layer, index = stage["layer"], stage["index"]
            stage["dz"] = explanation_of(layer).dz(layer, stage["z"], stage["computed"], passed)
            dy = np.array(
                layer.backward(stage["parameters"], stage["gradients"], passed.copy(), space)
            ).reshape(stage["x"].shape)
            stage["dx"] = dy
            stage["details"] |= explanation_of(layer).gradient_details(layer, stage["x"], space)
        made = (Stage(**stage) for stage in stages)
        found = tuple(one.with_details(explanation_of(one.layer).stage_details(one)) for one in made)
        return Pass(
            found,
            self._batch.inputs,
            x,
            whole,
            self._loss,
            self._batch.targets,
            self._batch.weights,
            loss,
            sample_loss,
            row,
            self._mode,
        )

    def _compare(self, output: Array) -> tuple[float, float, Array]:
        """The loss of the batch, that of the sample alone, and the gradient of the batch's."""
        _, targets, weights, row = self._batch
        loss, dy = compare(self._loss, output, targets, weights)
        if len(output) == 1:
            return loss, loss, dy
        own = slice(row, row + 1)
        alone, _ = compare(self._loss, output[own], targets[own], None)
        return loss, alone, dy


def compare(loss: Loss, output: Array, targets: Targets, weights: Array | None) -> tuple[float, Array]:
    """The mean loss of some outputs (rows, k) and its gradient."""
    dy = np.empty_like(output)
    arrays = {
        name: np.empty((len(output), *shape), output.dtype)
        for name, shape in loss_arrays(loss, output.shape[1:]).items()
    }
    value = loss.forward(output, targets, arrays)
    if weights is None:
        loss.backward(output, targets, dy, arrays)
    else:
        value, weight = weighted_mean(loss, output, targets, weights, arrays)
        loss.backward(output, targets, dy, arrays)
        weight_rows(loss, targets, weights, weight, dy, arrays)
    return value, dy


def _trace(
    recorded: Pass, step: int, sample: TracedSample, mode: Mode, overrides: tuple[Override, ...]
) -> Trace:
    row = recorded.row
    for stage in recorded.stages:
        for array in (*stage.parameters.values(), *stage.gradients.values(), *stage.details.values()):
            array.flags.writeable = False
    target = recorded.targets[row]
    layers = tuple(
        LayerTrace(
            stage.index,
            stage.name,
            stage.layer.kind,
            _read_only(stage.x[row]),
            _read_only(stage.y[row]),
            _read_only(stage.dx[row]),
            _read_only(stage.dy[row]),
            None if stage.z is None else _read_only(stage.z[row]),
            None if stage.dz is None else _read_only(stage.dz[row]),
            stage.parameters,
            stage.gradients,
            {name: _read_only(array[row]) for name, array in stage.details.items()},
        )
        for stage in recorded.stages
    )
    output = _read_only(recorded.output[row])
    return Trace(
        step,
        sample,
        mode,
        _read_only(recorded.x[row]),
        _read_only(np.asarray(target)),
        output,
        _read_only(linked(recorded.loss, recorded.output[row : row + 1])[0]),
        recorded.sample_loss,
        layers,
        overrides,
        recorded,
    )


def _read_only(array: Array) -> Array:
    view: Array = np.asarray(array).view()
    view.flags.writeable = False
    return view
