"""The panel of cross-validation: folds are chosen, run as a job, and shown with their mean."""

from PySide6.QtTest import QTest

from tests.gui.hands import write
from tests.gui.panels.checks.conftest import LEFT


def quick(old):
    return old.replace(training=old.training.replace(epochs=2))


def cells(panel):
    model = panel.table.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_folds_are_run_and_shown_with_their_mean(checks):
    checks.edit(quick)
    panel = checks.open("cross_validation")
    write(panel.folds, "3")
    write(panel.repeats, "2")
    checks.run(panel)
    result = panel.found.result
    assert [(one.repeat, one.fold) for one in result.scores] == [(r, f) for r in (1, 2) for f in (1, 2, 3)]
    shown = cells(panel)
    assert [row[0] for row in shown] == [
        "Mean",
        *(f"{fold} of repeat {repeat}" for repeat in (1, 2) for fold in (1, 2, 3)),
    ]
    names = [
        panel.table.model().headerData(column, panel.table.horizontalHeader().orientation())
        for column in (2, 3)
    ]
    assert names == ["Loss", "Accuracy"]
    assert shown[0][2] == f"{result.mean('loss'):.3g} ± {result.standard_error('loss'):.3g}"
    assert panel.verdict.text().endswith("over 6 folds.")
    assert panel.verdict.text().startswith("Accuracy ")
    assert panel.caption.text() == "Started from the initial weights."


def test_it_is_cancelled_between_two_steps(checks):
    checks.edit(lambda old: old.replace(training=old.training.replace(epochs=100_000)))
    panel = checks.open("cross_validation")
    QTest.mouseClick(panel.run_button, LEFT)
    assert panel.running
    QTest.mouseClick(panel.cancel_button, LEFT)
    checks.ended(panel)
    assert panel.message.text() == "Cancelled."
    assert panel.found is None
