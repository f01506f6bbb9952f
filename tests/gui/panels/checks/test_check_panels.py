"""What all checks have in common: they open, run, are cancelled, fail, and follow the run."""

import json
import re
import sys
import types
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.cli import main
from engine.data import DataSettings
from engine.data.sources.csv_file import CSVFile
from engine.files.run_file import save
from engine.optimizers.lbfgs import LBFGS
from gui.core.model_summary import ModelSummary
from gui.kit import theme
from gui.main_window import MainWindow
from gui.panels import PANELS
from gui.panels.checks.check_panel import Found
from gui.panels.checks.gradient_check import GradientCheckPanel
from tests.gui.conftest import picture
from tests.gui.contexts import panel_context
from tests.gui.desk import Desk, close_without_question, wait_until
from tests.gui.panels.checks.conftest import LEFT, CheckDesk, press

README = Path(__file__).parents[4] / "README.md"

IDS = ("gradient_check", "overfit_check", "range_test", "cross_validation")
of_every_check = pytest.mark.parametrize("id", IDS)
NOWHERE = DataSettings(source=CSVFile(path="nowhere.csv"))


@pytest.fixture
def checks(checks):
    """With the fewest folds: how many they are matters to none of these tests."""
    checks.window.panels["cross_validation"].folds.set_value(2)
    return checks


@of_every_check
def test_enter_runs_it_and_nothing_of_the_run_is_changed(checks, id):
    panel = checks.open(id)
    assert panel.run_button.hasFocus()
    assert "Press Run" in panel.sentence
    press(Qt.Key.Key_Return)
    assert panel.running
    assert panel.cancel_button.isVisible()
    assert not panel.run_button.isVisible()
    checks.ended(panel)
    assert panel.sentence == ""
    assert panel.verdict.text()
    assert panel.run_button.text() == "Run again"
    assert panel.run_button.hasFocus()
    assert not panel.progress.isVisible()
    assert checks.desk.frame.step == 0
    assert not checks.window.document.modified


def test_what_is_shown_is_what_the_command_line_says_of_the_same_run(checks, tmp_path, capsys):
    checks.desk.do("step_epoch")
    checks.desk.status("paused")
    copies = []
    checks.window.session.capture(copies.append, pytest.fail)
    checks.desk.until(lambda: copies, "copy")
    save(tmp_path / "a.gradwright", copies[0].complete())
    main(["check", str(tmp_path / "a.gradwright"), "--json"])
    said = json.loads(capsys.readouterr().out)
    gradient, overfit, rates = (checks.run(checks.open(id)) for id in IDS[:3])
    arrays = [(one["layer"], one["parameter"], one["largest_error"]) for one in said["gradients"]["arrays"]]
    model = gradient.table.model()
    shown = [[model.index(row, column).data() for column in (0, 1, 4)] for row in range(model.rowCount())]
    assert shown == [[layer, parameter, f"{error:.1e}"] for layer, parameter, error in arrays]
    assert f"{said['gradients']['checked']} numbers checked" in gradient.verdict.text()
    assert overfit.verdict.text() == said["overfit"]["sentence"]
    assert overfit.found.result.losses.tolist() == said["overfit"]["losses"]
    assert rates.verdict.text() == said["rates"]["advice"]
    assert rates.found.result.smoothed.tolist() == said["rates"]["smoothed"]
    assert rates.details.text().startswith(said["rates"]["sentence"])


@pytest.mark.usefixtures("endless")
def test_cancel_answers_at_once_and_leaves_what_was_there(checks):
    panel = checks.open("overfit_check")
    QTest.mouseClick(panel.run_button, LEFT)
    checks.desk.until(lambda: panel.progress.fraction() == 0.25, "progress")
    assert panel.cancel_button.hasFocus()
    QTest.mouseClick(panel.cancel_button, LEFT)
    assert not panel.running
    assert panel.message.text() == "Cancelled."
    assert panel.run_button.hasFocus()
    press(Qt.Key.Key_Return)
    assert panel.running
    assert panel.message.text() == ""
    press(Qt.Key.Key_Escape)
    assert not panel.running
    assert panel.isVisible(), "Escape has cancelled, and nothing else"
    press(Qt.Key.Key_Escape)
    assert not panel.isVisible()


@pytest.mark.usefixtures("endless")
def test_it_can_be_cancelled_from_the_list_of_jobs(checks):
    panel = checks.open("overfit_check")
    QTest.mouseClick(panel.run_button, LEFT)
    checks.desk.until(lambda: panel.progress.fraction() == 0.25, "progress")
    (job,) = [job for job in checks.window.jobs.running if job.title == "Overfit check"]
    checks.window.jobs.cancel(job)
    assert not panel.running
    assert panel.message.text() == "Cancelled."


