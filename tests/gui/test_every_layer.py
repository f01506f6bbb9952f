"""Every registered layer in the assembled window: opened, edited, trained, looked at, saved, opened again."""

import math
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QTabWidget

from engine.arrays import Shape
from engine.data import DataSettings
from engine.data.sources.csv_file import CSVFile
from engine.errors import ShapeError
from engine.experiment import Experiment
from engine.layers import LAYERS, Layer
from engine.layers.embedding import Embedding
from engine.layers.reshape import Flatten
from engine.layers.residual import Residual
from gui.kit import ElidedLabel
from gui.kit.card_list.entry_list import EntryList
from gui.main_window import MainWindow
from tests.engine.sample_shapes import CANDIDATE_SHAPES
from tests.gui.desk import Desk, close_without_question
from tests.gui.hands import write

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

ROWS = 24


def table(folder: Path, columns: int, codes: bool = False) -> Path:
    """A table of numbers, or of categories, with a target of two classes."""
    path = folder / f"{'codes' if codes else 'numbers'}{columns}.csv"
    header = ",".join([*(f"x{number}" for number in range(columns)), "target"])

    def cell(row: int, column: int) -> str:
        return f"k{(row + column) % 4}" if codes else f"{math.sin(row * 7 + column * 3):.3f}"

    lines = [
        ",".join([*(cell(row, column) for column in range(columns)), "ab"[row % 2]]) for row in range(ROWS)
    ]
    path.write_text("\n".join([header, *lines]), encoding="utf-8")
    return path


def shape_for(layer: Layer) -> Shape:
    """The first of the law suite's shapes that the layer takes."""
    for shape in CANDIDATE_SHAPES:
        try:
            layer.output_shape(shape)
        except ShapeError:
            continue
        return shape
    raise AssertionError(f"no shape for {layer.kind}")


def layers_around(layer: Layer) -> tuple[Shape, tuple]:
    """The shape that a layer takes, and what to put around it so that numbers come in and go out."""
    shape = shape_for(layer)
    before: tuple = ()
    if len(shape) == 2:
        before = ({"kind": "reshape", "target_shape": "sequence", "channels": shape[1]},)
    if len(shape) == 3:
        before = ({"kind": "reshape", "height": shape[0], "width": shape[1], "channels": shape[2]},)
    after = (Flatten(),) if len(layer.output_shape(shape)) > 1 else ()
    return shape, (*before, layer, *after)


def experiment_with(layer: Layer, folder: Path) -> tuple[Experiment, int]:
    """The smallest experiment that holds the layer, and its index in it."""
    if isinstance(layer, Embedding):
        columns, layers, more = 2, (layer,), {"categories": "integer"}
    else:
        shape, layers = layers_around(layer)
        columns, more = math.prod(shape), {}
    source = CSVFile(path=str(table(folder, columns, codes=bool(more))))
    data = DataSettings(source=source, target="target", **more)
    training = {"batch_size": 8, "epochs": 2}
    experiment = Experiment(name=layer.heading, data=data, layers=layers, training=training)
    return experiment, experiment.layers.index(layer)


NESTED = Residual(
    layers=({"kind": "dense", "units": 6}, {"kind": "residual", "layers": ["layer_norm", "dropout"]}),
    drop_rate=0.3,
)
CASES = [*(cls() for cls in LAYERS), NESTED]


