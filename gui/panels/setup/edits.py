"""Edits of an experiment, each with its words for the undo stack. Experiment in, experiment out; no Qt."""

import functools
import pathlib
import typing
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from engine.data import Description
from engine.data.checks.remedies import Remedy
from engine.data.columns.roles import ROLE_TITLES, SINGLE, Role, with_role
from engine.data.columns.settings import ColumnSettings
from engine.data.dimensions import DataDimensions
from engine.data.settings import DataSettings
from engine.data.sources import Source
from engine.data.splitting.supplied_parts import source_like
from engine.errors import UserError
from engine.experiment import MOST_LAYERS, Experiment
from engine.files.opening import preset, preset_files
from engine.layers import LAYERS, Layer
from engine.layers.dropout import Dropout
from engine.network import layer_names
from engine.settings import Settings, kind_of
from engine.tasks import Task
from engine.templates import Template
from gui.kit.form_fields import mid_sentence
from gui.kit.text import tr

PAUSE_FIRST = tr("Pause training to change this.")
"""Why an edit has to wait."""


class Edit(NamedTuple):
    """The new experiment, what was done in words, and the key under which edits merge into one step."""

    experiment: Experiment
    text: str
    merge_key: str | None = None


def insert_layer(experiment: Experiment, index: int, layer: Layer) -> Edit:
    """Put a layer before the one at `index`; the number of layers appends."""
    layers = experiment.layers
    return _with_layers(
        experiment, (*layers[:index], layer, *layers[index:]), tr("Add {heading}", heading=tr(layer.heading))
    )


def insert_mending(experiment: Experiment, index: int, declared: Mapping[str, Any]) -> Edit:
    """Insert the layer that a ShapeError proposes in its JSON form."""
    return insert_layer(experiment, index, declared_layer(declared))


def declared_layer(declared: Mapping[str, Any]) -> Layer:
    """The layer that its JSON form describes ({"kind": "flatten"})."""
    member = next(member for member in LAYERS if kind_of(member) == declared["kind"])
    return member.model_validate(declared)


def remove_layer(experiment: Experiment, index: int) -> Edit:
    layers = experiment.layers
    name = layer_names(layers)[index]
    return _with_layers(experiment, (*layers[:index], *layers[index + 1 :]), tr("Remove {name}", name=name))


def duplicate_layer(experiment: Experiment, index: int) -> Edit:
    """The copy comes right behind its original."""
    layers = experiment.layers
    name = layer_names(layers)[index]
    return _with_layers(
        experiment,
        (*layers[: index + 1], layers[index], *layers[index + 1 :]),
        tr("Duplicate {name}", name=name),
    )


def move_layer(experiment: Experiment, index: int, target: int) -> Edit:
    """Take a layer out and put it where it then has the index `target`."""
    layers = list(experiment.layers)
    name = layer_names(layers)[index]
    layers.insert(target, layers.pop(index))
    return _with_layers(experiment, tuple(layers), tr("Move {name}", name=name))


def paste_layers(experiment: Experiment, index: int, pasted: Sequence[Layer]) -> Edit:
    """Put copied layers before the one at `index`; raises UserError where there would be too many."""
    layers = (*experiment.layers[:index], *pasted, *experiment.layers[index:])
    if len(layers) > MOST_LAYERS:
        raise UserError(
            tr("Clipboard"),
            expected=tr("at most {most} layers in all", most=MOST_LAYERS),
            got=str(len(layers)),
            help=tr("Remove some first."),
        )
    several = len(pasted) > 1
    name = tr("{count} layers", count=len(pasted)) if several else tr(pasted[0].heading)
    return _with_layers(experiment, layers, tr("Paste {name}", name=name))


def cut_layer(experiment: Experiment, index: int) -> Edit:
    name = layer_names(experiment.layers)[index]
    return remove_layer(experiment, index)._replace(text=tr("Cut {name}", name=name))


def switch_layer(experiment: Experiment, index: int) -> Edit:
    """Disable a layer, or enable it again."""
    layers = experiment.layers
    layer, name = layers[index], layer_names(layers)[index]
    text = tr("Disable {name}", name=name) if layer.enabled else tr("Enable {name}", name=name)
    switched = layer.replace(enabled=not layer.enabled)
    return _with_layers(experiment, (*layers[:index], switched, *layers[index + 1 :]), text)