@pytest.mark.usefixtures("endless")
def test_another_run_cancels_it(checks):
    panel = checks.open("overfit_check")
    QTest.mouseClick(panel.run_button, LEFT)
    checks.desk.do("new_seed")
    assert not panel.running
    assert panel.message.text() == "Cancelled: the run was replaced."
    checks.desk.until(panel.run_button.isEnabled, "run")
    assert panel.message.text() == "Cancelled: the run was replaced."


@of_every_check
def test_another_run_clears_its_result(checks, id):
    panel = checks.run(checks.open(id))
    checks.desk.do("new_seed")
    assert panel.sentence
    assert panel.found is None
    checks.desk.until(panel.run_button.isEnabled, "run")
    assert "Press Run" in panel.sentence


def test_a_result_says_which_step_it_is_of(checks):
    panel = checks.run(checks.open("gradient_check"))
    assert panel.caption.text() == "Of step 0."
    checks.desk.do("step_batch")
    checks.desk.until(lambda: panel.caption.text() == "Of step 0; the run is at step 1 now.", "caption")
    checks.run(panel)
    assert panel.caption.text() == "Of step 1."
    checks.desk.set_epochs(7)
    assert panel.caption.text() == "Of step 1; settings have changed since."


def test_a_result_may_be_newer_than_the_last_frame(qtbot, monkeypatch):
    context, started = panel_context(), []

    def start(title, work, done, failed, cancelled):
        started.append(done)
        return types.SimpleNamespace(ended=False, fraction=None)

    monkeypatch.setattr(context.run_jobs, "start", start)
    panel = GradientCheckPanel(context)
    qtbot.addWidget(panel)
    panel.show()
    panel.show_model(ModelSummary((), (2,), "binary"))
    QTest.mouseClick(panel.run_button, LEFT)
    started[0](Found([], context.document.experiment, 13))
    assert panel.caption.text() == "Of step 13."


@pytest.mark.parametrize("id", IDS[:3])
def test_it_works_while_training_goes_on(checks, id):
    checks.desk.train_for_long()
    panel = checks.run(checks.open(id))
    assert panel.verdict.text()
    assert checks.desk.frame.status == "training"
    if id != "overfit_check":
        assert panel.found.step > 0


@of_every_check
def test_without_a_run_it_says_why(checks, id):
    panel = checks.run(checks.open(id))
    document = checks.window.document
    document.edit(document.experiment.replace(data=NOWHERE), "Change")
    checks.desk.until(lambda: "nowhere.csv" in panel.sentence, "sentence")
    assert not panel.run_button.isEnabled()
    assert "nowhere.csv" in panel.run_button.toolTip()
    document.undo_stack.undo()
    checks.desk.until(panel.run_button.isEnabled, "run")
    assert panel.run_button.toolTip() == ""


def test_a_failure_is_a_sentence(checks):
    panel = checks.open("range_test")
    checks.use(LBFGS())
    checks.run(panel)
    assert "searches for the length of each step itself" in panel.message.text()
    assert panel.found is None


@of_every_check
def test_tab_goes_from_the_top_to_the_bottom(checks, id):
    panel = checks.run(checks.open(id))
    first, places = QApplication.focusWidget(), []
    while True:
        focused = QApplication.focusWidget()
        places.append(focused.mapTo(panel, focused.rect().topLeft()))
        assert focused.accessibleName() or focused.text()
        press(Qt.Key.Key_Tab)
        if QApplication.focusWidget() is first:
            break
    assert len(places) > 1
    assert places == sorted(places, key=lambda place: (place.y() // 20, place.x()))


@of_every_check
def test_it_is_painted_in_either_theme(checks, qapp, id):
    panel = checks.run(checks.open(id))
    # With room to spare: where the parts fit exactly, a scroll bar may come with the change and stay.
    panel.window().resize(760, 760)
    QApplication.processEvents()
    light = picture(panel)
    theme.apply(qapp, "dark")
    assert picture(panel) != light
    theme.apply(qapp, "light")
    # Its parts are laid out anew, after which the scroll bar goes again.
    wait_until(lambda: picture(panel) == light, "same picture")


def test_the_job_of_the_readme_is_one_file_and_one_line(monkeypatch, qtbot):
    blocks = re.findall(r"```python\n(.+?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (code,) = [block for block in blocks if "CheckPanel" in block]
    module = types.ModuleType("readme_job")
    monkeypatch.setitem(sys.modules, "readme_job", module)
    exec(compile(code, "README.md", "exec"), module.__dict__)
    monkeypatch.setattr("gui.main_window.PANELS", (*PANELS, module.SpeedTestPanel))
    window = MainWindow()
    desk = Desk(window)
    window.show()
    window.start()
    desk.status("ready")
    checks = CheckDesk(desk)
    panel = checks.run(checks.open("speed_test"))
    assert re.fullmatch(r"[\d,]+ steps a second\.", panel.verdict.text())
    assert panel.caption.text() == "Of step 0."
    assert desk.frame.step == 0
    close_without_question(window)
