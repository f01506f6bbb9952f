"""The palettes of the light and the dark theme, by what each colour means; contrast and mixing. No Qt."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

ThemeName = Literal["system", "light", "dark"]

LEGIBLE = 4.5
"""Least contrast of text to its ground (WCAG 2.1, level AA)."""


@dataclass(frozen=True)
class Theme:
    """The colours of one theme, as #RRGGBB."""

    name: str
    page: str
    surface: str
    raised: str
    line: str
    text: str
    muted: str
    accent: str
    """Also: training, positive, the second class ("yes")."""
    validation: str
    """Also: negative, the first class ("no")."""
    gradient: str
    good: str
    warning: str
    error: str
    on_accent: str
    """Text on a ground of the accent colour."""
    edge: str
    """Outline of a check box and of a field under the pointer: stronger than `line`."""
    hover: str
    """Ground of a button under the pointer."""

    @property
    def dark(self) -> bool:
        return self.name == "dark"

    @property
    def track(self) -> str:
        """The unfilled part of sliders and progress bars."""
        return mixed(self.line, self.surface, 0.15)

    @property
    def disabled(self) -> str:
        """Text of what cannot be used now."""
        return mixed(self.muted, self.surface, 0.45)

    def tint(self, colour: str) -> str:
        """A quiet ground in a colour's hue, on which that colour's own text is still legible."""
        return mixed(self.surface, getattr(self, colour), 0.16 if self.dark else 0.09)

    def ink(self, colour: str) -> str:
        """A colour to write with: its hue, as strong as text needs on page, surface, raised and its tint."""
        return _ink(self, colour)


LIGHT = Theme(
    name="light",
    page="#F4F6F8",
    surface="#FFFFFF",
    raised="#FAFBFC",
    line="#DDE2E8",
    text="#1B2430",
    muted="#5C6877",
    accent="#2B66D9",
    validation="#D9731A",
    gradient="#7A55C7",
    good="#2A8A57",
    warning="#9A6A00",
    error="#BE2F2F",
    on_accent="#FFFFFF",
    edge="#8A94A2",
    hover="#F0F3F6",
)
DARK = Theme(
    name="dark",
    page="#13161B",
    surface="#1A1E25",
    raised="#20252D",
    line="#2D343F",
    text="#E4E8EE",
    muted="#97A3B4",
    accent="#6AA2FF",
    validation="#FFA04D",
    gradient="#B39DF2",
    good="#5CC48B",
    warning="#E3B453",
    error="#FF8A80",
    on_accent="#13161B",
    edge="#6A7687",
    hover="#2A303A",
)


def mixed(first: str, second: str, share: float) -> str:
    """The colour between two, #RRGGBB; share 0 is the first, 1 the second."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours after WCAG 2.1, from 1 to 21."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@cache
def _ink(theme: Theme, colour: str) -> str:
    pure = getattr(theme, colour)
    grounds = (theme.page, theme.surface, theme.raised, theme.tint(colour))
    steps = (mixed(pure, theme.text, share / 50) for share in range(51))
    return next(ink for ink in steps if min(contrast(ink, ground) for ground in grounds) >= LEGIBLE)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def _luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.1."""
    shares = (channel / 255 for channel in _channels(colour))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
