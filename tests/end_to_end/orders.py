"""Random orders of what a person does, faster than it can be done: in the end everything has to agree.

`python -m tests.end_to_end.orders [--count 500] [--seed 0] [--first 0]` opens, loads, edits, undoes, trains,
steps, stops, resets, saves and cancels in random order, while files and tables take random times to be read.
After each order the window settles, and then screen, worker, document and files have to say the same. Ends
with status 1 at the first that do not, with the order that led there.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox
from tqdm import tqdm

from engine.files import journal
from gui.core import opening, preferences, runs, saving
from gui.kit import theme
from gui.main_window import MainWindow
from gui.window.dialogs import MessageBoxes
from tests.end_to_end.agreement import Agreement
from tests.engine.training.runs import dense, experiment
from tests.gui.desk import close_without_question

LONGEST_READING_S = 0.25
ACTIONS_AN_ORDER = (6, 16)
PRESETS = ("spiral", "xor", "iris", "digits", "digits-autoencoder")


class Order(Agreement):
    """One window, a folder with files of its own, and a random sequence of actions.

    generator : decides on everything that is random.
    """

    def __init__(self, window: MainWindow, folder: Path, generator: random.Random) -> None:
        super().__init__(window, folder)
        self.generator = generator
        self.done: list[str] = []
        self.table = folder / "table.csv"
        self.table.write_text("x,y,kind\n" + "".join(f"{n},{n % 7},{'ab'[n % 2]}\n" for n in range(90)))

    def run(self) -> None:
        """Do it, and check; AssertionError where something does not agree."""
        actions: list[Callable[[], None]] = [
            *([self.train] * 4),
            *([self.step] * 3),
            *([self.edit_live, self.edit_layers, self.undo] * 2),
            *(self.redo, self.stop, self.reset, self.new_seed, self.open_file, self.open_table),
            *(self.load_preset, self.save, self.save, self.save_as, self.cancel, self.break_it),
            *([self.edit_weight] * 2),
            self.close,
        ]
        for _ in range(self.generator.randint(*ACTIONS_AN_ORDER)):
            action = self.generator.choice(actions)
            self.done.append(action.__name__)
            action()
            QTest.qWait(self.generator.choice((0, 0, 1, 5, 30, 120)))
            if not self.window.isVisible():
                break
        self.check_all()

    def run_in_row(self, commands: Iterable[str]) -> None:
        """Give these commands without a pause between them, and check."""
        self.done = list(commands)
        for name in self.done:
            getattr(self, name)()
        self.check_all()

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

    def edit_weight(self) -> None:
        for name, shape in self.window.session.parameter_shapes(0).items():
            value = self.generator.uniform(-1, 1)
            self.window.context.weights.set(0, name, tuple(0 for _ in shape), value)
            return

    def break_it(self) -> None:
        """An experiment that cannot run: its table is not there."""
        document = self.window.document
        source = experiment(data={"source": {"kind": "csv", "path": str(self.folder / "none.csv")}}).data
        document.edit(document.experiment.replace(data=source), "Choose a table")

    def open_file(self) -> None:
        self.window.files.open(self.generator.choice(self.files))

    def open_table(self) -> None:
        """Open a table, or agree to how the one that is open is read."""
        dialog = self.window.importing.dialog
        if dialog is None:
            self.window.files.open(self.table)
        else:
            dialog.choices.guess.click()
            dialog.use_button.click()

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


def slow(function: Callable[..., Any], generator: random.Random, longest_s: float) -> Callable[..., Any]:
    """The same function, after a random wait."""

    def waiting(*arguments: Any) -> Any:
        time.sleep(generator.random() * longest_s * (generator.random() < 0.6))
        return function(*arguments)

    return waiting


def run_orders(count: int, seed: int, application: QApplication, first: int = 0) -> int:
    """Run some orders, from number `first` on; returns how many of them ended in agreement."""
    for number in tqdm(range(first, first + count), desc="Orders", mininterval=5, disable=count < 20):
        generator = random.Random(seed * 100_003 + number)
        with order_at_work(generator, application) as order:
            try:
                order.run()
            except AssertionError as error:
                raise AssertionError(f"order {number}: {', '.join(order.done)}: {error}") from error
    return count


@contextmanager
def order_at_work(
    generator: random.Random, application: QApplication, longest_reading_s: float = LONGEST_READING_S
) -> Iterator[Order]:
    """An order with a window of its own, whose files take random times to be read and written."""
    reading = random.Random(generator.random())
    with tempfile.TemporaryDirectory(prefix="gradwright-orders-") as folder, ExitStack() as patches:
        # Before the window connects it.
        patches.enter_context(patch.object(MessageBoxes, "show_problem", lambda self, title, error: None))
        window = MainWindow()
        window.resize(1280, 800)
        order = Order(window, Path(folder), generator)
        for place, name in ((runs.RunMaker, "read"), (opening, "load"), (saving, "save")):
            patches.enter_context(
                patch.object(place, name, slow(getattr(place, name), reading, longest_reading_s))
            )
        for place, name, answer in (
            (QMessageBox, "exec", lambda box: order.answer(box)),
            (QFileDialog, "getSaveFileName", order.choose_file),
        ):
            patches.enter_context(patch.object(place, name, answer))
        window.show()
        window.start()
        window.session.set_speed("full")
        try:
            yield order
        finally:
            close_without_question(window)
            window.deleteLater()
            application.processEvents()


def main() -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.end_to_end.orders", description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the order to begin with")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="gradwright-orders-") as folder:
        os.environ[preferences.ENVIRONMENT_VARIABLE] = os.environ[journal.ENVIRONMENT_VARIABLE] = folder
        application = QApplication([])
        theme.apply(application, "light")
        began = time.monotonic()
        try:
            done = run_orders(options.count, options.seed, application, options.first)
        except AssertionError as error:
            print(error, file=sys.stderr)
            return 1
        print(f"{done} random orders ended in agreement, {time.monotonic() - began:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
