"""Pictures and tables of a plot on disk; at every instant the old file or the new one is whole."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QObject, QPoint, QRect, QSize, QTimer, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from engine.errors import UserError
from engine.files.atomic import write_atomically

PICTURE_SCALE = 2
"""Pixels of a saved picture for each pixel on the screen: sharp in print and on dense screens."""
SLICE_SECONDS = 0.012
"""A long table is written out between two frames, so that the window stays at hand."""

Paint = Callable[[QPainter], None]


def save_png(path: Path, size: QSize, paint: Paint) -> None:
    """Write what `paint` draws into `size` pixels; raises UserError where it cannot be written."""
    image = QImage(size * PICTURE_SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(PICTURE_SCALE)
    painter = QPainter(image)
    paint(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    _write(path, buffer.data().data())


def save_svg(path: Path, size: QSize, paint: Paint, title: str, dots_per_inch: int) -> None:
    """The same as vectors."""
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
    _write(path, buffer.data().data())


def save_table(path: Path, parts: Iterator[str]) -> None:
    """Write a table at once; raises UserError where it cannot be written."""
    _write(path, "".join(parts).encode())


class TableSave(QObject):
    """Writes a table in slices of the window's time; the file appears when the last row is written."""

    finished = Signal(object)
    """The Path."""
    failed = Signal(object)
    """UserError."""

    def __init__(self, path: Path, parts: Iterator[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._parts = parts
        self._written: list[str] = []
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._go_on)
        self._timer.start(0)

    def cancel(self) -> None:
        """Forget it; no file is written or changed."""
        self._timer.stop()
        self._written.clear()

    def _go_on(self) -> None:
        until = time.perf_counter() + SLICE_SECONDS
        for part in self._parts:
            self._written.append(part)
            if time.perf_counter() > until:
                return
        self._timer.stop()
        try:
            save_table(self._path, iter(self._written))
        except UserError as error:
            self.failed.emit(error)
        else:
            self.finished.emit(self._path)


def _write(path: Path, data: bytes) -> None:
    write_atomically(path, lambda stream: stream.write(data))
