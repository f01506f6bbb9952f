"""What is decided about one column: its type, its preparation, and what stands in for missing values."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.data import DataSettings
from engine.data.columns.settings import ColumnSettings, fills_of
from engine.data.description import ColumnSummary
from engine.data.encoders import preparations_of
from engine.data.encoders.categories import Ordinal
from engine.settings import Settings, kind_of
from gui.kit.form import SettingsForm
from gui.kit.form_fields import FieldSpec
from gui.kit.form_rows import Item
from gui.kit.labels import ElidedLabel, Label
from gui.kit.layouts import ROW_SPACING
from gui.kit.text import tr
from gui.panels.setup.order_list import OrderList


class ColumnEditor(QWidget):
    """The settings of the chosen column; hidden where none is chosen, and for images.

    `changed` gives the settings and the dotted path of the field.
    """

    changed = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self._data = DataSettings()
        self._columns: tuple[ColumnSummary, ...] = ()
        self._title = ElidedLabel("", "strong")
        self._form = ColumnForm()
        self._order_label = Label(
            tr("Order, from the lowest to the highest"), "muted", caption=True, wrap=True
        )
        self._order = OrderList()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(ROW_SPACING)
        for widget in (self._title, self._form, self._order_label, self._order):
            layout.addWidget(widget)
        self._form.changed.connect(self.changed)
        self._order.reordered.connect(self._take_order)
        self.hide()

    @property
    def form(self) -> SettingsForm:
        return self._form

    @property
    def order(self) -> OrderList:
        """The order of the categories; there only where they are prepared by their rank."""
        return self._order

    @property
    def title(self) -> str:
        """The column that is shown."""
        return self._name

    def choose(self, name: str) -> None:
        """Show the settings of this column; an empty name hides them."""
        self._name = name
        self._show()

    def show_columns(self, data: DataSettings, columns: Sequence[ColumnSummary]) -> None:
        """Take what is decided, and what is known of the columns."""
        self._data, self._columns = data, tuple(columns)
        self._show()

    def set_locked(self, locked: bool, reason: str) -> None:
        """Let the settings be read but not changed."""
        self._form.set_enabled_fields((lambda item: item.live) if locked else None, reason)
        self._order.set_enabled(not locked, reason)

    def _show(self) -> None:
        summary = self._summary()
        shown = summary is not None and summary.kind != "image"
        if summary is not None and shown:
            settings = self._data.column(self._name)
            self._title.setText(self._name)
            self._form.show_column(settings, summary)
            ranked = isinstance(settings.preparation, Ordinal) and summary.role == "input"
            self._order.setVisible(ranked)
            self._order_label.setVisible(ranked)
            if isinstance(settings.preparation, Ordinal):
                order = settings.preparation.order
                others = [text for text in summary.texts if text not in order]
                self._order.show_order((*order, *others))
        self.setVisible(shown)

    def _summary(self) -> ColumnSummary | None:
        return next((one for one in self._columns if one.name == self._name), None)

    def _take_order(self, order: tuple[str, ...]) -> None:
        settings = self._data.column(self._name)
        if isinstance(settings.preparation, Ordinal):
            # The usual order is none that was chosen.
            summary = self._summary()
            chosen = () if summary is not None and order == summary.texts else order
            preparation = settings.preparation.replace(order=chosen)
            self.changed.emit(settings.replace(preparation=preparation), "preparation.order")


class ColumnForm(SettingsForm):
    """The fields of a column's settings that its kind and its role leave open."""

    _summary: ColumnSummary | None = None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(ColumnSettings(name=""), exclude=("name", "preparation.order"), parent=parent)

    def show_column(self, settings: ColumnSettings, summary: ColumnSummary) -> None:
        """Show the settings of the column that `summary` describes."""
        known = self._summary
        same = known is not None and (known.kind, known.role) == (summary.kind, summary.role)
        self._summary = summary
        self.set_value(settings)
        if not same:
            self.set_default(ColumnSettings(name=""))

    def _items(
        self, model: Settings, default: Any, path: tuple[str, ...], section: str = ""
    ) -> Iterator[Item]:
        for item in super()._items(model, default, path, section):
            fitting = self._fitting(item) if not path else item
            if fitting is not None:
                yield fitting

    def _fitting(self, item: Item) -> Item | None:
        """The field with the choices that suit the column; None where there is nothing to choose."""
        column, settings = self._summary, self.value()
        if column is None or not isinstance(settings, ColumnSettings) or item.name == "type":
            return item
        top = item.path[0]
        if column.role != "input" or (top == "constant" and settings.missing != "constant"):
            return None
        if top == "missing_numbers" and column.kind != "number":
            return None
        if top == "preparation" and len(item.path) == 1:
            kinds = {kind_of(kind) for kind in preparations_of(column.kind)}
            return _narrowed(item, kinds, kind_of(type(item.value)) if item.value else None)
        if top == "missing":
            return _narrowed(item, set(fills_of(column.kind, settings.preparation)), item.value)
        return item


def _narrowed(item: Item, allowed: set[Any], chosen: Any) -> Item | None:
    """A choice with these options, and the one that is chosen; None where there is nothing to choose."""
    spec: FieldSpec = item.spec
    options = tuple(one for one in spec.options if one.value in {None, chosen} | allowed)
    if len(options) < 2:
        return None
    return dataclasses.replace(item, spec=dataclasses.replace(spec, options=options))
