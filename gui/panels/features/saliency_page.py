"""Which numbers of a sample move a score: saliency and occlusion over an image, bars for the columns."""

import time
from collections.abc import Collection
from typing import Any

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from engine.errors import UserError
from engine.insight.occlusion import Occlusion, occlusion
from engine.insight.query import Query
from engine.insight.saliency import Saliency, SaliencyQuery, Subject
from engine.progress import Progress
from engine.training.trainer import Trainer
from gui.core.messages import Answers
from gui.core.run_jobs import RunJob
from gui.kit import Choice, InlineMessage, Label, NumberField, Range
from gui.kit.indicators import SlimProgress
from gui.kit.text import tr
from gui.kit.theme import GRID, current, scaled, set_sizes
from gui.kit.wrapping import WrappingRow
from gui.panels.base import PanelContext
from gui.panels.features.bars import Bars
from gui.panels.features.page import Looked, Page, TitledPicture
from gui.panels.features.pictures import overlay_picture, strongest
from gui.panels.features.saliency_words import (
    METHODS,
    UNIT,
    bar_texts,
    bar_words,
    occlusion_words,
    options_of,
    score_words,
    unit_words,
)

USUAL_SIDE, USUAL_PATCH = 2, 0.2
"""Of the shorter side of an image: about what hides one stroke."""
LEAST_PAUSE = 8.0
"""How many times as long as an answer took the run goes on before the next one is asked for."""
AROUND = 200
"""Pixels above and below the pictures."""


