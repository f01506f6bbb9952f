"""Edits of weights by a person: each is one step to undo, made at the next step boundary of the run.

Undoing one puts the numbers back that stood there before. Where training has gone on since, all other weights
keep what they have learned, and a note says so. In any case the history of the run has a mark.
"""

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QUndoCommand
from PySide6.QtWidgets import QWidget

from engine.arrays import Array
from engine.training.parameter_edits import ParameterEdit
from gui.core.document import Document
from gui.core.edit_orders import EditOrder, Edits
from gui.core.locks import WEIGHTS
from gui.core.messages import Edited
from gui.core.model_summary import ModelSummary
from gui.core.parameter_names import SIMPLE_BIAS, SIMPLE_WEIGHT, input_names, parameter_title, unit_names
from gui.core.session import Session
from gui.kit.text import tr
from gui.kit.weight_editor import Weight, WeightEditor

MOST_WEIGHTS_OF_A_UNIT = 200
"""That are typed in a small window; the table of a layer has all of them."""


class EditWeights(QUndoCommand):
    """An edit of weights of a run; undone, it leaves every other run alone."""

    def __init__(self, edits: "WeightEdits", session: Session, order: EditOrder) -> None:
        super().__init__(order.text)
        self._edits, self._session, self._order = edits, session, order
        self._run = 0

    def redo(self) -> None:
        # After other steps were undone, the run may have been made anew.
        self._run = self._session.number
        self._session.edit_weights(self._order)

    def undo(self) -> None:
        if self._session.number == self._run:
            self._session.edit_weights(self._order, take_back=True)
        else:
            self._edits.noted.emit(tr("The network with the edited weights is no longer kept."))


class WeightEdits(QObject):
    """What panels edit weights with: `context.weights.set(0, "weight", (2, 3), 0.5)`.

    Signals: `noted` with a sentence for the person; `failed` with a UserError: nothing was edited.
    """

    noted = Signal(str)
    failed = Signal(object)

    def __init__(self, document: Document, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._session = document, session
        session.edited.connect(self._take)

    @property
    def reason_against(self) -> str:
        """Why no weights can be edited now, in a sentence; empty where they can. Training need not pause."""
        if not self._session.has_run:
            return tr("There is no run yet whose weights could be edited.")
        return self._document.locks.reason(WEIGHTS)

    def set(self, layer: int, name: str, index: tuple[int, ...], value: Array | float) -> None:
        """Set one number of a parameter, or all of it for an index of ()."""
        self.edit([ParameterEdit(layer, name, index, values=value)])

    def edit(self, edits: Edits, text: str = "") -> None:
        """Make several edits as one step to undo, called `text` there and in the history, where given.

        edits : or a function that gives them for the network as it is when they are made; then with a text.
        """
        if reason := self._document.locks.reason(WEIGHTS):
            self.noted.emit(reason)
        if not edits or self.reason_against:
            return
        if not text and not callable(edits):
            text = self._session.edit_text(edits)
        self._document.push(EditWeights(self, self._session, EditOrder(edits, text)))

    def open_editor(
        self,
        parent: QWidget,
        place: QPoint,
        model: ModelSummary,
        layer: int,
        name: str,
        index: tuple[int, ...],
        array: Array,
    ) -> WeightEditor:
        """Open the small window for one number at a place of the screen; array : the parameter, as shown."""
        title = parameter_title(model, layer, name, index, array.shape)
        editor = WeightEditor(title, [Weight(tr("Value"), array[index])], parent=parent)
        editor.chosen.connect(lambda found: self.set(layer, name, index, found[0]))
        editor.open_at(place)
        return editor

    def open_unit_editor(
        self,
        parent: QWidget,
        place: QPoint,
        model: ModelSummary,
        layer: int,
        unit: int,
        weight: Array,
        bias: Array | None,
    ) -> WeightEditor:
        """The same for the bias and all weights of a unit: weight (inputs, units), bias (units,)."""
        names = input_names(model, layer, len(weight))
        rows: list[tuple[str, tuple[int, ...], str, float]]
        rows = [(SIMPLE_BIAS, (unit,), tr("Bias"), bias[unit])] if bias is not None else []
        rows += [
            (SIMPLE_WEIGHT, (source, unit), tr("from {source}", source=names[source]), weight[source, unit])
            for source in range(min(len(weight), MOST_WEIGHTS_OF_A_UNIT))
        ]
        name = unit_names(model, layer)[unit]
        title = tr("{layer}, {unit}", layer=model.layers[layer].name, unit=name)
        note = tr("Decimals or fractions such as 1/3. Enter sets what was changed, Escape leaves all.")
        if len(weight) > MOST_WEIGHTS_OF_A_UNIT:
            note += " " + tr("“Parameters of a layer” in the Model menu has all of them.")
        editor = WeightEditor(title, [Weight(text, value) for _, _, text, value in rows], note, parent)

        def take(found: dict[int, float]) -> None:
            self.edit([ParameterEdit(layer, *rows[at][:2], values=value) for at, value in found.items()])

        editor.chosen.connect(take)
        editor.open_at(place)
        return editor

    def _take(self, message: Edited) -> None:
        if message.error is not None:
            self.failed.emit(message.error)
        elif message.sentence:
            self.noted.emit(message.sentence)
