"""Saving what is painted as a figure: the dialog that asks how, and the menu that offers it on a canvas."""

from collections.abc import Callable
from pathlib import Path
from typing import IO

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QMenu,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from engine.errors import UserError
from engine.files.atomic import write_atomically
from engine.progress import Progress
from gui.core.jobs import Exports, Writing
from gui.core.preferences import Preferences
from gui.kit import Choice, Label
from gui.kit.figures import (
    FORMATS,
    PRINT_DPI,
    SIZES,
    Figure,
    FigureFormat,
    FigureSize,
    figure_data,
    widget_figure,
)
from gui.kit.numbers import count_text
from gui.kit.text import tr
from gui.kit.theme import GRID, set_sizes

PAPER, WINDOW = "paper", "window"


def figure_writing(
    path: Path, figure: Figure, size: FigureSize = SIZES[0], *, on_paper: bool = True
) -> Writing:
    """Paint a figure now; what it gives writes the file (.svg, .pdf, .png) when called, in any thread."""
    kinds: dict[str, FigureFormat] = {f".{kind}": kind for kind, _ in FORMATS}
    data = figure_data(figure, kinds.get(path.suffix.lower(), "png"), size, on_paper=on_paper)

    def write(progress: Progress) -> None:
        progress.check()
        content = data()
        progress.check()

        def write_content(stream: IO[bytes]) -> None:
            stream.write(content)

        write_atomically(path, write_content)

    return write


class FigureDialog(QDialog):
    """Asks for size, format and colours of a figure. `chosen` : Path to write to, once one was chosen."""

    chosen = Signal(object)

    def __init__(self, figure: Figure, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Save figure"))
        self.figure = figure
        self._folder = folder
        sizes = [(size, size.title) for size in SIZES]
        self.size_choice = Choice(sizes, value=SIZES[0], name=tr("Size"))
        self.format_choice = Choice(FORMATS, value=FORMATS[0][0], name=tr("Format"))
        colours = ((PAPER, tr("Light, for paper and slides")), (WINDOW, tr("As in the window")))
        self.colours_choice = Choice(colours, value=PAPER, name=tr("Colours"))
        self.facts = Label("", "muted")
        form = QFormLayout()
        form.setSpacing(2 * GRID)
        for title, field in (
            (tr("Size"), self.size_choice),
            (tr("Format"), self.format_choice),
            (tr("Colours"), self.colours_choice),
        ):
            set_sizes(field, least_width=240)
            field.edited.connect(lambda _value: self._show_facts())
            form.addRow(title, field)
        form.addRow("", self.facts)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save_button = self.buttons.addButton(tr("Save figure…"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.save_button.setDefault(True)
        self.buttons.accepted.connect(self._choose_file)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(16)
        layout.addWidget(Label(figure.title, "strong"))
        layout.addLayout(form)
        layout.addWidget(self.buttons)
        self._show_facts()

    @property
    def size_chosen(self) -> FigureSize:
        """In which the figure is to be."""
        size = self.size_choice.value()
        return size if isinstance(size, FigureSize) else SIZES[0]

    @property
    def kind(self) -> FigureFormat:
        """The format: "svg", "pdf" or "png"."""
        chosen: FigureFormat = self.format_choice.value()
        return chosen

    def writing(self, path: Path) -> Writing:
        """What writes the figure as it was chosen."""
        on_paper = self.colours_choice.value() == PAPER
        return figure_writing(path, self.figure, self.size_chosen, on_paper=on_paper)

    def _show_facts(self) -> None:
        size = self.size_chosen
        width, height = (f"{length:.0f}" for length in size.millimetres(self.figure))
        if self.kind == "png":
            units, scale = size.units(self.figure), size.scale()
            pixels = (round(units.width() * scale), round(units.height() * scale))
            across, down = (count_text(length) for length in size.pixels or pixels)
            dots = tr(" at {dpi} dots per inch", dpi=PRINT_DPI) if size.width_mm else ""
            self.facts.setText(tr("{across} × {down} pixels{dots}", across=across, down=down, dots=dots))
        else:
            self.facts.setText(tr("{width} × {height} mm", width=width, height=height))

    def _choose_file(self) -> None:
        start = str(self._folder / f"{self.figure.name}.{self.kind}")
        filters = f"{self.kind.upper()} (*.{self.kind})"
        name, _ = QFileDialog.getSaveFileName(self, tr("Save figure"), start, filters)
        if name:
            path = Path(name)
            # The ending says what is in a file, so it is the one of the format that was chosen.
            fits = path.suffix.lower() == f".{self.kind}"
            self.chosen.emit(path if fits else path.with_name(f"{path.name}.{self.kind}"))
            self.accept()


def save_figure(
    figure: Figure,
    exports: Exports,
    folder: Path,
    parent: QWidget,
    failed: Callable[[UserError], None] | None = None,
) -> FigureDialog:
    """Ask how a figure is to be saved, and save it; `failed` gets why it could not be, or a box says so."""
    dialog = FigureDialog(figure, folder, parent)
    told = failed or (lambda error: _tell(parent, error))
    dialog.chosen.connect(lambda path: exports.write(path, dialog.writing(path), told))
    dialog.open()
    return dialog


def offer_figure(
    widget: QWidget,
    title: str | Callable[[], str],
    name: str,
    exports: Exports,
    preferences: Preferences,
    *,
    aspect: float | None = None,
) -> None:
    """Offer "Save figure…" in the context menu of a canvas that paints itself.

    title : over the figure, or what gives it then. name : of the file that is offered. aspect : height by
    width on paper; None: as the canvas is.
    """

    def open_dialog() -> None:
        figure = widget_figure(widget, title if isinstance(title, str) else title(), name, aspect=aspect)
        save_figure(figure, exports, preferences.last_folder, widget.window())

    def open_menu(place: QPoint) -> None:
        menu = QMenu(widget)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Save figure…")).triggered.connect(open_dialog)
        menu.popup(widget.mapToGlobal(place))

    widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    widget.customContextMenuRequested.connect(open_menu)


def _tell(parent: QWidget, error: UserError) -> None:
    box = QMessageBox(QMessageBox.Icon.Warning, tr("Save figure"), str(error), parent=parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
