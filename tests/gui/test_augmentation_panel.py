"""Augmentation in the training panel: chosen, previewed off the window's thread, refused with a sentence."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea

from engine.data import Dataset, DataSettings, prepare
from engine.data.augmentation.augmenter import Preview, preview
from engine.data.augmentation.geometric import Flip, Rotate, Shift
from engine.data.augmentation.intensity import Noise
from engine.data.augmentation.mixup import Mixup
from engine.data.sources.bundled import Digits, Iris
from engine.errors import UserError
from engine.experiment import Experiment
from engine.insight.run_queries import AugmentationQuery
from engine.layers.reshape import Flatten
from gui.core.messages import Answers, Frame, Prepared
from gui.kit import theme
from gui.kit.colour_maps import picture_of
from gui.panels.setup.augmentation_preview import SampleImages
from gui.panels.setup.sample_numbers import MOST_LINES, lines_of
from gui.panels.setup.target_and_task import target_words
from tests.gui.conftest import picture
from tests.gui.desk import wait_until
from tests.gui.hands import write
from tests.gui.panels.setup.columns import Column

DIGITS = Experiment(data=DataSettings(source=Digits()), layers=(Flatten(),))
IRIS = Experiment(data=DataSettings(source=Iris()))


def augmented(experiment: Experiment, *augmentations) -> Experiment:
    training = experiment.training.replace(augmentation=augmentations)
    return experiment.replace(training=training)


def dataset_of(experiment: Experiment) -> Dataset:
    return prepare(experiment.data, experiment.data.load(), experiment.dtype)


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return dataset_of(DIGITS)


class Panel(Column):
    """The column, and what its preview asks for; `answer_preview` does what the worker does."""

    def __init__(self, qtbot, experiment: Experiment) -> None:
        self.asked: list[AugmentationQuery] = []
        super().__init__(qtbot, experiment)
        self.qtbot = qtbot
        self.training.queries_changed.connect(lambda: self.asked.extend(self.training.queries()))
        self.section.set_open(True)
        QApplication.processEvents()

    @property
    def section(self):
        return self.training.section("Augmentation")

    @property
    def field(self):
        return self.training.section_form("Augmentation").field("augmentation")

    @property
    def preview(self):
        return self.training.preview

    def wait_until_asked(self, times: int = 1) -> AugmentationQuery:
        wait_until(lambda: len(self.asked) >= times, "question")
        return self.asked[-1]

    def answer_preview(self, query: AugmentationQuery) -> Preview:
        made = preview(query.augmentations, dataset_of(self.experiment), seed=query.seed)
        self.training.refresh(Answers(1, 0, {query: made}))
        return made


@pytest.fixture
def panel(qtbot) -> Panel:
    return Panel(qtbot, DIGITS)


def test_one_is_added_and_changed_and_each_is_a_step_to_undo(panel):
    panel.field.add(Shift)
    panel.field.add(Rotate)
    assert panel.experiment.training.augmentation == (Shift(), Rotate())
    panel.field.open_card(1)
    write(panel.field.cards[1].form.field("degrees").figure, "25")
    assert panel.experiment.training.augmentation[1].degrees == 25
    assert panel.document.undo_stack.undoText() == "Change angle of Rotate"
    for left in ((Shift(), Rotate()), (Shift(),), ()):
        panel.undo()
        assert panel.experiment.training.augmentation == left
    panel.redo()
    assert [card.header.name() for card in panel.field.cards] == ["Shift"]


def test_it_can_be_changed_in_mid_run(panel):
    panel.panels.show_frame(Frame(1, "training"))
    panel.field.add(Shift)
    assert panel.experiment.training.augmentation == (Shift(),)
    assert panel.field.cards[0].form.field("height").isEnabled()
    assert panel.field.cards[0].header.button("remove").isVisible()


def test_the_preview_is_asked_for_when_it_is_seen_and_the_list_has_changed(panel):
    assert not panel.preview.isVisible()
    panel.field.add(Shift)
    assert panel.preview.isVisible()
    assert panel.wait_until_asked() == AugmentationQuery((Shift(),), 0)
    for degrees in range(1, 9):
        panel.document.edit(augmented(DIGITS, Rotate(degrees=degrees)), "Change", "key")
    query = panel.wait_until_asked(2)
    assert query.augmentations == (Rotate(degrees=8),)
    # A slider that moves does not ask for each place that it passes.
    assert len(panel.asked) == 2
    panel.preview.others.click()
    assert panel.wait_until_asked(3).seed != query.seed


def test_behind_a_fold_nothing_is_asked_for(panel):
    panel.section.set_open(False)
    panel.document.edit(augmented(DIGITS, Shift()), "Add")
    panel.qtbot.wait(150)
    assert panel.asked == []
    panel.section.set_open(True)
    panel.wait_until_asked()


def test_an_answer_that_came_too_late_is_passed_over(panel):
    panel.field.add(Shift)
    stale = panel.wait_until_asked()
    panel.document.edit(augmented(DIGITS, Flip()), "Change")
    panel.answer_preview(stale)
    assert not panel.preview.images.isVisible()
    panel.answer_preview(panel.wait_until_asked(2))
    assert panel.preview.images.isVisible()
    assert panel.preview.images.accessibleName() == "5 training images, each with 4 augmented versions"


def test_another_run_is_asked_for_anew(panel):
    panel.field.add(Shift)
    panel.wait_until_asked()
    prepared = Prepared(2, panel.experiment, None, dataset_of(panel.experiment), None, 0)
    panel.training.show_prepared(prepared)
    query = panel.wait_until_asked(2)
    panel.training.refresh(Answers(1, 0, {query: preview(query.augmentations, prepared.dataset)}))
    assert not panel.preview.images.isVisible()
    panel.training.clear()
    assert not panel.preview.isVisible()


def test_what_does_not_suit_the_data_is_told_on_its_card(qtbot):
    panel = Panel(qtbot, augmented(IRIS, Noise(), Shift()))
    noise, shift = panel.field.cards
    assert not noise.is_faulty()
    assert shift.is_faulty()
    sentence = "Needs images, which shift is for, found rows of a table. "
    assert shift.message.text() == f"{sentence}Remove this augmentation, or choose other data."
    assert panel.training.message.isHidden()
    assert not panel.preview.isVisible()
    shift.setFocus()
    QTest.mouseClick(shift.header.button("remove"), Qt.MouseButton.LeftButton)
    panel.answer()
    assert not any(card.is_faulty() for card in panel.field.cards)
    assert panel.preview.isVisible()


def test_a_fault_opens_its_section(qtbot):
    column = Column(qtbot, augmented(IRIS, Shift()))
    assert column.training.section("Augmentation").is_open()


def test_numbers_of_a_table_stand_before_and_after(qtbot):
    panel = Panel(qtbot, augmented(IRIS, Noise(std=0.5), Mixup(alpha=10)))
    made = panel.answer_preview(panel.wait_until_asked())
    assert panel.preview.numbers.isVisible()
    assert not panel.preview.images.isVisible()
    lines = panel.preview.numbers.lines()
    assert [line[0] for line in lines][:4] == list(made.names)
    assert float(lines[0][1]) == pytest.approx(made.original[0, 0], rel=1e-3)
    assert float(lines[0][2]) == pytest.approx(made.augmented[0, 0, 0], rel=1e-3)
    assert lines[4][0] == "Target"


def test_of_many_inputs_those_that_change_are_listed():
    count = MOST_LINES + 4
    original = np.arange(count, dtype=float)[None]
    changed = np.repeat(original[:, None], 2, axis=1)
    changed[0, :, -1] += 0.5
    targets = np.array([[0.0, 1.0]])
    made = Preview(
        np.array([0]),
        tuple(f"n{i}" for i in range(count)),
        original,
        changed,
        targets,
        np.repeat(targets[:, None], 2, axis=1),
    )
    lines, left_out = lines_of(made, ("a", "b"))
    assert [line[0] for line in lines] == [*(f"n{i}" for i in range(MOST_LINES - 1)), f"n{count - 1}"]
    assert lines[-1] == ("n11", "11", "11.5", "11.5")
    assert left_out == 4


@pytest.mark.parametrize(
    ("target", "classes", "words"),
    [
        ((0, 1, 0), ("a", "b", "c"), "b"),
        ((0.1, 0.2, 0.7), ("a", "b", "c"), "70% c · b"),
        ((0.25,), ("no", "yes"), "75% no · yes"),
        ((1.0,), ("no", "yes"), "yes"),
        ((3.5,), (), ""),
    ],
)
def test_a_target_in_words(target, classes, words):
    assert target_words(np.array(target), classes) == words


def test_pixels_stay_squares_of_one_colour(qtbot, digits):
    images = SampleImages()
    qtbot.addWidget(images)
    made = preview((Flip(horizontal=1),), digits, count=2)
    images.show_preview(made, digits.classes)
    images.resize(292, images.heightForWidth(292))
    size = images.image_size(292)
    assert (size.width(), size.height()) == (56, 56)
    assert images.versions_shown(292) == 3
    painted = picture(images)
    # The first original begins under the line of titles; away from its edge, 7 × 7 pixels are one cell.
    top, step = 18, 7
    expected = picture_of(made.original[0], theme.LIGHT)
    for row, column in ((1, 2), (3, 4), (6, 5)):
        colours = {
            painted.pixelColor(column * step + x, top + row * step + y).name()
            for x in range(1, step - 1)
            for y in range(1, step - 1)
        }
        assert colours == {expected.pixelColor(column, row).name()}


def test_it_is_said_why_there_can_be_no_preview(panel):
    panel.field.add(Shift)
    query = panel.wait_until_asked()
    panel.answer_preview(query)
    error = UserError("Memory", expected="enough", got="too little", help="Use fewer rows.")
    panel.training.refresh(Answers(1, 0, {}, {query: error}))
    assert panel.preview.message.text() == str(error)
    assert not panel.preview.images.isVisible()


def test_in_the_window_the_worker_answers(desk):
    panels, document = desk.window.panels, desk.window.document
    document.edit(augmented(DIGITS, Shift()), "Change")
    desk.window.setup_column.findChild(QScrollArea).verticalScrollBar().setValue(10_000)
    panels["training"].section("Augmentation").set_open(True)
    images = panels["training"].preview.images
    desk.until(images.isVisible, "preview")
    assert images.accessibleName() == "5 training images, each with 4 augmented versions"
    assert desk.frame.step == 0
