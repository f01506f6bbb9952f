"""The inspector of a small network in a small window: drawing and formula are seen at once."""

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF

from engine.files.opening import preset
from gui.kit.numbers import shorter_texts
from gui.panels.inspector.diagram import lay_out, least_size
from tests.gui.hands import settle


def test_the_drawing_fits_the_width_and_shares_the_height_with_the_formula(desk):
    desk.window.resize(1280, 800)
    desk.window.files.load(preset("spiral"))
    desk.status("ready")
    desk.do("inspector")
    view = desk.window.panels["inspector"]
    desk.until(lambda: view.derivation is not None, "trace")
    canvas, formula = view.canvas, view.formula
    seen = canvas.visibleRegion().boundingRect()
    assert seen == canvas.rect()
    layout = canvas.geometry_now
    boxes = [unit.area for unit in layout.units] + [layout.loss]
    assert all(QRectF(canvas.rect()).contains(box) for box in boxes)
    assert not any(one.intersects(other) for n, one in enumerate(boxes) for other in boxes[:n])
    settle()
    factors = formula.factors
    assert factors.visibleRegion().boundingRect() == QRect(0, 0, factors.width(), factors.height())
    # Units are wider where there is room.
    roomy = lay_out(view.model, QSizeF(1100, 500))
    assert all(
        one.area.width() > other.area.width() for one, other in zip(roomy.units, layout.units, strict=True)
    )
    least = lay_out(view.model, least_size(view.model))
    assert least.columns[0][0].area.left() >= 0
    assert QRectF(QPointF(), least.size).contains(least.loss)


def test_narrow_places_have_shorter_numbers():
    assert shorter_texts(-0.002174) == ["−0.00217", "−0.0022", "−0.002", "−2e−3"]
    assert shorter_texts(0.0, 2) == ["0", "0"]
    assert set(shorter_texts(np.nan)) == {"not finite"}
