"""One line for each layer, in shades of one colour: the first layer faintest, the last one strongest."""

from engine.training.history import History
from gui.plots.lines import Line, shade

FAINTEST, STRONGEST = 0.55, 0.15
"""How much of the ground is in the shades of the first and the last layer."""

MOST_FAINT = 4
"""With more layers the faint lines of single steps would cover one another."""


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
                faint=count <= MOST_FAINT,
                label=True,
            )
        )
    return lines
