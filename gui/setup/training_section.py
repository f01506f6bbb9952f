"""How the network learns, in the left column: loss, optimizer, batches, penalties, stopping."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from engine.errors import UserError
from engine.experiment import Experiment
from engine.layers.dropout import Dropout
from gui import theme
from gui.document import Document
from gui.form import SettingsForm
from gui.form_fields import field_specs
from gui.setup import edits
from gui.setup.disclosure import Disclosure
from gui.setup.layer_card import PAUSE_FIRST
from gui.setup.rows import SECTION_SPACING, Row, Stack
from gui.widgets import Card, InlineMessage, SectionHeader, SliderField

_LEARNING = ("loss", "optimizer", "schedule", "batch_size", "epochs", "l1", "l2", "clip_norm")
_STOPPING = ("early_stopping", "stop_below")
_SELDOM = ("warmup_steps", "shuffle", "precision", "seed")
_SELDOM_OF_OPTIMIZER = ("epsilon", "amsgrad")
_PAIRS = (
    ("optimizer.learning_rate", "schedule", "Learning rate"),
    ("optimizer.beta1", "optimizer.beta2", "β₁ · β₂"),
    ("batch_size", "epochs", "Batch · epochs"),
    ("l1", "l2", "L1 · L2"),
)
_SHARES = {1: 2, 2: 3}
"""Of the room for fields, what each of a pair gets."""
_LARGEST_SEED = 2**32 - 1


class TrainingSection(QWidget):
    """Edits `experiment.training`, and the rate of all dropout layers at once."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._experiment: Experiment = document.experiment
        training = self._experiment.training
        self._message = InlineMessage()
        self._fault: UserError | None = None
        hidden = [f"optimizer.{name}" for name in _SELDOM_OF_OPTIMIZER]
        self._form = SettingsForm(training, only=_LEARNING, exclude=hidden, pairs=_PAIRS)
        _shape_rate_row(self._form)
        self._dropout = _dropout_field()
        self._dropout_row = Row("Dropout", self._dropout, "Rate of all dropout layers of the network.")
        self._stopping = SettingsForm(training, only=_STOPPING)
        self._fine_points = SettingsForm(training.optimizer, only=_SELDOM_OF_OPTIMIZER)
        self._seldom = SettingsForm(training, only=_SELDOM)
        self._new_seed = QPushButton("New seed")
        self._new_seed.setProperty("small", True)
        self._new_seed.setIcon(theme.icon("dice-five", "muted"))
        self._new_seed.setIconSize(QSize(16, 16))
        self._new_seed.setToolTip("Draw other starting weights, another order and other dropout.")
        self._seed_row = Row("", self._new_seed, self._new_seed.toolTip())
        self._more = Disclosure("More", Stack(self._fine_points, self._seldom, self._seed_row))
        card = Card()
        for widget in (self._message, self._form, self._dropout_row, self._stopping, self._more):
            card.body.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SECTION_SPACING)
        layout.addWidget(SectionHeader("Training"))
        layout.addWidget(card)
        self._forms = (self._form, self._stopping, self._seldom)
        for form in self._forms:
            form.changed.connect(self._change)
        self._fine_points.changed.connect(self._change_optimizer)
        self._dropout.edited.connect(self._change_dropout)
        self._new_seed.clicked.connect(self._draw_seed)
        self._message.acted.connect(self._fit_loss)
        self.show_experiment(self._experiment)

    @property
    def form(self) -> SettingsForm:
        """Loss, optimizer, batches and penalties."""
        return self._form

    @property
    def stopping(self) -> SettingsForm:
        """Early stopping and the loss to stop at."""
        return self._stopping

    @property
    def more(self) -> Disclosure:
        return self._more

    @property
    def seldom(self) -> SettingsForm:
        """The form under "More"."""
        return self._seldom

    @property
    def dropout(self) -> SliderField:
        return self._dropout

    @property
    def new_seed(self) -> QPushButton:
        return self._new_seed

    @property
    def message(self) -> InlineMessage:
        return self._message

    def show_experiment(self, experiment: Experiment) -> None:
        """Show these settings."""
        self._experiment = experiment
        for form in self._forms:
            form.set_value(experiment.training)
        self._fine_points.set_value(experiment.training.optimizer)
        self._fine_points.setVisible(bool(self._fine_points.names()))
        rate = edits.dropout_rate(experiment)
        self._dropout_row.setVisible(rate is not None)
        if rate is not None:
            self._dropout.set_value(rate)

    def show_fault(self, fault: UserError | None) -> None:
        """Say what is wrong with these settings; None takes the sentence away."""
        self._fault = fault
        if fault is None:
            self._message.clear()
            return
        concerns_loss = self._experiment.training.loss is not None
        action = "Use the loss that fits" if concerns_loss else ""
        self._message.show_message(f"Needs {fault.expected}, found {fault.got}.", action=action)

    def set_locked(self, locked: bool) -> None:
        """While training, only what may change in mid-run can be changed."""
        for form in (*self._forms, self._fine_points):
            form.set_enabled_fields((lambda item: item.live) if locked else None, PAUSE_FIRST)
        self._seed_row.set_enabled(not locked, PAUSE_FIRST)

    def _change(self, training: object, path: str) -> None:
        self._document.edit(*edits.change_training(self._experiment, training, path))

    def _change_optimizer(self, optimizer: object, path: str) -> None:
        self._change(self._experiment.training.replace(optimizer=optimizer), f"optimizer.{path}")

    def _change_dropout(self, rate: float) -> None:
        self._document.edit(*edits.change_dropout_rate(self._experiment, rate))

    def _draw_seed(self) -> None:
        # The seed itself is drawn from the system, or nobody would ever get a new one.
        seed = int(np.random.default_rng().integers(_LARGEST_SEED, endpoint=True))
        training = self._experiment.training.replace(seed=seed)
        self._document.edit(*edits.change_training(self._experiment, training, "seed"))

    def _fit_loss(self) -> None:
        training = self._experiment.training.replace(loss=None)
        self._document.edit(*edits.change_training(self._experiment, training, "loss"))


def _shape_rate_row(form: SettingsForm) -> None:
    """Beside the learning rate, room for the words of its schedule; "decay" goes without saying there."""
    grid = form.layout()
    if isinstance(grid, QGridLayout):
        for column, share in _SHARES.items():
            grid.setColumnStretch(column, share)
    schedule = form.field("schedule")
    options = [replace(option, title=option.title.removesuffix(" decay")) for option in schedule.options()]
    schedule.set_options(options, schedule.value())


def _dropout_field() -> SliderField:
    """The rate as a dropout layer declares it."""
    spec = next(spec for spec in field_specs(Dropout) if spec.name == "rate")
    return SliderField(spec.allowed, value=Dropout().rate, name="Dropout")
