"""How the window looks: two designed palettes, the sizes, the icons, and the change from one to the other.

Colours have meaning and keep it; the names of the fields of `Theme` say which. Widgets that paint for
themselves ask `current()` while painting; what cannot (plots) connects to `notifier().changed`.
"""

from dataclasses import asdict
from functools import cache
from pathlib import Path
from string import Template
from typing import Literal

import qtawesome
from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

import resources
from gui.kit.palettes import DARK, LIGHT, Theme, ThemeName, contrast, mixed
from gui.kit.sizes import (
    BUTTON_HEIGHT,
    CAPTION_SIZE,
    FIELD_HEIGHT,
    FIGURE_SIZE,
    TEXT_SIZE,
    caption_font,
    clamped,
    figure_font,
    follow_scale,
    scale,
    scaled,
    set_scale,
    set_sizes,
    style_sizes,
    system_scale,
    text_font,
)

__all__ = [
    "BUTTON_HEIGHT",
    "CAPTION_SIZE",
    "DARK",
    "FIELD_HEIGHT",
    "FIGURE_SIZE",
    "GRID",
    "LIGHT",
    "RADIUS",
    "TEXT_SIZE",
    "Notifier",
    "Theme",
    "ThemeName",
    "apply",
    "caption_font",
    "contrast",
    "current",
    "figure_font",
    "follow_fonts",
    "icon",
    "icon_pixmap",
    "mixed",
    "notifier",
    "palette",
    "scale",
    "scaled",
    "set_sizes",
    "style_sheet",
    "take_colours",
    "text_font",
]

GRID = 4
"""Every distance is a multiple of this many pixels."""
RADIUS = 6


class Notifier(QObject):
    """Tells those who paint with remembered colours or fonts that these changed."""

    changed = Signal()


class _State:
    theme: Theme = LIGHT
    wanted: ThemeName = "system"
    wanted_scale: float | None = None
    """None: that of the system's font."""
    follows_system: bool = False


@cache
def notifier() -> Notifier:
    """The one notifier of the process."""
    return Notifier()


def current() -> Theme:
    """The theme in force."""
    return _State.theme


def take_colours(theme: Theme) -> None:
    """What is painted from now on has these colours, while palette and style sheet stay: see `figures`."""
    if theme != _State.theme:
        _State.theme = theme
        notifier().changed.emit()


def apply(app: QApplication, name: ThemeName, *, scale: float | Literal["system"] | None = None) -> None:
    """Style the application, now or while it runs; "system" follows the desktop where it tells Qt.

    scale : of all sizes from now on; "system", as at first, is that of the desktop's font, and None leaves it
        as it is.
    """
    schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
    _State.wanted = name
    style_hints = QGuiApplication.styleHints()
    if name == "system":
        style_hints.unsetColorScheme()
    else:
        # The frame around the window and the desktop's own dialogs follow this, where it has an effect.
        style_hints.setColorScheme(schemes[name])
    if not _State.follows_system:
        style_hints.colorSchemeChanged.connect(_system_changed)
        _State.follows_system = True
    if name == "system":
        name = "dark" if style_hints.colorScheme() == Qt.ColorScheme.Dark else "light"
    if scale is not None:
        _State.wanted_scale = None if scale == "system" else scale
    _style(app, DARK if name == "dark" else LIGHT)


def follow_fonts(window: QWidget) -> None:
    """Take the size of the desktop's font whenever the desktop tells a window that it is another."""
    window.installEventFilter(_FontChanges(window))


