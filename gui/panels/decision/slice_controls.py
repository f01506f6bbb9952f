"""Chooses the plane of a decision map through many inputs: two columns, and values to hold the others at."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.insight.plane_slice import InputFacts, Plane, Value
from gui.kit import Choice, ElidedLabel, Label, LinkButton, PlainScrollArea, Range, SliderField
from gui.kit.text import tr
from gui.kit.theme import GRID, scaled, set_sizes
from gui.kit.wrapping import WrappingRow

MARGIN = 0.05
"""How far the plane extends beyond the data, as a fraction of its range."""
MOST_CONTROLS = 40
"""Columns that can be moved; of wider tables the others stay at their middle."""
MOST_LABEL = 144
"""Of the name of a column that is held; a longer one is cut."""
HEIGHT = 132
"""Of the part with the columns that are held, scaled."""
ROW_HEIGHT, LEAST_ROWS = 32, 2
TWO_COLUMNS_FROM = 400
"""Width of the part with the columns that are held, scaled, where they stand side by side in pairs."""


class _Held(PlainScrollArea):
    """The columns that are held: in pairs, or below one another where there is no room for pairs."""

    columns_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.columns = 2
        policy = self.sizePolicy()
        policy.setVerticalPolicy(QSizePolicy.Policy.Maximum)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.maximumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        columns = 2 if self.width() >= scaled(TWO_COLUMNS_FROM) else 1
        if columns != self.columns:
            self.columns = columns
            self.columns_changed.emit()

    def _least_width(self) -> int:
        """That of one column, also while there are two."""
        return super()._least_width() // self.columns


class SliceControls(QWidget):
    """Signals: `changed`, the plane is another."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: tuple[InputFacts, ...] = ()
        self._held: dict[str, Value] = {}
        self.fields: dict[str, SliderField | Choice] = {}
        """The controls of the columns that are held, by column."""
        self.across, self.up = Choice(name=tr("Column from left to right")), Choice(name=tr("Column upwards"))
        self.across.setWhatsThis(tr("The input drawn from left to right."))
        self.up.setWhatsThis(tr("The input drawn upwards."))
        for choice in (self.across, self.up):
            set_sizes(choice, least_width=112)
        self.across.edited.connect(lambda value: self._choose(self.up, value))
        self.up.edited.connect(lambda value: self._choose(self.across, value))
        self.reset = LinkButton(tr("Typical values"))
        self.reset.setToolTip(tr("Hold each column at its median or its most frequent value again."))
        self.reset.clicked.connect(self._reset)
        self._grid_area = _Held()
        self._grid_area.columns_changed.connect(self._build)
        self._grid_area.viewport().setAutoFillBackground(False)
        self._grid_area.hide()
        row = WrappingRow((self.across, Label("×", "muted"), self.up, self.reset))
        row.setContentsMargins(4 * GRID, 0, 4 * GRID, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, GRID)
        layout.setSpacing(GRID)
        layout.addWidget(row)
        layout.addWidget(self._grid_area)

    @property
    def facts(self) -> tuple[InputFacts, ...]:
        """What is known of the input columns."""
        return self._facts

    @property
    def plane(self) -> Plane | None:
        """The plane that is chosen; None while nothing is known of the columns."""
        x, y = (self._fact(choice.value()) for choice in (self.across, self.up))
        if x is None or y is None:
            return None
        axes = (x.column, y.column)
        held = ((name, value) for name, value in self._held.items() if name not in axes)
        return Plane(x.column, y.column, _range(x), _range(y), tuple(held))

    def set_facts(self, facts: tuple[InputFacts, ...]) -> None:
        """Other columns: what is known of both stays as it was chosen."""
        if facts == self._facts:
            return
        before, self._facts = self._held, facts
        self._held = {fact.column: _kept(fact, before.get(fact.column)) for fact in facts}
        names = [fact.column for fact in facts if fact.kind == "number" and fact.low < fact.high]
        chosen = [choice.value() for choice in (self.across, self.up)]
        if not set(chosen) <= set(names) or len(set(chosen)) < 2:
            chosen = names[:2]
        for choice, name in zip((self.across, self.up), chosen, strict=False):
            choice.set_options([(one, one) for one in names], name)
        self._build()

    def hold(self, values: Mapping[str, Value]) -> None:
        """Hold columns at these values."""
        self._held.update({name: value for name, value in values.items() if name in self._held})
        for name, field in self.fields.items():
            value = self._held[name]
            if isinstance(field, SliderField):
                field.set_value(None if isinstance(value, str) else value)
            else:
                field.set_value(value)
        self.changed.emit()

    def _fact(self, name: object) -> InputFacts | None:
        return next((fact for fact in self._facts if fact.column == name), None)

    def _choose(self, other: Choice, value: object) -> None:
        """A column cannot be both axes: the other one takes the next."""
        if other.value() == value:
            names = [fact.column for fact in self._facts if fact.kind == "number" and fact.column != value]
            other.set_value(names[0])
        self._build()
        self.changed.emit()

    def _reset(self) -> None:
        self.hold({fact.column: fact.default for fact in self._facts})

    def _build(self) -> None:
        """Controls for the columns that are held, in two columns where there is room."""
        columns = self._grid_area.columns
        axes = {self.across.value(), self.up.value()}
        movable = [fact for fact in self._facts if fact.kind != "fixed" and fact.column not in axes]
        grid_widget = QWidget()
        grid = QGridLayout(grid_widget)
        grid.setContentsMargins(4 * GRID, 0, 4 * GRID, 0)
        grid.setHorizontalSpacing(3 * GRID)
        grid.setVerticalSpacing(GRID)
        self.fields = {}
        for place, fact in enumerate(movable[:MOST_CONTROLS]):
            field = self._field(fact)
            self.fields[fact.column] = field
            row, column = divmod(place, columns)
            label = ElidedLabel(fact.column, "muted")
            label.setMinimumWidth(scaled(72))
            label.setMaximumWidth(scaled(MOST_LABEL))
            grid.addWidget(label, row, 2 * column)
            grid.addWidget(field, row, 2 * column + 1)
        for column, stretch in enumerate((0, 1) * columns):
            grid.setColumnStretch(column, stretch)
        rows = -(-len(self.fields) // columns)
        others = len(self._facts) - len(axes) - len(self.fields)
        if others > 0:
            text = tr("{count} further columns are held at their middle.", count=others)
            grid.addWidget(Label(text, "muted", caption=True), rows, 0, 1, 2 * columns)
            rows += 1
        grid.setRowStretch(rows, 1)
        grid.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._grid_area.set_content(grid_widget)
        grid_widget.setAutoFillBackground(False)
        self._grid_area.setMinimumHeight(min(rows, LEAST_ROWS) * scaled(ROW_HEIGHT))
        self._grid_area.setMaximumHeight(min(scaled(HEIGHT), rows * scaled(ROW_HEIGHT)))
        self._grid_area.setVisible(rows > 0)
        self.reset.setVisible(bool(self.fields))

    def _field(self, fact: InputFacts) -> SliderField | Choice:
        held, name = self._held[fact.column], tr("{column} held at", column=fact.column)
        field: SliderField | Choice
        if fact.kind == "number":
            low, high = (fact.low, fact.high) if fact.low < fact.high else (fact.low - 1, fact.high + 1)
            number = held if isinstance(held, float) else None
            field = SliderField(Range(low, high), value=number, name=name)
        else:
            field = Choice([(option, option) for option in fact.options], value=held, name=name)
        field.edited.connect(lambda value, column=fact.column: self._move(column, value))
        return field

    def _move(self, column: str, value: Value) -> None:
        self._held[column] = float(value) if isinstance(value, float | int) else value
        self.changed.emit()


def _kept(fact: InputFacts, value: Value) -> Value:
    """What a column was held at, where it can still be that; else its middle."""
    if fact.kind == "number" and isinstance(value, float) and fact.low <= value <= fact.high:
        return value
    return value if value is not None and value in fact.options else fact.default


def _range(fact: InputFacts) -> tuple[float, float]:
    margin = MARGIN * (fact.high - fact.low)
    return fact.low - margin, fact.high + margin
