"""The network view in the window: weights picked and typed, gradients, samples that flow, and files of it."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.layers.dense import Dense
from engine.progress import Progress
from gui.core.figure_saving import figure_writing
from gui.core.selection import Sample
from gui.kit.weight_editor import WeightEditor
from gui.panels.network.tikz import escaped
from tests.gui.conftest import picture
from tests.gui.hands import choose, click, press

pytestmark = pytest.mark.qt_log_ignore("does not support raise", extend=True)


@pytest.fixture
def network(desk):
    """The drawing of the spiral's network after one batch, with its weights known."""
    window = desk.window
    window.centre.leave_start_page()
    assert window.centre.show_view("network")
    view = window.panels["network"]
    desk.do("step_batch")
    desk.status("paused")
    desk.until(lambda: view.canvas.values.weights, "weights in the drawing")
    return view


def edge_place(canvas, bundle, edge, percent=0.6):
    """Well along an edge, where those to the upper units lie apart."""
    return canvas.on_widget(canvas.geometry_now.edges[bundle].paths[edge].pointAtPercent(percent)).toPoint()


def open_editor():
    (editor,) = [
        one for one in QApplication.topLevelWidgets() if isinstance(one, WeightEditor) and one.isVisible()
    ]
    return editor


def test_columns_and_classes_have_their_names(network):
    columns = network.canvas.plan.columns
    assert [columns[0].label(unit) for unit in columns[0].shown] == ["x₁", "x₂"]
    assert [columns[-1].label(unit) for unit in columns[-1].shown] == ["A", "B"]


def test_a_click_on_an_edge_selects_its_weight_and_lets_it_be_typed(desk, network):
    canvas, selection = network.canvas, desk.window.context.selection
    target = canvas.plan.columns[1]
    edge = 1 * len(target.shown) + 0
    click(canvas, edge_place(canvas, 0, edge))
    chosen = selection.selected
    assert (chosen.layer, chosen.unit, chosen.parameter) == (target.layer, 0, ("weight", (1, 0)))
    editor = open_editor()
    assert editor.accessibleName() == f"{target.name}, weight from x₂ to unit 1"
    assert float(editor.fields[0].text()) == pytest.approx(float(canvas.values.weights[0][1, 0]), rel=1e-5)
    QTest.keyClicks(editor.fields[0], "-3/4")
    press(editor.fields[0], Qt.Key.Key_Return)
    desk.until(lambda: canvas.values.weights[0][1, 0] == np.float32(-0.75), "edited weight in the drawing")
    desk.do("undo")
    desk.until(lambda: canvas.values.weights[0][1, 0] != np.float32(-0.75), "weight as it was")


def test_enter_opens_the_weights_of_the_selected_unit(desk, network):
    canvas = network.canvas
    place = canvas.on_widget(canvas.geometry_now.columns[1].units[2].center())
    click(canvas, place.toPoint())
    assert desk.window.context.selection.selected.unit == 2
    press(canvas, Qt.Key.Key_Return)
    editor = open_editor()
    assert [field.accessibleName().rpartition(", ")[2] for field in editor.fields] == [
        "Bias",
        "from x₁",
        "from x₂",
    ]
    press(editor.fields[0], Qt.Key.Key_Escape)


def test_gradients_and_what_a_unit_says_to_the_selected_sample(desk, network):
    canvas = network.canvas
    weights = picture(canvas)
    choose(network.toolbar.quantity, "gradient")
    assert picture(canvas) != weights
    place = canvas.on_widget(canvas.geometry_now.columns[1].units[0].center())
    assert "output for the selected sample" not in canvas.tip_at(place)
    desk.window.context.selection.select(sample=Sample("training", 4))
    desk.until(lambda: "output for the selected sample" in canvas.tip_at(place), "output of the sample")
    assert "gradient of the bias" in canvas.tip_at(place)


