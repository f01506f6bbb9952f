"""Changes of settings between two steps of a run: all of them or none."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.experiment import Experiment
from engine.model import Model
from engine.network_assembly import Architecture
from engine.settings import describe_difference, differences
from engine.training.full_batch import changes_objective
from engine.training.resources import check_training
from engine.training.stepping import steps_per_epoch
from engine.training.updater import Updater

if TYPE_CHECKING:
    from engine.training.trainer import Trainer


def change_settings(trainer: "Trainer", experiment: Experiment) -> None:
    """See `Trainer.change`."""
    found = list(differences(trainer.experiment, experiment))
    fixed = [".".join(path) for path, live, _, _ in found if not live]
    if fixed:
        raise ValueError(f"cannot change in mid-run: {', '.join(fixed)}")
    if not found:
        return
    layers = Architecture.of(experiment, trainer.dataset.preparation).layers
    old, new = trainer.experiment.training, experiment.training
    check_training(new, layers, trainer.network.shapes, trainer.batches.total)
    texts = [
        describe_difference(experiment, path, before, after)
        for path, _, before, after in found
        if len(path) > 1  # the experiment's own name is no event of the run
    ]
    weights = trainer.weights
    changing = [trainer, weights, weights.trained, weights.in_use, trainer.updater]
    changing += [trainer.augmenter, trainer.batches, trainer.best]
    if weights.average is not None:
        changing.append(weights.average)
    # All arrays are allocated before any existing one is written to, since each allocation may run out of
    # memory. The stepper is not rolled back: its old arrays are released before the new ones are made.
    with rolled_back_on_failure(changing, but=("stepper",)):
        trainer.augmenter.choose(new.augmentation)
        if layers != trainer.network.layers:
            weights.replace_layers(layers)
        trainer.experiment = experiment
        same_rule = type(new.optimizer) is type(old.optimizer)
        if not same_rule:
            trainer.updater = Updater(new.optimizer, weights.trained)
        trainer.updater.optimizer = new.optimizer
        if type(new.schedule) is not type(old.schedule):
            trainer.schedule_state = ()
        trainer.batches.resize(new.batch_size, new.shuffle)
        if not trainer.step:
            trainer.warmup_epochs = new.warmup_steps / steps_per_epoch(new, trainer.batches)
        trainer.best.adopt(new.early_stopping, old.early_stopping, trainer.epoch)
        move_weights = weights.set_decay(new.weight_averaging)
        if (new.weight_averaging is None) != (old.weight_averaging is None):
            trainer.model = Model.of(experiment, trainer.model.preparation, trainer.network, trainer.loss)
        else:
            trainer.model = replace(trainer.model, experiment=experiment)
        trainer.prepare_steps()
    move_weights()
    updater = trainer.updater
    if same_rule:
        new.optimizer.adapt_slots(tuple(updater.slots.values()), old.optimizer)
        if new.optimizer.needs_full_batch and any(changes_objective(path) for path, *_ in found):
            updater.reset()
    if trainer.step:
        for text in texts:
            trainer.history.mark(trainer.step, trainer.position, text)


@contextmanager
def rolled_back_on_failure(objects: Iterable[object], but: Collection[str] = ()) -> Iterator[None]:
    """Restore the attributes of several objects, if the body raises.

    but : names of attributes that stay as the body leaves them. Arrays are not copied: what the body writes
    into an existing array is not undone.
    """
    before = [(one, {name: value for name, value in vars(one).items() if name not in but}) for one in objects]
    try:
        yield
    except BaseException:  # also Ctrl+C: all of the settings change or none
        for one, attributes in before:
            now = vars(one)
            for name in now.keys() - attributes.keys() - set(but):
                del now[name]
            now.update(attributes)
        raise
