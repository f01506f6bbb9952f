"""How large everything that holds text is: one scale for the window, taken from the system's font.

Sizes in the code are pixels at a scale of 1, and `scaled` makes them pixels of the screen. What paints or
answers for its size asks while it does; a size that a widget is given for good is given with `set_sizes`,
which gives it again when the scale changes.
"""

from functools import cache

from PySide6.QtCore import QSize
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QWidget

FIELD_HEIGHT = 26
BUTTON_HEIGHT = 34
TEXT_SIZE = 13
FIGURE_SIZE = 15
CAPTION_SIZE = 11
TITLE_SIZE = 26
USUAL_SIZES = (12, 15)
"""Pixels of the system's font that count as a scale of 1: Windows has 12, macOS 13, desktops on Linux 12 to
15 (9 to 11 points)."""
LEAST_SCALE, LARGEST_SCALE = 0.8, 2.0


class _State:
    scale: float = 1.0


def scale() -> float:
    """How much larger than usual everything is, 0.8 to 2."""
    return _State.scale


def set_scale(scale: float) -> bool:
    """Take another scale, for all that asks from now on. True where it is another than before."""
    before, _State.scale = _State.scale, clamped(scale)
    return before != _State.scale


def clamped(scale: float) -> float:
    """The nearest scale that the window can take."""
    return min(max(scale, LEAST_SCALE), LARGEST_SCALE)


def scaled(pixels: float) -> int:
    """Pixels of the screen for pixels at a scale of 1, to the nearest whole one."""
    return int(pixels * _State.scale + 0.5)


def system_scale() -> float:
    """What the font of the desktop asks for: 1 as long as it has a usual size, else its size over ours, so
    that text is as large here as it is elsewhere."""
    size = QFontInfo(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)).pixelSize()
    least, largest = USUAL_SIZES
    return 1.0 if least <= size <= largest or size <= 0 else size / TEXT_SIZE


def style_sizes() -> dict[str, int]:
    """Sizes by their names in the style sheet; heights without the edge, which is thicker with the focus."""
    outer = {"button": BUTTON_HEIGHT, "field": FIELD_HEIGHT, "dashed": 24, "link": 22}
    inner = {name: scaled(pixels) - 2 for name, pixels in outer.items()}
    focused = {f"{name}_focused": pixels - 2 for name, pixels in inner.items()}
    others = {"entry": 26, "toggle": 22, "row": 20, "status": 28, "slider": 24}
    others |= {
        "mark": 14,
        "arrow": 12,
        "small_arrow": 10,
        "glyph": 16,
        "arrow_room": 18,
        "menu_room": 26,
        "menu_padding": 30,
    }
    rounded = {
        "mark_radius": scaled(14) // 2 + 1,
        "chip_radius": scaled(FIELD_HEIGHT) // 2,
        "air": min(scaled(3), 3),
        "air_focused": min(scaled(3), 3) - 1,
    }
    return inner | focused | rounded | {name: scaled(pixels) for name, pixels in others.items()}


# --- fonts -----------------------------------------------------------------------------------------------


def text_font(*, strong: bool = False) -> QFont:
    """13 px, as everything is written; strong is semibold, for titles."""
    return _font(TEXT_SIZE, strong)


def tabular_font() -> QFont:
    """The same with digits of one width, for numbers under one another."""
    return _tabular(text_font())


def figure_font() -> QFont:
    """15 px semibold with digits of one width, so that a running number does not tremble."""
    return _tabular(_font(FIGURE_SIZE, strong=True))


def caption_font(*, tabular: bool = False) -> QFont:
    """11 px, for captions and ticks."""
    font = _font(CAPTION_SIZE, strong=False)
    return _tabular(font) if tabular else font


def title_font() -> QFont:
    """26 px semibold, for the name of the program."""
    return _font(TITLE_SIZE, strong=True)


def _font(size: int, strong: bool) -> QFont:
    font = QFont(_family())
    font.setPixelSize(scaled(size))
    font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    return font


def _tabular(font: QFont) -> QFont:
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


@cache
def _family() -> str:
    """Inter where it is installed, else what the desktop uses, else DejaVu Sans."""
    families = set(QFontDatabase.families())
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    for family in ("Inter", "Inter Variable", system, "DejaVu Sans"):
        if family in families:
            return family
    return system


_FONTS = {
    "caption": caption_font,
    "tabular caption": lambda: caption_font(tabular=True),
    "figure": figure_font,
    "tabular": tabular_font,
    "title": title_font,
}

# --- sizes that widgets are given ------------------------------------------------------------------------

_PREFIX = "size-"


def set_sizes(
    widget: QWidget,
    *,
    width: float = 0,
    height: float = 0,
    least_width: float = 0,
    least_height: float = 0,
    icon: float = 0,
    font: str = "",
) -> None:
    """Give a widget sizes that follow the scale; those left out stay as they are.

    width, height : fixed. least_width, least_height : minimum. icon : side of a button's icon. All in pixels
    at a scale of 1.
    font : "caption", "tabular caption", "tabular", "figure" or "title".
    """
    given = {"width": width, "height": height, "least_width": least_width, "least_height": least_height}
    for name, value in {**given, "icon": icon, "font": font}.items():
        if value:
            widget.setProperty(_PREFIX + name, value)
    follow_scale(widget)


def follow_scale(widget: QWidget) -> None:
    """Give a widget the sizes again that `set_sizes` gave it."""
    sizes = {
        name: widget.property(name)
        for name in (bytes(known.data()).decode() for known in widget.dynamicPropertyNames())
        if name.startswith(_PREFIX)
    }
    for name, value in sizes.items():
        match name.removeprefix(_PREFIX):
            case "width":
                widget.setFixedWidth(scaled(value))
            case "height":
                widget.setFixedHeight(scaled(value))
            case "least_width":
                widget.setMinimumWidth(scaled(value))
            case "least_height":
                widget.setMinimumHeight(scaled(value))
            case "icon" if isinstance(widget, QAbstractButton | QAbstractItemView | QComboBox):
                widget.setIconSize(QSize(scaled(value), scaled(value)))
            case "font":
                widget.setFont(_FONTS[value]())
