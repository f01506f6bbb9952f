"""The tools above the network: which sample, which phase, and the steps through it."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from engine.data import Dataset
from engine.insight.trace.trace import PartName
from engine.layers import Layer
from gui.kit import Choice, Label, NumberField, Range
from gui.kit.numbers import count_text
from gui.kit.text import tr
from gui.kit.theme import GRID, icon, set_sizes
from gui.kit.wrapping import WrappingRow
from gui.panels.inspector.walk import PHASES, Pace, Phase

PHASE_TITLES: dict[Phase, str] = {
    "forward": tr("Forward"),
    "loss": tr("Loss"),
    "backward": tr("Backward"),
    "update": tr("Update"),
}
PHASE_WORDS: dict[Phase, str] = {
    "forward": tr("The sample goes through the layers: each unit computes its value from those before it."),
    "loss": tr("The output is compared with the target: one number says how wrong it is."),
    "backward": tr("The gradients, from the loss back to the first layer, by the chain rule."),
    "update": tr("What the optimizer makes of the gradients: how far each weight moves."),
}
PACES: tuple[tuple[Pace, str], ...] = (
    ("layer", tr("by layer")),
    ("unit", tr("by unit")),
    ("weight", tr("by weight")),
)
SPEEDS_MS = ((1600, tr("Slow")), (700, tr("Medium")), (180, tr("Fast")))
USUAL_MS = 700
PARTS: tuple[tuple[PartName, str], ...] = (
    ("training", tr("training")),
    ("validation", tr("validation")),
    ("test", tr("test")),
)


class SampleTools(QWidget):
    """Which sample: its part, its number from 1, the list by loss, values typed in."""

    sample_chosen = Signal(str, int)
    """Part, and index from 0."""
    list_asked = Signal()
    typing_asked = Signal()
    mode_chosen = Signal(object)
    """The Mode of the trace."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: Mapping[PartName, int] = {}
        self.number = NumberField(allowed=Range(1, 1, whole=True), name=tr("Number of the sample"))
        set_sizes(self.number, width=64)
        self.part = Choice(PARTS, value="training", name=tr("Part of the data"))
        self.part.setWhatsThis(
            tr("Which rows are looked at: those of the training, the validation or the test part.")
        )
        set_sizes(self.part, least_width=104)
        self.by_loss = QPushButton(tr("By loss…"))
        self.by_loss.setToolTip(tr("Choose from a list of samples, the most wrong first."))
        self.type = QPushButton(tr("Type…"))
        self.type.setToolTip(tr("Type the inputs in."))
        self.training = QPushButton(tr("As in training"))
        self.training.setCheckable(True)
        self.training.setToolTip(
            tr("With dropout's masks drawn and the batch's own statistics, as in a training step.")
        )
        self.training.toggled.connect(lambda on: self.mode_chosen.emit("training" if on else "evaluation"))
        for one in (self.by_loss, self.type, self.training):
            one.setProperty("small", True)
            one.setAutoDefault(False)
        label = Label(tr("Sample"), "muted")
        label.setBuddy(self.number)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * GRID)
        for widget in (label, self.number, self.part):
            row.addWidget(widget)
        self.more = QWidget()
        """The two buttons, which may stand in another line."""
        buttons = QHBoxLayout(self.more)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(2 * GRID)
        buttons.addWidget(self.by_loss)
        buttons.addWidget(self.type)
        buttons.addWidget(self.training)
        self.training.hide()
        self.number.edited.connect(lambda _value: self._tell())
        self.part.edited.connect(self._choose_part)
        self.by_loss.clicked.connect(self.list_asked)
        self.type.clicked.connect(self.typing_asked)

    def show_data(self, dataset: Dataset, layers: Sequence[Layer]) -> None:
        """Offer the parts that have samples; and the numbers of training where these are others."""
        counts = {part: dataset.part(part).rows_count for part, _ in PARTS}
        self._counts = counts
        self.training.setVisible(any(layer.as_evaluated() is not layer for layer in layers))
        if not self.training.isVisibleTo(self.more):
            self.training.setChecked(False)
        parts = [one for one in PARTS if counts.get(one[0], 0)]
        self.part.set_options(parts, self.part.value())
        self._set_range()

    def show_sample(self, part: PartName, index: int) -> None:
        """Which one is shown."""
        self.part.set_value(part)
        self._set_range()
        self.number.set_value(index + 1)

    def _set_range(self) -> None:
        count = max(self._counts.get(self.part.value(), 1), 1)
        self.number.set_range(Range(1, count, whole=True))
        self.number.setToolTip(tr("Sample 1 to {count}", count=count_text(count)))

    def _choose_part(self, part: str) -> None:
        self._set_range()
        self.sample_chosen.emit(part, 0)

    def _tell(self) -> None:
        value = self.number.value()
        if value is not None:
            self.sample_chosen.emit(str(self.part.value()), int(value) - 1)


