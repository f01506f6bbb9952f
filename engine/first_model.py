"""The first model that is offered for a person's own data: an experiment that can be trained as it is.

The model follows from the dimensions of the data by the rules below. They were found by experiment, on splits
other than those whose scores `python -m tests.benchmarks first_model` prints.

For a table, with n rows to train on:

- Hidden layers. Below 1,000 rows one of 16 units: more gain nothing, and 16 can be drawn one by one. From
  1,000 rows on one of 64 units: there is more to be learned than 16 units can hold. From 5,000 rows on a
  second one of 32: what inputs do together can be told then.
- Activation. GELU: it is smooth, as most of what is to be learned is. Below 1,000 rows ReLU for classes: its
  kinks cost nothing at a border between classes, and 16 units with it reach more. From 5,000 rows on ReLU: it
  takes a third of the time, and many rows smooth by themselves.
- Starting weights. Glorot's, smaller than He's: few rows are then fitted by flatter functions.
- L2. 3/n: as a prior that counts as much as a few rows, it fades as rows are added. It does the work of early
  stopping, which with few validation rows stops by chance.
- Optimizer. Adam, at .01 for 16 units and .003 for more, since each step changes them all; falling to 0 by a
  half cosine, so that the last epoch is about the best and none has to be chosen by few validation rows.
- Batches and epochs. 32 rows; from 5,000 on 128 and from 50,000 on 512, for speed. 100 epochs, from 1,000
  rows on 50, and where these were more than a million examples, as many as make a million, but at least 5.
- Early stopping. Only from 500 validation rows on: fewer do not tell the best epoch from a lucky one.

For images of h × w pixels:

- Hidden layers. Blocks of a convolution of 3 × 3 and a pooling that halves the image, until its shorter side
  is at most 8 pixels; 16, 32, then 64 filters; then a dense layer of 64 units. Images beyond 64 pixels are
  first halved by pooling until they are not, since each halving makes an epoch four times as fast. Below 4
  pixels there is nothing to slide over: they are treated as tables.
- Dropout of 30 % before the output, L2 of 3/n, and Adam at .003 (.001 for images beyond 32 pixels), with a
  half cosine; 30 epochs, from 5,000 images on fewer, at least 5.
"""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

from engine.activations.rectifiers import GELU, ReLU
from engine.data.checks.finding import counted
from engine.data.dimensions import DataDimensions
from engine.data.sources import FileSource, Source, source_for
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.table_file import TableFile
from engine.data.table import Table
from engine.errors import UserError
from engine.experiment import Experiment
from engine.initializers.variance_scaling import GlorotUniform
from engine.layers import Layer
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.layers.pooling import MaxPool
from engine.layers.reshape import Flatten
from engine.optimizers.adam import Adam
from engine.schedules.cosine import Cosine
from engine.settings import read
from engine.templates import Autoencoder, Template, flattened, halvings
from engine.training_settings import EarlyStopping, Training

PASTED_LINES, FEW_ROWS, MANY_ROWS, VERY_MANY_ROWS = 50, 1_000, 5_000, 50_000
FEW_UNITS, MANY_UNITS, SECOND_UNITS = 16, 64, 32
MOST_EPOCHS, TABLE_EPOCHS, IMAGE_EPOCHS, FEWEST_EPOCHS = 100, 50, 30, 5
EXAMPLES, IMAGES = 1_000_000, 150_000
"""Seen in all epochs together, where they are many."""
PRIOR_ROWS = 3
"""L2 is this by the number of rows."""
LARGEST_L2 = 0.03
ROWS_THAT_TELL = 500
"""Of the validation part: fewer do not tell the best epoch."""
SMALLEST_IMAGE, SMALL_SIDE, LARGE_SIDE = 4, 8, 32
FILTERS = (16, 32, 64)


@dataclass(frozen=True)
class FirstModel:
    """What is offered for some data, and why: a sentence for each rule that has chosen something."""

    layers: tuple[Layer, ...]
    training: Training
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Offer:
    """An experiment with the model that suits its data, and why it suits."""

    experiment: Experiment
    reasons: tuple[str, ...]


