"""What is found in a run: a sentence with its evidence, and remedies that are one edit each."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from engine.activations.base import ActivationFunction
from engine.errors import UserError
from engine.experiment import Experiment
from engine.settings import differences, number_text

Severity = Literal["serious", "warning", "hint"]
LARGEST_RATE, SMALLEST_RATE = 1000.0, 1e-12


@dataclass(frozen=True)
class Evidence:
    """Measured numbers, in a few words, and the id of the panel that shows them ("loss")."""

    text: str
    panel: str


@dataclass(frozen=True)
class Remedy:
    """Settings to be changed together: one edit, one undo.

    title : what it does, as a button says it. changes : (path, value) with names of fields, and numbers in
    lists: (("training", "optimizer", "learning_rate"), 0.01). starts_again : whether the run has to begin
    again with them, as its weights are of no use any longer.
    """

    title: str
    changes: tuple[tuple[tuple[str, ...], Any], ...]
    starts_again: bool = False

    def mend(self, experiment: Experiment) -> Experiment:
        """The experiment after it; raises pydantic's ValidationError where it no longer fits."""
        for path, value in self.changes:
            experiment = _changed(experiment, path, value)
        return experiment

    def is_live(self, experiment: Experiment) -> bool:
        """Whether the run can take it and go on; otherwise it begins again."""
        return all(live for _, live, _, _ in differences(experiment, self.mend(experiment)))


class LastStep(NamedTuple):
    """A step before a run ended: its number, loss, gradient norm, and the largest ‖change‖ / ‖weights‖ of a
    layer, NaN where none is known."""

    step: int
    loss: float
    gradient_norm: float
    update_ratio: float


@dataclass(frozen=True)
class RunFinding:
    """Something about a run that a person should know.

    kind : for programs ("overfitting"). severity : as of findings on data. title : in a few words. sentence :
    what is wrong, with its numbers. why : what it comes from, for those who learn. evidence : where to see
    it. remedies : the best first. rows : of the table, from 0, where single ones are concerned.
    rewinds : whether the run has to go back before a remedy helps. last_steps : the last twenty.
    """

    kind: str
    severity: Severity
    title: str
    sentence: str
    why: str
    evidence: tuple[Evidence, ...]
    remedies: tuple[Remedy, ...] = ()
    rows: tuple[int, ...] = ()
    rewinds: bool = False
    last_steps: tuple[LastStep, ...] = ()


def rate_remedy(experiment: Experiment, factor: float) -> tuple[Remedy, ...]:
    """Another learning rate, by a factor; none where it would leave its range."""
    rate = experiment.training.optimizer.learning_rate
    return rate_set_to(experiment, float(f"{rate * factor:.3g}"))


def rate_set_to(experiment: Experiment, rate: float) -> tuple[Remedy, ...]:
    """Another learning rate; none where that is out of range, or the present one."""
    now = experiment.training.optimizer.learning_rate
    if not SMALLEST_RATE <= rate <= LARGEST_RATE or rate == now:
        return ()
    title = f"{'Lower' if rate < now else 'Raise'} the learning rate to {number_text(rate)}"
    return (Remedy(title, ((("training", "optimizer", "learning_rate"), rate),)),)


def start_again(experiment: Experiment) -> tuple[Remedy, ...]:
    """From the initial weights with the optimizer's usual learning rate, or a hundredth of a lower one."""
    optimizer = experiment.training.optimizer
    usual = float(type(optimizer)().learning_rate)
    rate = usual if usual < optimizer.learning_rate else float(f"{optimizer.learning_rate / 100:.3g}")
    return tuple(
        Remedy(f"Begin again with a learning rate of {number_text(rate)}", remedy.changes, starts_again=True)
        for remedy in rate_set_to(experiment, rate)
    )


def clip_remedy(experiment: Experiment) -> tuple[Remedy, ...]:
    """Clip the gradient's norm at 1, where it is not clipped."""
    if experiment.training.clip_norm is not None:
        return ()
    return (training_remedy("Clip the gradient norm at 1", clip_norm=1.0),)


def training_remedy(title: str, **values: Any) -> Remedy:
    """Fields of training set to these values."""
    return Remedy(title, tuple((("training", name), value) for name, value in values.items()))


def activation_remedy(
    experiment: Experiment, replaced: Callable[[ActivationFunction], bool], by: ActivationFunction
) -> tuple[Remedy, ...]:
    """Replace activations of which `replaced` holds in all layers of the list; none where there are none."""
    changes = tuple(
        (("layers", str(number), "activation"), by)
        for number, layer in enumerate(experiment.layers)
        if isinstance(found := getattr(layer, "activation", None), ActivationFunction) and replaced(found)
    )
    return (Remedy(f"Use {by.heading} in the hidden layers", changes),) if changes else ()


def saturates(function: ActivationFunction) -> bool:
    """Whether it has two flat ends."""
    low, high = function.bounds
    return math.isfinite(high - low)


def _changed(settings: Any, path: tuple[str, ...], value: Any) -> Any:
    name, *rest = path
    if isinstance(settings, tuple):
        place = int(name)
        if place >= len(settings):
            raise UserError("Network", expected=f"a layer {place + 1}", got="none", help="It was removed.")
        inner = _changed(settings[place], tuple(rest), value) if rest else value
        return (*settings[:place], inner, *settings[place + 1 :])
    return settings.replace(
        **{name: _changed(getattr(settings, name), tuple(rest), value) if rest else value}
    )
