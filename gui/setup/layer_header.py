"""The line at the top of a layer's card: handle, icon, name, output shape, parameters."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from gui import theme
from gui.entries.drag_line import DragLine
from gui.setup.facts import Stage
from gui.setup.quantities import count_text, shape_text, short_count_text
from gui.widgets import ElidedLabel, IconLabel, Label

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
