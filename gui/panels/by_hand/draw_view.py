"""The tab on which points are drawn for a network to learn while one draws."""

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.data.sources.drawn_points import CLASS_LETTERS, MOST_DRAWN, DrawnPoint, DrawnPoints
from engine.experiment import Experiment
from engine.insight.query import Query
from engine.insight.run_queries import DecisionMapQuery
from gui.core.messages import Answers, Invalid
from gui.core.model_summary import ModelSummary
from gui.kit import Choice, Label, NumberField, Option, Range, Toggle, theme
from gui.kit.numbers import quantity_text
from gui.kit.plot_parts import Entry, LegendBar
from gui.kit.text import tr
from gui.kit.theme import GRID
from gui.kit.wrapping import WrappingRow
from gui.panels.base import Panel, PanelContext, PanelSpec, View
from gui.panels.by_hand.canvas import DrawingCanvas

_MAP = DecisionMapQuery(80)
"""The same as the decision map asks: it is answered once for both."""
BRUSHES = ((0.0, tr("Single points")), (0.4, tr("Small brush")), (1.0, tr("Wide brush")))
FIRST_NUMBERS = (1.0, -1.0)
CLASSES = tuple(
    Option(
        float(number), letter, description=tr("Class {letter}: key {number}.", letter=letter, number=number)
    )
    for number, letter in enumerate(CLASS_LETTERS, 1)
)


def _draws(experiment: Experiment) -> bool:
    return isinstance(experiment.data.source, DrawnPoints)


