"""What the layers and units of the network do, live: the page in front asks, the others cost nothing."""

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QTabWidget, QVBoxLayout, QWidget

from engine.insight.evaluation_pass import image_shape
from engine.insight.query import Query
from engine.training.history import History
from gui.core.messages import Answers, Prepared
from gui.core.model_summary import ModelSummary
from gui.core.selection import PartName, Sample, Selected
from gui.kit import Choice, Label, NumberField, Range
from gui.kit.sample_pictures import Samples
from gui.kit.text import tr
from gui.kit.theme import GRID, set_sizes
from gui.kit.wrapping import WrappingRow
from gui.panels.base import PanelContext, PanelSpec, View
from gui.panels.features.exciting_page import ExcitingPage
from gui.panels.features.maps_page import MapsPage
from gui.panels.features.page import Looked, Page
from gui.panels.features.saliency_page import SaliencyPage

PARTS: tuple[PartName, ...] = ("training", "validation", "test")
PART_TITLES = {"training": tr("Training"), "validation": tr("Validation"), "test": tr("Test")}


class FeaturesView(View):
    """Filters and feature maps, saliency, and the samples that excite a unit most."""

    follows_history = True
    spec = PanelSpec(
        "features",
        tr("Features"),
        "squares-four",
        "centre",
        tr("What layers and units do: filters, feature maps, saliency, the most exciting samples."),
        order=30,
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._samples = Samples(lambda: context.session.dataset)
        self._counts: dict[PartName, int] = {}
        self.layer, self.part = Choice(name=tr("Layer")), Choice(name=tr("Part of the data"))
        self.layer.setWhatsThis(tr("The layer whose units are looked at."))
        self.part.setWhatsThis(
            tr("Which rows are looked at: those of the training, the validation or the test part.")
        )
        self.unit = NumberField(Range(1, whole=True), value=1, name=tr("Unit"))
        self.unit.setWhatsThis(tr("The unit of the layer, counted from 1; of a convolution the channel."))
        self.index = NumberField(Range(1, whole=True), value=1, name=tr("Sample"))
        self.index.setWhatsThis(tr("The number of the sample within its part, counted from 1."))
        self.of_units = Label("", "muted")
        self.inspect = QPushButton(tr("Inspect"))
        self.inspect.setToolTip(tr("Follow this sample through the network."))
        self.inspect.setProperty("small", True)
        self.maps = MapsPage()
        self.pages = QTabWidget()
        self.saliency, self.exciting = SaliencyPage(context), ExcitingPage(context)
        self.pages.addTab(self.maps, tr("Filters and maps"))
        self.pages.addTab(self.saliency, tr("Saliency"))
        self.pages.addTab(self.exciting, tr("Most exciting samples"))
        self._build()
        self.layer.edited.connect(lambda layer: context.selection.select(layer=layer))
        self.unit.edited.connect(lambda unit: self._choose_unit(int(unit) - 1))
        self.part.edited.connect(lambda part: context.selection.select(sample=Sample(part, 0)))
        self.index.edited.connect(lambda index: self._choose_sample(self.part.value(), int(index) - 1))
        self.inspect.clicked.connect(self._inspect)
        self.pages.currentChanged.connect(lambda _: self._look())
        for page in self._pages_of_tabs():
            page.unit_chosen.connect(self._choose_unit)
            page.sample_chosen.connect(self._choose_sample)
            page.wanted.connect(self.queries_changed)
            page.inspection_wanted.connect(self._inspect)

    @property
    def looked(self) -> Looked | None:
        """What is looked at: what is selected, or where nothing is, what shows most."""
        model, selected = self._model, self.context.selection.selected
        if model is None or not model.layers:
            return None
        layer = selected.layer
        if layer is None or layer >= len(model.layers):
            layer = _first_layer(model)
        units = model.layers[layer].output_shape[-1]
        unit = selected.unit if selected.layer == layer and selected.unit is not None else 0
        sample = selected.sample
        if sample is None or sample.index >= self._counts.get(sample.part, 0):
            sample = Sample("validation" if self._counts.get("validation") else "training", 0)
        return Looked(model, self._samples, layer, min(unit, units - 1), sample.part, sample.index)

    def queries(self) -> Collection[Query[Any]]:
        return () if self._model is None else self._front().queries()

    # --- what the window tells ---------------------------------------------------------------------------

    def show_prepared(self, prepared: Prepared) -> None:
        self._samples = Samples(lambda: self.context.session.dataset, image_shape(prepared.network))
        self._counts = {part: prepared.dataset.part(part).rows_count for part in PARTS}
        self.part.set_options([(part, PART_TITLES[part]) for part in PARTS if self._counts[part]])

    def show_model(self, model: ModelSummary) -> None:
        super().show_model(model)
        self.layer.set_options([(layer.index, layer.name) for layer in model.layers])
        self._look()
        self._show_content()

    def show_selection(self, new: Selected, old: Selected) -> None:
        if (new.layer, new.unit, new.sample) != (old.layer, old.unit, old.sample):
            self._look()

    def refresh(self, answers: Answers) -> None:
        if self._model is not None:
            self._front().refresh(answers)

    def show_history(self, history: History | None) -> None:
        for page in self._pages_of_tabs():
            page.show_step(history.steps.count if history is not None else 0)

    def set_locked(self, locked: bool) -> None:
        for page in self._pages_of_tabs():
            page.set_training(locked)
        # The state in which training has ended is shown in any case.
        self.queries_changed.emit()

    def end_run(self) -> None:
        for page in self._pages_of_tabs():
            page.end_run()

    def clear(self) -> None:
        super().clear()
        for page in self._pages_of_tabs():
            page.end_run()
            page.look_at(None, False)
        for choice in (self.layer, self.part):
            choice.set_options(())
        for field in (self.unit, self.index):
            field.set_value(1)
        self.of_units.setText("")

    def apply_theme(self) -> None:
        for page in self._pages_of_tabs():
            page.forget_pictures()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look()

    # --- hands -------------------------------------------------------------------------------------------

    def _choose_unit(self, unit: int) -> None:
        looked = self.looked
        if looked is not None:
            self.context.selection.select(layer=looked.layer, unit=min(unit, looked.units - 1))
            self._look()

    def _choose_sample(self, part: PartName, index: int) -> None:
        if self._counts.get(part):
            chosen = Sample(part, min(index, self._counts[part] - 1))
            self.context.selection.select(sample=chosen)
            # What was typed may be more than there are.
            self._look()

    def _inspect(self) -> None:
        looked = self.looked
        if looked is not None:
            self.context.selection.select(sample=Sample(looked.part, looked.index))
            self.context.requests.show_panel.emit("inspector")

    # --- what is shown -----------------------------------------------------------------------------------

    def _build(self) -> None:
        set_sizes(self.layer, least_width=116)
        set_sizes(self.part, least_width=98)
        for field in (self.unit, self.index):
            set_sizes(field, width=54)
        unit = Label(tr("Unit"), "muted")
        unit.setBuddy(self.unit)
        fields = (self.layer, unit, self.unit, self.of_units, self.part, self.index, self.inspect)
        head = QHBoxLayout()
        head.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 0)
        head.addWidget(WrappingRow(fields))
        self.pages.setDocumentMode(True)
        # Less than some pages need: on a small screen with large text they are squeezed, not the window.
        set_sizes(self.pages, least_width=200, least_height=160)
        self.pages.tabBar().setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addLayout(head)
        layout.addWidget(self.pages, 1)
        self._fill_with(content)

    def _pages_of_tabs(self) -> list[Page]:
        found = (self.pages.widget(place) for place in range(self.pages.count()))
        return [page for page in found if isinstance(page, Page)]

    def _front(self) -> Page:
        page = self.pages.currentWidget()
        return page if isinstance(page, Page) else self.maps

    def _look(self) -> None:
        """Show what is looked at in the fields and on the pages."""
        looked = self.looked
        if looked is None:
            return
        self.layer.set_value(looked.layer)
        self.unit.set_value(looked.unit + 1)
        self.of_units.setText(tr("of {units}", units=looked.units))
        self.part.set_value(looked.part)
        self.index.set_value(looked.index + 1)
        front = self._front()
        for page in self._pages_of_tabs():
            page.look_at(looked, page is front and self.isVisible())
        self.queries_changed.emit()


def _first_layer(model: ModelSummary) -> int:
    """The first layer with feature maps, else the first that has parameters."""
    trained = [layer.index for layer in model.layers if layer.parameters]
    mapped = [index for index in trained if len(model.layers[index].output_shape) == 3]
    return (mapped or trained or [0])[0]
