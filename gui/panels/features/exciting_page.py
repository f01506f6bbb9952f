"""The samples that excite a unit most: images with the region it looked at, or lines of a table."""

from collections.abc import Collection
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from engine.errors import UserError
from engine.insight.exciting_samples import ExcitingSamples, RegionsQuery, exciting_samples
from engine.insight.query import Query
from engine.progress import Progress
from engine.training.trainer import Trainer
from gui.core.messages import Answers
from gui.core.run_jobs import RunJob
from gui.kit import Choice, InlineMessage, Label
from gui.kit.indicators import SlimProgress
from gui.kit.numbers import count_text
from gui.kit.text import tr
from gui.kit.theme import GRID, set_sizes
from gui.kit.wrapping import WrappingRow
from gui.panels.base import PanelContext
from gui.panels.features.exciting_tiles import ExcitingTiles
from gui.panels.features.page import Looked, Page


class ExcitingPage(Page):
    """Looks when it comes into sight, for another layer, and when it is asked to."""

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._looked: Looked | None = None
        self._found: ExcitingSamples | None = None
        self._job: RunJob | None = None
        self._asked: tuple[int, str] | None = None
        """Layer and part that were looked through last, or are."""
        self._step = 0
        self.part = Choice(name=tr("Part of the data to look through"))
        self.part.setWhatsThis(tr("The rows among which those that excite the unit most are looked for."))
        self.again, self.cancel = QPushButton(tr("Look again")), QPushButton(tr("Cancel"))
        self.again.setWhatsThis(tr("Looks through the rows again, with the weights of now."))
        self.cancel.setWhatsThis(tr("Stops looking."))
        self.progress, self.message = SlimProgress(), InlineMessage()
        self.progress.setAccessibleName(tr("Most exciting samples, progress"))
        self.caption = Label("", "muted", wrap=True)
        self.images, self.lines = ExcitingTiles(False), ExcitingTiles(True)
        self._build()
        self.part.edited.connect(lambda _: self.search())
        self.again.clicked.connect(lambda _: self.search())
        self.cancel.clicked.connect(self._cancel)
        context.jobs.changed.connect(self._show_progress)
        for tiles in (self.images, self.lines):
            tiles.chosen.connect(self._choose)
            tiles.opened.connect(lambda _: self.inspection_wanted.emit())
        self._show_found()

    @property
    def found(self) -> ExcitingSamples | None:
        """What is shown; None where there is nothing."""
        return self._found

    @property
    def running(self) -> bool:
        """Whether samples are being looked through."""
        return self._job is not None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.images.set_room(event.size().height() * 4 // 5)

    def look_at(self, looked: Looked | None, in_front: bool) -> None:
        before, self._looked = self._looked, looked
        if looked is None:
            self._found, self._asked, self._step = None, None, 0
            self.part.set_options(())
            self._show_found()
            return
        if before is None or before.model is not looked.model:
            self._found, self._asked = None, None
            self._offer(looked)
        if in_front and self._asked != (looked.layer, self.part.value()):
            self.search()
        self._show_found()

    def queries(self) -> Collection[Query[Any]]:
        query = self._query()
        return () if query is None else (query,)

    def _query(self) -> RegionsQuery | None:
        looked, found = self._looked, self._fitting()
        if looked is None or found is None or looked.samples.image_shape is None:
            return None
        height, width, depth = looked.samples.image_shape
        return RegionsQuery(
            found.layer,
            looked.unit,
            found.part,
            tuple(found.indices[looked.unit].tolist()),
            tuple(found.positions[looked.unit].tolist()),
            (height, width, depth),
        )

    def refresh(self, answers: Answers) -> None:
        query = self._query()
        regions = answers.get(query) if query is not None else None
        if regions is not None:
            self.images.show_samples(self._looked, self._fitting(), regions)

    def show_step(self, step: int) -> None:
        if step != self._step:
            self._step = step
            self._show_caption()

    def end_run(self) -> None:
        self._cancel()
        self._found, self._asked = None, None
        self.message.clear()
        self._show_found()

    def forget_pictures(self) -> None:
        self.images.viewport().update()
        self.lines.viewport().update()

    # --- the job -----------------------------------------------------------------------------------------

    def search(self) -> None:
        """Look through the part again, with the weights of now."""
        looked, part = self._looked, self.part.value()
        if looked is None or part is None:
            return
        self._cancel()
        self.message.clear()
        self._asked = looked.layer, part
        layer = looked.layer

        def work(trainer: Trainer, progress: Progress) -> ExcitingSamples:
            return exciting_samples(trainer, layer, part, progress)

        job = self._context.run_jobs.start(
            tr("Most exciting samples"), work, self._take, self._fail, partial(self._end, (layer, part))
        )
        self._job = None if job.ended else job
        self._show_found()

    def _take(self, found: ExcitingSamples) -> None:
        self._job, self._found = None, found
        self._show_found()
        self.wanted.emit()

    def _fail(self, error: UserError) -> None:
        self._job = None
        self.message.show_message(str(error), "error")
        self._show_found()

    def _end(self, asked: tuple[int, str]) -> None:
        # One that another has taken the place of says nothing.
        if self._asked == asked:
            self._job = None
            self._show_found()

    def _cancel(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _choose(self, number: int) -> None:
        looked, found = self._looked, self._fitting()
        if looked is not None and found is not None:
            self.sample_chosen.emit(found.part, int(found.indices[looked.unit, number]))

    # --- what is shown -----------------------------------------------------------------------------------

    def _build(self) -> None:
        set_sizes(self.part, least_width=110)
        for button in (self.again, self.cancel):
            button.setProperty("small", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(WrappingRow((self.part, self.again, self.cancel)))
        layout.addWidget(self.caption)
        layout.addWidget(self.progress)
        layout.addWidget(self.message)
        layout.addWidget(self.images, 1)
        layout.addWidget(self.lines, 1)
        layout.addStretch(0)

    def _offer(self, looked: Looked) -> None:
        titles = {"training": tr("Training"), "validation": tr("Validation")}
        parts = [(part, title) for part, title in titles.items() if looked.samples.count(part)]
        chosen = self.part.value()
        usual = parts[0][0] if parts else None
        self.part.set_options(parts, chosen if chosen in dict(parts) else usual)

    def _fitting(self) -> ExcitingSamples | None:
        """What was found, if it is of the layer that is looked at."""
        looked, found = self._looked, self._found
        return found if looked is not None and found is not None and found.layer == looked.layer else None

    def _show_found(self) -> None:
        looked, found = self._looked, self._fitting()
        of_images = looked is not None and looked.samples.image_shape is not None
        for tiles, shown in ((self.images, of_images), (self.lines, not of_images)):
            tiles.setVisible(shown)
            tiles.show_samples(looked if shown else None, found, None)
            tiles.choose(self._chosen_tile())
        self.again.setVisible(not self.running)
        self.again.setEnabled(looked is not None)
        for widget in (self.cancel, self.progress):
            widget.setVisible(self.running)
        self._show_progress()
        self._show_caption()

    def _chosen_tile(self) -> int:
        looked, found = self._looked, self._fitting()
        if looked is None or found is None or found.part != looked.part:
            return -1
        where = np.flatnonzero(found.indices[looked.unit] == looked.index)
        return int(where[0]) if len(where) else -1

    def _show_progress(self) -> None:
        if self._job is not None:
            self.progress.show_fraction(self._job.fraction)

    def _show_caption(self) -> None:
        looked, found = self._looked, self._fitting()
        if looked is None or found is None:
            self.caption.setText(tr("Looking through the samples.") if self.running else "")
            return
        where = tr("{layer}, unit {unit}", layer=looked.layer_name, unit=count_text(looked.unit + 1))
        text = tr("{where}, at step {step}", where=where, step=count_text(found.step))
        if found.rows < found.of_rows:
            text += tr(
                "; {rows} of {total} samples, evenly spaced",
                rows=count_text(found.rows),
                total=count_text(found.of_rows),
            )
        if found.step < self._step:
            text += tr("; the run is at step {step} now", step=count_text(self._step))
        self.caption.setText(f"{text}.")
