"""Saves the drawing of the network: as a figure (SVG, PDF, PNG), or as TikZ."""

from pathlib import Path
from typing import IO

from PySide6.QtCore import QPoint, QSize, QSizeF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox

from engine.errors import UserError
from engine.files.atomic import write_atomically
from engine.progress import Progress
from gui.core.figure_saving import FigureDialog, save_figure
from gui.core.jobs import Writing
from gui.kit.figures import Figure, painting_in
from gui.kit.text import tr
from gui.kit.theme import LIGHT, current
from gui.panels.base import PanelContext
from gui.panels.network.drawing import NetworkDrawing, layout_of
from gui.panels.network.layout import least_size
from gui.panels.network.pictures import paint_drawing
from gui.panels.network.tikz import tikz_of


class DrawingSaver:
    """Of one drawing; the whole of it is saved, whatever part is in sight."""

    def __init__(self, canvas: NetworkDrawing, context: PanelContext) -> None:
        self._canvas, self._context = canvas, context

    def menu(self) -> QMenu:
        """What can be saved, made when it is asked for."""
        menu = QMenu(self._canvas)
        menu.addAction(tr("Save figure (SVG, PDF, PNG)…")).triggered.connect(self.save_figure)
        menu.addAction(tr("Save as TikZ…")).triggered.connect(self.save_tikz)
        return menu

    def open_menu(self, place: QPoint) -> None:
        """At a place of the canvas."""
        if self._canvas.plan is not None:
            self.menu().popup(self._canvas.mapToGlobal(place))

    def figure(self) -> Figure:
        """The drawing as it is now, at any size."""
        plan, values, quantity = self._canvas.plan, self._canvas.values, self._canvas.quantity

        def paint(painter: QPainter, size: QSize) -> None:
            painter.fillRect(0, 0, size.width(), size.height(), QColor(current().page))
            if plan is None:
                return
            least = least_size(plan)
            scale = min(1.0, size.width() / least.width(), size.height() / least.height())
            painter.save()
            painter.scale(scale, scale)
            layout = layout_of(plan, QSizeF(size) / scale)
            paint_drawing(painter, layout, values, quantity, current())
            painter.restore()

        return Figure(tr("Network"), "network", self._canvas.size(), paint, aspect=0.7)

    def save_figure(self) -> FigureDialog:
        """Ask how the figure is to be, and where."""
        context = self._context
        folder = context.preferences.last_folder
        return save_figure(self.figure(), context.exports, folder, self._canvas.window())

    def tikz(self) -> str:
        """The drawing as a LaTeX document; empty without a network."""
        plan = self._canvas.plan
        if plan is None:
            return ""
        least = least_size(plan)
        with painting_in(LIGHT):
            layout = layout_of(plan, QSizeF(max(least.width(), 720.0), max(least.height(), 560.0)))
            return tikz_of(layout, self._canvas.values, self._canvas.quantity, LIGHT)

    def save_tikz(self) -> None:
        """Ask where, and write it."""
        start = str(self._context.preferences.last_folder / "network.tex")
        name, _ = QFileDialog.getSaveFileName(
            self._canvas.window(), tr("Save as TikZ"), start, "LaTeX (*.tex)"
        )
        if name:
            path = Path(name) if Path(name).suffix else Path(name).with_suffix(".tex")
            self._context.exports.write(path, _text_writing(path, self.tikz()), self._tell)

    def _tell(self, error: UserError) -> None:
        parent = self._canvas.window()
        box = QMessageBox(QMessageBox.Icon.Warning, tr("Save as TikZ"), str(error), parent=parent)
        box.open()


def _text_writing(path: Path, text: str) -> Writing:
    def write(progress: Progress) -> None:
        progress.check()

        def write_content(stream: IO[bytes]) -> None:
            stream.write(text.encode())

        write_atomically(path, write_content)

    return write