def first_experiment(
    path: Path,
    target: str | None = None,
    ignored: Sequence[str] = (),
    name: str = "Table",
    further_targets: Sequence[str] = (),
    part: str | None = None,
) -> Experiment:
    """An experiment on a file or folder, whose data nobody has seen yet; `offer` gives it its model.

    target : the column to predict; None for the last one that suits. ignored : columns that are no inputs.
    further_targets : more columns to predict. name : of the experiment, where the file has none.
    part : which table of the file, such as a sheet.
    What the file itself says of the roles of its columns is taken over, where nothing else is asked for.
    Raises UserError for a path that cannot be written down in an experiment.
    """
    kind: type[FileSource] = source_for(path) or CSVFile
    source = read(kind, {"path": str(path.absolute())}, path.name)
    if part is not None:
        source = source.with_part(part)
    roles: Mapping[str, str] = {}
    if isinstance(source, TableFile):
        # What is wrong with the file is told when it is loaded.
        with suppress(UserError):
            source, roles = source.fixed(), source.roles()
    named = (path.name if kind.of_images else path.stem)[:100] or name
    return experiment_on(source, target, ignored, named, further_targets, roles)


def experiment_on(
    source: Source,
    target: str | None = None,
    ignored: Sequence[str] = (),
    name: str = "Table",
    further_targets: Sequence[str] = (),
    roles: Mapping[str, str] = MappingProxyType({}),
) -> Experiment:
    """An experiment on any source; see `first_experiment`. roles : what the source says of its columns."""
    of_file: dict[str, list[str]] = {}
    for column, role in roles.items():
        if column not in (target, *ignored, *further_targets):
            of_file.setdefault(role, []).append(column)
    if target is None and "target" in of_file:
        target = of_file["target"][0]
    images = isinstance(source, FileSource) and source.of_images
    data: dict[str, Any] = {
        "source": source,
        "target": target,
        "further_targets": tuple(further_targets),
        "ignored": (*ignored, *of_file.get("ignored", [])),
        "group": next(iter(of_file.get("group", [])), None),
    }
    values = {
        "name": name,
        "data": data,
        "layers": [Flatten()] * images + [Dense(units=FEW_UNITS)],
        "training": Training(epochs=MOST_EPOCHS, schedule=Cosine()),
    }
    return read(Experiment, values, name)


def offer(experiment: Experiment, table: Table) -> Offer:
    """The experiment with the layers and the training that suit its data, once that is read.

    Raises UserError where its target and columns cannot be used.
    """
    model = first_model(DataDimensions.of_table(table, experiment.data))
    fitted = experiment.replace(layers=model.layers, training=model.training)
    return Offer(fitted, model.reasons)


def first_model(data: DataDimensions) -> FirstModel:
    """What is offered for data of these dimensions, by the rules of this module."""
    if data.of_images and data.task != "reconstruction" and min(data.input_shape[:2]) >= SMALLEST_IMAGE:
        return _for_images(data)
    return _for_table(data)


class Suggested(Template):
    """The network and the training that suit data like this."""

    heading: ClassVar[str] = "What suits the data"
    icon: ClassVar[str] = "lightbulb"

    @classmethod
    def layers(cls, data: DataDimensions) -> tuple[Layer, ...]:
        return first_model(data).layers

    @classmethod
    def training(cls, data: DataDimensions) -> Training | None:
        return first_model(data).training


def _for_table(data: DataDimensions) -> FirstModel:
    small, large = data.rows < FEW_ROWS, data.rows >= MANY_ROWS
    rate = 0.01 if small else 0.003
    units = [FEW_UNITS] if small else [MANY_UNITS, SECOND_UNITS] if large else [MANY_UNITS]
    smooth = not large and (data.task == "regression" or not small)
    activation = GELU() if smooth else ReLU()
    hidden = (Dense(units=one, activation=activation, initializer=GlorotUniform()) for one in units)
    layers: tuple[Layer, ...] = (*flattened(data), *hidden)
    reasons = (_size_reason(data.rows), _activation_reason(data, smooth))
    if data.task == "reconstruction":
        layers = Autoencoder.layers(data)
        reasons = (
            "An autoencoder with a narrow layer in the middle, as the input itself is to be learned.",
            "",
        )
    return _with_training(data, layers, rate, MOST_EPOCHS if small else TABLE_EPOCHS, EXAMPLES, reasons)