def test_samples_flow_when_asked_and_stop(desk, network):
    canvas, button = network.canvas, network.toolbar.flow
    click(button)
    desk.until(lambda: canvas.flow.running, "samples that flow")
    still = picture(canvas)
    desk.until(lambda: picture(canvas) != still, "movement")
    click(button)
    assert not canvas.flow.running
    assert not button.isChecked()
    click(button)
    desk.until(lambda: canvas.flow.running, "samples that flow")
    desk.window.centre.show_view("evaluation")
    assert not canvas.flow.running, "not while it is hidden"


@pytest.fixture
def named(desk, tmp_path):
    """A table whose names LaTeX and XML have other uses for, under a network with folded units."""
    rows = np.random.default_rng(0).normal(size=(40, 3)).round(3).tolist()
    names = ["a_b & c", "50% <x>", "{y}^2 \\z#"]
    lines = [",".join([f'"{name}"' for name in names] + ["kind"])]
    lines += [",".join([*map(str, row), "u&v" if row[0] > 0 else "p~q"]) for row in rows]
    path = tmp_path / "names.csv"
    path.write_text("\n".join(lines) + "\n")
    desk.open_table(path, "kind")
    experiment = desk.window.document.experiment
    desk.window.document.edit(experiment.replace(layers=(Dense(units=40),)), "Layers")
    desk.status("ready")
    desk.window.centre.show_view("network")
    view = desk.window.panels["network"]
    desk.until(lambda: view.canvas.values.weights and view.canvas.plan.folded, "weights")
    return view, names


def test_a_drawing_becomes_a_figure_and_a_tikz_document(desk, named, tmp_path):
    view, names = named
    path = tmp_path / "network.svg"
    figure_writing(path, view.saver.figure())(Progress())
    root = ElementTree.fromstring(path.read_bytes())
    texts = {"".join(node.itertext()).strip() for node in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {*names, "u&v", "p~q", "+ 28 more"} <= texts
    renderer = QSvgRenderer(QByteArray(path.read_bytes()))
    assert renderer.isValid()
    image = QImage(renderer.defaultSize(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    assert (
        len({image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}) > 5
    )
    check_tikz(view.saver.tikz(), [escaped(name) for name in (*names, "u&v", "p~q")])


def check_tikz(text, labels):
    """Every command of the picture has its form, every brace and environment ends, every name is escaped."""
    assert text.startswith("\\documentclass[tikz,border=4pt]{standalone}")
    begun, ended = (re.findall(rf"\\{what}{{(\w+)}}", text) for what in ("begin", "end"))
    assert begun == ["document", "tikzpicture"] == ended[::-1]
    plain = re.sub(r"\\[{}]", "", text)
    depth = np.cumsum([{"{": 1, "}": -1}.get(letter, 0) for letter in plain])
    assert depth.min() >= 0
    assert depth[-1] == 0
    place = r"\(-?\d+\.\d{3},-?\d+\.\d{3}\)"
    draw = rf"\\draw\[[^\]]+\] {place} (?:\.\. controls {place} and {place} \.\.|rectangle) {place};"
    node = rf"\\node\[.+\] (?:\(n\d+u\d+\) )?at {place} {{.*}};"
    body = text.partition("\\begin{tikzpicture}")[2].partition("\n")[2].partition("\\end{tikzpicture}")[0]
    wrong = [line for line in body.splitlines() if not re.fullmatch(f"(?:{draw})|(?:{node})", line)]
    assert wrong == []
    found = set(re.findall(r"label={(?:left|right):{(.*)}}\]", body))
    assert found == set(labels)
    assert all(re.search(r"(?<!\\)[&%#_]", label) is None for label in found)


def test_names_are_escaped_for_latex():
    assert escaped("a_b & 50% {c}") == r"a\_b \& 50\% \{c\}"
    assert escaped("x₁² ~^\\") == r"x$_1$² \textasciitilde{}\textasciicircum{}\textbackslash{}"
