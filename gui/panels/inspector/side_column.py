"""Beside the network: the sample, the check of its gradients, the update to come, the gradient by layer."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.insight.trace.numeric import NumericCheck
from gui.kit import Card, Choice, ElidedLabel, Label, SectionHeader
from gui.kit.labels import WrappedLabel
from gui.kit.numbers import reading_text
from gui.kit.text import tr
from gui.kit.theme import GRID, caption_font, current, mixed, scaled, set_sizes, text_font

RIGHT, DOUBTFUL = 1e-4, 1e-2
"""Relative errors below which a gradient is right, and from which on it is wrong (CS231n)."""
DOT = 9
NOTHING_CHOSEN = tr("This number: choose one")
NOT_CHECKED = tr("All parameters: not checked")
BATCHES = (("next", tr("with the next batch")), ("sample", tr("with this sample alone")))
BAR_ROW, NAME_SHARE, DECADES = 26, 0.27, 6
MOST_BARS = 24


class Dot(QWidget):
    """Green, amber or red, and nothing while nothing is known; the words beside it say the same."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._error: float | None = None
        set_sizes(self, width=DOT + 2, height=DOT + 2)

    def show_error(self, error: float | None) -> None:
        """The relative error that is judged."""
        self._error = error
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        error = self._error
        colour = theme.line if error is None else theme.error
        if error is not None and error < DOUBTFUL:
            colour = theme.good if error < RIGHT else theme.warning
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QRectF(1, 1, scaled(DOT), scaled(DOT)))
        painter.end()


