"""Numbers as people write them."""

import math
import sys


def number_text(value: float) -> str:
    """A number as people write it: 1e-05 → 1e-5, 3.0 → 3. Of an integer beyond all floats, its size."""
    if isinstance(value, int) and abs(value) > sys.float_info.max:
        sign = "−" if value < 0 else ""
        return f"about {sign}1e{math.floor(math.log10(abs(value)))}"
    text = str(value) if isinstance(value, int) and abs(value) < 10**15 else f"{value:.12g}"
    return text.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
