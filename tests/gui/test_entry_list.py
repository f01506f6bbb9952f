"""The field for a list of settings: any registry's, edited in place, by mouse and by keys."""

from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import BeforeValidator, Field, model_validator
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.settings import Settings, expand_kind, hints
from gui.kit.card_list.entry_list import EntryList
from gui.kit.card_list.kind_picker import KindPicker
from gui.kit.card_list.settings_card import CardStatus
from gui.kit.form import SettingsForm
from gui.kit.form_fields import field_specs
from gui.kit.layouts import Disclosure
from tests.gui.conftest import flush_deferred_deletes
from tests.gui.hands import click, press, settle, write

# Without a display a popup can neither be raised nor take the keyboard; it works all the same.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


class Turn(Settings):
    """Turns things around. And more."""

    heading: ClassVar[str] = "Turn"
    sections: ClassVar[tuple[str, ...]] = ("More",)
    icon: ClassVar[str] = "arrow-clockwise"
    kind: Literal["turn"] = "turn"
    angle: float = Field(10, ge=0, le=180, title="Angle", json_schema_extra=hints(unit="°", live=True))
    steps: int = Field(1, ge=1, le=9, title="Steps")
    note: str = Field("", title="Note", json_schema_extra=hints(section="More"))


class Stir(Settings):
    """Mixes things up."""

    heading: ClassVar[str] = "Stir"
    kind: Literal["stir"] = "stir"
    share: float = Field(0.5, ge=0, le=1, title="Rate", json_schema_extra=hints(slider=True, live=True))


AnyDeed = Annotated[Annotated[Turn | Stir, Field(discriminator="kind")], BeforeValidator(expand_kind)]


class Recipe(Settings):
    """What is done, in this order."""

    portions: int = Field(4, ge=1, title="Portions")
    deeds: tuple[AnyDeed, ...] = Field(
        (Turn(), Stir()),
        min_length=1,
        max_length=4,
        title="Deeds",
        description="What is done, from first to last.",
    )

    @model_validator(mode="after")
    def _not_twice_stirred(self) -> "Recipe":
        if self.portions > 9 and any(isinstance(deed, Stir) for deed in self.deeds):
            raise ValueError("no stirring of more than 9 portions")
        return self


class Kitchen:
    """A form of a recipe, and what it gave."""

    def __init__(self, qtbot, recipe: Recipe) -> None:
        self.form = SettingsForm(recipe)
        self.given: list[tuple[Recipe, str]] = []
        self.form.changed.connect(lambda model, path: self.given.append((model, path)))
        qtbot.addWidget(self.form)
        self.form.resize(300, 500)
        with qtbot.waitActive(self.form):
            self.form.show()
            self.form.activateWindow()
        QTest.mouseMove(self.form, QPoint(1, 1))
        settle()

    @property
    def list(self) -> EntryList:
        return self.form.field("deeds")

    @property
    def deeds(self) -> tuple[Settings, ...]:
        return self.form.value().deeds


@pytest.fixture
def kitchen(qtbot) -> Kitchen:
    return Kitchen(qtbot, Recipe())


def test_the_field_is_read_from_the_model():
    spec = next(spec for spec in field_specs(Recipe) if spec.name == "deeds")
    assert (spec.shape, spec.members, spec.least, spec.most) == ("entries", (Turn, Stir), 1, 4)
    assert spec.shown((Turn(), Stir())) == "Turn, Stir"
    assert spec.shown(()) == "none"


def test_each_entry_is_a_line_with_what_matters_of_it(kitchen):
    turn, stir = kitchen.list.cards
    assert (turn.header.name(), turn.header.summary()) == ("Turn", "10°")
    assert (stir.header.name(), stir.header.summary()) == ("Stir", "50\N{NARROW NO-BREAK SPACE}%")
    assert [card.form for card in kitchen.list.cards] == [None, None]
    # The list has the whole width, and its label stands above it.
    assert kitchen.list.y() > kitchen.form.field("portions").y()
    assert kitchen.list.width() == kitchen.form.width()


def test_an_edit_inside_gives_a_new_list_and_names_the_field(kitchen):
    kitchen.list.open_card(0)
    field = kitchen.list.cards[0].form.field("steps")
    field.setText("3")
    field.commit()
    assert kitchen.deeds == (Turn(steps=3), Stir())
    assert kitchen.given == [(kitchen.form.value(), "deeds.0.steps")]
    assert kitchen.list.cards[0].header.summary() == "10° · 3 steps"
    assert kitchen.list.cards[0].is_open()


def test_what_cannot_be_is_told_under_its_field_and_marks_the_card(kitchen):
    kitchen.list.open_card(0)
    card = kitchen.list.cards[0]
    field = card.form.field("angle")
    field.setText("900")
    field.commit()
    assert kitchen.deeds == (Turn(), Stir())
    assert card.is_faulty()
    assert card.form.problems() == ["Angle: needs a number from 0 to 180, found 900."]
    field.setText("90")
    field.commit()
    assert not card.is_faulty()
    assert kitchen.deeds[0].angle == 90


def test_a_list_that_the_model_refuses_is_told_and_stays_as_it_was(kitchen):
    kitchen.form.set_value(Recipe(portions=12, deeds=(Turn(),)))
    kitchen.list.add(Stir)
    assert kitchen.deeds == (Turn(),)
    assert kitchen.given == []
    assert kitchen.form.problems() == ["Deeds: needs no stirring of more than 9 portions."]
    assert len(kitchen.list.cards) == 1
    kitchen.list.add(Turn)
    assert kitchen.form.problems() == []
    assert kitchen.deeds == (Turn(), Turn())


