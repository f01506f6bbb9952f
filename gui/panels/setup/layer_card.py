"""A layer of the network as a card: its line, what is wrong with it, and its form when it is open."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from engine.errors import ShapeError
from engine.layers import LAYERS, Layer
from engine.settings import Settings, kind_of
from gui.kit import ElidedLabel, IconLabel, InlineMessage, Label, theme
from gui.kit.card_list.entry_list import EntryList
from gui.kit.card_list.entry_summary import sectioned
from gui.kit.card_list.folding_card import DragLine, FoldingCard
from gui.kit.form import SettingsForm
from gui.kit.number_text import count_text, shape_text, short_count_text
from gui.panels.setup.network_facts import Stage, fault_sentence

HEADER_HEIGHT = 20
_HANDLE_WIDTH = 14
_ICON_SIZE = 15


class LayerHeader(DragLine):
    """Shows a stage."""

    def __init__(self, icon: str, *, movable: bool, parent: QWidget | None = None) -> None:
        super().__init__(movable=movable, parent=parent)
        self._name = ElidedLabel("", "strong")
        self._shape = Label("", "muted")
        self._parameters = Label("")
        for label in (self._shape, self._parameters):
            label.setFont(_tabular_font())
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            label.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        if movable:
            handle = IconLabel("dots-six-vertical", "muted", size=_HANDLE_WIDTH)
            row.addWidget(handle)
            handle.setCursor(Qt.CursorShape.OpenHandCursor)
            handle.setToolTip("Drag to move this layer")
        else:
            # The icons of all cards stand below one another.
            row.addSpacing(_HANDLE_WIDTH + row.spacing())
        row.addWidget(IconLabel(icon, "accent", size=_ICON_SIZE))
        row.addSpacing(2)
        row.addWidget(self._name, 1)
        row.addWidget(self._shape)
        row.addSpacing(4)
        row.addWidget(self._parameters)
        self.setFixedHeight(HEADER_HEIGHT)

    def show_stage(self, stage: Stage) -> None:
        self._name.setText(stage.name)
        _set(self._shape, "" if stage.shape is None else shape_text(stage.shape))
        _set(self._parameters, "" if stage.parameters is None else short_count_text(stage.parameters))
        exact = "" if stage.parameters is None else count_text(stage.parameters)
        self._parameters.setToolTip(f"{exact} parameters" if exact else "")

    def name(self) -> str:
        return self._name.text()

    def shape(self) -> str:
        return self._shape.text()

    def parameters(self) -> str:
        return self._parameters.text()

    def parameters_width(self) -> int:
        """How much room the number of parameters takes."""
        return self._parameters.fontMetrics().horizontalAdvance(self._parameters.text())

    def set_parameters_width(self, width: int) -> None:
        """Give the last column the width that it has on all cards, so that the shapes align too."""
        if self._parameters.minimumWidth() != width:
            self._parameters.setFixedWidth(width)


def _tabular_font() -> QFont:
    font = theme.text_font()
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def _set(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)


PAUSE_FIRST = "Pause training to change this."

_FORM_INDENT = 3


class LayerCard(FoldingCard):
    """Shows one layer, or the output (`fixed`).

    Signals: those of every card that folds; `edited` (settings, path of the field); `mended` (the JSON form
    of the layer to be put before this one).
    """

    edited = Signal(object, str)
    mended = Signal(object)

    def __init__(self, settings: Settings, *, fixed: bool = False, parent: QWidget | None = None) -> None:
        header = LayerHeader(settings.icon or "arrow-line-right", movable=not fixed)
        super().__init__(header, fixed=fixed, parent=parent)
        self._settings = settings
        self._locked = False
        self._stage = Stage("")
        self._forms: tuple[SettingsForm, ...] = ()
        self._message: InlineMessage | None = None

    @property
    def settings(self) -> Settings:
        """What it shows."""
        return self._settings

    @property
    def form(self) -> SettingsForm | None:
        """Its form while it is open: what is set often."""
        return self._forms[0] if self._forms else None

    def show_layer(self, settings: Settings, stage: Stage) -> None:
        """Show other settings of the same kind, and what follows from them."""
        self._settings = settings
        for form in self._forms:
            form.set_value(settings)
        if stage != self._stage:
            self._stage = stage
            self.header.show_stage(stage)
            self._show_inner()
            self._show_fault()
            self._name_it()

    def set_locked(self, locked: bool) -> None:
        """While training: what cannot change in mid-run is disabled, and says why."""
        if locked != self._locked:
            self._locked = locked
            self.set_lock(PAUSE_FIRST if locked else "")
            self._lock_form()
            self._show_fault()

    def _make_inside(self) -> QWidget:
        inside, self._forms = sectioned(self._settings, SettingsForm)
        inside.setParent(self)
        inside.setContentsMargins(0, _FORM_INDENT, 0, 0)
        for form in self._forms:
            form.changed.connect(self.edited)
            form.problem.connect(self._show_fault)
        self._lock_form()
        self._show_inner()
        return inside

    def _drop_inside(self) -> None:
        self._forms = ()
        super()._drop_inside()

    def _fold_changed(self) -> None:
        self._show_fault()
        self._name_it()

    def _lock_form(self) -> None:
        for form in self._forms:
            form.set_enabled_fields((lambda item: item.live) if self._locked else None, PAUSE_FIRST)

    def _lists(self) -> tuple[EntryList, ...]:
        """The lists of inner layers in the open form."""
        fields = (form.field(name) for form in self._forms for name in form.names())
        return tuple(field for field in fields if isinstance(field, EntryList))

    def _show_inner(self) -> None:
        """Tell the list of inner layers what became of each."""
        for field in self._lists():
            field.show_facts(self._stage.inner)
            field.prepare = self._suited

    def _suited(self, layer: Settings, place: int) -> Settings:
        """A new inner layer as it suits the shape at its place, where that is known."""
        shapes = self._stage.inner_shapes
        fits = isinstance(layer, Layer) and place < len(shapes)
        return layer.suited(shapes[place]) if fits else layer

    def _show_fault(self) -> None:
        """The edge, the sentence, and the button that mends."""
        fault = self._stage.fault
        self.set_faulty(fault is not None or any(form.problems() for form in self._forms))
        action = self._mending()
        told_inside = any(entry.faulty for entry in self._stage.inner) and bool(self._lists())
        if fault is None or (told_inside and not action):
            if self._message is not None:
                self._message.clear()
            return
        if self._message is None:
            self._message = InlineMessage()
            self._message.acted.connect(self._mend)
            self.body.insertWidget(1, self._message)
        self._message.show_message(fault_sentence(fault, with_help=not action), action=action)

    def _mending(self) -> str:
        fault = self._stage.fault
        if self._locked or not isinstance(fault, ShapeError) or fault.insert_before is None:
            return ""
        kind = fault.insert_before["kind"]
        heading = next(member.heading for member in LAYERS if kind_of(member) == kind)
        return f"Insert a {heading}"

    def _mend(self) -> None:
        fault = self._stage.fault
        if isinstance(fault, ShapeError) and fault.insert_before is not None:
            self.mended.emit(fault.insert_before)

    def _name_it(self) -> None:
        parts = [self._stage.name]
        if self.header.shape():
            parts.append(f"output {self.header.shape()}")
        if self._stage.parameters is not None:
            parts.append(f"{self.header.parameters()} parameters")
        parts.append("open" if self.is_open() else "closed")
        self.setAccessibleName(", ".join(parts))
        self.setAccessibleDescription(str(self._stage.fault or ""))
