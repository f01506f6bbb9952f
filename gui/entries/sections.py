"""The forms of some settings: what is usual in sight, and under it the sections that fold."""

from typing import Any, Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.settings import Settings
from gui.widgets.disclosure import Disclosure

_SPACING = 6


class MakeForm(Protocol):
    """A gui.form.SettingsForm of a section, which itself stands on lists of cards."""

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
