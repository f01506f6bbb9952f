"""The checklist of what a lesson keeps as it is, and of what it does not show."""

from collections.abc import Collection

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from engine.training_settings import Training
from gui.core.locks import RESET, WEIGHTS
from gui.kit.form_fields import field_specs
from gui.kit.labels import WrappedLabel
from gui.kit.text import tr
from gui.kit.theme import GRID, scaled
from gui.panels import PANELS

NAME, LOCKED, HIDDEN = range(3)
ROW_HEIGHT = 24
_LOCK, _ID = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
SECTIONS = ("data", "network", "training")
"""Of the setup, which a lesson can lock; their ids are those of their panels."""


class LocksPage(QWidget):
    """Two boxes for each section and plot, and one for each setting of the training."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(tr("Locked and hidden"))
        self.tree.setHeaderLabels([tr("Part of the window"), tr("Locked"), tr("Hidden")])
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        self._others: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        """What a lesson that is edited locks and hides beside what stands here."""
        self.items: dict[str, QTreeWidgetItem] = {}
        titles = {kind.spec.id: kind.spec.title for kind in PANELS}
        for section in SECTIONS:
            item = self._add(titles.get(section, section), lock=section, id=section)
            if section == "training":
                for spec in field_specs(Training):
                    self._add(spec.title, lock=f"training.{spec.name}", parent=item)
                self._add(tr("Seed"), lock="training.seed", parent=item)
        self._add(tr("Editing weights"), lock=WEIGHTS)
        self._add(tr("Reset"), lock=RESET)
        for kind in PANELS:
            if kind.spec.place == "plots":
                self._add(kind.spec.title, id=kind.spec.id)
        layout = QVBoxLayout(self)
        layout.setSpacing(2 * GRID)
        layout.addWidget(
            WrappedLabel(
                tr("What is locked cannot be changed during the lesson; what is hidden is not shown."),
                "muted",
            )
        )
        layout.addWidget(self.tree)

    def _add(
        self, title: str, *, lock: str = "", id: str = "", parent: QTreeWidgetItem | None = None
    ) -> QTreeWidgetItem:
        if lock and lock in self.items:
            return self.items[lock]
        item = QTreeWidgetItem([title])
        item.setSizeHint(NAME, QSize(0, scaled(ROW_HEIGHT)))
        item.setData(NAME, _LOCK, lock)
        item.setData(NAME, _ID, id)
        for column, used in ((LOCKED, lock), (HIDDEN, id)):
            if used:
                item.setCheckState(column, Qt.CheckState.Unchecked)
        if parent is None:
            self.tree.addTopLevelItem(item)
        else:
            parent.addChild(item)
        self.items[lock or id] = item
        return item

    def show_locks(self, locked: Collection[str], hidden: Collection[str]) -> None:
        """Check the boxes of a lesson."""
        known: tuple[set[str], set[str]] = (set(), set())
        for item in self.items.values():
            for column, role, wanted in ((LOCKED, _LOCK, locked), (HIDDEN, _ID, hidden)):
                name = item.data(NAME, role)
                if name:
                    known[column - LOCKED].add(name)
                    on = name in wanted
                    item.setCheckState(column, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self._others = (
            tuple(name for name in locked if name not in known[0]),
            tuple(name for name in hidden if name not in known[1]),
        )

    def locked(self) -> tuple[str, ...]:
        """What is to stay as it is."""
        return (*self._checked(LOCKED, _LOCK), *self._others[0])

    def hidden(self) -> tuple[str, ...]:
        """What is not to be shown."""
        return (*self._checked(HIDDEN, _ID), *self._others[1])

    def _checked(self, column: int, role: int) -> list[str]:
        on = Qt.CheckState.Checked
        return [item.data(NAME, role) for item in self.items.values() if item.checkState(column) == on]
