"""Two columns against each other, each row a point in the colour of its target."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.data import Column
from engine.data.columns.dates import DAY_S, date_text
from engine.data.columns.encoded_texts import MISSING
from engine.data.columns.texts import different_texts, encoded, in_order
from gui.kit import Choice, Label, Option, theme
from gui.kit.colour_maps import class_colours, sequential_colour, with_alpha
from gui.kit.numbers import count_text, reading_text
from gui.kit.plot_parts import Axis, Entry, LegendBar, marker_radius, paint_axes, plot_area
from gui.kit.text import tr
from gui.panels.data_viewer.category_axis import CategoryAxis
from gui.panels.data_viewer.date_axis import DateAxis
from gui.panels.data_viewer.viewed_data import ViewedData, result_title

MOST_POINTS = 4000
MOST_CLASSES = 10
JITTER = 0.25
"""Of the distance between two categories: so far points of one category are spread, so that they are seen."""
PADDING = 0.04
OPACITY = 0.7
Numbers = NDArray[np.float64]


class PairPlot(QWidget):
    """The plot itself: at most some thousand evenly spaced rows of those that fit the filter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: NDArray[np.float64] = np.empty((0, 2))
        self._colours: list[QColor] = []
        self._which: NDArray[np.intp] = np.empty(0, np.intp)
        self._x, self._y = Axis(0, 1, ""), Axis(0, 1, "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Pairs of columns"))

    @property
    def points(self) -> NDArray[np.float64]:
        """(points, 2) as they are shown, categories as their places."""
        return self._points

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """The lower and the upright axis."""
        return self._x, self._y

    def show_points(
        self, points: Numbers, axes: tuple[Axis, Axis], colours: list[QColor], which: NDArray[np.intp]
    ) -> None:
        """which : (points,) for each point the index of its colour."""
        self._points, (self._x, self._y), self._colours, self._which = points, axes, colours, which
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(480, 380)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = theme.current()
        plot = plot_area(self.rect(), 12)
        painter.fillRect(plot, QColor(colours.surface))
        paint_axes(painter, plot, self._x, self._y, colours)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setClipRect(plot)
        radius = marker_radius(len(self._points), plot)
        for number, colour in enumerate(self._colours):
            painter.setBrush(with_alpha(colour, OPACITY))
            for x, y in self._points[self._which == number].tolist():
                at = QPointF(
                    plot.left() + self._x.share(x) * plot.width(),
                    plot.bottom() - self._y.share(y) * plot.height(),
                )
                painter.drawEllipse(at, radius, radius)
        painter.end()


class Pairs(QWidget):
    """Two lists of columns, the plot, and what its colours are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: ViewedData | None = None
        self._rows: NDArray[np.intp] = np.empty(0, np.intp)
        self.across, self.upright = Choice(name=tr("Across")), Choice(name=tr("Upright"))
        self.across.setWhatsThis(tr("The column drawn from left to right."))
        self.upright.setWhatsThis(tr("The column drawn upwards."))
        self.plot, self.legend = PairPlot(), LegendBar()
        self.note = Label("", "muted", caption=True)
        row = QHBoxLayout()
        row.setSpacing(2 * theme.GRID)
        for title, choice in ((tr("Across"), self.across), (tr("Upright"), self.upright)):
            label = Label(title, "muted")
            label.setBuddy(choice)
            theme.set_sizes(choice, width=180)
            choice.edited.connect(lambda _: self._show_pair())
            row.addWidget(label)
            row.addWidget(choice)
        row.addStretch(1)
        row.addWidget(self.note)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.addLayout(row)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.legend)

    def show_rows(self, found: ViewedData | None, rows: NDArray[np.intp]) -> None:
        """Show these rows; the columns that are chosen stay where there still are such."""
        before = [choice.value() for choice in (self.across, self.upright)]
        self._found, self._rows = found, rows
        columns = [] if found is None else [column for column in found.shown.columns if _has_places(column)]
        usual = [] if found is None else _by_usefulness(columns, found)
        names = [column.name for column in columns]
        for number, choice in enumerate((self.across, self.upright)):
            choice.set_options(Option(name, _title(name, found)) for name in names)
            if usual:
                kept = before[number] in names
                choice.set_value(before[number] if kept else usual[min(number, len(usual) - 1)])
        self._show_pair()

    def _show_pair(self) -> None:
        found, names = self._found, (self.across.value(), self.upright.value())
        if found is None or None in names:
            self.plot.show_points(
                np.empty((0, 2)), (Axis(0, 1, ""), Axis(0, 1, "")), [], np.empty(0, np.intp)
            )
            self.legend.set_entries(())
            self.note.setText("")
            return
        rows = self._rows
        if len(rows) > MOST_POINTS:
            rows = rows[np.linspace(0, len(rows) - 1, MOST_POINTS).astype(np.intp)]
        # Of two columns of one name that of the run comes first, and the table's own is meant.
        columns = {column.name: column for column in found.shown.columns}
        points = np.column_stack([_places(columns[str(name)], rows) for name in names])
        categories = [_categories(columns[str(name)], rows) for name in names]
        known = ~np.isnan(points).any(axis=1)
        points, rows = points[known], rows[known]
        axes = tuple(
            _axis(points[:, number], columns[str(name)].kind, _title(str(name), found), categories[number])
            for number, name in enumerate(names)
        )
        target = columns.get(found.target)
        colours, which, entries = _colouring(target, rows)
        self.plot.show_points(points, (axes[0], axes[1]), colours, which)
        self.legend.set_entries(entries)
        self.note.setText(
            tr("{shown} of {rows} rows", shown=count_text(len(points)), rows=count_text(len(self._rows)))
        )


def _title(name: str, found: ViewedData | None) -> str:
    """How a column is called: in the person's language where the run brings it, else by its name."""
    own = found is not None and all(column.name != name for column in found.table.columns)
    return result_title(name) if own else name


