"""The pages of the data viewer: rows, images where there are any, distributions, pairs."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QTabWidget, QWidget

from gui.core.figure_saving import offer_figure
from gui.core.jobs import Exports
from gui.core.preferences import Preferences
from gui.kit import PlainScrollArea
from gui.kit.text import tr
from gui.panels.data_viewer.distributions import Distributions
from gui.panels.data_viewer.images import ImageGrid
from gui.panels.data_viewer.pairs import Pairs
from gui.panels.data_viewer.row_table import RowTable
from gui.panels.data_viewer.viewed_data import ArrangedRows, RowOrder, ViewedData

IMAGES = 1


class Pages(QTabWidget):
    """All show the same rows. `order_asked` : column and descending; `row_chosen` : a row of the table."""

    order_asked = Signal(object, bool)
    row_chosen = Signal(int)
    inspect_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table, self.images, self.pairs = RowTable(), ImageGrid(), Pairs()
        self.distributions = Distributions()
        self._shown: tuple[ViewedData, ArrangedRows, RowOrder] | None = None
        self.addTab(self.table, tr("Rows"))
        self.addTab(PlainScrollArea(self.images), tr("Images"))
        self.addTab(PlainScrollArea(self.distributions), tr("Distributions"))
        self.addTab(self.pairs, tr("Pairs"))
        self.table.order_asked.connect(self.order_asked)
        self.table.row_chosen.connect(self.row_chosen)
        self.table.inspect_asked.connect(self.inspect_asked)
        self.images.row_chosen.connect(self.row_chosen)

    def offer_figures(self, exports: Exports, remembered: Preferences) -> None:
        """Let the pictures be saved as figures."""
        offer_figure(self.distributions, tr("Distributions"), "distributions", exports, remembered)
        offer_figure(self.pairs.plot, tr("Pairs"), "pairs", exports, remembered, aspect=0.8)

    def show_rows(self, found: ViewedData, arranged: ArrangedRows, order: RowOrder) -> None:
        """Show the rows of the viewed data in an order."""
        self._shown = found, arranged, order
        self.table.show_rows(found, arranged.rows)
        self.table.show_order(order)
        self.images.show_rows(found, arranged.rows)
        self.setTabVisible(IMAGES, self.images.has_images)
        self.pairs.show_rows(found, arranged.rows)
        self.distributions.show_bars(arranged.sample, arranged.bars, found.target)

    def clear_rows(self) -> None:
        """Show nothing."""
        self._shown = None
        self.table.show_rows(None, self.table.rows.rows[:0])
        self.images.show_rows(None, self.table.rows.rows)
        self.pairs.show_rows(None, self.table.rows.rows)
        self.distributions.show_bars(None, (), "")

    def apply_theme(self) -> None:
        """Points were made in the colours of the other theme."""
        if self._shown is not None:
            self.pairs.show_rows(self._shown[0], self._shown[1].rows)