class Bench(Desk):
    """A window whose experiments come and go."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.crashes = []
        self.prepared = None
        window.session.crashed.connect(self.crashes.append)
        window.session.prepared.connect(self._note_prepared)

    def _note_prepared(self, prepared) -> None:
        self.prepared = prepared

    def load(self, experiment: Experiment) -> None:
        self.prepared = None
        self.window.files.load(experiment)
        self.until_prepared(experiment)

    def until_prepared(self, experiment: Experiment) -> None:
        def ready() -> bool:
            assert self.window.session.problem is None, self.window.session.problem
            return self.prepared is not None and self.prepared.experiment == experiment

        self.until(ready, f"run of {experiment.name}")
        self.until(
            lambda: self.frame.run == self.prepared.run and self.frame.history is not None, "frame of it"
        )


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("tables")


@pytest.fixture
def bench(qtbot):
    window = MainWindow()
    window.resize(1280, 800)
    bench = Bench(window)
    window.show()
    window.start()
    bench.status("ready")
    window.centre.leave_start_page()
    for plot in window.panels.of("plots"):
        window.docks[plot.spec.id].show()
    yield bench
    close_without_question(window)


def look_at_everything(bench: Bench) -> None:
    """Each view in turn, painted, with all plots beside it."""
    window = bench.window
    tabs = window.centre.findChild(QTabWidget)
    for index in range(tabs.count()):
        tabs.setCurrentIndex(index)
        before = bench.frame
        window.session.request_frame()
        bench.until(
            lambda before=before: bench.frame is not before and bench.frame.answers is not None, "answers"
        )
        for _ in range(3):
            QApplication.processEvents()
        assert not tabs.currentWidget().grab().isNull()
    for plot in window.panels.of("plots"):
        assert not plot.grab().isNull()


def test_every_layer_lives_in_the_window(bench, folder):
    """One window for all of them, as a person has it: what one leaves behind meets the next."""
    for layer in CASES:
        experiment, index = experiment_with(layer, folder)
        bench.load(experiment)
        window = bench.window
        check = window.panels["layers"].check
        assert [layer.fault for layer in check.layers] == [None] * len(check.layers), layer.kind
        window.context.selection.select(layer=index)
        QApplication.processEvents()
        card = window.panels["layers"].list.cards[index]
        assert card.is_open()
        assert not card.grab().isNull()
        check_words(card)
        for _ in range(2):
            step = bench.frame.step
            bench.do("step_batch")
            bench.until(lambda step=step: bench.frame.step == step + 1, f"step of {layer.kind}")
        look_at_everything(bench)
        assert bench.crashes == [], f"{layer.kind}: {bench.crashes[0].traceback}"
        path = folder / f"{layer.kind}.gradwright"
        window.files.save_to(path)
        bench.until(lambda path=path: bench.window.document.path == path, f"file of {layer.kind}")
        bench.prepared = None
        window.files.open(path)
        bench.until_prepared(experiment)
        assert bench.frame.step == 2, layer.kind
        window.document.saved(path)


def check_words(card) -> None:
    """Nothing on the line is cut short, nor in the lists inside."""
    for label in card.header.findChildren(ElidedLabel):
        assert not label.text() or "…" not in super(ElidedLabel, label).text(), label.text()
    for field in card.findChildren(EntryList):
        for entry in field.cards:
            assert entry.header.name()


def test_inner_layers_are_edited_where_they_stand(bench, folder):
    experiment, index = experiment_with(NESTED, folder)
    bench.load(experiment)
    bench.window.context.selection.select(layer=index)
    field = bench.window.panels["layers"].list.cards[index].form.field("layers")
    assert [(card.header.name(), card.header.note()) for card in field.cards] == [
        ("Dense", "6 values"),
        ("Residual", "6 values"),
    ]
    field.open_card(1)
    inner = field.cards[1].form.field("layers")
    inner.open_card(1)
    write(inner.cards[1].form.field("rate").figure, "0.5")
    document = bench.window.document
    assert document.experiment.layers[index].layers[1].layers[1].rate == 0.5
    assert document.undo_stack.undoText() == "Change rate of Dropout of Residual"
    # Inside it is a live setting as it is outside: the run goes on.
    run = bench.frame.run
    field.add(LAYERS[0])
    assert len(document.experiment.layers[index].layers) == 3
    assert document.undo_stack.undoText() == "Change inner layers of Residual"
    bench.until(lambda: bench.frame.run != run, "another run")
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert document.experiment == experiment