class _Chip(QPushButton):
    """As wide with a tick as without one, so that nothing moves when the phase changes. The last has none."""

    TICK = "✓ "

    def sizeHint(self) -> QSize:
        size = super().sizeHint()
        if not self.text().startswith(self.TICK) and self.text() != PHASE_TITLES[PHASES[-1]]:
            size.setWidth(size.width() + self.fontMetrics().horizontalAdvance(self.TICK))
        return size


class PhaseTools(WrappingRow):
    """Chips for the four phases: a tick at those that are passed, the present one filled."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.chips: dict[Phase, _Chip] = {phase: _Chip(PHASE_TITLES[phase]) for phase in PHASES}
        super().__init__(tuple(self.chips.values()), parent)
        for phase, chip in self.chips.items():
            chip.setProperty("chip", True)
            chip.setWhatsThis(PHASE_WORDS[phase])
            chip.setCheckable(True)
            chip.setAutoDefault(False)
            chip.clicked.connect(lambda _=False, phase=phase: self.chosen.emit(phase))
        self.show_phase("backward")

    def show_phase(self, present: Phase) -> None:
        """Where the walk is."""
        passed = PHASES.index(present)
        for number, phase in enumerate(PHASES):
            chip = self.chips[phase]
            tick = chip.TICK if number < passed else ""
            chip.setText(tick + PHASE_TITLES[phase])
            chip.setChecked(phase == present)
            chip.setAccessibleName(PHASE_TITLES[phase])


class StepTools(QWidget):
    """◀ ▶, play with its speed, and the size of a step."""

    step_asked = Signal(int)
    pace_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.before = _tool("caret-left", tr("Step back"), tr("One step back (Left)"))
        self.after = _tool("caret-right", tr("Step on"), tr("One step on (Right)"))
        self.play = _tool("play", tr("Play"), tr("Play step after step; the menu has the speed."))
        set_sizes(self.play, width=44)
        self.play.setCheckable(True)
        self.play.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        speeds, group = QMenu(self), QActionGroup(self)
        for interval, title in SPEEDS_MS:
            action = speeds.addAction(title)
            action.setCheckable(True)
            action.setChecked(interval == USUAL_MS)
            action.triggered.connect(lambda _=False, interval=interval: self._set_speed(interval))
            group.addAction(action)
        self.speeds = group.actions()
        self.play.setMenu(speeds)
        self.pace = Choice(PACES, value="weight", name=tr("Size of a step"))
        self.pace.setWhatsThis(
            tr("How much one step shows: a weight, a whole unit, or a whole layer at a time.")
        )
        set_sizes(self.pace, least_width=96)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        for widget in (self.before, self.after, self.play, self.pace):
            row.addWidget(widget)
        self._timer = QTimer(self)
        self._timer.timeout.connect(lambda: self.step_asked.emit(1))
        self.before.clicked.connect(lambda: self.step_asked.emit(-1))
        self.after.clicked.connect(lambda: self.step_asked.emit(1))
        self.play.toggled.connect(self._run)
        self._timer.setInterval(USUAL_MS)
        self.pace.edited.connect(self.pace_chosen)

    def stop(self) -> None:
        """Play no longer."""
        self.play.setChecked(False)

    def _set_speed(self, interval_ms: int) -> None:
        self._timer.setInterval(interval_ms)

    def _run(self, on: bool) -> None:
        self.play.setIcon(icon("pause" if on else "play"))
        if on:
            self._timer.start()
        else:
            self._timer.stop()


class InspectorBar(WrappingRow):
    """All tools, in as many lines as they need."""

    def __init__(self, parent: QWidget | None = None) -> None:
        sample, phases, steps = SampleTools(), PhaseTools(), StepTools()
        super().__init__((sample, sample.more, phases, steps), parent)
        self.sample, self.phases, self.steps = sample, phases, steps


def _tool(glyph: str, name: str, tip: str) -> QToolButton:
    made = QToolButton()
    made.setIcon(icon(glyph))
    made.setAccessibleName(name)
    made.setToolTip(tip)
    set_sizes(made, icon=16, width=28, height=28)
    return made
