"""How samples come back from an autoencoder: the spread of their errors, and the worst of them."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.training.reconstruction import Reconstruction
from gui.theme import GRID
from gui.views.error_histogram import ErrorHistogram
from gui.views.image_pairs import ImagePairs
from gui.views.worst_table import WorstTable
from gui.widgets import Label

MOST_SHOWN = 12
"""Samples; more would be a page to scroll through, for which there is `gradwright predict`."""
PAIRS_WORDS = "Each original beside its reconstruction, with its row in the table, its {label}and its error."
TABLE_WORDS = "Rows of the table, counted from 1, and the column that is furthest off in each."


class ReconstructionPanel(QWidget):
    """A histogram; below, pairs of images or a table of rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.histogram, self.pairs, self.table = ErrorHistogram(), ImagePairs(), WorstTable()
        self.caption = Label("", "muted", caption=True, wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self.histogram, 1)
        layout.addWidget(Label("Worst samples", "strong"))
        layout.addWidget(self.caption)
        layout.addWidget(self.pairs)
        layout.addWidget(self.table)

    def clear(self) -> None:
        self.histogram.clear()
        self.pairs.show_samples((), "")
        self.table.show_samples((), "")
        self.caption.setText("")

    def show_reconstruction(
        self, shown: Reconstruction, colour_name: str, training: Reconstruction | None = None
    ) -> None:
        """training : that of the training part, to compare another part with."""
        self.histogram.show_errors(shown.errors, colour_name, training.errors if training else None)
        worst = shown.worst[:MOST_SHOWN]
        images = bool(worst) and worst[0].original.ndim == 3
        self.pairs.setVisible(images)
        self.table.setVisible(not images)
        label = f"{shown.label} " if shown.label else ""
        self.caption.setText(PAIRS_WORDS.format(label=label) if images else TABLE_WORDS)
        if images:
            self.pairs.show_samples(worst, shown.label)
        else:
            self.table.show_samples(worst, shown.label)
