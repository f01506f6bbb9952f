"""Figures for slides and papers: what is painted in the window, at another size, as SVG, PDF or PNG.

A figure is painted in units of 1/96 inch, as the window is: the text of a figure that is 85 mm wide is then
as large as the captions of a paper, and a slide, which has half as many units as pixels, can be read from
the back of a room.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QMarginsF,
    QPoint,
    QRect,
    QSize,
    QSizeF,
    Qt,
)
from PySide6.QtGui import QColor, QImage, QImageWriter, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QScrollArea, QWidget

from gui.kit import theme
from gui.kit.text import tr

FigureFormat = Literal["svg", "pdf", "png"]
UNITS_PER_INCH = 96
MM_PER_INCH = 25.4
PRINT_DPI = 300
SCREEN_SCALE = 2
"""Pixels of a picture for each unit, where it is as large as on the screen or on a slide."""
TALLEST_MM = 230.0
"""The text of an A4 page is not higher."""
EDGE = 8
"""Left free around a widget that becomes a figure."""
TITLE_HEIGHT = 24


@dataclass(frozen=True, eq=False)
class Figure:
    """Something that can be painted at any size.

    name : of the file that is offered ("loss"). size : as it stands in the window, in units. aspect : height
    by width, for sizes that fix the width alone. paint : paints the whole of it into so many units, in the
    colours that `theme.current()` has then.
    """

    title: str
    name: str
    size: QSize
    paint: Callable[[QPainter, QSize], None]
    aspect: float = 0.62


@dataclass(frozen=True)
class FigureSize:
    """A size that figures are wanted in. `pixels` of a picture, or `width_mm` on paper; neither: as shown."""

    title: str
    pixels: tuple[int, int] | None = None
    width_mm: float | None = None

    def units(self, figure: Figure) -> QSize:
        """What the figure is painted into, in 1/96 inch."""
        if self.pixels is not None:
            return QSize(*self.pixels) / SCREEN_SCALE
        if self.width_mm is None:
            return figure.size
        width, height = (mm / MM_PER_INCH * UNITS_PER_INCH for mm in self.millimetres(figure))
        return QSize(round(width), round(height))

    def millimetres(self, figure: Figure) -> tuple[float, float]:
        """Width and height on paper."""
        if self.width_mm is not None:
            return self.width_mm, min(self.width_mm * figure.aspect, TALLEST_MM)
        size = self.units(figure)
        return size.width() * MM_PER_INCH / UNITS_PER_INCH, size.height() * MM_PER_INCH / UNITS_PER_INCH

    def scale(self) -> float:
        """Pixels of a PNG for each unit."""
        return PRINT_DPI / UNITS_PER_INCH if self.width_mm is not None else SCREEN_SCALE


SIZES = (
    FigureSize(tr("As in the window")),
    FigureSize(tr("Slide, 1920 × 1080 pixels"), pixels=(1920, 1080)),
    FigureSize(tr("Paper, one column, 85 mm"), width_mm=85.0),
    FigureSize(tr("Paper, two columns, 170 mm"), width_mm=170.0),
)
FORMATS: tuple[tuple[FigureFormat, str], ...] = (
    ("svg", tr("SVG, vectors")),
    ("pdf", tr("PDF, vectors")),
    ("png", tr("PNG, pixels")),
)


def figure_data(
    figure: Figure, kind: FigureFormat, size: FigureSize = SIZES[0], *, on_paper: bool = True
) -> Callable[[], bytes]:
    """Paint a figure now, in the window's thread; the bytes of the file are made in any thread when called.

    on_paper : in the light colours, whatever the theme of the window.
    """
    with painting_in(theme.LIGHT if on_paper else theme.current()):
        if kind == "png":
            image = _image(figure, size)
            return lambda: png_bytes(image)
        data = _svg(figure, size) if kind == "svg" else _pdf(figure, size)
    return lambda: data


@contextmanager
def painting_in(colours: theme.Theme) -> Iterator[None]:
    """What is painted meanwhile has these colours: a figure for paper while the window is dark."""
    before = theme.current()
    try:
        theme.take_colours(colours)
        yield
    finally:
        theme.take_colours(before)


def png_bytes(image: QImage) -> bytes:
    """The image encoded as PNG."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    # QImage.save would do the same, but takes the format as text only, and its stubs say bytes only.
    QImageWriter(buffer, QByteArray(b"PNG")).write(image)
    return bytes(buffer.data().data())