def start_from(
    experiment: Experiment, template: type[Template], data: DataDimensions, description: Description | None
) -> Edit:
    """Take the layers of a template in place of those that are there; where it is for a task, that too."""
    changed = experiment
    if template.task is not None and data.task != template.task:
        changed = change_task(experiment, template.task, description).experiment
    training, layers = template.training(data), template.layers(data)
    if training is not None:
        before = changed.training
        changed = changed.replace(training=training.replace(seed=before.seed, precision=before.precision))
    return _with_layers(changed, layers, tr("Start from {heading}", heading=tr(template.heading)))


def change_layer(experiment: Experiment, index: int, layer: Layer, path: str) -> Edit:
    """Take the new settings of a layer, in which the field at `path` has changed."""
    layers = experiment.layers
    name = layer_names(layers)[index]
    text = tr("Change {field_title} of {name}", field_title=field_title(layer, path), name=name)
    changed = (*layers[:index], layer, *layers[index + 1 :])
    return _with_layers(experiment, changed, text)._replace(merge_key=_key(layer, f"layers.{index}", path))


def change_head(experiment: Experiment, head: Settings, path: str) -> Edit:
    text = tr("Change {field_title} of the output", field_title=field_title(head, path))
    return Edit(experiment.replace(head=head), text, f"head.{path}")


def change_training(experiment: Experiment, training: Settings, path: str) -> Edit:
    text = tr("Change {field_title}", field_title=field_title(training, path))
    return Edit(experiment.replace(training=training), text, _key(training, "training", path))


def change_data(experiment: Experiment, data: DataSettings, path: str) -> Edit:
    """Another source or another file is another table: target, task and ignored columns are open again.

    An experiment that is called after its table is then called after the new one.
    """
    name, before = experiment.name, experiment.data.source
    if is_other_table(before, data.source):
        # What is decided about columns by their names holds for no other table.
        names = dict.fromkeys(("target", "task", "validation_source", "test_source", *SINGLE))
        data = data.replace(**names, further_targets=(), ignored=(), left_out=(), columns=())
        if name == source_name(before) or (before.kind, name) in _ready_names():
            name = source_name(data.source)
    text = tr("Change {field_title}", field_title=field_title(data, path))
    return Edit(experiment.replace(data=data, name=name), text, f"data.{path}")


def source_name(source: Source) -> str:
    """What an experiment on this data is called until somebody gives it a name: the table's own."""
    path = pathlib.PurePath(getattr(source, "path", ""))
    return path.stem[:100] or source.heading


@functools.cache
def _ready_names() -> frozenset[tuple[str, str]]:
    """Kind of source and name of the ready experiments, which nobody named by hand either."""
    ready = (preset(name) for name in preset_files())
    return frozenset((experiment.data.source.kind, experiment.name) for experiment in ready)


def is_other_table(before: Source, after: Source) -> bool:
    """Whether the columns may be others: another kind of source, or another file."""
    return type(before) is not type(after) or getattr(before, "path", "") != getattr(after, "path", "")


def change_target(experiment: Experiment, target: str | None, further: Sequence[str] = ()) -> Edit:
    """The task follows the new target, and a column cannot be predicted and ignored.

    Where the input itself is learned, that stays so: the column only labels the samples.
    """
    data = experiment.data
    labels = data.task == "reconstruction"
    ignored = tuple(name for name in data.ignored if name not in (target, *further))
    task = data.task if labels else None
    changed = data.replace(target=target, further_targets=tuple(further), task=task, ignored=ignored)
    return Edit(experiment.replace(data=changed), tr("Change label") if labels else tr("Change target"))


def change_task(experiment: Experiment, task: Task | None, description: Description | None) -> Edit:
    """From predicting classes to learning the input itself, the classes stay out of the inputs."""
    changed = experiment.data.replace(task=task)
    classes = description is not None and description.inferred_task in ("classification", "binary")
    if task == "reconstruction" and changed.target is None and description is not None and classes:
        changed = changed.replace(target=description.target)
    return Edit(experiment.replace(data=changed), tr("Change task"), "data.task")


