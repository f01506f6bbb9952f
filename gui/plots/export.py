"""Pictures and tables of a plot on disk; at every instant the old file or the new one is whole.

Pictures are painted in the window's thread. What writes to the disk may be called in any.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRect, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from engine.files.atomic import write_atomically
from engine.progress import Progress
from gui.plots.tables import Table

PICTURE_SCALE = 2
"""Pixels of a saved picture for each pixel on the screen: sharp in print and on dense screens."""

Paint = Callable[[QPainter], None]

Writing = Callable[[Progress], None]
"""Writes a file; raises UserError where it cannot be written, and Cancelled. No file has changed then."""


def png_writing(path: Path, size: QSize, paint: Paint) -> Writing:
    """Paint into `size` pixels now; encoded and written as PNG when called."""
    image = QImage(size * PICTURE_SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(PICTURE_SCALE)
    painter = QPainter(image)
    paint(painter)
    painter.end()

    def write(progress: Progress) -> None:
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")
        _write(path, [buffer.data().data()], 1, progress)

    return write


def svg_writing(path: Path, size: QSize, paint: Paint, title: str, dots_per_inch: int) -> Writing:
    """Paint vectors now; written as SVG when called."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(dots_per_inch)
    generator.setSize(size)
    generator.setViewBox(QRect(QPoint(0, 0), size))
    generator.setTitle(title)
    painter = QPainter(generator)
    paint(painter)
    painter.end()
    # In this order: a painter or generator that outlives what it wrote to ends the process.
    del painter, generator
    data = buffer.data().data()
    return lambda progress: _write(path, [data], 1, progress)


def table_writing(path: Path, table: Table) -> Writing:
    """Made into text and written piece by piece when called."""
    return lambda progress: _write(path, (piece.encode() for piece in table.pieces), table.count, progress)


def _write(path: Path, pieces: Iterable[bytes], count: int, progress: Progress) -> None:
    def write(stream: IO[bytes]) -> None:
        for number, piece in enumerate(pieces):
            progress.report(number / count)
            stream.write(piece)
        progress.check()

    progress.check()
    write_atomically(path, write)
