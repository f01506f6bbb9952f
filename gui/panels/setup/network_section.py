"""The network section of the setup column: the layer cards, and what the network will cost."""

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from engine.data import Description
from engine.data.dimensions import DataDimensions
from engine.errors import ShapeError, UserError
from engine.experiment import Experiment
from engine.insight.cost import Cost
from engine.layer_text import layers_from_text, layers_to_text
from engine.layers import Layer
from engine.templates import Template
from gui.core.messages import Invalid, Prepared
from gui.core.selection import Selected
from gui.kit import ElidedLabel, InlineMessage, Label, SectionHeader
from gui.kit.layouts import SECTION_SPACING
from gui.kit.numbers import bytes_text, count_text, estimate_text, quantity_text
from gui.kit.text import tr
from gui.panels.base import Panel, PanelContext, PanelSpec
from gui.panels.setup import edits
from gui.panels.setup.layer_list import LayerList
from gui.panels.setup.network_check import NetworkCheck, check_network
from gui.panels.setup.offered_model import OfferedModel, start_picker


class NetworkSection(Panel):
    """Edits the layers. The one whose card is open is the selected layer; the output is the last."""

    spec = PanelSpec(
        "layers", tr("Network"), "stack", "setup", tr("The layers, and what they cost."), order=10
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        document = self._document = context.document
        self._experiment: Experiment = document.experiment
        self._data: DataDimensions | None = None
        self._described: Description | None = None
        self._check: NetworkCheck | None = None
        self._header = SectionHeader(tr("Network"))
        self._list = LayerList(document.experiment)
        self._cost = CostLine()
        self._message = InlineMessage()
        self._offered = OfferedModel()
        self._start = QPushButton(tr("Start from…"))
        self._start.setProperty("small", True)
        self._start.setAccessibleName(tr("Start from a ready network"))
        self._start.setToolTip(tr("Put a ready network in place of these layers."))
        self._start.clicked.connect(self._offer_templates)
        self._header.add_widget(self._start)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SECTION_SPACING)
        for widget in (self._header, self._message, self._list, self._offered, self._cost):
            layout.addWidget(widget)
        self._list.changed.connect(self._change)
        self._list.inserted.connect(self._insert)
        self._list.removed.connect(lambda index: self._edit(edits.remove_layer(self._experiment, index)))
        self._list.duplicated.connect(
            lambda index: self._edit(edits.duplicate_layer(self._experiment, index))
        )
        self._list.remedied.connect(self._mend)
        self._list.moved.connect(
            lambda index, target: self._edit(edits.move_layer(self._experiment, index, target))
        )
        self._list.opened.connect(self._select)
        self._list.acted.connect(self._act)

        self.show_experiment(document.experiment)
        self._locked = False
        context.lessons.changed.connect(lambda: self.set_locked(self._locked))

    @property
    def list(self) -> LayerList:
        return self._list

    @property
    def header(self) -> SectionHeader:
        return self._header

    @property
    def message(self) -> InlineMessage:
        """Says why what was pasted is none."""
        return self._message

    @property
    def offered(self) -> OfferedModel:
        """Says why the network is as it is."""
        return self._offered

    @property
    def start_button(self) -> QPushButton:
        """Offers the templates."""
        return self._start

    @property
    def check(self) -> NetworkCheck | None:
        """What is shown."""
        return self._check

    def show_experiment(self, experiment: Experiment) -> None:
        """Show the layers, with shapes and cost for the data as it was last prepared."""
        if experiment != self._experiment:
            self._message.show_message("")
        self._experiment = experiment
        check = self._check = check_network(experiment, self._data)
        self._list.show_network(experiment, check)
        self._offered.show_experiment(experiment, self._data)
        cost = check.cost
        self._header.set_caption(quantity_text(cost.parameters, "parameter", "parameters") if cost else "")
        self._cost.setVisible(cost is not None)
        if cost is not None:
            self._cost.show_cost(cost)

    def show_data(self, data: DataDimensions | None) -> None:
        """Take what the network has to fit now."""
        if data != self._data:
            self._data = data
            self.show_experiment(self._experiment)

    def show_prepared(self, prepared: Prepared) -> None:
        self._described = prepared.description
        self.show_data(DataDimensions.of(prepared.dataset))

    def show_problem(self, invalid: Invalid) -> None:
        described = self._described = invalid.description
        split = invalid.experiment.data.split
        self.show_data(DataDimensions.of_description(described, split) if described else None)

    def clear(self) -> None:
        super().clear()
        self.show_data(None)

    def concerns(self, error: UserError) -> bool:
        """Shapes and output: the cards say what is wrong with them as they are edited."""
        return isinstance(error, ShapeError) or error.place[:1] == ("head",)

    def show_selection(self, new: Selected, old: Selected) -> None:
        """Open the card of the selected layer, or close the open one."""
        index, cards = new.layer, len(self._list.cards)
        index = index if index is not None and 0 <= index < cards else None
        if index != self._list.open_index():
            self._list.open_card(index)
            if index is not None:
                self._list.reveal_card(index)

    def set_locked(self, locked: bool) -> None:
        """While training, only what may change in mid-run can be changed; nothing where a lesson says so."""
        self._locked = locked
        kept = self.context.lessons.reason("network")
        self._list.set_locked(locked)
        self._list.setEnabled(not kept)
        self._list.setToolTip(kept)
        reason = kept or (edits.PAUSE_FIRST if locked else "")
        self._start.setEnabled(not reason)
        self._start.setToolTip(reason or tr("Put a ready network in place of these layers."))

    def _edit(self, edit: edits.Edit) -> None:
        self._document.edit(*edit)

    def _change(self, index: int, settings: Any, path: str) -> None:
        if index < len(self._experiment.layers):
            self._edit(edits.change_layer(self._experiment, index, settings, path))
        else:
            self._edit(edits.change_head(self._experiment, settings, path))

    def _insert(self, index: int, make: Callable[[], Layer]) -> None:
        layer = make()
        before = self._check.shape_before(index) if self._check else None
        if before is not None:
            layer = layer.suited(before)
        self._edit(edits.insert_layer(self._experiment, index, layer))

    def _act(self, index: int, action: str) -> None:
        """What only layers can do: through the clipboard, and being disabled."""
        layers = self._experiment.layers
        if action in ("copy", "cut"):
            QGuiApplication.clipboard().setText(layers_to_text([layers[index]]))
            self._message.show_message("")
        if action == "cut":
            self._edit(edits.cut_layer(self._experiment, index))
            self._list.focus_card(index)
        elif action == "paste":
            self._paste(min(index + 1, len(layers)))
        elif action == "enable":
            self._edit(edits.switch_layer(self._experiment, index))

    def _paste(self, index: int) -> None:
        """Put the layers of the clipboard before the one at `index`, or say why there are none."""
        try:
            pasted = layers_from_text(QGuiApplication.clipboard().text())
            edit = edits.paste_layers(self._experiment, index, pasted)
        except UserError as error:
            self._message.show_message(str(error))
            return
        self._edit(edit)
        self._list.focus_card(index + len(pasted) - 1)

    def _offer_templates(self) -> None:
        picker = start_picker(self._data, self)
        picker.picked.connect(self._start_from)
        picker.open_beside(self._start)

    def _start_from(self, template: type[Template]) -> None:
        if self._data is not None:
            described = self._described
            self._edit(edits.start_from(self._experiment, template, self._data, described))

    def _select(self, index: int | None) -> None:
        self.context.selection.select(layer=index)

    def _mend(self, index: int) -> None:
        """Put the layer that the fault of this one asks for before it."""
        fault = self._check.layers[index].fault if self._check else None
        if isinstance(fault, ShapeError) and fault.insert_before is not None:
            self._edit(edits.insert_mending(self._experiment, index, fault.insert_before))


