"""Figures for slides and papers: sizes, formats and colours of what is written, and the dialog that asks."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from engine.errors import UserError
from engine.progress import Progress
from gui.core.figure_saving import FigureDialog, figure_writing, offer_figure
from gui.kit import theme
from gui.kit.figures import SIZES, Figure, figure_data
from gui.panels.evaluation.confusion_canvas import ConfusionCanvas
from gui.panels.plots.line_plots import LossPlot
from tests.gui.contexts import panel_context
from tests.gui.desk import wait_until
from tests.gui.hands import choose, click
from tests.gui.plot_runs import run_of, shown_plot

AS_SHOWN, SLIDE, ONE_COLUMN, TWO_COLUMNS = SIZES
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def plot(qtbot):
    return shown_plot(qtbot, LossPlot, run_of(20, 10))


@pytest.fixture
def dark_window(qapp):
    theme.apply(qapp, "dark")
    yield
    theme.apply(qapp, "light")


def square(units: list[QSize]) -> Figure:
    """A figure that notes into how many units it was painted, and paints its lower right corner red."""

    def paint(painter, size):
        units.append(size)
        painter.fillRect(QRect(QPoint(0, 0), size), QColor(theme.current().surface))
        painter.fillRect(size.width() - 4, size.height() - 4, 4, 4, QColor("#FF0000"))

    return Figure("Square", "square", QSize(200, 100), paint, aspect=0.5)


@pytest.mark.parametrize(
    ("size", "pixels", "units"),
    [
        (AS_SHOWN, (400, 200), (200, 100)),
        (SLIDE, (1920, 1080), (960, 540)),
        # 85 mm / 25.4 × 96 = 321.26 units, 321 × 300 / 96 = 1003 pixels.
        (ONE_COLUMN, (1003, 503), (321, 161)),
        (TWO_COLUMNS, (2009, 1003), (643, 321)),
    ],
)
def test_a_png_has_the_pixels_of_its_size(qapp, size, pixels, units):
    painted = []
    image = QImage.fromData(figure_data(square(painted), "png", size)())
    assert (image.width(), image.height()) == pytest.approx(pixels, abs=1)
    assert (painted[0].width(), painted[0].height()) == units
    assert image.pixelColor(image.width() - 4, image.height() - 4) == QColor("#FF0000")
    if size.width_mm:
        assert image.dotsPerMeterX() == pytest.approx(300 / 0.0254, abs=1)


@pytest.mark.parametrize(("size", "millimetres"), [(SLIDE, (254, 142.9)), (ONE_COLUMN, (85, 42.5))])
def test_an_svg_is_as_large_as_it_is_wanted(qapp, size, millimetres):
    root = ElementTree.fromstring(figure_data(square([]), "svg", size)())
    width, height = (float(root.get(side).removesuffix("mm")) for side in ("width", "height"))
    assert (width, height) == pytest.approx(millimetres, abs=0.2)


def test_a_pdf_has_one_page_of_the_size(qapp):
    data = figure_data(square([]), "pdf", TWO_COLUMNS)()
    assert data.startswith(b"%PDF-")
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)
    points = [float(number) for number in box.groups()]
    assert points == pytest.approx([170 / 25.4 * 72, 85 / 25.4 * 72], abs=1)
    assert len(re.findall(rb"/Type /Page\b", data)) == 1


def test_lines_in_an_svg_end_at_their_axes(plot):
    root = ElementTree.fromstring(figure_data(plot.figure(), "svg", ONE_COLUMN)())
    clips = root.findall(f".//{SVG}clipPath")
    assert clips
    used = {group.get("clip-path") for group in root.iter() if group.get("clip-path")}
    assert used <= {f"url(#{clip.get('id')})" for clip in clips}
    assert used


def test_a_figure_for_paper_is_light_and_the_window_stays_as_it_was(dark_window, plot):
    before, size = plot.grab().toImage(), plot.canvas.size()
    image = QImage.fromData(figure_data(plot.figure(), "png", ONE_COLUMN)())
    assert image.pixelColor(1, 1) == QColor(theme.LIGHT.surface)
    pixels = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(0, 600, 7)}
    assert theme.LIGHT.accent.lower() in pixels
    assert theme.DARK.accent.lower() not in pixels
    assert theme.current() is theme.DARK
    assert plot.canvas.size() == size
    QApplication.processEvents()
    assert plot.grab().toImage() == before
    shown = QImage.fromData(figure_data(plot.figure(), "png", on_paper=False)())
    assert shown.pixelColor(1, 1) == QColor(theme.DARK.surface)


def test_the_dialog_saves_what_was_chosen(qtbot, plot, monkeypatch, tmp_path):
    dialog = plot.save_figure()
    assert dialog.facts.text().endswith("mm")
    choose(dialog.size_choice, ONE_COLUMN)
    choose(dialog.format_choice, "png")
    assert dialog.facts.text() == "1\u202f003 × 622 pixels at 300 dots per inch"
    path = tmp_path / "loss.png"
    # Without the ending, as one types it: the format says it.
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path.with_suffix("")), ""))
    click(dialog.save_button)
    wait_until(path.exists, "figure")
    assert QImage(str(path)).width() == 1003


def test_a_canvas_offers_its_figure(qtbot, monkeypatch, tmp_path):
    context, canvas = panel_context(), ConfusionCanvas()
    qtbot.addWidget(canvas)
    offer_figure(canvas, lambda: "Confusion", "confusion", context.exports, context.preferences)
    canvas.resize(400, 400)
    canvas.show_counts(np.array([[30, 1], [2, 40]]), ("no", "yes"))
    canvas.show()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(9, 9), canvas.mapToGlobal(QPoint(9, 9)))
    QApplication.sendEvent(canvas, event)
    menu = QApplication.activePopupWidget()
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    dialog = canvas.findChild(FigureDialog)
    assert dialog.isVisible()
    dialog.writing(tmp_path / "confusion.svg")(Progress())
    assert b"Confusion" in (tmp_path / "confusion.svg").read_bytes()
    dialog.close()


def test_where_it_cannot_be_written_a_sentence_says_so(qapp, tmp_path):
    with pytest.raises(UserError, match="Make the folder first"):
        figure_writing(tmp_path / "nowhere" / "a.svg", square([]))(Progress())
