"""What the network section shows, worked out from the experiment and what is known of the data. No Qt."""

from dataclasses import dataclass

from engine.activations import AnyActivation
from engine.arrays import Shape
from engine.assembly import head_activation, network_layers
from engine.data import Description, Split
from engine.errors import ShapeError, UserError
from engine.experiment import Experiment
from engine.insight.cost import Cost, estimate
from engine.layers import Layer
from engine.layers.dense import Dense
from engine.network import OUTPUT_NAME, count_parameters, infer_shapes, layer_names
from engine.settings import Task
from gui.messages import Prepared


@dataclass(frozen=True)
class DataFacts:
    """What the network has to fit: taken from the data as it was last prepared."""

    input_shape: Shape
    outputs: int
    task: Task
    rows: int
    held_out_rows: int

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
        )


@dataclass(frozen=True)
class Stage:
    """One card: name, shape of its output and number of parameters as far as they are known, its fault."""

    name: str
    shape: Shape | None = None
    parameters: int | None = None
    fault: UserError | None = None


@dataclass(frozen=True)
class NetworkFacts:
    """The cards from input to output, and the cost of the whole where everything fits."""

    input_shape: Shape | None
    stages: tuple[Stage, ...]
    """The layers of the experiment, then the output."""
    cost: Cost | None = None


def network_facts(experiment: Experiment, data: DataFacts | None) -> NetworkFacts:
    """Shapes and parameters up to the first fault, which goes to its card."""
    names = (*layer_names(experiment.layers), OUTPUT_NAME)
    if data is None:
        return NetworkFacts(None, tuple(Stage(name) for name in names))
    layers, head_fault = _layers(experiment, data)
    names = (*names[:-1], _output_name(experiment, data.task))
    try:
        shapes = infer_shapes(layers, data.input_shape)
        shape_fault = None
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
            )
        )
    cost = None if shape_fault else _cost(experiment, layers, data)
    return NetworkFacts(data.input_shape, tuple(stages), cost)


def _layers(experiment: Experiment, data: DataFacts) -> tuple[tuple[Layer, ...], UserError | None]:
    """All layers with an output layer of the right size, and why the output does not go with the loss."""
    try:
        return network_layers(experiment, data.outputs, data.task)[0], None
    except UserError as error:
        concerns_output = error.where.startswith(OUTPUT_NAME)
        return (*experiment.layers, Dense(units=data.outputs)), error if concerns_output else None


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
    )
