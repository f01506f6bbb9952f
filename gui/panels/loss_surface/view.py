"""The loss surface: the loss over two weights or two directions, and the path of the run over it, live."""

import time
from collections.abc import Collection
from dataclasses import replace
from functools import partial
from typing import Any, Literal, cast

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.arrays import Shape
from engine.insight.loss_surface import LossSurfaceQuery
from engine.insight.query import Query
from engine.insight.weight_path import ParameterPlace, WeightPlane
from gui.core.figure_saving import offer_figure
from gui.core.messages import Answers, Prepared
from gui.core.model_summary import ModelSummary
from gui.core.parameter_names import parameter_title
from gui.core.selection import Selected
from gui.kit import Choice, Label, Option, Toggle
from gui.kit.text import tr
from gui.kit.theme import GRID, set_sizes
from gui.kit.wrapping import WrappingRow
from gui.panels.base import PanelContext, PanelSpec, View
from gui.panels.loss_surface.canvas import Point, SurfaceCanvas
from gui.panels.loss_surface.parameter_choice import is_parameter, options_of, two_of
from gui.panels.loss_surface.words import REASONS, picked_words, reason_against, surface_words

LEAST_PAUSE = 4.0
"""How many times as long as an answer took the run goes on before the next one is asked for."""
RESTING_PIECE_S = 0.06
"""How long a piece of work may take while nothing trains."""
MODES = (
    ("parameters", tr("Two parameters")),
    ("random", tr("Two random directions")),
    ("path", tr("Along the path")),
)
ZOOMS = ((0.25, tr("¼ ×")), (0.5, tr("½ ×")), (1.0, tr("Fits the path")), (2.0, tr("2 ×")), (5.0, tr("5 ×")))


