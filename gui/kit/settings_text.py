"""Settings and scores in a few words: what stands on the line of a card, and title, format and tip of a
metric, read from the registry.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.activations.base import ActivationFunction
from engine.activations.rectifiers import Linear
from engine.metrics import metric_named
from engine.settings import Settings
from gui.kit.form_fields import FieldSpec, defaults, field_specs, mid_sentence
from gui.kit.numbers import THIN_SPACE, number_text, percent_text, reading_text
from gui.kit.text import tr

MOST_PARTS = 4
BETWEEN = " · "
_SHARES = ("rate", "probability", "dropout")
"""Titles of what people give in percent; the first two need not be said."""


def summary(settings: Settings, known: int | None = None) -> str:
    """What matters of some settings: what they begin with, their activation functions, and what was changed.

    The first fields of a model say what it is about, so sizes and amounts at its head are always there;
    an activation function is too, unless it is linear; all else only where it is not as usual.
    known : a size that stands beside the words anyway, such as the length of the output; it is left out.
    """
    specs = field_specs(type(settings))
    head = _head(specs)
    rest = specs[len(head) :]
    parts = [*_sizes(settings, head, known), *_activations(settings, specs), *_changes(settings, rest)]
    return BETWEEN.join(parts[:MOST_PARTS])


def _head(specs: tuple[FieldSpec, ...]) -> tuple[FieldSpec, ...]:
    """The fields that a model begins with, as far as they say how much there is of it."""
    found: list[FieldSpec] = []
    for spec in specs:
        counts = spec.shape == "number" and (spec.allowed.whole or spec.slider)
        if not (counts or (not found and spec.shape in ("number", "choice", "entries"))):
            break
        found.append(spec)
    return tuple(found)


def _sizes(settings: Settings, head: tuple[FieldSpec, ...], known: int | None) -> Iterator[str]:
    usual = defaults(type(settings))
    amounts = [spec for spec in head if not spec.allowed.whole]
    if len(amounts) > 1 and amounts == list(head):
        # Titles would take more room than there is; the order is that of the form.
        yield BETWEEN.join(_amount(spec, getattr(settings, spec.name), share=True) for spec in head)
        return
    skipped = ""
    for place, spec in enumerate(head):
        following = head[place + 1] if place + 1 < len(head) else None
        value = getattr(settings, spec.name)
        # A stride or a dilation of 1 is none.
        tells_nothing = value == 1 and value == getattr(usual, spec.name, None)
        if spec.name == skipped or value is None or tells_nothing or (spec is head[0] and value == known):
            continue
        if spec.name == "height" and following is not None and following.name == "width":
            skipped, width = following.name, getattr(settings, following.name)
            yield f"{value} × {value if width is None else width}"
        else:
            yield _named(spec, value)


def _activations(settings: Settings, specs: tuple[FieldSpec, ...]) -> Iterator[str]:
    """Headings of the activation functions; linear is worth a word only where there is nothing else."""
    for spec in specs:
        value = getattr(settings, spec.name)
        if isinstance(value, ActivationFunction) and (len(specs) == 1 or not isinstance(value, Linear)):
            yield tr(value.heading)


def _changes(settings: Settings, specs: tuple[FieldSpec, ...]) -> Iterator[str]:
    """What differs from its default, but for how weights start."""
    usual = defaults(type(settings))
    for spec in specs:
        value = getattr(settings, spec.name)
        if spec.shape not in ("union", "group") and value != getattr(usual, spec.name, value):
            yield _named(spec, value)


def _named(spec: FieldSpec, value: Any) -> str:
    """A value with its title: "16 units", "size 3", "no bias"; an amount that speaks for itself without."""
    title = mid_sentence(spec.title)
    if spec.shape == "entries":
        return _counted(len(value), title)
    if isinstance(value, bool):
        return title if value else tr("no {title}", title=title)
    if value is None:
        return f"{title} {spec.none_title.lower() or 'automatic'}"
    if spec.shape == "choice":
        shown = spec.shown(value)
        return f"{title} {shown[:1].lower()}{shown[1:]}"
    if spec.shape != "number":
        return f"{title} {spec.shown(value)}"
    if spec.allowed.whole:
        return _counted(value, title)
    amount = _amount(spec, value, share=title.endswith(_SHARES))
    return amount if spec.unit or title in _SHARES[:2] else f"{title} {amount}"


def _counted(count: int, title: str) -> str:
    """ "16 units", "1 unit"; what is no plural comes first: "size 3"."""
    if not title.endswith("s"):
        return f"{title} {count}"
    return f"{count} {title.removesuffix('s') if count == 1 else title}"


def _amount(spec: FieldSpec, value: float, share: bool) -> str:
    """ "20 %" where it is a share from 0 to 1, else the number with its unit."""
    if share and spec.slider and spec.allowed.low == 0 and spec.allowed.high <= 1:
        return f"{number_text(round(100 * value, 1))}{THIN_SPACE}%"
    between = "" if spec.unit in ("°", "×") else THIN_SPACE
    return f"{number_text(float(f'{value:.3g}'))}{between}{spec.unit}".rstrip()


UNDEFINED = "–"
"""Stands in place of a score that has no value."""


@dataclass(frozen=True)
class MetricText:
    """How a score is called and written.

    title : on its own. in_sentence : after another word. tip : what it measures. in_percent : whether it is
    written in percent. in_target_unit : whether it has the unit of what is predicted.
    """

    title: str
    in_sentence: str
    tip: str
    in_percent: bool = False
    in_target_unit: bool = False

    def write(self, value: float) -> str:
        """The value with the digits that matter."""
        if not math.isfinite(value):
            return UNDEFINED
        return percent_text(value) if self.in_percent else reading_text(value)


LOSS = MetricText(
    tr("Loss"), "loss", tr("What training makes small, as a mean over the rows, without penalties.")
)


def metric_text(name: str) -> MetricText:
    """The text of a score by its name in histories; one that is in no registry is called by its name."""
    if name == "loss":
        return LOSS
    metric = metric_named(name)
    if metric is None:
        words = name.replace("_", " ")
        return MetricText(words.capitalize(), words, "")
    return MetricText(
        tr(metric.title),
        tr(metric.title_in_sentence),
        tr(metric.explanation),
        metric.format == "percent",
        metric.in_target_unit,
    )
