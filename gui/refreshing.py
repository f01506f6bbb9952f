"""Refreshes panels one at a time, so that the window's event loop is never held up by all of them at once."""

import collections
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer

BETWEEN_MS = 8
"""Pause between two panels: room for the last one's painting and for a person's clicks."""


class Refresher(QObject):
    """Calls each panel's refresh in turn; rounds that come faster than they are done become one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._round: tuple[Callable[[], None], ...] = ()
        self._left: collections.deque[Callable[[], None]] = collections.deque()
        self._again = False
        self._timer = QTimer(self)
        self._timer.setInterval(BETWEEN_MS)
        self._timer.timeout.connect(self._next)

    def refresh(self, panels: Sequence[Callable[[], None]]) -> None:
        """Begin a round, or note that another one follows the one under way."""
        self._round = tuple(panels)
        if self._left:
            self._again = True
            return
        self._left.extend(self._round)
        self._timer.start()

    def _next(self) -> None:
        if not self._left and self._again:
            self._again = False
            self._left.extend(self._round)
        if self._left:
            self._left.popleft()()
        else:
            self._timer.stop()
