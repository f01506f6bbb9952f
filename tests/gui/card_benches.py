"""The two lists of cards, and what a test does with either: layers of the network, settings in a form."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from engine.experiment import Experiment
from engine.layers.activation import Activation
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.settings import Settings, expand_kind
from gui.kit.card_list.card_list import CardList
from gui.kit.form import SettingsForm
from tests.gui.hands import settle
from tests.gui.panels.setup.columns import Column


class Turn(Settings):
    """Turns things around."""

    heading: ClassVar[str] = "Turn"
    kind: Literal["turn"] = "turn"
    angle: float = Field(10, ge=0, le=180, title="Angle")


class Stir(Settings):
    """Mixes things up."""

    heading: ClassVar[str] = "Stir"
    kind: Literal["stir"] = "stir"
    speed: float = Field(1, ge=0, le=9, title="Speed")


class Bake(Settings):
    """Makes things hot."""

    heading: ClassVar[str] = "Bake"
    kind: Literal["bake"] = "bake"
    minutes: float = Field(30, ge=0, title="Minutes")


AnyStep = Annotated[Annotated[Turn | Stir | Bake, Field(discriminator="kind")], BeforeValidator(expand_kind)]


class Recipe(Settings):
    """What is done, in this order."""

    steps: tuple[AnyStep, ...] = Field((Turn(), Stir(), Bake()), title="Steps")


@dataclass
class Bench:
    """A list of three cards, what it stands in, and the entries as the model has them."""

    list: CardList
    around: QWidget
    entries: Callable[[], tuple[Settings, ...]]
    show: Callable[[tuple[Settings, ...]], None]
    lock: Callable[[bool], None]
    adding: Callable[[], QWidget]
    """What is clicked to add an entry behind the others."""
    before: tuple[Settings, ...]

    def card(self, index: int):
        return self.list.cards[index]

    def orders(self) -> tuple[int, ...]:
        """The entries by the places that they had at first."""
        return tuple(self.before.index(entry) for entry in self.entries())

    def check(self) -> None:
        """The cards show the entries, in their order and from top to bottom."""
        settle()
        cards = self.list.cards[: len(self.entries())]
        assert tuple(card.settings for card in cards) == self.entries()
        heights = [card.y() for card in cards]
        assert heights == sorted(heights)


def layer_bench(qtbot) -> Bench:
    layers = (Dense(units=8), Dropout(rate=0.2), Activation())
    column = Column(qtbot, Experiment(layers=layers))

    def show(layers):
        column.document.edit(column.experiment.replace(layers=layers), "Change")

    return Bench(
        column.list,
        column.widget,
        lambda: column.experiment.layers,
        show,
        column.network.set_locked,
        lambda: column.list.strips[-1],
        layers,
    )


def entry_bench(qtbot) -> Bench:
    form = SettingsForm(Recipe())
    qtbot.addWidget(form)
    form.resize(300, 500)
    with qtbot.waitActive(form):
        form.show()
        form.activateWindow()
    QTest.mouseMove(form, QPoint(1, 1))
    settle()

    def lock(locked):
        form.set_enabled_fields((lambda item: False) if locked else None, "Pause first.")

    return Bench(
        form.field("steps"),
        form,
        lambda: form.value().steps,
        lambda steps: form.set_value(Recipe(steps=steps)),
        lock,
        lambda: form.field("steps").add_button,
        Recipe().steps,
    )
