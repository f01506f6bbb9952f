"""Numbers as people write them."""


def number_text(value: float) -> str:
    """A number as people write it: 1e-05 → 1e-5, 3.0 → 3."""
    text = str(value) if isinstance(value, int) and abs(value) < 10**15 else f"{value:.12g}"
    return text.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
