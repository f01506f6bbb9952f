"""Rows that stand beside a form's and keep its columns: a label, and a field or other parts."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui.kit.form_rows import LABEL_WIDTH
from gui.kit.labels import Label

COLUMN_SPACING = 8
ROW_SPACING = 6
SECTION_SPACING = 8
"""Between the title of a section and what stands in it."""


class Row(QWidget):
    """A label and the field it belongs to, in the columns of a form."""

    def __init__(self, title: str, field: QWidget, tooltip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = Label(title, "muted", wrap=True)
        self.label.setFixedWidth(LABEL_WIDTH)
        self.label.setBuddy(field)
        self.field = field
        self._tooltip = tooltip
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(COLUMN_SPACING)
        layout.addWidget(self.label, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(field, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_enabled(True)

    def set_words(self, title: str, tooltip: str) -> None:
        """Call the row something else."""
        if title == self.label.text():
            return
        self.label.setText(title)
        self.field.setAccessibleName(title)
        self._tooltip = tooltip
        self.label.setToolTip(tooltip)
        self.field.setToolTip(tooltip)

    def set_enabled(self, enabled: bool, reason: str = "") -> None:
        """Let the field be used or not; the tooltip says why not."""
        self.field.setEnabled(enabled)
        self.label.setEnabled(enabled)
        tooltip = " ".join(text for text in (self._tooltip, "" if enabled else reason) if text)
        self.label.setToolTip(tooltip)
        self.field.setToolTip(tooltip)


class Stack(QWidget):
    """Widgets one under the other, as far apart as the rows of a form."""

    def __init__(self, *widgets: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(ROW_SPACING)
        for widget in widgets:
            layout.addWidget(widget)
