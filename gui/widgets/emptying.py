"""Taking all widgets out of a layout, to put them in again in another order."""

from PySide6.QtWidgets import QLayout


def emptied(layout: QLayout) -> None:
    """Take all widgets out; they stay where they are on the screen.

    Not with `takeAt`: its items live on, and a widget tells only the first of its items that its size has
    changed. The later one would remember the old size for good.
    """
    for widget in [layout.itemAt(place).widget() for place in range(layout.count())]:
        layout.removeWidget(widget)
