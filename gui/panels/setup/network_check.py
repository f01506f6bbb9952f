"""Whether the layers fit the data and one another: shapes, parameters, the first fault, the cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.activations import AnyActivation
from engine.arrays import Shape
from engine.data.dimensions import DataDimensions
from engine.errors import ShapeError, UserError
from engine.experiment import Experiment
from engine.insight.cost import Cost, estimate
from engine.layers import Layer
from engine.layers.bypass import in_use
from engine.layers.dense import Dense
from engine.network import OUTPUT_NAME, count_parameters, infer_shapes, layer_names
from engine.network_assembly import fitted_layers, head_activation, network_layers
from engine.tasks import Task
from gui.kit.card_list.settings_card import CardStatus
from gui.kit.numbers import shape_text
from gui.kit.text import tr


@dataclass(frozen=True)
class LayerCheck:
    """One card: name, shape of its output and number of parameters as far as they are known, its fault."""

    name: str
    shape: Shape | None = None
    parameters: int | None = None
    fault: UserError | None = None
    inner: tuple[CardStatus, ...] = ()
    """What becomes of the layers inside this one."""
    inner_shapes: tuple[Shape, ...] = ()
    """Before, between and behind those, as far as they are known."""
    enabled: bool = True
    """Whether it takes part in the network."""


@dataclass(frozen=True)
class NetworkCheck:
    """The cards from input to output, and the cost of the whole where everything fits."""

    input_shape: Shape | None
    layers: tuple[LayerCheck, ...]
    """The layers of the experiment, then the output."""
    cost: Cost | None = None

    def shape_before(self, index: int) -> Shape | None:
        """What the layer of that index gets, as far as it is known."""
        return self.layers[index - 1].shape if index else self.input_shape


def check_network(experiment: Experiment, data: DataDimensions | None) -> NetworkCheck:
    """Shapes and parameters up to the first fault, which goes to its card."""
    names = (*layer_names(experiment.layers), OUTPUT_NAME)
    enabled = (*(layer.enabled for layer in experiment.layers), True)
    if data is None:
        cards = (LayerCheck(name, enabled=on) for name, on in zip(names, enabled, strict=True))
        return NetworkCheck(None, tuple(cards))
    layers, fault = _layers(experiment, data)
    shape_fault = fault if isinstance(fault, ShapeError) else None
    head_fault = fault if shape_fault is None else None
    names = (*names[:-1], _output_name(experiment, data.task))
    try:
        shapes = infer_shapes(layers[: shape_fault.layer_index if shape_fault else None], data.input_shape)
    except ShapeError as error:
        shapes = infer_shapes(layers[: error.layer_index], data.input_shape)
        shape_fault = error
    checked = []
    for index, name in enumerate(names):
        known = index + 1 < len(shapes)
        fault = shape_fault if shape_fault and shape_fault.layer_index == index else None
        if head_fault and index == len(names) - 1:
            fault = fault or head_fault
        checked.append(
            LayerCheck(
                name,
                shapes[index + 1] if known else None,
                count_parameters(layers[index], shapes[index]) if known else None,
                fault,
                *_inside(layers[index], shapes[index] if index < len(shapes) else None),
                enabled=enabled[index],
            )
        )
    cost = None if shape_fault else _cost(experiment, layers, data)
    return NetworkCheck(data.input_shape, tuple(checked), cost)


def _layers(experiment: Experiment, data: DataDimensions) -> tuple[tuple[Layer, ...], UserError | None]:
    """All layers with an output layer of the right size, and why a layer does not go with the data, or the
    output with the loss."""
    output = Dense(units=data.outputs)
    try:
        return network_layers(experiment, data.outputs, data.task, data.encoded_columns)[0], None
    except ShapeError as error:
        return (*map(in_use, experiment.layers), output), error
    except UserError as error:
        concerns_output = error.place[:1] == ("head",)
        layers = fitted_layers(experiment.layers, data.encoded_columns)
        return (*layers, output), error if concerns_output else None


def _inside(layer: Layer, before: Shape | None) -> tuple[tuple[CardStatus, ...], tuple[Shape, ...]]:
    """What becomes of the layers inside a layer that gets that shape, and the shapes around them."""
    found: list[CardStatus] = []
    shapes = [] if before is None else [before]
    inner: Sequence[Layer] = getattr(layer, "layers", ())
    for one in inner:
        inside, _ = _inside(one, before)
        note = fault = ""
        if before is not None:
            try:
                before = one.output_shape(before)
                shapes.append(before)
                note = shape_text(before)
            except ShapeError as error:
                told_inside = any(entry.faulty for entry in inside)
                fault = "" if told_inside else fault_sentence(error)
                before = None
        found.append(CardStatus(note, fault, inner=inside))
    return tuple(found), tuple(shapes)


def fault_sentence(fault: UserError, with_help: bool = True) -> str:
    """A fault without its place, which the card itself is; but with that of a layer inside."""
    if isinstance(fault, ShapeError):
        found = tr("Needs {expected} but gets {got}.", expected=fault.expected, got=fault.got)
        if fault.inside:
            found = f"{fault.inside[0].upper()}{fault.inside[1:]}: n{found[1:]}"
    else:
        found = tr("Expected {expected}, found {got}.", expected=fault.expected, got=fault.got)
    return f"{found} {fault.help}".strip() if with_help else found


def _output_name(experiment: Experiment, task: Task) -> str:
    activation: AnyActivation = head_activation(experiment, task)
    return f"{tr(OUTPUT_NAME)} · {tr(activation.heading).lower()}"


def _cost(experiment: Experiment, layers: tuple[Layer, ...], data: DataDimensions) -> Cost:
    training = experiment.training
    return estimate(
        layers,
        data.input_shape,
        rows=data.rows,
        held_out_rows=data.held_out_rows,
        batch_size=training.batch_size,
        precision=training.precision,
        slots=len(training.optimizer.slots),
        class_indices=data.task == "classification",
    )