def test_an_entry_is_added_from_the_list_of_kinds_opened_and_in_focus(kitchen):
    kitchen.list.add_button.click()
    picker = kitchen.list.findChild(KindPicker)
    assert [picker.item(row).text() for row in range(picker.count())] == ["Turn", "Stir"]
    assert picker.item(0).toolTip() == "Turns things around."
    press(picker, Qt.Key.Key_Down)
    press(picker, Qt.Key.Key_Return)
    assert kitchen.deeds == (Turn(), Stir(), Stir())
    assert kitchen.given[-1][1] == "deeds"
    assert kitchen.list.cards[2].is_open()
    assert kitchen.list.cards[2].hasFocus()
    assert kitchen.list.add_button.text() == "+ deed"


def test_the_field_says_how_many_there_may_be(kitchen):
    for _ in range(2):
        kitchen.list.add(Turn)
    assert not kitchen.list.add_button.isEnabled()
    assert kitchen.list.add_button.toolTip() == "At most 4."
    press(kitchen.list.cards[0], Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert len(kitchen.deeds) == 4
    for _ in range(3):
        kitchen.list.cards[0].setFocus()
        press(kitchen.list.cards[0], Qt.Key.Key_Delete)
    press(kitchen.list.cards[0], Qt.Key.Key_Delete)
    assert len(kitchen.deeds) == 1
    assert not kitchen.list.cards[0].header.button("remove").isEnabled()
    assert kitchen.list.cards[0].header.button("remove").toolTip() == "At least 1 has to stay."
    assert kitchen.list.add_button.isEnabled()


def test_buttons_do_the_same_and_show_where_the_pointer_or_the_focus_is(kitchen):
    turn, stir = kitchen.list.cards
    assert not turn.header.button("down").isVisible()
    turn.setFocus()
    assert turn.header.button("down").isVisible()
    assert not turn.header.button("up").isEnabled()
    turn.header.button("down").click()
    assert kitchen.deeds == (Stir(), Turn())
    stir.header.button("remove").click()
    assert kitchen.deeds == (Turn(),)


def test_tab_goes_from_top_to_bottom_whatever_was_added_or_moved(kitchen):
    kitchen.list.add(Turn)
    press(kitchen.list.cards[2], Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    kitchen.list.open_card(0)
    settle()
    portions = kitchen.form.field("portions")
    portions.setFocus()
    reached = []
    for _ in range(8):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    one, two, three = kitchen.list.cards
    angle, steps = one.form.field("angle"), one.form.field("steps")
    more = one.findChild(Disclosure).button
    assert reached == [one, angle, steps, more, two, three, kitchen.list.add_button, portions]


def test_what_is_seldom_set_is_behind_a_line(kitchen):
    kitchen.list.open_card(0)
    usual, seldom = kitchen.list.cards[0].forms
    assert (usual.names(), seldom.names()) == (["angle", "steps"], ["note"])
    assert not kitchen.list.cards[0].findChild(Disclosure).is_open()
    settle()
    line = kitchen.list.cards[0].findChild(Disclosure).button
    click(line)
    write(seldom.field("note"), "slowly")
    click(line)
    assert kitchen.deeds[0].note == "slowly"
    kitchen.list.open_card(None)
    # The form of a closed card goes with the next turn of the event loop; a new one shows what was set.
    flush_deferred_deletes()
    kitchen.list.open_card(0)
    assert kitchen.list.cards[0].findChild(Disclosure).is_open()


def test_what_is_being_typed_survives_a_change_elsewhere(kitchen):
    kitchen.list.open_card(1)
    field = kitchen.list.cards[1].form.field("share").figure
    field.setFocus()
    field.setText("0,3")
    kitchen.form.set_value(kitchen.form.value().replace(deeds=(Stir(), Turn())))
    settle()
    assert field.text() == "0,3"
    assert field.hasFocus()
    press(field, Qt.Key.Key_Return)
    assert kitchen.deeds == (Stir(share=0.3), Turn())


def test_locked_it_can_be_looked_at_and_live_fields_can_be_changed(kitchen):
    kitchen.list.open_card(0)
    kitchen.form.set_enabled_fields(lambda item: item.live, "Pause first.")
    card = kitchen.list.cards[0]
    assert not kitchen.list.add_button.isEnabled()
    assert kitchen.list.add_button.toolTip() == "Pause first."
    assert card.form.field("angle").isEnabled()
    assert not card.form.field("steps").isEnabled()
    assert not card.header.button("remove").isVisible()
    card.setFocus()
    press(card, Qt.Key.Key_Delete)
    kitchen.list.open_card(1)
    assert kitchen.list.cards[1].form.field("share").isEnabled()
    assert len(kitchen.deeds) == 2
    kitchen.form.set_enabled_fields(None)
    assert kitchen.list.add_button.isEnabled()


def test_statuses_stand_on_the_cards(kitchen):
    kitchen.list.show_statuses((CardStatus("(8,)"), CardStatus(fault="There is nothing to stir.")))
    turn, stir = kitchen.list.cards
    assert turn.header.note() == "(8,)"
    assert not turn.is_faulty()
    assert stir.is_faulty()
    assert stir.message.text() == stir.accessibleDescription() == "There is nothing to stir."
    assert turn.accessibleName() == "Turn, 10°, (8,), closed"
    kitchen.list.show_statuses(())
    assert not stir.is_faulty()
    assert stir.message.isHidden()