class CostLine(QWidget):
    """Three figures, known before anything is trained: parameters, memory, time for an epoch."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 0, 8, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(1)
        self._values: dict[str, ElidedLabel] = {}
        captions = {
            "Parameters": tr("Numbers that training changes."),
            "Memory": tr("What data, weights, gradients and one batch take while training."),
            "Time per epoch": tr("Estimated from the sizes of the layers, within a factor of two or three."),
        }
        for column, (caption, tooltip) in enumerate(captions.items()):
            self._values[caption] = ElidedLabel("")
            grid.addWidget(Label(tr(caption), "muted", caption=True), 0, column)
            grid.addWidget(self._values[caption], 1, column)
            grid.setColumnStretch(column, 1)
            for row in (0, 1):
                item = grid.itemAtPosition(row, column)
                widget = item.widget() if item is not None else None
                if widget is not None:
                    widget.setToolTip(tooltip)

    def show_cost(self, cost: Cost) -> None:
        texts = {
            "Parameters": count_text(cost.parameters),
            "Memory": bytes_text(cost.memory_bytes),
            "Time per epoch": f"≈ {estimate_text(cost.seconds_per_epoch)}",
        }
        for caption, text in texts.items():
            self._values[caption].setText(text)
        self.setAccessibleName(", ".join(f"{tr(caption)} {text}" for caption, text in texts.items()))

    def text(self, caption: str) -> str:
        """The figure under a caption."""
        return self._values[caption].text()