class SaliencyPage(Page):
    """Saliency follows the run; the occlusion map is computed when it is asked for."""

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._looked: Looked | None = None
        self._found: Saliency | None = None
        self._occluded: tuple[Subject, Occlusion] | None = None
        self._job: RunJob | None = None
        self._training, self._not_before = False, 0.0
        self._asked: SaliencyQuery | None = None
        self.subject = Choice(name=tr("What is explained"))
        self.method = Choice(METHODS, value="gradient", name=tr("Kind of saliency"))
        self.subject.setWhatsThis(tr("The output, or the unit, whose dependence on the input is shown."))
        self.method.setWhatsThis(tr("How the part that each input has in it is measured."))
        side = Range(1, 512, whole=True)
        self.patch = NumberField(side, value=USUAL_SIDE, unit=tr("px"), name=tr("Side of the patch"))
        self.patch.setToolTip(tr("Side of the grey patch that hides a piece of the image."))
        self.occlude, self.cancel = QPushButton(tr("Occlusion map")), QPushButton(tr("Cancel"))
        self.occlude.setToolTip(tr("Predict again with a grey patch at each place of the image."))
        self.progress, self.message = SlimProgress(), InlineMessage()
        self.progress.setAccessibleName(tr("Occlusion map, progress"))
        self.score = Label("", "muted", wrap=True)
        self.original = TitledPicture(tr("Sample"))
        self.saliency, self.occlusion = TitledPicture(tr("Saliency")), TitledPicture(tr("Occlusion"))
        self.bars, self.bar_words = Bars(), Label("", "muted", caption=True, wrap=True)
        self._kinds = QStackedWidget()
        self._build()
        for choice in (self.subject, self.method):
            choice.edited.connect(lambda _: self._ask_anew())
        self.occlude.clicked.connect(self._occlude)
        self.cancel.clicked.connect(self._cancel)
        context.jobs.changed.connect(self._show_progress)
        self._show_state()

    @property
    def running(self) -> bool:
        """Whether an occlusion map is being computed."""
        return self._job is not None

    @property
    def chosen(self) -> Subject:
        """What is to be explained."""
        value, looked = self.subject.value(), self._looked
        if value == UNIT and looked is not None:
            return Subject(looked.layer, looked.unit)
        return Subject(None, value) if isinstance(value, int) else Subject()

    def look_at(self, looked: Looked | None, in_front: bool) -> None:
        before, self._looked = self._looked, looked
        if looked is None:
            self._found = self._occluded = None
            self.subject.set_options(())
            self.method.set_value("gradient")
            self.patch.set_value(USUAL_SIDE)
            self._kinds.setCurrentIndex(0)
            self._show_found()
            return
        if before is None or before.model is not looked.model:
            self._offer(looked)
        if before is None or (before.part, before.index) != (looked.part, looked.index):
            self._found = None
        self.subject.set_option_title(UNIT, unit_words(looked))
        self._kinds.setCurrentIndex(0 if looked.samples.image_shape is not None else 1)
        self._show_found()

    def queries(self) -> Collection[Query[Any]]:
        query = self._query()
        waits = self._training and query == self._asked and time.monotonic() < self._not_before
        return () if query is None or waits else (query,)

    def _query(self) -> SaliencyQuery | None:
        looked = self._looked
        if looked is None:
            return None
        return SaliencyQuery(looked.part, looked.index, self.chosen, self.method.value())

    def refresh(self, answers: Answers) -> None:
        query = self._query()
        if query is not None and query in answers.results:
            self._found, self._asked = answers.get(query), query
            if self._found is not None:
                self._not_before = time.monotonic() + LEAST_PAUSE * self._found.seconds
            self._show_found()

    def set_training(self, training: bool) -> None:
        self._training = training

    def end_run(self) -> None:
        self._cancel()
        self._found = self._occluded = None
        self.message.clear()

    def forget_pictures(self) -> None:
        self._show_found()
        self.bars.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Three squares of one size side by side, with room for what stands above and below them."""
        super().resizeEvent(event)
        width = (event.size().width() - 14 * GRID) // 3
        side = max(min(width, event.size().height() - scaled(AROUND)), 60)
        for titled in (self.original, self.saliency, self.occlusion):
            titled.picture.setMaximumHeight(side)

    # --- occlusion ---------------------------------------------------------------------------------------

    def _occlude(self) -> None:
        looked, subject = self._looked, self.chosen
        if looked is None or self._job is not None:
            return
        self.message.clear()
        part, index, patch = looked.part, looked.index, int(self.patch.value() or 1)

        def work(trainer: Trainer, progress: Progress) -> Occlusion:
            return occlusion(trainer, part, index, subject, patch, progress)

        def done(found: Occlusion) -> None:
            self._job, self._occluded = None, (subject, found)
            self._show_found()
            self._show_state()

        job = self._context.run_jobs.start(tr("Occlusion map"), work, done, self._fail, self._end)
        self._job = None if job.ended else job
        self._show_state()

    def _fail(self, error: UserError) -> None:
        self._job = None
        self.message.show_message(str(error), "error")
        self._show_state()

    def _end(self) -> None:
        self._job = None
        self._show_state()

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    # --- what is shown -----------------------------------------------------------------------------------

    def _build(self) -> None:
        set_sizes(self.subject, least_width=136)
        set_sizes(self.method, least_width=110)
        set_sizes(self.patch, width=60)
        for button in (self.occlude, self.cancel):
            button.setProperty("small", True)
        images, table = QWidget(), QWidget()
        row = QHBoxLayout(images)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3 * GRID)
        for picture in (self.original, self.saliency, self.occlusion):
            row.addWidget(picture, 1)
        column = QVBoxLayout(table)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.bars, 1)
        column.addWidget(self.bar_words)
        column.addStretch(0)
        self._kinds.addWidget(images)
        self._kinds.addWidget(table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(WrappingRow((self.subject, self.method, self.patch, self.occlude, self.cancel)))
        layout.addWidget(self.progress)
        layout.addWidget(self.message)
        layout.addWidget(self.score)
        layout.addWidget(self._kinds, 1)

    def _offer(self, looked: Looked) -> None:
        """What can be explained of this model."""
        options = options_of(looked)
        self.subject.set_options(options, options[0][0])
        shape = looked.samples.image_shape
        if shape is not None:
            self.patch.set_value(max(round(USUAL_PATCH * min(shape[:2])), 1))

    def _ask_anew(self) -> None:
        self._show_found()
        self.wanted.emit()

    def _show_state(self) -> None:
        with_images = self._looked is not None and self._looked.samples.image_shape is not None
        for widget, shown in (
            (self.patch, with_images),
            (self.occlude, with_images and not self.running),
            (self.cancel, self.running),
            (self.progress, self.running),
        ):
            widget.setVisible(shown)
        self._show_progress()

    def _show_progress(self) -> None:
        if self._job is not None:
            self.progress.show_fraction(self._job.fraction)

    def _show_found(self) -> None:
        looked, found = self._looked, self._found
        self._show_state()
        of_unit = self.subject.value() == UNIT
        self.score.setText(score_words(looked, found, of_unit) if looked and found else "")
        if looked is None:
            for titled in (self.original, self.saliency, self.occlusion):
                titled.picture.show_image(None)
                titled.words.setText("")
                titled.scale.show_range(0.0, 0.0)
            self.bars.show_bars((), np.empty(0), ())
            self.bar_words.setText("")
        elif looked.samples.image_shape is not None:
            self._show_images(looked, found)
        elif found is not None:
            self._show_bars(looked, found)

    def _show_images(self, looked: Looked, found: Saliency | None) -> None:
        samples = looked.samples
        image = samples.image(looked.part, looked.index)
        self.original.scale.hide()
        self.original.picture.show_image(samples.picture(looked.part, looked.index), looked.sample_words)
        self.original.words.setText(looked.label)
        shape = samples.image_shape
        if image is None or shape is None:
            return
        if found is not None:
            values = strongest(found.values.reshape(shape))
            largest = float(np.abs(np.nan_to_num(values)).max())
            self._show_map(self.saliency, looked, values / (largest or 1.0), largest)
            self.saliency.words.setText(tr("Blue: a brighter pixel raises the score. Orange: it lowers it."))
        shown = self._occluded
        fits = shown is not None and (shown[1].part, shown[1].index, shown[0]) == (
            looked.part,
            looked.index,
            self.chosen,
        )
        self.occlusion.scale.setVisible(fits)
        if shown is None or not fits:
            self.occlusion.picture.show_image(None)
            self.occlusion.words.setText(tr("Not computed for this yet."))
            return
        drops = shown[1].drops
        largest = float(np.abs(drops).max())
        self._show_map(self.occlusion, looked, drops / (largest or 1.0), largest)
        self.occlusion.words.setText(occlusion_words(shown[1]))

    def _show_map(self, titled: TitledPicture, looked: Looked, values: Any, largest: float) -> None:
        image = looked.samples.image(looked.part, looked.index)
        if image is not None:
            picture = overlay_picture(image, looked.samples.range(), values, current())
            titled.picture.show_image(picture, looked.sample_words)
            titled.scale.show_range(-largest, largest)

    def _show_bars(self, looked: Looked, found: Saliency) -> None:
        self.bars.show_bars(*bar_texts(looked, found))
        self.bar_words.setText(bar_words(self.method.value()))
