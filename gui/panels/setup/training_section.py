"""The training section of the setup column: loss, optimizer, batches, regularization, stopping."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from engine.errors import UserError
from engine.experiment import Experiment
from engine.insight.query import Query
from engine.layers.dropout import Dropout
from engine.losses import AUTOMATIC_LOSSES
from engine.settings import Settings
from engine.tasks import Task
from engine.training_settings import Training
from gui.core.locks import LOCKED
from gui.core.messages import Answers, Invalid, Prepared
from gui.kit import Card, InlineMessage, SectionHeader, SliderField, theme
from gui.kit.card_list.settings_card import CardStatus
from gui.kit.form import SettingsForm
from gui.kit.form_fields import field_specs
from gui.kit.form_rows import Item
from gui.kit.layouts import SECTION_SPACING, Disclosure, Row, Stack
from gui.kit.text import tr
from gui.panels.base import Panel, PanelContext, PanelSpec
from gui.panels.setup import edits
from gui.panels.setup.augmentation_preview import AugmentationPreview

_PAIRS = (
    ("optimizer.learning_rate", "schedule", tr("Learning rate")),
    ("optimizer.beta1", "optimizer.beta2", "β₁ · β₂"),
    ("batch_size", "epochs", tr("Batch · epochs")),
    ("l1", "l2", "L1 · L2"),
)
_SHARES = {1: 2, 2: 3}
"""Of the room for fields, what each of a pair gets."""
_LARGEST_SEED = 2**32 - 1
AUTOMATIC = tr("Automatic")
"""What the loss is called that follows from the task."""

_AUGMENTATION = ("training", "augmentation")
"""The place of faults of augmentations; behind it stands the index of the entry, where it is one's."""