class DrawView(View):
    """Each stroke is one step to undo. With "Train as I draw", training begins anew after each of them."""

    spec = PanelSpec(
        "draw",
        tr("Draw"),
        "pencil-simple",
        "centre",
        tr("Points drawn with the mouse, which the network learns."),
        belongs_to=_draws,
        order=5,
    )
    empty_sentence = tr("Choose the source “Drawn points” on the left to draw.")

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.canvas = DrawingCanvas()
        self.left_class = Choice(CLASSES, value=1.0, name=tr("Left button"))
        self.left_class.setWhatsThis(tr("The class of points drawn with the left button."))
        self.right_class = Choice(CLASSES, value=2.0, name=tr("Right button"))
        self.right_class.setWhatsThis(tr("The class of points drawn with the right button."))
        self.left_number = NumberField(Range(-1e6, 1e6), value=FIRST_NUMBERS[0], name=tr("Left button"))
        self.left_number.setWhatsThis(tr("The target of points drawn with the left button."))
        self.right_number = NumberField(Range(-1e6, 1e6), value=FIRST_NUMBERS[1], name=tr("Right button"))
        self.right_number.setWhatsThis(tr("The target of points drawn with the right button."))
        self.brush = Choice([Option(*brush) for brush in BRUSHES], value=0.0, name=tr("Brush"))
        self.brush.setWhatsThis(tr("How many points a stroke leaves, and how widely they are strewn."))
        self.erase = Toggle(tr("Erase"))
        self.erase.setToolTip(tr("Both buttons erase what is under the brush; so does Delete."))
        self.live = Toggle(tr("Train as I draw"), value=True)
        self.live.setToolTip(tr("Train from the start after each stroke."))
        self.undo = QPushButton(theme.icon("arrow-u-up-left"), tr("Undo"))
        self.undo.setToolTip(tr("Take the last stroke back (Ctrl+Z)."))
        self.clear_button = QPushButton(theme.icon("trash"), "")
        self.clear_button.setAccessibleName(tr("Clear"))
        self.clear_button.setToolTip(tr("Take all points away."))
        self.legend = LegendBar()
        self._hint = Label("", "muted", caption=True, wrap=True)
        self._train = False
        """Whether training is to begin once the run of these points is there."""
        self._fill_with(self._arranged())
        self._connect()
        self.show_experiment(context.document.experiment)

    def _arranged(self) -> QWidget:
        for field in (self.left_class, self.right_class, self.left_number, self.right_number):
            theme.set_sizes(field, width=60)
        theme.set_sizes(self.brush, width=120)
        tools = WrappingRow(
            (
                Label(tr("Left"), "muted"),
                self.left_class,
                self.left_number,
                Label(tr("Right"), "muted"),
                self.right_class,
                self.right_number,
                self.brush,
                self.erase,
                self.live,
                self.undo,
                self.clear_button,
            )
        )
        head = QVBoxLayout()
        head.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 0)
        head.setSpacing(2 * GRID)
        head.addWidget(tools)
        head.addWidget(self.legend)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addLayout(head)
        layout.addWidget(self.canvas, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(4 * GRID, 0, 4 * GRID, 3 * GRID)
        foot.addWidget(self._hint)
        layout.addLayout(foot)
        return content

    def _connect(self) -> None:
        self.canvas.drawn.connect(self._take)
        self.canvas.value_chosen.connect(self._choose)
        for field in (self.left_class, self.right_class, self.left_number, self.right_number):
            field.edited.connect(self._show_tools)
        self.brush.edited.connect(self._show_tools)
        self.erase.edited.connect(self._show_tools)
        stack = self.context.document.undo_group
        self.undo.clicked.connect(stack.undo)
        stack.canUndoChanged.connect(self.undo.setEnabled)
        self.undo.setEnabled(stack.canUndo())
        self.clear_button.clicked.connect(lambda: self._take((), True))

    # --- drawing -----------------------------------------------------------------------------------------

    def _take(self, points: tuple[DrawnPoint, ...], erased: bool) -> None:
        """The points after a stroke become the experiment's."""
        experiment = self.context.document.experiment
        source = experiment.data.source
        if not isinstance(source, DrawnPoints) or source.points == points:
            return
        self._train = self.live.value() or self.context.session.goal == "run"
        data = experiment.data.replace(source=source.replace(points=points))
        text = tr("Erase points") if erased else tr("Draw points")
        self.context.document.edit(experiment.replace(data=data), text)

    def _choose(self, number: int, right: bool) -> None:
        """A number key."""
        if self.canvas.numbers:
            field = self.right_number if right else self.left_number
            field.set_value(float(number))
        else:
            (self.right_class if right else self.left_class).set_value(float(number))
        self._show_tools()

    def _show_tools(self, _: object = None) -> None:
        fields = (
            (self.left_number, self.right_number)
            if self.canvas.numbers
            else (self.left_class, self.right_class)
        )
        left, right = (float(field.value() or 0.0) for field in fields)
        self.canvas.values = (left, right)
        self.canvas.radius, self.canvas.erasing = float(self.brush.value()), self.erase.value()
        self._show_legend()

    def _show_legend(self) -> None:
        count, canvas = len(self.canvas.points), self.canvas
        entries = [Entry(quantity_text(count, "point", "points"))]
        if not canvas.numbers:
            totals = {one: sum(point.value == one for point in canvas.points) for one in canvas.classes()}
            entries = [
                Entry(f"{CLASS_LETTERS[one - 1]} {total}", colour=QColor(canvas.colour_of(one)))
                for one, total in totals.items()
                if 1 <= one <= len(CLASS_LETTERS)
            ] + entries
        self.legend.set_entries(tuple(entries))
        full = tr("No more than {most} points can be drawn.", most=MOST_DRAWN)
        hint = tr(
            "Left and right button draw; keys 1 to 9 choose what the left one draws, with Alt the right."
        )
        self._hint.setText(full if count >= MOST_DRAWN else hint)
        self.clear_button.setEnabled(count > 0)

    # --- what the window tells ---------------------------------------------------------------------------

    def queries(self) -> Collection[Query[Any]]:
        drawable = self._model is not None and self._model.plane is not None and not self.sentence
        return (_MAP,) if drawable else ()

    def show_experiment(self, experiment: Experiment) -> None:
        source = experiment.data.source
        if not isinstance(source, DrawnPoints):
            self._say(self.empty_sentence)
            return
        self.canvas.numbers = source.values == "numbers"
        for field in (self.left_class, self.right_class):
            field.setVisible(not self.canvas.numbers)
        for number in (self.left_number, self.right_number):
            number.setVisible(self.canvas.numbers)
        if source.points != self.canvas.points:
            self.canvas.set_points(source.points)
        self._show_tools()
        self._show_content()

    def clear(self) -> None:
        Panel.clear(self)
        self.canvas.set_field(None)

    def show_preparing(self) -> None:
        self.clear()

    def show_problem(self, invalid: Invalid) -> None:
        """The first points alone cannot be learned from yet: drawing goes on."""
        self.clear()

    def show_model(self, summary: ModelSummary) -> None:
        super().show_model(summary)
        if self._train:
            self._train = False
            # The session is to be told of the run first.
            QTimer.singleShot(0, self, self._begin_training)

    def _begin_training(self) -> None:
        if self.context.session.ready and self.context.session.goal != "run":
            self.context.session.train("run")

    def refresh(self, answers: Answers) -> None:
        field, model = answers.get(_MAP), self._model
        if field is None or model is None or self.sentence:
            return
        expected = {1} if self.canvas.numbers else {1, len(self.canvas.classes())}
        if field.values.ndim == 3 and field.values.shape[2] in expected and min(field.values.shape[:2]) >= 2:
            self.canvas.set_field(field.values)

    def apply_theme(self) -> None:
        self.undo.setIcon(theme.icon("arrow-u-up-left"))
        self.clear_button.setIcon(theme.icon("trash"))
        self.canvas.repaint_all()
        self._show_legend()