def _image(figure: Figure, size: FigureSize) -> QImage:
    units, scale = size.units(figure), size.scale()
    pixels = QSize(*size.pixels) if size.pixels is not None else units * scale
    image = QImage(pixels, QImage.Format.Format_RGB32)
    image.fill(QColor(theme.current().surface))
    image.setDevicePixelRatio(scale)
    dots = round(UNITS_PER_INCH * scale / MM_PER_INCH * 1000)
    image.setDotsPerMeterX(dots)
    image.setDotsPerMeterY(dots)
    painter = QPainter(image)
    figure.paint(painter, units)
    painter.end()
    return image


def _svg(figure: Figure, size: FigureSize) -> bytes:
    units = size.units(figure)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    # SVG Tiny, which is what Qt writes otherwise, knows no clipping: lines would leave their axes.
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setResolution(UNITS_PER_INCH)
    generator.setSize(units)
    generator.setViewBox(QRect(QPoint(0, 0), units))
    generator.setTitle(figure.title)
    painter = QPainter(generator)
    figure.paint(painter, units)
    painter.end()
    # In this order: a painter or generator that outlives what it wrote to ends the process.
    del painter, generator
    return bytes(buffer.data().data())


def _pdf(figure: Figure, size: FigureSize) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(UNITS_PER_INCH)
    page = QSizeF(*size.millimetres(figure))
    writer.setPageSize(QPageSize(page, QPageSize.Unit.Millimeter, "", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF())
    writer.setTitle(figure.title)
    painter = QPainter(writer)
    figure.paint(painter, size.units(figure))
    painter.end()
    del painter, writer
    return bytes(buffer.data().data())


def paint_resized(painter: QPainter, widget: QWidget, room: QRect) -> None:
    """Paint a widget as it looks at another size, shrunk where it cannot be as small; it stays as it was."""
    before, viewport = widget.size(), widget.parentWidget()
    area = viewport.parentWidget() if viewport is not None else None
    scrolls = isinstance(area, QScrollArea) and area.widget() is widget and area.widgetResizable()
    # The ground of the window is not that of the figure.
    filled = [part for part in (widget, *widget.findChildren(QWidget)) if part.autoFillBackground()]
    try:
        for part in filled:
            part.setAutoFillBackground(False)
        if isinstance(area, QScrollArea) and scrolls:
            # It would give its widget the size of what is in sight at once.
            area.setWidgetResizable(False)
        least = widget.minimumSizeHint().expandedTo(widget.minimumSize())
        larger = max(least.width() / room.width(), least.height() / room.height(), 1.0)
        widget.resize(room.size() * larger)
        across, down = room.width() / widget.width(), room.height() / widget.height()
        factor = min(across, down, 1.0)
        painter.save()
        painter.translate(room.x() + (room.width() - factor * widget.width()) / 2, room.y())
        painter.scale(factor, factor)
        # QWidget's own: a graphics view has another render, for its scene alone.
        QWidget.render(widget, painter, QPoint(0, 0), renderFlags=QWidget.RenderFlag.DrawChildren)
        painter.restore()
    finally:
        for part in filled:
            part.setAutoFillBackground(True)
        widget.resize(before)
        if isinstance(area, QScrollArea) and scrolls:
            area.setWidgetResizable(True)


def widget_figure(widget: QWidget, title: str, name: str, *, aspect: float | None = None) -> Figure:
    """What a widget shows, under its title."""

    def paint(painter: QPainter, size: QSize) -> None:
        colours, high = theme.current(), theme.scaled(TITLE_HEIGHT)
        painter.fillRect(QRect(QPoint(0, 0), size), QColor(colours.surface))
        painter.setFont(theme.text_font(strong=True))
        painter.setPen(QColor(colours.text))
        head = QRect(EDGE, EDGE // 2, size.width() - 2 * EDGE, high)
        painter.drawText(head, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), title)
        top = high + EDGE
        room = QRect(EDGE, top, size.width() - 2 * EDGE, size.height() - top - EDGE)
        paint_resized(painter, widget, room)

    shown = QSize(widget.width() + 2 * EDGE, widget.height() + theme.scaled(TITLE_HEIGHT) + 2 * EDGE)
    return Figure(title, name, shown, paint, aspect or shown.height() / max(shown.width(), 1))
