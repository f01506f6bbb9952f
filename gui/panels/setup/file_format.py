"""How the data is read: links to the import dialog and to the data, and the fields of the file's format."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.data.sources import HandMade, Source
from engine.data.sources.two_dimensional import Formula
from gui.kit import Label, LinkButton, theme
from gui.kit.form import SettingsForm
from gui.kit.layouts import Disclosure, Stack
from gui.kit.text import tr

FIRST_FIELDS = ("path", "noise", "values")
"""Fields of a source that stand right under it; the others are needed less often."""


class DataLinks(QWidget):
    """To the import dialog, and to the data themselves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.read_again = LinkButton(tr("Change how it is read…"))
        self.look = LinkButton(tr("Look at the data"))
        self.look.setWhatsThis(tr("Opens the rows as they were read, with the part that each belongs to."))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.GRID)
        row.addWidget(self.look)
        row.addWidget(self.read_again)
        row.addStretch(1)

    def show_links(self, table: bool, known: bool) -> None:
        """table : the data is a table that is read from a file. known : it could be read."""
        self.read_again.setVisible(table)
        self.look.setVisible(known)
        self.setVisible(table or known)

    def set_locked(self, locked: bool, reason: str) -> None:
        """How it is read cannot be changed while training."""
        self.read_again.setEnabled(not locked)
        self.read_again.setToolTip(reason if locked else "")


class FileFormat(Disclosure):
    """Notes on how the table was read, and the fields to read it otherwise."""

    def __init__(self, fields: SettingsForm, parent: QWidget | None = None) -> None:
        self._notes = Label("", "muted", caption=True, wrap=True)
        self._fields = fields
        super().__init__(tr("File format"), Stack(self._notes, fields), parent)

    def show_source(self, source: Source, notes: Sequence[str]) -> None:
        """notes : what the source said when it was read."""
        is_file, by_hand = hasattr(source, "path"), isinstance(source, HandMade)
        title = tr("How it is read") if by_hand else tr("Source and licence")
        self.set_title(tr("File format") if is_file else title)
        self._notes.setText("\n".join(map(tr, notes)))
        self._notes.setVisible(bool(notes))
        self._fields.setVisible(is_file or by_hand)
        self.setVisible(not isinstance(source, Formula) and (is_file or bool(notes)))
