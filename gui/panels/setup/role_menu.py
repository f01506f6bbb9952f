"""The menu in which a column gets its role: input, target, ignored, group, weight, time, part."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from engine.data.columns.roles import Role
from engine.data.description import ColumnSummary
from gui.kit.text import tr

ROLE_ICONS: Mapping[str, str] = {
    "target": "target",
    "label": "tag",
    "group": "users-three",
    "time": "clock",
    "weight": "scales",
    "part": "chart-pie-slice",
}
"""Of the roles that are seen beside a column's name."""

ROLE_WORDS: Mapping[Role, str] = {
    "input": tr("Input"),
    "target": tr("Target"),
    "ignored": tr("Ignored"),
    "group": tr("Group: keep its rows together"),
    "time": tr("Time: split in its order"),
    "weight": tr("Weight: how much a row counts"),
    "part": tr("Part: train, validation or test"),
}

OF_IMAGES: tuple[Role, ...] = ("input", "ignored")


class RoleMenu(QMenu):
    """Closes for good once a role is chosen, which is told to `chosen`."""

    def __init__(
        self, summary: ColumnSummary, locked: bool, chosen: Callable[[Role], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        of_one = QActionGroup(self)
        for role, words in ROLE_WORDS.items():
            action = self.addAction(words)
            action.setCheckable(True)
            action.setChecked(summary.role == role or (summary.role, role) == ("label", "target"))
            action.setEnabled(not locked and (summary.kind != "image" or role in OF_IMAGES))
            action.triggered.connect(lambda _, role=role: chosen(role))
            of_one.addAction(action)
            if role == "ignored":
                self._roles_end = self.addSeparator()
        self._locked = locked

    def offer_further_target(self, chosen: Callable[[], None]) -> None:
        """One more target, beside those that there are."""
        action = QAction(tr("Target too: one more to predict"), self)
        action.setEnabled(not self._locked)
        action.triggered.connect(lambda _: chosen())
        self.insertAction(self._roles_end, action)
