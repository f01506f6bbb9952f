"""Entries of a list: their summary in words, the sections of their forms, and which card shows which."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.activations.base import ActivationFunction
from engine.activations.linear import Linear
from engine.settings import Settings
from gui.kit.disclosure import Disclosure
from gui.kit.form_fields import FieldSpec, defaults, field_specs, mid_sentence
from gui.kit.number_text import THIN_SPACE, number_text


@dataclass(frozen=True)
class EntryFacts:
    """One entry: what stands at the right of its line, what is wrong with it, the same of those inside."""

    note: str = ""
    fault: str = ""
    inner: "tuple[EntryFacts, ...]" = ()

    @property
    def faulty(self) -> bool:
        """Whether something is wrong with it or inside it."""
        return bool(self.fault) or any(entry.faulty for entry in self.inner)


def matched(old: Sequence[Settings], new: Sequence[Settings]) -> list[int | None]:
    """For each new entry the index of the old one that it continues, or None for a new one.

    An entry continues as itself wherever it moved to (settings are shared, not copied, by edits), else as
    an equal one, else as one of the same kind in the same order: that one was changed.
    """
    pairing: list[int | None] = [None] * len(new)
    free = list(range(len(old)))
    rules: tuple[Callable[[Settings, Settings], bool], ...] = (
        lambda before, after: before is after,
        lambda before, after: before == after,
        lambda before, after: type(before) is type(after),
    )
    for rule in rules:
        for place, after in enumerate(new):
            if pairing[place] is None:
                found = next((index for index in free if rule(old[index], after)), None)
                if found is not None:
                    pairing[place] = found
                    free.remove(found)
    return pairing


_SPACING = 6


class MakeForm(Protocol):
    """A gui.kit.form.SettingsForm of a section, which itself stands on lists of cards."""

    def __call__(self, settings: Settings, *, section: str) -> Any: ...


def sectioned(settings: Settings, make_form: MakeForm) -> tuple[QWidget, tuple[Any, ...]]:
    """A widget with all fields, and its forms: that of the usual fields, then those of the sections.

    A section without fields is not there; one in which something was changed is open.
    """
    inside = QWidget()
    column = QVBoxLayout(inside)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(_SPACING)
    forms = [make_form(settings, section="")]
    column.addWidget(forms[0])
    for name in type(settings).sections:
        form = make_form(settings, section=name)
        if not form.names():
            form.deleteLater()
            continue
        fold = Disclosure(name, form)
        fold.set_open(bool(form.changes()))
        column.addWidget(fold)
        forms.append(form)
    return inside, tuple(forms)


def stops_of(inside: QWidget, forms: tuple[Any, ...]) -> list[QWidget]:
    """Where Tab stops in such a widget, from top to bottom."""
    folds = inside.findChildren(Disclosure, options=Qt.FindChildOption.FindDirectChildrenOnly)
    stops: list[QWidget] = [*forms[0].tab_stops()]
    for fold, form in zip(folds, forms[1:], strict=True):
        stops += [fold.button, *form.tab_stops()]
    return stops


MOST_PARTS = 4
BETWEEN = " · "
_SHARES = ("rate", "probability", "dropout")
"""Titles of what people give in percent; the first two need not be said."""


def summary(settings: Settings, known: int | None = None) -> str:
    """What matters of some settings: what they begin with, how they bend, and what was changed.

    The first fields of a model say what it is about, so sizes and amounts at its head are always there;
    an activation function is too, unless it is linear; all else only where it is not as usual.
    known : a size that stands beside the words anyway, such as the length of the output; it is left out.
    """
    specs = field_specs(type(settings))
    head = _head(specs)
    rest = specs[len(head) :]
    parts = [*_sizes(settings, head, known), *_bends(settings, specs), *_changes(settings, rest)]
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


def _bends(settings: Settings, specs: tuple[FieldSpec, ...]) -> Iterator[str]:
    """Headings of the activation functions; linear is worth a word only where there is nothing else."""
    for spec in specs:
        value = getattr(settings, spec.name)
        if isinstance(value, ActivationFunction) and (len(specs) == 1 or not isinstance(value, Linear)):
            yield value.heading


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
        return title if value else f"no {title}"
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
