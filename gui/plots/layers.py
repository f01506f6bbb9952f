"""One line for each layer, in shades of one colour: the first layer faintest, the last one strongest.

They are means without the faint line of single steps: from batch to batch these change so much that those of
two layers already cover one another.
"""

from engine.training.history import History
from gui.plots.lines import Line, shade

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