class TrainingSection(Panel):
    """Edits `experiment.training`, and the rate of all dropout layers at once.

    What is usual stands at the top; the rest in sections that fold, as the settings themselves say.
    """

    spec = PanelSpec(
        "training",
        tr("Training"),
        "sliders-horizontal",
        "setup",
        tr("Loss, optimizer, batches, regularization and stopping."),
        order=20,
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        document = self._document = context.document
        self._experiment: Experiment = document.experiment
        training = self._experiment.training
        self._message = InlineMessage()
        self._fault: UserError | None = None
        self._form = SettingsForm(training, section="", pairs=_PAIRS)
        _shape_rate_row(self._form)
        self._dropout = _dropout_field()
        self._dropout_row = Row(
            tr("Dropout"), self._dropout, tr("Rate of all dropout layers of the network.")
        )
        self._new_seed = QPushButton(tr("New seed"))
        self._new_seed.setAccessibleName(tr("New seed"))
        self._new_seed.setProperty("small", True)
        self._new_seed.setIcon(theme.icon("dice-five", "muted"))
        theme.set_sizes(self._new_seed, icon=16)
        self._new_seed.setToolTip(tr("Draw other starting weights, another order and other dropout."))
        self._seed_row = Row("", self._new_seed, self._new_seed.toolTip())
        self._fault_of_augmentation = InlineMessage()
        self._preview = AugmentationPreview()
        # What a form of fields cannot hold stands under that of its section.
        below = {
            "Augmentation": (self._fault_of_augmentation, self._preview),
            "More": (self._seed_row,),
        }
        self._section_forms = {name: SettingsForm(training, section=name) for name in Training.sections}
        self._sections = {
            name: Disclosure(tr(name), Stack(form, *below.get(name, ())))
            for name, form in self._section_forms.items()
        }
        card = Card()
        for widget in (self._message, self._form, self._dropout_row, *self._sections.values()):
            card.body.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SECTION_SPACING)
        layout.addWidget(SectionHeader(tr("Training")))
        layout.addWidget(card)
        self._forms = (self._form, *self._section_forms.values())
        for form in self._forms:
            form.changed.connect(self._change)
        for section in self._sections.values():
            section.toggled.connect(self._show_captions)
        self._preview.asked.connect(self.queries_changed)
        self._dropout.edited.connect(self._change_dropout)
        self._new_seed.clicked.connect(self._draw_seed)
        self._message.acted.connect(self._fit_loss)
        self._locked = False
        context.lessons.changed.connect(lambda: self.set_locked(self._locked))
        self.show_experiment(self._experiment)

    @property
    def form(self) -> SettingsForm:
        """Loss, optimizer, batches and penalties."""
        return self._form

    def section(self, name: str) -> Disclosure:
        """One of the parts that fold: "Regularization", "More"."""
        return self._sections[name]

    def section_form(self, name: str) -> SettingsForm:
        """The fields in one of the parts that fold."""
        return self._section_forms[name]

    @property
    def preview(self) -> AugmentationPreview:
        """What augmentation makes of some examples."""
        return self._preview

    @property
    def augmentation_message(self) -> InlineMessage:
        """Why the augmentations as a whole cannot be."""
        return self._fault_of_augmentation

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
        self._preview.show_augmentations(experiment.training.augmentation)
        self._show_captions()
        rate = edits.dropout_rate(experiment)
        self._dropout_row.setVisible(rate is not None)
        if rate is not None:
            self._dropout.set_value(rate)

    def queries(self) -> Collection[Query[Any]]:
        return self._preview.queries()

    def refresh(self, answers: Answers) -> None:
        self._preview.show_answers(answers)

    def show_prepared(self, prepared: Prepared) -> None:
        self._preview.show_prepared(prepared)
        self._name_automatic_loss(prepared.dataset.task)

    def show_problem(self, invalid: Invalid) -> None:
        self._preview.show_prepared(None)
        self._name_automatic_loss(None)

    def clear(self) -> None:
        super().clear()
        self._preview.show_prepared(None)
        self._name_automatic_loss(None)
        self.show_fault(None)

    def _name_automatic_loss(self, task: Task | None) -> None:
        """Say which loss the automatic one is, where the task is known."""
        title = AUTOMATIC
        if task is not None:
            loss = tr(AUTOMATIC_LOSSES[task].heading)
            title = f"{AUTOMATIC} ({loss[0].lower()}{loss[1:]})"
        self._form.field("loss").set_option_title(None, title)

    def concerns(self, error: UserError) -> bool:
        return error.place[:1] == ("training",)

    def show_fault(self, fault: UserError | None) -> None:
        """Say what is wrong with these settings, beside what it concerns; None takes the sentence away."""
        of_augmentation = fault is not None and fault.place[:2] == _AUGMENTATION
        self._show_fault_of_augmentation(fault if of_augmentation else None)
        self._fault = fault
        if fault is None or of_augmentation:
            self._message.clear()
            return
        concerns_loss = self._experiment.training.loss is not None
        action = tr("Use the loss that fits") if concerns_loss else ""
        self._message.show_message(
            tr("Needs {expected}, found {got}.", expected=fault.expected, got=fault.got), action=action
        )

    def _show_fault_of_augmentation(self, fault: UserError | None) -> None:
        """On the card of the entry that does not fit, or under the list where none is named."""
        field = self._section_forms["Augmentation"].field("augmentation")
        sentence = (
            ""
            if fault is None
            else tr(
                "Needs {expected}, found {got}. {help}",
                expected=fault.expected,
                got=fault.got,
                help=fault.help,
            )
        )
        named = fault.place[2:] if fault is not None else ()
        entry = named[0] if named and isinstance(named[0], int) else len(field.cards)
        told = [CardStatus(fault=sentence * (place == entry)) for place in range(len(field.cards))]
        field.show_statuses(told)
        self._fault_of_augmentation.show_message("" if entry < len(field.cards) else sentence)
        if fault is not None:
            self._sections["Augmentation"].set_open(True)

    def set_locked(self, locked: bool) -> None:
        """While training, only what may change in mid-run can be changed; in a lesson what it leaves free."""
        self._locked, lessons = locked, self.context.lessons

        def may_change(item: Item) -> bool:
            return (item.live or not locked) and not lessons.reason(f"training.{item.name}")

        for form in self._forms:
            form.set_enabled_fields(may_change, edits.PAUSE_FIRST if locked else LOCKED)
        reason = lessons.reason("training.seed")
        self._seed_row.set_enabled(not (locked or reason), reason or edits.PAUSE_FIRST)
        reason = lessons.reason("network")
        self._dropout_row.set_enabled(not reason, reason)

    def _change(self, training: Settings, path: str) -> None:
        self._document.edit(*edits.change_training(self._experiment, training, path))

    def _show_captions(self) -> None:
        """A folded section says what in it is not as usual."""
        for name, section in self._sections.items():
            section.set_caption("" if section.is_open() else self._section_forms[name].changes())

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
    return SliderField(spec.allowed, value=Dropout().rate, name=tr("Dropout"))
