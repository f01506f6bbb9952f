"""Choices in a form: a kind that is switched, an optional group, and what stays of what was chosen."""

from pydantic import Field
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.settings import Settings, hints
from gui.kit.form import SettingsForm
from gui.kit.form_fields import switched
from tests.gui.hands import write
from tests.gui.kit.sample_settings import Descent, Momentum, Sample, Stopping


def test_switching_a_kind_shows_its_fields_and_keeps_what_was_chosen(form, qtbot):
    write(form.field("optimizer.learning_rate").figure, "0.5")
    choice = form.field("optimizer")
    choice.setFocus()
    with qtbot.waitSignal(form.changed):
        QTest.keyClick(choice, Qt.Key.Key_Down)
    assert form.value().optimizer == Momentum(learning_rate=0.5)
    assert form.field("optimizer") is choice
    assert "optimizer.momentum" in form.names()
    QTest.keyClick(choice, Qt.Key.Key_Up)
    assert form.value().optimizer == Descent(learning_rate=0.5)
    assert "optimizer.momentum" not in form.names()


def test_switching_takes_the_new_default_where_nobody_chose(form):
    assert switched(Descent(), Momentum) == Momentum(learning_rate=0.01)
    assert switched(Descent(learning_rate=0.3), Momentum) == Momentum(learning_rate=0.3)
    assert switched(Descent(learning_rate=50), Momentum) == Momentum(), "50 is out of its range"


def test_switching_carries_nothing_over_that_means_something_else():
    class OfFile(Settings):
        path: str = Field("", title="File", json_schema_extra=hints(path_filter="Tables (*.csv)"))
        factor: float = Field(0.5, title="Decay")
        size: float = Field(1.0, title="Size", json_schema_extra=hints(unit="px"))

    class OfFolder(Settings):
        path: str = Field("", title="File", json_schema_extra=hints(folder=True))
        factor: float = Field(0.9, title="Drop")
        size: float = Field(2.0, title="Size", json_schema_extra=hints(unit="%"))

    assert switched(OfFile(path="a.csv", factor=0.2, size=7.0), OfFolder) == OfFolder()


def test_an_optional_union_and_an_optional_group(form, qtbot):
    start = form.field("start")
    assert start.currentText() == "Automatic"
    QTest.keyClick(start, Qt.Key.Key_Down)
    assert form.value().start == Descent()
    assert "start.learning_rate" in form.names()
    QTest.keyClick(form.field("stopping"), Qt.Key.Key_Space)
    assert form.value().stopping == Stopping()
    write(form.field("stopping.patience"), "5")
    assert form.value().stopping.patience == 5
    QTest.keyClick(form.field("stopping"), Qt.Key.Key_Space)
    assert form.value().stopping is None


def test_tab_goes_from_top_to_bottom_after_a_switch(qtbot):
    form = SettingsForm(Sample(), only=("optimizer", "warmup", "batch_size"))
    qtbot.addWidget(form)
    with qtbot.waitActive(form):
        form.show()
        form.activateWindow()
    choice = form.field("optimizer")
    choice.setFocus()
    QTest.keyClick(choice, Qt.Key.Key_Down)
    visited = []
    for _ in range(4):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        visited.append(QApplication.focusWidget())
    expected = ("optimizer.learning_rate", "optimizer.momentum", "warmup", "batch_size")
    assert visited == [form.field(name) for name in expected]