def _size_reason(rows: int) -> str:
    count = counted(rows, "row")
    if rows < FEW_ROWS:
        return (
            f"One hidden layer of {FEW_UNITS} units, as there are {count} to train on: more units would gain "
            "nothing."
        )
    if rows < MANY_ROWS:
        return (
            f"One hidden layer of {MANY_UNITS} units, as there are {count} to train on: enough for so many."
        )
    return f"Hidden layers of {MANY_UNITS} and {SECOND_UNITS} units, as there are {count} to train on."


def _activation_reason(data: DataDimensions, smooth: bool) -> str:
    if smooth:
        why = "a number is predicted" if data.task == "regression" else "borders between classes often are"
        return f"GELU as activation, which is smooth, as {why}."
    if data.rows < FEW_ROWS:
        return "ReLU as activation: for few rows with classes, nothing smoother does better."
    return "ReLU as activation: it is quick, and so many rows smooth by themselves."


def _for_images(data: DataDimensions) -> FirstModel:
    height, width = data.input_shape[:2]
    before = halvings(data.input_shape)
    side = min(height, width) >> len(before)
    blocks = max(1, math.ceil(math.log2(side / SMALL_SIDE)))
    convolutions = (
        Conv2D(filters=FILTERS[min(number, len(FILTERS) - 1)], padding="same") for number in range(blocks)
    )
    inside = tuple(layer for convolution in convolutions for layer in (convolution, MaxPool()))
    layers = (*before, *inside, Flatten(), Dense(units=MANY_UNITS), Dropout(rate=0.3))
    count = "One convolution" if blocks == 1 else f"{blocks} convolutions"
    sizes = f"{count} with pooling, as the images are {height} × {width} pixels; dropout against overfitting."
    halved = f"Pooling in front makes them smaller {2 ** len(before)}-fold: large images take long." * bool(
        before
    )
    rate = 0.003 if min(height, width) <= LARGE_SIDE else 0.001
    return _with_training(data, layers, rate, IMAGE_EPOCHS, IMAGES, (sizes, halved))


def _with_training(
    data: DataDimensions,
    layers: tuple[Layer, ...],
    rate: float,
    most_epochs: int,
    examples: int,
    reasons: Sequence[str],
) -> FirstModel:
    """The rules that images and tables share."""
    rows = max(data.rows, 1)
    epochs = max(FEWEST_EPOCHS, min(most_epochs, examples // rows))
    batch = 32 if rows < MANY_ROWS else 128 if rows < VERY_MANY_ROWS else 512
    # One digit: more would say nothing.
    l2 = 0.0 if data.task == "reconstruction" else float(f"{min(LARGEST_L2, PRIOR_ROWS / rows):.0e}")
    tells = data.held_out_rows >= ROWS_THAT_TELL
    stopping = EarlyStopping(patience=max(FEWEST_EPOCHS, epochs // 2)) if tells else None
    training = Training(
        epochs=epochs,
        batch_size=batch,
        optimizer=Adam(learning_rate=rate),
        schedule=Cosine(),
        l2=l2,
        early_stopping=stopping,
    )
    held = counted(data.held_out_rows, "validation row")
    weight = f"L2 of {l2:g}, which counts as much as {PRIOR_ROWS} rows: the fewer rows, the more it smooths."
    common = (
        f"Adam at a learning rate of {rate:g} that falls to 0 over {epochs} epochs, in batches of {batch}.",
        weight if l2 else "",
        f"Early stopping keeps the best epoch, as {held} tell it."
        if tells
        else f"No early stopping: {held} would stop it by chance.",
    )
    return FirstModel(layers, training, tuple(reason for reason in (*reasons, *common) if reason))