class _FontChanges(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        app = QApplication.instance()
        if event.type() in _FONT_EVENTS and isinstance(app, QApplication) and scale() != _scale_wanted():
            # Not from within an event that goes from widget to widget.
            QTimer.singleShot(0, app, lambda: _style(app, current()))
        return super().eventFilter(watched, event)


_FONT_EVENTS = (QEvent.Type.ThemeChange, QEvent.Type.ApplicationFontChange)


def _scale_wanted() -> float:
    return clamped(system_scale() if _State.wanted_scale is None else _State.wanted_scale)


def icon(name: str, colour: str | None = None) -> QIcon:
    """A Phosphor icon by name ("play", "play-fill"), drawn from a font that comes along.

    colour : a field of `Theme` ("accent"), which follows the theme, or #RRGGBB; None is the text colour.
    Raises ValueError for a name that the font does not have.
    """
    return QIcon(_GlyphEngine(_glyph(name), colour or "text"))


def icon_pixmap(name: str, size: int, colour: str | None = None, scale: float = 1.0) -> QPixmap:
    """The same icon as pixels in the colours of now; for labels, which do not take icons."""
    return icon(name, colour).pixmap(QSize(size, size), scale)


def _system_changed() -> None:
    app = QApplication.instance()
    if _State.wanted == "system" and isinstance(app, QApplication):
        apply(app, "system")


def _style(app: QApplication, theme: Theme) -> None:
    rescaled = set_scale(_scale_wanted())
    changed = theme != _State.theme or rescaled
    _State.theme = theme
    if app.style().name() != "fusion":
        app.setStyle(QStyleFactory.create("fusion"))
    app.setFont(text_font())
    app.setPalette(palette(theme))
    app.setStyleSheet(style_sheet(theme))
    if rescaled:
        for widget in widgets_of(app):
            follow_scale(widget)
            widget.updateGeometry()
    if changed:
        for widget in widgets_of(app):
            widget.update()
        notifier().changed.emit()


def widgets_of(app: QApplication) -> list[QWidget]:
    """All widgets. PySide sometimes lists something else, a QSpacerItem that is gone, at the address of one:
    switching the theme must not end half way because of that."""
    return [widget for widget in app.allWidgets() if isinstance(widget, QWidget)]


def palette(theme: Theme) -> QPalette:
    """The colours in Qt's own roles, for whatever the style sheet does not name."""
    role, colours = QPalette.ColorRole, QPalette()
    roles = {
        role.Window: theme.surface,
        role.WindowText: theme.text,
        role.Base: theme.surface,
        role.AlternateBase: theme.raised,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.error,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.gradient,
        role.Light: theme.raised,
        role.Midlight: theme.line,
        role.Mid: theme.line,
        role.Dark: theme.edge,
        role.Shadow: mixed(theme.page, "#000000", 0.5),
    }
    for which, colour in roles.items():
        colours.setColor(which, QColor(colour))
    faint = QColor(theme.disabled)
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        colours.setColor(QPalette.ColorGroup.Disabled, which, faint)
    colours.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(theme.line))
    return colours


def style_sheet(theme: Theme) -> str:
    """The style sheet of the application in a theme's colours."""
    folder = Path(resources.__file__).parent / "themes"
    template = Template((folder / "window.qss").read_text(encoding="utf-8"))
    return template.substitute(
        asdict(theme),
        art=(folder / theme.name).as_posix(),
        disabled=theme.disabled,
        track=theme.track,
        accent_hover=mixed(theme.accent, theme.text, 0.12),
        accent_pressed=mixed(theme.accent, theme.text, 0.24),
        pressed=mixed(theme.hover, theme.text, 0.07),
        selected=theme.tint("accent"),
        accent_ink=theme.ink("accent"),
        warning_ink=theme.ink("warning"),
        warning_tint=theme.tint("warning"),
        good_ink=theme.ink("good"),
        error_ink=theme.ink("error"),
        handle=mixed(theme.line, theme.muted, 0.2),
        **style_sizes(),
    )


class _GlyphEngine(QIconEngine):
    """Paints one glyph of the icon font in a colour that is looked up while painting."""

    def __init__(self, glyph: str, colour: str) -> None:
        super().__init__()
        self._glyph = glyph
        self._colour = colour

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        theme = current()
        colour = theme.disabled if mode == QIcon.Mode.Disabled else getattr(theme, self._colour, None)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setFont(qtawesome.font("ph", min(rect.width(), rect.height())))
        painter.setPen(QColor(colour or self._colour))
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), self._glyph)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap


_LATER_NAMES = {"graph": "share-network", "wave-sine": "activity", "gear-fine": "gear"}
"""Icons of Phosphor 2 that the font at hand (Phosphor 1.3) has under another name."""


def _glyph(name: str) -> str:
    try:
        return str(qtawesome.charmap("ph." + _LATER_NAMES.get(name, name)))
    except KeyError:
        raise ValueError(f"The icon font has no '{name}'.") from None
