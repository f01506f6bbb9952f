"""The column on the left: the sections of the setup, one above the other."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, QRect, QTimer
from PySide6.QtWidgets import QLayout, QSizePolicy, QVBoxLayout, QWidget

from gui.kit import PlainScrollArea
from gui.panels.base import Panel

_MARGIN = 12
_BETWEEN_SECTIONS = 14
_AROUND_REVEALED = 12


class SetupColumn(QWidget):
    """Scrolls what does not fit, and what a section reveals into sight."""

    def __init__(self, sections: Sequence[Panel], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        content = self._content = QWidget()
        column = self._column = QVBoxLayout(content)
        column.setSpacing(_BETWEEN_SECTIONS)
        # When a card opens the column grows at once: nothing is squeezed until the scroll area follows.
        column.setSizeConstraint(QLayout.SizeConstraint.SetMinimumSize)
        for section in sections:
            section.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            column.addWidget(section)
            section.revealed.connect(partial(self._reveal, section))
        column.addStretch(1)
        self._scroll = PlainScrollArea(content)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._leave_margin)
        self._leave_margin(0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._scroll)

    def _leave_margin(self, low: int, high: int) -> None:
        """The scroll bar comes out of the margin, so that nothing is re-flowed when it comes and goes."""
        bar = self._scroll.verticalScrollBar().sizeHint().width() if high > low else 0
        self._column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN - bar, _MARGIN)

    def _reveal(self, section: Panel, area: QRect) -> None:
        """Scroll until a part of a section is seen, once the layout has settled."""
        QTimer.singleShot(0, self, lambda: self._scroll_to(section, area))

    def _scroll_to(self, section: Panel, area: QRect) -> None:
        content = self._content
        place = section.mapTo(content, QPoint(0, 0))
        seen = area.translated(place)
        self._scroll.ensureVisible(0, seen.bottom(), 0, _AROUND_REVEALED)
        self._scroll.ensureVisible(0, seen.top(), 0, _AROUND_REVEALED)
