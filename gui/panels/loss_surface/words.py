"""What is said about a loss surface. No Qt."""

import math

from engine.insight.loss_surface import LossSurface, SurfaceView
from gui.core.model_summary import ModelSummary
from gui.kit.numbers import count_text, percent_text, quantity_text, reading_text
from gui.kit.text import tr

REASONS = {
    "": tr("Computing the loss surface…"),
    "none": tr("Choose two different weights or biases."),
    "short": tr("The path has no two directions yet. Train some steps while this is in sight."),
    "large": tr("The whole path of so large a network is not kept. Choose parameters or random directions."),
}
"""Why there is no surface yet; see `SurfaceView.reason`."""


def reason_against(model: ModelSummary) -> str:
    """Why there is no surface of a model."""
    numbers = sum(layer.parameters for layer in model.layers)
    return "" if numbers > 1 else tr("A loss surface needs a network of two weights or more.")


def surface_words(found: SurfaceView) -> str:
    """Of which rows and weights a surface is, what the marks mean, and how far the next one is."""
    if found.surface is None:
        return ""
    said = [_of_what(found.surface)]
    if found.path is not None:
        said.append(tr("Ring: where the recorded path begins; disc: the present weights."))
    if found.done < 1.0:
        said.append(tr("Computing the next one: {part}.", part=percent_text(found.done, 0)))
    return " ".join(said)


def _of_what(surface: LossSurface) -> str:
    rows, step = quantity_text(surface.rows, "training row", "training rows"), count_text(surface.step)
    if surface.rows < surface.of_rows:
        total = count_text(surface.of_rows)
        rows = tr("{count} of {total} training rows", count=count_text(surface.rows), total=total)
    if surface.with_penalty:
        return tr("Loss and penalty of {rows} around step {step}, as in prediction.", rows=rows, step=step)
    return tr("Loss of {rows} around step {step}, as in prediction.", rows=rows, step=step)


def picked_words(surface: LossSurface, point: tuple[float, float], loss: float | None) -> str:
    """The loss at a point that is picked; None while it is computed."""
    said = tr("…") if loss is None else reading_text(loss, 4)
    if loss is not None and not math.isfinite(loss):
        said = tr("not finite")
    return tr(
        "Loss {loss} at {x}, {y}; {present} at the present weights.",
        loss=said,
        x=reading_text(point[0]),
        y=reading_text(point[1]),
        present=reading_text(surface.loss, 4),
    )