def _has_places(column: Column) -> bool:
    return column.kind != "image" and 0 < column.distinct <= (50 if column.holds_texts else column.rows)


def _by_usefulness(columns: Sequence[Column], found: ViewedData) -> list[str]:
    """In the order of choice: columns of many numbers, the target, all others, what the run brings."""
    own = {one.name for one in found.shown.columns[: found.own]}

    def rank(column: Column) -> int:
        if column.name in own:
            return 3
        if column.name == found.target:
            return 1
        return 0 if column.kind == "number" and column.distinct > MOST_CLASSES else 2

    return [column.name for column in sorted(columns, key=rank)]


def _places(column: Column, rows: NDArray[np.intp]) -> Numbers:
    """Where the rows stand along a column: its numbers, or the places of its categories."""
    if not column.holds_texts and column.kind != "boolean":
        return np.asarray(column.values[rows], np.float64)
    texts, names = encoded(column.take(rows)), _categories(column, rows)
    places = texts.mapped({name: place for place, name in enumerate(names)}).astype(np.float64)
    places[texts.indices == MISSING] = np.nan
    # Fixed, so that a point stays where it is when others come and go.
    spread = np.modf(np.sin(rows + 1.0) * 1e4)[0]
    found: Numbers = places + JITTER * spread
    return found


def _categories(column: Column, rows: NDArray[np.intp]) -> tuple[str, ...]:
    """The categories of these rows in the order of their places; of numbers none."""
    if not column.holds_texts and column.kind != "boolean":
        return ()
    return tuple(in_order(encoded(column.take(rows)).tally()))


def _axis(values: Numbers, kind: str, name: str, categories: tuple[str, ...]) -> Axis:
    if not len(values):
        return Axis(0, 1, name)
    low, high = float(values.min()), float(values.max())
    if categories:
        return CategoryAxis(low - PADDING, high + PADDING, name, categories)
    if kind == "date":
        margin = PADDING * (high - low) or DAY_S
        return DateAxis(low - margin, high + margin, name)
    return Axis.around(low, high, name, PADDING)


def _colouring(
    target: Column | None, rows: NDArray[np.intp]
) -> tuple[list[QColor], NDArray[np.intp], tuple[Entry, ...]]:
    """Colours, the index of the colour of each row, and the legend."""
    colours = theme.current()
    plain = [QColor(colours.accent)], np.zeros(len(rows), np.intp), ()
    if target is None or target.kind == "image" or not len(rows):
        return plain
    if target.kind in ("number", "date") and target.distinct > MOST_CLASSES:
        values = target.values[rows]
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        steps = 16
        shares = np.nan_to_num((values - low) / ((high - low) or 1.0))
        which = np.minimum((shares * steps).astype(np.intp), steps - 1)
        shades = [sequential_colour((step + 0.5) / steps) for step in range(steps)]
        text = date_text if target.kind == "date" else reading_text
        ends = (Entry(text(low), shades[0]), Entry(text(high), shades[-1]))
        return shades, which, (Entry(target.name), *ends)
    # Of all rows, so that a class keeps its colour whatever the filter leaves.
    texts, names = encoded(target.take(rows)), different_texts(target)
    which = texts.mapped({name: place for place, name in enumerate(names)}, unknown=len(names))
    shades = [*class_colours(colours, len(names)), QColor(colours.muted)]
    entries = tuple(Entry(name, shade) for name, shade in zip(names[:MOST_CLASSES], shades, strict=False))
    return shades, which, (Entry(target.name), *entries)
