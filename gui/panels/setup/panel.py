"""The left column: data, network and training, each a section that edits its part of the experiment."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.errors import ShapeError, UserError
from engine.experiment import Experiment
from gui.core.document import Document
from gui.core.messages import Invalid, Prepared, Previewed, Status
from gui.kit import PlainScrollArea
from gui.panels.setup.data_section import DataSection
from gui.panels.setup.network_check import DataDimensions
from gui.panels.setup.network_section import NetworkSection
from gui.panels.setup.training_section import TrainingSection

_MARGIN = 12
_BETWEEN_SECTIONS = 14


class SetupColumn(QWidget):
    """Shows the document's experiment and edits it; every edit can be undone.

    The window tells it what the session says (`show_prepared`, `show_invalid`, `show_status`), and which
    layer was chosen elsewhere (`select_layer`). `layer_selected` gives the index in the network of the layer
    whose card is open; the output layer is the last, None says that none is. `preview_wanted` gives a
    PreviewWanted, to be answered by `show_preview`. All in the window's thread.
    """

    layer_selected = Signal(object)
    preview_wanted = Signal(object)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._locked = False
        self._data = DataSection(document)
        self._network = NetworkSection(document)
        self._training = TrainingSection(document)
        content = QWidget()
        column = self._column = QVBoxLayout(content)
        column.setSpacing(_BETWEEN_SECTIONS)
        # When a card opens the column grows at once: nothing is squeezed until the scroll area follows.
        column.setSizeConstraint(QLayout.SizeConstraint.SetMinimumSize)
        for section in (self._data, self._network, self._training):
            section.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            column.addWidget(section)
        column.addStretch(1)
        self._scroll = PlainScrollArea(content)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._leave_margin)
        self._leave_margin(0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._scroll)
        self._network.layer_selected.connect(self.layer_selected)
        self._training.preview_wanted.connect(self.preview_wanted)
        document.changed.connect(self._show_experiment)

    @property
    def data(self) -> DataSection:
        return self._data

    @property
    def network(self) -> NetworkSection:
        return self._network

    @property
    def training(self) -> TrainingSection:
        return self._training

    def show_prepared(self, prepared: Prepared) -> None:
        """The data is loaded and the network fits: show what was understood, shapes and cost."""
        self._data.show_description(prepared.experiment.data.source, prepared.description)
        self._network.show_data(DataDimensions.of(prepared))
        self._show_fault(None)
        self._training.show_prepared(prepared)

    def show_preview(self, previewed: Previewed) -> None:
        """Show what augmentations make of some examples."""
        self._training.show_preview(previewed)

    def show_invalid(self, invalid: Invalid) -> None:
        """The experiment cannot run as it is: say so beside what causes it."""
        data = invalid.experiment.data
        self._data.show_description(data.source, invalid.description)
        described = invalid.description
        self._network.show_data(DataDimensions.of_description(described, data.split) if described else None)
        self._training.show_prepared(None)
        self._show_fault(invalid.error)

    def clear(self) -> None:
        """Forget what was found out of the data and said of the experiment, until it is known of the next."""
        self._data.forget_description()
        self._network.show_data(None)
        self._training.show_prepared(None)
        self._show_fault(None)

    def show_status(self, status: Status) -> None:
        """While training, what cannot change in mid-run is disabled and says why."""
        locked = status == "training"
        if locked == self._locked:
            # It is told with every frame.
            return
        self._locked = locked
        for section in (self._data, self._network, self._training):
            section.set_locked(locked)

    def select_layer(self, index: int | None) -> None:
        """Open the card of a layer that was chosen elsewhere; None closes the open one. Emits nothing."""
        self._network.select_layer(index)

    def _show_experiment(self, new: Experiment, old: Experiment) -> None:
        for section in (self._data, self._network, self._training):
            section.show_experiment(new)

    def _show_fault(self, fault: UserError | None) -> None:
        """Shapes and output are judged by the network section itself; the rest goes where it belongs."""
        section = fault.place[0] if fault is not None and fault.place else ""
        of_training = section == "training"
        of_network = isinstance(fault, ShapeError) or section == "head"
        self._training.show_fault(fault if of_training else None)
        self._data.show_fault(None if of_training or of_network else fault)

    def _leave_margin(self, low: int, high: int) -> None:
        """The scroll bar comes out of the margin, so that nothing is re-flowed when it comes and goes."""
        bar = self._scroll.verticalScrollBar().sizeHint().width() if high > low else 0
        self._column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN - bar, _MARGIN)