class GradientBars(QWidget):
    """The norm of the gradient of each layer's parameters, on a logarithmic scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._norms: tuple[tuple[str, float], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Gradient by layer"))

    def show_norms(self, norms: Sequence[tuple[str, float]]) -> None:
        """Name and norm of each layer that has parameters, from the first to the last."""
        self._norms = tuple(norms[:MOST_BARS])
        self.setAccessibleDescription("; ".join(f"{name} {reading_text(n)}" for name, n in self._norms))
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(scaled(220), max(len(self._norms), 1) * scaled(BAR_ROW))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = caption_font(tabular=True)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        largest = max((one for _, one in self._norms if math.isfinite(one)), default=0.0)
        name_width = self.width() * NAME_SHARE
        side = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        room = self.width() - name_width - 8 - scaled(58)
        for row, (name, norm) in enumerate(self._norms):
            top = row * scaled(BAR_ROW)
            words = QRectF(0, top, name_width, scaled(BAR_ROW))
            painter.setPen(QColor(theme.muted))
            elided = metrics.elidedText(name, Qt.TextElideMode.ElideRight, words.width())
            painter.drawText(words, side, elided)
            share = 0.0
            if largest > 0 and norm > 0 and math.isfinite(norm):
                share = max(1 + math.log10(norm / largest) / DECADES, 0.02)
            bar = QRectF(name_width + 8, top + 6, room * share, scaled(BAR_ROW) - 12)
            painter.setPen(Qt.PenStyle.NoPen)
            strength = 0.95 if norm == largest else 0.6
            painter.setBrush(QColor(mixed(theme.page, theme.gradient, strength)))
            painter.drawRoundedRect(bar, 3, 3)
            painter.setPen(QColor(theme.muted))
            value = QRectF(bar.right() + 6, top, self.width() - bar.right() - 6, scaled(BAR_ROW))
            painter.drawText(value, side, reading_text(norm))
        painter.end()


class Rows(QWidget):
    """Titles at the left, values at the right; as many lines as are made at first, or fewer.

    whole : values are never cut; where it is narrow, titles take several lines.
    """

    def __init__(self, rows: int, whole: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(GRID + 2)
        self._grid.setColumnStretch(0 if whole else 1, 1)
        self._whole = whole
        self._pairs: list[tuple[Label, ElidedLabel]] = []
        for row in range(rows):
            title = WrappedLabel("", "muted") if whole else Label("", "muted")
            value = ElidedLabel("", "strong")
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            set_sizes(value, font="tabular")
            self._grid.addWidget(title, row, 0)
            self._grid.addWidget(value, row, 1)
            self._pairs.append((title, value))
        self.show_rows(())

    @property
    def texts(self) -> dict[str, str]:
        """What is shown, by title."""
        return {title.text(): value.text() for title, value in self._pairs if title.text()}

    def show_rows(self, rows: Sequence[tuple[str, str]], coloured: int = -1) -> None:
        """Show titles and values. coloured : number of the row in the colour of the loss."""
        for number, (title, value) in enumerate(self._pairs):
            known = number < len(rows)
            title.setText(rows[number][0] if known else "")
            value.setText(rows[number][1] if known else "")
            if self._whole:
                value.ensurePolished()
                value.setMinimumWidth(value.sizeHint().width())
            title.setVisible(known)
            value.setVisible(known)
            quality = "loss" if number == coloured else "strong"
            if value.property("quality") != quality:
                value.setProperty("quality", quality)
                value.style().polish(value)
        self.setVisible(bool(rows))


class SideColumn(QWidget):
    """The four cards. `check_asked`: all parameters are to be checked; `step_wanted`: the update is taken."""

    check_asked = Signal()
    step_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sample_head = SectionHeader(tr("This sample"))
        self.rows = Rows(4)
        self.check_head = SectionHeader(tr("Check"), tr("central differences"))
        self.weight_dot, self.all_dot = Dot(), Dot()
        self.weight_words = WrappedLabel(NOTHING_CHOSEN)
        self.all_words = WrappedLabel(NOT_CHECKED)
        self.check_all = QPushButton(tr("Check all"))
        self.check_all.setProperty("small", True)
        self.check_all.setToolTip(
            tr("Compare the gradient of every parameter for this sample with central differences.")
        )
        self.update_head = SectionHeader(tr("The update to come"))
        self.update_words = WrappedLabel("")
        self.update_words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.update_detail = WrappedLabel("", "muted", caption=True)
        self.losses = Rows(2, whole=True)
        self.batch = Choice(BATCHES, value="next", name=tr("What the step is taken with"))
        self.batch.setWhatsThis(tr("Whether the gradient of the step is of this sample or the next batch."))
        self.take = QPushButton(tr("Take this step"))
        self.take.setWhatsThis(tr("Changes the weights by the update that is shown."))
        self.take.setProperty("small", True)
        self.take_words = WrappedLabel("", "muted", caption=True)
        self.bars_head = SectionHeader(tr("Gradient by layer"), tr("norm, log"))
        self.bars = GradientBars()
        self._parts = (
            _section(self.sample_head, _card(self.rows)),
            _section(
                self.check_head,
                _card(
                    _marked(self.weight_dot, self.weight_words),
                    _marked(self.all_dot, self.all_words),
                    self.check_all,
                ),
            ),
            _section(
                self.update_head,
                _card(
                    self.batch,
                    self.update_words,
                    self.update_detail,
                    self.losses,
                    self.take,
                    self.take_words,
                ),
            ),
            _section(self.bars_head, self.bars),
        )
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(5 * GRID)
        self._grid.setVerticalSpacing(4 * GRID)
        self._columns = 0
        self.set_columns(1)
        self.clear()
        self.check_all.clicked.connect(self.check_asked)
        self.take.clicked.connect(self.step_wanted)

    def set_columns(self, columns: int) -> None:
        """Stand in one column, or in two where there is room for them side by side."""
        if columns == self._columns:
            return
        self._columns = columns
        for number, part in enumerate(self._parts):
            self._grid.removeWidget(part)
            row, column = divmod(number, columns)
            self._grid.addWidget(part, row, column, Qt.AlignmentFlag.AlignTop)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, columns - 1)
        self._grid.setRowStretch(len(self._parts), 1)

    def show_check(self, found: NumericCheck | None, words: str = "") -> None:
        """The numeric gradient of the selected number; `words` where there is none."""
        self.weight_dot.show_error(None if found is None or found.kink else found.relative_error)
        if found is None:
            self.weight_words.setText(words or NOTHING_CHOSEN)
        elif found.kink:
            self.weight_words.setText(tr("This number: the loss has a corner here"))
        else:
            words = "This number: numeric {numeric}, relative error {error}"
            numeric, error = reading_text(found.numeric, 4), f"{found.relative_error:.0e}"
            self.weight_words.setText(tr(words, numeric=numeric, error=error))

    def show_all_checked(self, largest: float | None, words: str) -> None:
        """How all parameters did."""
        self.all_dot.show_error(largest)
        self.all_words.setText(words)

    def clear(self) -> None:
        """Nothing is shown any longer."""
        for head in (self.sample_head, self.update_head):
            head.set_caption("")
        self.rows.show_rows(())
        self.show_check(None)
        self.show_all_checked(None, NOT_CHECKED)
        self.show_update("")
        self.take_words.clear()
        self.take.setEnabled(False)
        self.bars.show_norms(())

    def show_update(self, words: str, detail: str = "", losses: Sequence[tuple[str, str]] = ()) -> None:
        """What becomes of the selected parameter, and of the losses."""
        self.update_words.setText(words)
        self.update_detail.setText(detail)
        self.update_detail.setVisible(bool(detail))
        self.losses.show_rows(losses)


def _card(*widgets: QWidget) -> Card:
    card = Card(padding=3 * GRID)
    for widget in widgets:
        if isinstance(widget, QPushButton):
            card.body.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft)
        else:
            card.body.addWidget(widget)
    return card


def _section(head: QWidget, body: QWidget) -> QWidget:
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2 * GRID)
    for widget in (head, body):
        column.addWidget(widget)
    return part


def _marked(dot: Dot, words: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(2 * GRID)
    top, height = QVBoxLayout(), QFontMetricsF(text_font()).height()
    top.addSpacing(max(int(height - scaled(DOT)) // 2, 0))
    top.addWidget(dot)
    top.addStretch(1)
    row.addLayout(top)
    row.addWidget(words, 1)
    return holder
