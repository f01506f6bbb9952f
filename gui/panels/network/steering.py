"""Where the arrow keys lead in the drawing: from layer to layer, and from unit to unit."""

from PySide6.QtCore import Qt

from gui.panels.network.geometry import Layout


def neighbour(layout: Layout, layer: int | None, unit: int | None, key: Qt.Key) -> tuple[int, int | None]:
    """The layer and unit that are selected next.

    Left and Right lead to the layers beside, at the height of the unit where one is selected; Up and Down to
    the unit above or below, and into the units of a layer of which none is selected.
    """
    layers = layout.plan.layers
    if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
        way = 1 if key == Qt.Key.Key_Right else -1
        if layer is None:
            return layers[0 if way > 0 else -1], None
        place = layers.index(layer) + way
        found = layers[min(max(place, 0), len(layers) - 1)]
        return (found, _beside(layout, layer, unit, found)) if found != layer else (layer, unit)
    chosen = layers[0] if layer is None else layer
    shown = next((column.stage.shown for column in layout.columns if column.stage.layer == chosen), ())
    if not shown:
        return chosen, None
    if unit not in shown:
        return chosen, shown[0 if key == Qt.Key.Key_Down else -1]
    place = shown.index(unit) + (1 if key == Qt.Key.Key_Down else -1)
    return chosen, shown[min(max(place, 0), len(shown) - 1)]


def _beside(layout: Layout, layer: int, unit: int | None, other: int) -> int | None:
    """The unit of another layer that is drawn nearest to the height of this one."""
    here = layout.place_of_unit(layer, unit) if unit is not None else None
    column = next((column for column in layout.columns if column.stage.layer == other), None)
    if here is None or column is None or not column.units:
        return None
    height = layout.columns[here[0]].units[here[1]].center().y()
    distances = [abs(rect.center().y() - height) for rect in column.units]
    return column.stage.shown[distances.index(min(distances))]