class LossSurfaceView(View):
    """A map with contour lines; a click tells the loss of a point, and weights can be set there."""

    spec = PanelSpec(
        "loss_surface",
        tr("Loss surface"),
        "path",
        "centre",
        tr("The loss over two weights or two directions, with the path of the run over it."),
        reason_against=reason_against,
        order=50,
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.mode = Choice(MODES, value="parameters", name=tr("Directions"))
        self.across, self.up = Choice(name=tr("Parameter across")), Choice(name=tr("Parameter upwards"))
        self.zoom = Choice(ZOOMS, value=1.0, name=tr("Zoom"))
        self.mode.setWhatsThis(
            tr("What the two axes are: single parameters, or directions through all of them.")
        )
        self.across.setWhatsThis(tr("The parameter of the horizontal axis; all others stay as they are."))
        self.up.setWhatsThis(tr("The parameter of the vertical axis; all others stay as they are."))
        self.zoom.setWhatsThis(tr("How far around the present weights the map reaches."))
        self.logarithmic = Toggle(tr("Log"), name=tr("Logarithmic levels"))
        self.logarithmic.setToolTip(tr("Colours and lines are even in the logarithm of the loss."))
        self.others = QPushButton(tr("Other directions"))
        self.others.setToolTip(tr("Draw two other random directions, each filter as long as its weights."))
        self.canvas = SurfaceCanvas()
        title = self.spec.title
        offer_figure(self.canvas, title, "loss_surface", context.exports, context.preferences, aspect=0.75)
        self.caption = Label("", "muted", caption=True, wrap=True)
        self.reading = Label("", wrap=True)
        """The loss at the point that is picked."""
        self.set_button = QPushButton(tr("Set the weights here"))
        self._shapes: dict[tuple[int, str], Shape] = {}
        self._seed = 0
        self._training = False
        self._not_before = 0.0
        self._probed: float | None = None
        self._build()
        self.mode.edited.connect(lambda _: self._choose_plane())
        self.across.edited.connect(self._choose_across)
        self.up.edited.connect(lambda _: self._choose_plane())
        self.zoom.edited.connect(lambda _: self._ask_anew())
        self.logarithmic.edited.connect(lambda chosen: self.canvas.set_logarithmic(bool(chosen)))
        self.others.clicked.connect(self._draw_others)
        self.canvas.picked.connect(self._pick)
        self.set_button.clicked.connect(self._set_weights)
        self._show_picked()

    # --- what it asks ------------------------------------------------------------------------------------

    @property
    def plane(self) -> WeightPlane | None:
        """Which plane is looked at; None while nothing is chosen."""
        kind = cast(Literal["parameters", "random", "path"], self.mode.value())
        if kind != "parameters":
            return WeightPlane(kind, seed=self._seed)
        x, y = self.across.value(), self.up.value()
        return WeightPlane(kind, x, y) if isinstance(x, ParameterPlace) and y is not None else None

    @property
    def query(self) -> LossSurfaceQuery | None:
        """What it wants to see."""
        plane = self.plane
        if self._model is None or self.sentence or plane is None:
            return None
        query = LossSurfaceQuery(plane, float(self.zoom.value()), self.canvas.point)
        return query if self._training else replace(query, piece=RESTING_PIECE_S)

    def queries(self) -> Collection[Query[Any]]:
        query = self.query
        # While training goes on, the run has most of the time for itself.
        if query is None or (self._training and time.monotonic() < self._not_before):
            return ()
        return (query,)

    # --- what the window tells ---------------------------------------------------------------------------

    def show_prepared(self, prepared: Prepared) -> None:
        self._shapes = {(span.layer, span.name): span.shape for span in prepared.network.spans}

    def show_model(self, model: ModelSummary) -> None:
        super().show_model(model)
        reason = self.spec.reason_against(model)
        # Before the network is known by its shapes, there is nothing to choose from.
        if reason or not self._shapes:
            self._say(reason or tr("The weights of this network are not known yet."))
            return
        self._fill_choices(model)
        self._choose_plane()
        self._show_content()

    def set_locked(self, locked: bool) -> None:
        self._training = locked
        # The state in which training has ended is shown in any case.
        self._ask_anew()

    def refresh(self, answers: Answers) -> None:
        query = self.query
        found = answers.get(query) if query is not None else None
        if found is None:
            return
        self._not_before = time.monotonic() + LEAST_PAUSE * found.seconds
        self._probed = found.probed
        note = "" if found.surface is not None else REASONS[found.reason]
        self.canvas.show_surface(found.surface, found.path, note)
        self.caption.setText(surface_words(found))
        self._show_picked()
        if found.done < 1.0 and not self._training:
            self.queries_changed.emit()

    def show_selection(self, new: Selected, old: Selected) -> None:
        if self._model is None or new.layer is None or new.parameter is None or new == old:
            return
        place = ParameterPlace(new.layer, *new.parameter)
        if place != self.across.value() and is_parameter(self._shapes, place):
            self._offer(self.across, place)
            self._choose_plane()

    def end_run(self) -> None:
        self._forget()

    def clear(self) -> None:
        super().clear()
        self._shapes = {}
        self._forget()
        self.canvas.show_surface(None, None)

    # --- hands -------------------------------------------------------------------------------------------

    def _choose_across(self, place: object) -> None:
        if isinstance(place, ParameterPlace):
            self.context.selection.select(layer=place.layer, parameter=(place.name, place.index))
        self._choose_plane()

    def _draw_others(self) -> None:
        self._seed += 1
        self._choose_plane()

    def _choose_plane(self) -> None:
        plane, model = self.plane, self._model
        kind = self.mode.value()
        self.across.setVisible(kind == "parameters")
        self.up.setVisible(kind == "parameters")
        self.others.setVisible(kind == "random")
        names = {
            "random": (tr("Random direction 1"), tr("Random direction 2")),
            "path": (tr("Main direction of the path"), tr("Second direction of the path")),
        }
        if kind in names:
            self.canvas.set_names(*names[kind])
        elif model is not None and plane is not None and plane.x is not None and plane.y is not None:
            self.canvas.set_names(self._title(model, plane.x), self._title(model, plane.y))
        self._forget()
        self._ask_anew()

    def _pick(self, point: Point | None) -> None:
        self._probed = None
        self._show_picked()
        self._ask_anew()

    def _set_weights(self) -> None:
        surface, point = self.canvas.surface, self.canvas.point
        if surface is not None and point is not None:
            text = tr("Set the weights to a point of the loss surface")
            self.context.weights.edit(partial(surface.frame.edits, to=point), text)

    # --- what is shown -----------------------------------------------------------------------------------

    def _ask_anew(self) -> None:
        self._not_before = 0.0
        self.queries_changed.emit()

    def _forget(self) -> None:
        self._probed = None
        self.canvas.show_surface(None, None, REASONS[""])
        self.canvas.pick(None)
        self.caption.setText("")
        self._show_picked()

    def _title(self, model: ModelSummary, place: ParameterPlace) -> str:
        shape = self._shapes.get((place.layer, place.name), ())
        return parameter_title(model, place.layer, place.name, place.index, shape)

    def _short_title(self, model: ModelSummary, place: ParameterPlace) -> str:
        """Under the heading of its layer, which need not be said again."""
        return self._title(model, place).removeprefix(f"{model.layers[place.layer].name}, ")

    def _offer(self, field: Choice, place: ParameterPlace) -> None:
        """Choose a parameter, which need not be in the list."""
        options_before = field.options()
        field.set_value(place)
        if self._model is not None:
            listed = any(option.value == place for option in options_before)
            title = self._short_title if listed else self._title
            field.set_option_title(place, title(self._model, place))

    def _fill_choices(self, model: ModelSummary) -> None:
        places = options_of(self._shapes)
        options = [
            Option(place, self._short_title(model, place), model.layers[place.layer].name) for place in places
        ]
        selected, first = self.context.selection.selected, self.across.value()
        if selected.layer is not None and selected.parameter is not None:
            first = ParameterPlace(selected.layer, *selected.parameter)
        pair = two_of(self._shapes, first, self.across.value(), self.up.value())
        for field, place in zip((self.across, self.up), pair, strict=True):
            field.set_options(options)
            self._offer(field, place)

    def _show_picked(self) -> None:
        surface, point = self.canvas.surface, self.canvas.point
        here = surface is not None and point is not None
        reason = self.context.weights.reason_against
        self.set_button.setEnabled(here and not reason)
        tip = tr("Set what the two axes move to the point that is picked: one step to undo.")
        self.set_button.setToolTip(reason or (tip if here else tr("Click a point of the map first.")))
        if surface is None or point is None:
            self.reading.setText(tr("Click a point of the map to read its loss.") if surface else "")
            return
        self.reading.setText(picked_words(surface, point, self._probed))

    def _build(self) -> None:
        for field, width in ((self.mode, 168), (self.across, 208), (self.up, 208), (self.zoom, 112)):
            set_sizes(field, least_width=width)
        for button in (self.others, self.set_button):
            button.setProperty("small", True)
        row = WrappingRow((self.mode, self.across, self.up, self.others, self.zoom, self.logarithmic))
        head = QHBoxLayout()
        head.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 0)
        head.addWidget(row)
        picked = QHBoxLayout()
        picked.setContentsMargins(4 * GRID, 0, 4 * GRID, 0)
        picked.setSpacing(3 * GRID)
        picked.addWidget(self.reading, 1)
        picked.addWidget(self.set_button)
        foot = QHBoxLayout()
        foot.setContentsMargins(4 * GRID, 0, 4 * GRID, 2 * GRID)
        foot.addWidget(self.caption)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addLayout(head)
        layout.addWidget(self.canvas, 1)
        layout.addLayout(picked)
        layout.addLayout(foot)
        self._fill_with(content)
