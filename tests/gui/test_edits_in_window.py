"""What the middle and the plots show from the moment of an edit on, before anything is prepared anew."""

import pytest
from PySide6.QtTest import QTest

from engine.data.sources.two_dimensional import Spiral
from gui.main_window import MainWindow
from gui.panels.base import Panel
from gui.panels.plots.weight_histograms import WeightHistogramsPlot
from tests.gui.desk import close_without_question, wait_until

"""scikit-learn alone takes seconds to import on a busy machine."""


@pytest.fixture
def window(qtbot):
    window = MainWindow()
    window.resize(1280, 800)
    window.show()
    window.start()
    wait_until(lambda: bool(weights(window).rows.layers), "histograms")
    yield window
    close_without_question(window)


def weights(window: MainWindow) -> WeightHistogramsPlot:
    return window.panels["weight_histograms"]


def seen(window: MainWindow) -> str:
    view = window.centre.current_view()
    return view.spec.title if isinstance(view, Panel) else "start page"


def test_the_start_page_gives_way_to_the_network_at_the_first_edit_of_a_layer(window):
    experiment = window.document.experiment
    assert seen(window) == "start page"
    window.document.edit(experiment.replace(layers=experiment.layers[1:]), "Delete layer")
    assert seen(window) == "Network"


def test_the_start_page_gives_way_to_the_view_that_fits_at_the_first_edit_of_the_data(window):
    experiment = window.document.experiment
    window.document.edit(experiment.replace(data=experiment.data.replace(source=Spiral(noise=0.3))), "Noise")
    assert seen(window) == "Decision map"


def test_the_start_page_stays_while_only_the_training_is_edited(window):
    experiment = window.document.experiment
    window.document.edit(experiment.replace(training=experiment.training.replace(epochs=7)), "Epochs")
    assert seen(window) == "start page"


def test_no_weights_are_shown_of_a_layer_that_is_gone(window, qtbot):
    experiment, plot = window.document.experiment, weights(window)
    names = [name for name, _ in plot.rows.layers]
    window.document.edit(experiment.replace(layers=experiment.layers[1:]), "Delete layer")
    assert not plot.rows.layers
    assert plot.sentence
    wait_until(lambda: bool(plot.rows.layers), "histograms")
    assert len(plot.rows.layers) == len(names) - 1


def test_an_edit_undone_at_once_leaves_the_plots_of_the_run(window, qtbot):
    experiment, plot = window.document.experiment, weights(window)
    names = [name for name, _ in plot.rows.layers]
    window.document.edit(experiment.replace(layers=experiment.layers[1:]), "Delete layer")
    window.document.undo_stack.undo()
    QTest.qWait(100)
    wait_until(lambda: [name for name, _ in plot.rows.layers] == names, "histograms of all layers")


def test_a_change_in_mid_run_leaves_the_plots_alone(window):
    experiment = window.document.experiment
    before = weights(window).rows.layers
    window.document.edit(experiment.replace(training=experiment.training.replace(epochs=7)), "Epochs")
    assert weights(window).rows.layers == before
