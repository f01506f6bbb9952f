"""What the network section shows, worked out from the experiment and what is known of the data. No Qt."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.activations import AnyActivation
from engine.arrays import IntegerEncodedColumn, Shape
from engine.data import Description, Split
from engine.errors import ShapeError, UserError
from engine.experiment import Experiment
from engine.insight.cost import Cost, estimate
from engine.layers import Layer
from engine.layers.dense import Dense
from engine.network import OUTPUT_NAME, count_parameters, infer_shapes, layer_names
from engine.network_assembly import fitted_layers, head_activation, network_layers
from engine.tasks import Task
from gui.core.messages import Prepared
from gui.kit.card_list.entry_summary import EntryFacts
from gui.kit.setup_numbers import shape_text


@dataclass(frozen=True)
class DataFacts:
    """What the network has to fit: taken from the data as it was last prepared."""

    input_shape: Shape
    outputs: int
    task: Task
    rows: int
    held_out_rows: int
    encoded_columns: tuple[IntegerEncodedColumn, ...] = ()

    @classmethod
    def of_description(cls, description: Description, split: Split) -> "DataFacts | None":
        """From the table alone, where nothing could be prepared; None where that does not tell."""
        if description.task is None or description.problem is not None:
            return None
        return cls(
            tuple(description.input_shape),
            description.outputs,
            description.task,
            round(description.rows * split.training),
            round(description.rows * split.validation),
            description.encoded_columns,
        )

    @classmethod
    def of(cls, prepared: Prepared) -> "DataFacts":
        dataset = prepared.dataset
        return cls(
            tuple(dataset.input_shape),
            dataset.outputs,
            dataset.task,
            dataset.training.rows_count,
            dataset.validation.rows_count,
            dataset.preparation.encoded_columns,
        )


@dataclass(frozen=True)
class Stage:
    """One card: name, shape of its output and number of parameters as far as they are known, its fault."""

    name: str
    shape: Shape | None = None
    parameters: int | None = None
    fault: UserError | None = None
    inner: tuple[EntryFacts, ...] = ()
    """What becomes of the layers inside this one."""
    inner_shapes: tuple[Shape, ...] = ()
    """Before, between and behind those, as far as they are known."""


@dataclass(frozen=True)
class NetworkFacts:
    """The cards from input to output, and the cost of the whole where everything fits."""

    input_shape: Shape | None
    stages: tuple[Stage, ...]
    """The layers of the experiment, then the output."""
    cost: Cost | None = None

    def shape_before(self, index: int) -> Shape | None:
        """What the layer of that index gets, as far as it is known."""
        return self.stages[index - 1].shape if index else self.input_shape


def network_facts(experiment: Experiment, data: DataFacts | None) -> NetworkFacts:
    """Shapes and parameters up to the first fault, which goes to its card."""
    names = (*layer_names(experiment.layers), OUTPUT_NAME)
    if data is None:
        return NetworkFacts(None, tuple(Stage(name) for name in names))
    layers, fault = _layers(experiment, data)
    shape_fault = fault if isinstance(fault, ShapeError) else None
    head_fault = fault if shape_fault is None else None
    names = (*names[:-1], _output_name(experiment, data.task))
    try:
        shapes = infer_shapes(layers[: shape_fault.layer_index if shape_fault else None], data.input_shape)
    except ShapeError as error:
        shapes = infer_shapes(layers[: error.layer_index], data.input_shape)
        shape_fault = error
    stages = []
    for index, name in enumerate(names):
        known = index + 1 < len(shapes)
        fault = shape_fault if shape_fault and shape_fault.layer_index == index else None
        if head_fault and index == len(names) - 1:
            fault = fault or head_fault
        stages.append(
            Stage(
                name,
                shapes[index + 1] if known else None,
                count_parameters(layers[index], shapes[index]) if known else None,
                fault,
                *_inside(layers[index], shapes[index] if index < len(shapes) else None),
            )
        )
    cost = None if shape_fault else _cost(experiment, layers, data)
    return NetworkFacts(data.input_shape, tuple(stages), cost)


def _layers(experiment: Experiment, data: DataFacts) -> tuple[tuple[Layer, ...], UserError | None]:
    """All layers with an output layer of the right size, and why a layer does not go with the data, or the
    output with the loss."""
    output = Dense(units=data.outputs)
    try:
        return network_layers(experiment, data.outputs, data.task, data.encoded_columns)[0], None
    except ShapeError as error:
        return (*experiment.layers, output), error
    except UserError as error:
        concerns_output = error.where.startswith(OUTPUT_NAME)
        layers = fitted_layers(experiment.layers, data.encoded_columns)
        return (*layers, output), error if concerns_output else None


def _inside(layer: Layer, before: Shape | None) -> tuple[tuple[EntryFacts, ...], tuple[Shape, ...]]:
    """What becomes of the layers inside a layer that gets that shape, and the shapes around them."""
    found: list[EntryFacts] = []
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
        found.append(EntryFacts(note, fault, inside))
    return tuple(found), tuple(shapes)


def fault_sentence(fault: UserError, with_help: bool = True) -> str:
    """A fault without its place, which the card itself is; but with that of a layer inside."""
    if isinstance(fault, ShapeError):
        found = f"Needs {fault.expected} but gets {fault.got}."
        # "Layer 2, Residual, inner layer 1, Conv2D": the first two are the card.
        inside = fault.where.split(", ", 2)[2:]
        if inside:
            place = inside[0]
            found = f"{place[0].upper()}{place[1:]}: n{found[1:]}"
    else:
        found = f"Expected {fault.expected}, found {fault.got}."
    return f"{found} {fault.help}".strip() if with_help else found


def _output_name(experiment: Experiment, task: Task) -> str:
    activation: AnyActivation = head_activation(experiment, task)
    return f"{OUTPUT_NAME} · {activation.heading.lower()}"


def _cost(experiment: Experiment, layers: tuple[Layer, ...], data: DataFacts) -> Cost:
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
