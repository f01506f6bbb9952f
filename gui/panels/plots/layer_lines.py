"""Plots with one line for each layer: gradient norm and update ratio."""

from collections.abc import Sequence

from engine.training.history import History
from gui.panels.base import PanelSpec
from gui.panels.plots.annotations import Guide
from gui.panels.plots.chart import Chart
from gui.panels.plots.lines import Line, plain, shade

# One line for each layer, in shades of one colour: the first layer faintest, the last one strongest.
#
# They are means without the faint line of single steps: from batch to batch these change so much that those
# of two layers already cover one another.

FAINTEST, STRONGEST = 0.55, 0.15
"""How much of the ground is in the shades of the first and the last layer."""


def layer_lines(what: str, history: History, colour: str) -> list[Line]:
    """Lines for the columns "gradient_norm/0", … of the layers that have parameters."""
    count = len(history.layer_names)
    lines = []
    for position, (index, name) in enumerate(history.layer_names.items()):
        share = FAINTEST + (STRONGEST - FAINTEST) * position / max(count - 1, 1)
        lines.append(
            Line(
                "steps",
                f"{what}/{index}",
                name,
                shade(colour, share),
                width=1.5,
                smooth=True,
                faint=False,
                label=True,
            )
        )
    return lines


class GradientNormPlot(Chart):
    spec = PanelSpec(
        "gradient_norm",
        "Gradient norm",
        "trend-down",
        "plots",
        "How strongly each layer is told to change; where it vanishes or explodes, learning fails.",
        order=10,
        shown_at_first=True,
    )
    empty_sentence = "Press Train to see the gradient norm."
    logarithmic = True

    def caption_now(self, history: History | None) -> str:
        return "per layer"

    def lines(self, history: History) -> Sequence[Line]:
        whole = Line("steps", "gradient_norm", "all layers", plain("gradient"), 1.75, smooth=True, label=True)
        return (*layer_lines("gradient_norm", history, "gradient"), whole)


USUAL_RATIO = 1e-3
"""Rule of thumb for plain SGD (Karpathy, CS231n notes, "Ratio of weights:updates")."""


class UpdateRatioPlot(Chart):
    spec = PanelSpec(
        "update_ratio",
        "Update ratio",
        "arrows-out-line-vertical",
        "plots",
        "The length of a step beside the length of the weights; about a thousandth is usual.",
        order=40,
    )
    empty_sentence = "Press Train to see the update ratio."
    logarithmic = True
    guides = (Guide(USUAL_RATIO, "10⁻³ is usual"),)

    def caption_now(self, history: History | None) -> str:
        return "‖change‖ / ‖weights‖, per layer"

    def lines(self, history: History) -> Sequence[Line]:
        return layer_lines("update_ratio", history, "gradient")
