"""Random orders of what a person does, faster than it can be done: in the end everything has to agree.

`python -m tests.end_to_end.orders [--count 500] [--seed 0]` opens, loads, edits, undoes, trains, steps,
stops, resets, saves and cancels in random order, while files and tables take random times to be read. After
each order the window settles, and then screen, worker, document and files have to say the same. Ends with
status 1 at the first that do not, with the order that led there.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from engine.files import journal
from engine.files.atomic import file_state
from engine.files.run_file import load, save, saved_run
from gui.core import opening, preferences, runs, saving
from gui.kit import theme
from gui.main_window import MainWindow
from gui.window.message_boxes import MessageBoxes
from tests.engine.training.runs import dense, experiment, take, trainer
from tests.gui.desk import close_without_question

LONGEST_READING_S = 0.25
SETTLES_WITHIN_S = 60.0
ACTIONS_AN_ORDER = (6, 16)
PRESETS = ("spiral", "xor", "iris", "digits", "digits-autoencoder")


class Order:
    """One window, a folder with files of its own, and a random sequence of actions.

    generator : decides on everything that is random.
    """

    def __init__(self, window: MainWindow, folder: Path, generator: random.Random) -> None:
        self.window, self.folder, self.generator = window, folder, generator
        self.done: list[str] = []
        self.crashes: list[Any] = []
        self.agreed_to_lose: set[Path] = set()
        self.frame: Any = None
        window.session.frame.connect(self._note)
        window.session.crashed.connect(self.crashes.append)
        window.jobs.crashed.connect(self.crashes.append)
        self.files = [folder / "one.gradwright", folder / "two.gradwright"]
        for number, path in enumerate(self.files, start=1):
            run = trainer(experiment([dense(3 + number)], epochs=1_000).replace(name=f"Saved {number}"))
            save(path, saved_run(take(run, 20 * number)))
        self.table = folder / "table.csv"
        self.table.write_text("x,y,kind\n" + "".join(f"{n},{n % 7},{'ab'[n % 2]}\n" for n in range(90)))
        self.steps = {path: self._steps_in(path) for path in self.files}

    def _note(self, frame: Any) -> None:
        self.frame = frame

    def run(self) -> None:
        """Do it, and check; AssertionError where something does not agree."""
        actions: list[Callable[[], None]] = [
            *([self.train] * 4),
            *([self.step] * 3),
            *([self.edit_live, self.edit_layers, self.undo] * 2),
            *(self.redo, self.stop, self.reset, self.new_seed, self.open_file, self.open_table),
            *(self.load_preset, self.save, self.save, self.save_as, self.cancel, self.break_it),
            self.close,
        ]
        for _ in range(self.generator.randint(*ACTIONS_AN_ORDER)):
            action = self.generator.choice(actions)
            self.done.append(action.__name__)
            action()
            QTest.qWait(self.generator.choice((0, 0, 1, 5, 30, 120)))
            if not self.window.isVisible():
                break
        self.wait_for_saves()
        if not self.window.isVisible():
            self.check_files()
            return
        self.settle()
        self.check()
        self.check_saving()

    # --- what a person does --------------------------------------------------------------------------------

    def trigger(self, name: str) -> None:
        if self.window.actions_[name].isEnabled():
            self.window.actions_[name].trigger()

    def train(self) -> None:
        self.trigger("train")

    def step(self) -> None:
        self.trigger(self.generator.choice(("step_batch", "step_epoch")))

    def stop(self) -> None:
        self.trigger("stop")

    def reset(self) -> None:
        self.trigger("reset")

    def new_seed(self) -> None:
        self.trigger("new_seed")

    def undo(self) -> None:
        self.trigger("undo")

    def redo(self) -> None:
        self.trigger("redo")

    def save(self) -> None:
        if self.window.document.path is not None:
            self.trigger("save")

    def save_as(self) -> None:
        self.window.files.save_to(self.generator.choice(self.files))

    def edit_live(self) -> None:
        document = self.window.document
        training = document.experiment.training
        changed = training.replace(batch_size=self.generator.choice((5, 8, 16, 24)))
        document.edit(document.experiment.replace(training=changed), "Batch size", "batch")

    def edit_layers(self) -> None:
        document = self.window.document
        layers = document.experiment.layers
        if layers and self.generator.random() < 0.5:
            document.edit(document.experiment.replace(layers=layers[:-1]), "Delete layer")
        else:
            more = experiment([dense(self.generator.randint(2, 9))]).layers
            document.edit(document.experiment.replace(layers=(*layers, *more)), "Add layer")

    def break_it(self) -> None:
        """An experiment that cannot run: its table is not there."""
        document = self.window.document
        source = experiment(data={"source": {"kind": "csv", "path": str(self.folder / "none.csv")}}).data
        document.edit(document.experiment.replace(data=source), "Choose a table")

    def open_file(self) -> None:
        self.window.files.open(self.generator.choice(self.files))

    def open_table(self) -> None:
        self.window.files.open(self.table)

    def load_preset(self) -> None:
        self.window.files.new_from_preset(self.generator.choice(PRESETS))

    def cancel(self) -> None:
        running = [job for job in self.window.jobs.running if not job.title.startswith(("Saving", "Keeping"))]
        if running:
            self.window.jobs.cancel(self.generator.choice(running))

    def close(self) -> None:
        """Close the window; a person may say no, or save first."""
        self.window.close()

    def answer(self, box: QMessageBox) -> int:
        """Any of the buttons, after a while in which all else goes on."""
        QTest.qWait(self.generator.choice((0, 5, 50, 200)))
        buttons = box.buttons()
        chosen = self.generator.choice(buttons)
        if chosen.text().replace("&", "") == "Replace the file":
            self.agreed_to_lose.update(path for path in self.files if f"“{path.name}”" in box.text())
        chosen.click()
        return int(box.standardButton(chosen).value)

    def choose_file(self, *arguments: object) -> tuple[str, str]:
        """A name to save under, or none."""
        return str(self.generator.choice([*self.files, self.folder / "new.gradwright", ""])), ""

    def wait_for_saves(self) -> None:
        """What was ordered to be saved is saved, also where the window was to be closed."""
        limit = time.monotonic() + SETTLES_WITHIN_S
        while self.window.files.busy and self.window.isVisible():
            assert time.monotonic() < limit, f"still saving: {self._state()}"
            QTest.qWait(5)

    # --- what has to agree ---------------------------------------------------------------------------------

    def settle(self) -> None:
        """Pause, and wait until nothing is under way."""
        session, jobs = self.window.session, self.window.jobs
        if session.goal == "run":
            session.pause()
        limit = time.monotonic() + SETTLES_WITHIN_S
        while not self._settled():
            assert time.monotonic() < limit, f"not settled: {self._state()}"
            if session.goal == "run":
                session.pause()
            session.request_frame()
            QTest.qWait(10)
        assert not [job for job in jobs.running if not job.quiet]

    def _settled(self) -> bool:
        session, frame = self.window.session, self.frame
        busy = session.preparing or session.goal is not None or self.window.files.busy
        if busy or [job for job in self.window.jobs.running if not job.quiet]:
            return False
        if session.problem is not None:
            return frame.status == "invalid"
        return frame.run == session.number and frame.command >= session._command and frame.history is not None

    def _state(self) -> str:
        session = self.window.session
        return (
            f"goal {session.goal}, problem {session.problem}, preparing {session.preparing}, "
            f"frame {self.frame.run} {self.frame.status}, run {session.number}, "
            f"jobs {[job.title for job in self.window.jobs.running]}"
        )

    def check(self) -> None:
        """Document, session, worker and what is on the screen."""
        window, session, worker = self.window, self.window.session, self.window.session.client.worker
        document, shown = window.document, window.document.experiment
        assert not self.crashes, self.crashes[0].traceback
        assert document.run == session.number, "the document has another run than the session"
        assert (document.path.name if document.path else shown.name) in window.windowTitle()
        state = window.transport._status
        if session.problem is not None:
            assert state == "invalid"
            assert not window.actions_["train"].isEnabled() or session.cancelled
            return
        run = worker._run
        assert run is not None, "the worker has no run"
        assert run.number == session.number, "the worker has another run"
        assert run.trainer.experiment == shown, "the worker trains another experiment"
        assert state == worker._status == self.frame.status, (state, worker._status)
        assert (self.frame.step, self.frame.run) == (run.trainer.step, run.number)
        assert window.panels.run == session.number, "the panels show another run"
        assert run.trainer.history.steps.count == run.trainer.step
        assert window.actions_["train"].text() == "Train"
        layers = window.panels["layers"].list.cards
        assert len(layers) == len(shown.layers) + 1, "the cards are of another experiment"

    def check_files(self) -> None:
        """No file has lost steps unasked, and each can be read."""
        for path in self.files:
            if path not in self.agreed_to_lose:
                assert self._steps_in(path) >= self.steps[path], f"{path.name} has lost steps"
            load(path)

    def check_saving(self) -> None:
        """What is saved now is what is on the screen."""
        self.check_files()
        out = self.folder / "out.gradwright"
        self.window.files.save_to(out)
        limit = time.monotonic() + SETTLES_WITHIN_S
        while self.window.document.path != out:
            assert time.monotonic() < limit, "not saved"
            QTest.qWait(5)
        saved = load(out)
        assert saved.experiment == self.window.document.experiment
        step = self.frame.step if self.window.session.ready else 0
        assert (saved.state.numbers["step"] if saved.state else 0) == step
        assert not self.window.document.modified

    @staticmethod
    def _steps_in(path: Path) -> int:
        found = file_state(path)
        return (found.step or 0) if found is not None else 0


def slow(function: Callable[..., Any], generator: random.Random) -> Callable[..., Any]:
    """The same function, after a random wait."""

    def waiting(*arguments: Any) -> Any:
        time.sleep(generator.random() * LONGEST_READING_S * (generator.random() < 0.6))
        return function(*arguments)

    return waiting


def run_orders(count: int, seed: int, application: QApplication) -> int:
    """Run some orders; returns how many of them ended in agreement."""
    reading = random.Random(seed + 1)
    for number in range(count):
        generator = random.Random(seed * 100_003 + number)
        with tempfile.TemporaryDirectory(prefix="gradwright-orders-") as folder, ExitStack() as patches:
            for place, name in ((runs.RunMaker, "_read"), (opening, "load"), (saving, "save")):
                patches.enter_context(patch.object(place, name, slow(getattr(place, name), reading)))
            _run_one(Path(folder), generator, number, application, patches)
    return count


def _run_one(
    folder: Path, generator: random.Random, number: int, application: QApplication, patches: ExitStack
) -> None:
    patches.enter_context(patch.object(MessageBoxes, "show_problem", lambda self, title, error: None))
    window = MainWindow()
    window.resize(1280, 800)
    order = Order(window, folder, generator)
    for place, name, answer in (
        (QMessageBox, "exec", lambda box: order.answer(box)),
        (QFileDialog, "getSaveFileName", order.choose_file),
    ):
        patches.enter_context(patch.object(place, name, answer))
    window.show()
    window.start()
    window.session.set_speed("full")
    try:
        order.run()
    except AssertionError as error:
        raise AssertionError(f"order {number}: {', '.join(order.done)}: {error}") from error
    finally:
        close_without_question(window)
        window.deleteLater()
        application.processEvents()


def main() -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.end_to_end.orders", description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="gradwright-orders-") as folder:
        os.environ[preferences.ENVIRONMENT_VARIABLE] = os.environ[journal.ENVIRONMENT_VARIABLE] = folder
        application = QApplication([])
        theme.apply(application, "light")
        began = time.monotonic()
        try:
            done = run_orders(options.count, options.seed, application)
        except AssertionError as error:
            print(error, file=sys.stderr)
            return 1
        print(f"{done} random orders ended in agreement, {time.monotonic() - began:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