def ignore_column(experiment: Experiment, name: str, ignored: bool) -> Edit:
    """Take a column out of the inputs, or back in."""
    others = tuple(other for other in experiment.data.ignored if other != name)
    changed = experiment.data.replace(ignored=(*others, name) if ignored else others)
    return Edit(experiment.replace(data=changed), f"{'Ignore' if ignored else 'Use'} {name}")


def change_column(experiment: Experiment, column: ColumnSettings, path: str) -> Edit:
    """Take what is decided about one column, in which the field at `path` has changed."""
    title = field_title(column, path)
    text = tr("Change {title} of {column}", title=title, column=column.name)
    changed = experiment.data.with_column(column)
    return Edit(experiment.replace(data=changed), text, f"data.columns.{column.name}.{path}")


def change_role(experiment: Experiment, column: str, role: Role) -> Edit:
    """Give a column another role; as the target, the task follows it."""
    if role == "target":
        data = with_role(experiment.data, [column], "input")
        return change_target(experiment.replace(data=data), column)
    words = {"input": tr("Use {column}", column=column), "ignored": tr("Ignore {column}", column=column)}
    title = tr(ROLE_TITLES[role])
    text = words.get(role, tr("{title}: {column}", title=title, column=column))
    return Edit(experiment.replace(data=with_role(experiment.data, [column], role)), text)


def change_split_column(experiment: Experiment, role: Role, column: str | None) -> Edit:
    """Choose the column that has a role of the split; None where none is to have it."""
    if column is not None:
        return change_role(experiment, column, role)
    data = experiment.data.replace(**{role: None})
    return Edit(experiment.replace(data=data), tr("No {title}", title=mid_sentence(tr(ROLE_TITLES[role]))))


def change_file(experiment: Experiment, part: Literal["validation", "test"], path: str) -> Edit:
    """Take the rows of a part from a file of its own, read as the table is where it is of one form.

    An empty path takes them from the table again.
    """
    data = experiment.data
    source = source_like(data.source, pathlib.Path(path)) if path else None
    # Rows are counted through all files: with another one, their numbers mean others.
    changed = data.replace(**{f"{part}_source": source}, left_out=())
    return Edit(experiment.replace(data=changed), tr("Change {part} file", part=part), f"data.{part}_source")


def apply_remedy(experiment: Experiment, remedy: Remedy) -> Edit:
    """Do what a finding in the data offers."""
    return Edit(remedy.mend(experiment), tr(remedy.edit))


def dropout_rate(experiment: Experiment) -> float | None:
    """The rate of the dropout layers; the largest where they differ, None where there are none."""
    rates = [layer.rate for layer in experiment.layers if isinstance(layer, Dropout)]
    return max(rates, default=None)


def change_dropout_rate(experiment: Experiment, rate: float) -> Edit:
    """Give all dropout layers one rate."""
    layers = tuple(
        layer.replace(rate=rate) if isinstance(layer, Dropout) else layer for layer in experiment.layers
    )
    return Edit(experiment.replace(layers=layers), tr("Change dropout"), "dropout")


def field_title(model: Settings, path: str) -> str:
    """What a field is called in the middle of a sentence: "learning rate", "L2", "rate of Dropout"."""
    owner, last, entry = _owner(model, path)
    fields = typing.cast(type[BaseModel], type(owner)).model_fields
    title = tr(fields[last].title or last.replace("_", " "))
    title = mid_sentence(title)
    return title if entry is None else tr("{title} of {entry}", title=title, entry=tr(entry.heading))


def _owner(model: Settings, path: str) -> tuple[Any, str, Settings | None]:
    """What a field belongs to, its name, and the innermost entry of a list that it is in, if any."""
    *leading, last = path.split(".")
    owner: Any = model
    entry: Settings | None = None
    for name in leading:
        owner = owner[int(name)] if name.isdigit() else getattr(owner, name)
        entry = owner if name.isdigit() else entry
    return owner, last, entry


def _key(model: Settings, place: str, path: str) -> str | None:
    """The merge key of a field. Adding to a list and taking from it are steps of their own: no key."""
    owner, last, _ = _owner(model, path)
    value = getattr(owner, last)
    is_list = isinstance(value, tuple) and all(isinstance(entry, Settings) for entry in value)
    return None if is_list else f"{place}.{path}"


def _with_layers(experiment: Experiment, layers: tuple[Layer, ...], text: str) -> Edit:
    return Edit(experiment.replace(layers=layers), text)
