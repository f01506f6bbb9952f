"""Each lesson is completed on a real window: read, answer, do what the checks ask for, press Next."""

import pytest

from engine.lessons import MultipleChoice, built_in
from engine.settings import number_text
from gui.core.preferences import preferences
from tests.gui.hands import click, settle, write

CHANGES = {
    "activation": lambda e, c: e.replace(
        layers=tuple(layer.replace(activation={"kind": c.activation}) for layer in e.layers)
    ),
    "layer": lambda e, c: e.replace(layers=(e.layers[0], {"kind": c.layer}, *e.layers[1:])),
    "units": lambda e, c: e.replace(
        layers=(
            *(layer for layer in e.layers[:-1] if not hasattr(layer, "units")),
            e.layers[-1].replace(units=c.most),
        )
    ),
}
"""What a person changes in the network to fulfil a check of a kind."""


def changed(experiment, check):
    """The experiment with the setting that a check asks for."""
    if check.kind in CHANGES:
        return CHANGES[check.kind](experiment, check)
    values = experiment.model_dump(mode="json")
    *groups, name = check.path.split(".")
    if groups[0] == "layers":
        return experiment
    group = values
    for one in groups:
        group = group[one]
    value = check.equals if check.equals is not None else check.least
    if name == "kind":
        group.clear()
    group[name] = {} if check.given else value
    return type(experiment).model_validate(values)


class Pupil:
    """Goes through a lesson as a person does."""

    def __init__(self, desk, name):
        self.desk, self.window = desk, desk.window
        self.panel, self.lessons = desk.window.panels["lesson"], desk.window.context.lessons
        self.begin(name)

    def begin(self, name):
        self.desk.do("lessons")
        list_ = self.window.lessons.list
        button = list_.buttons[name]
        button.setFocus()
        settle()
        click(button)
        self.desk.until(lambda: self.lessons.name == name, "the lesson")
        self.desk.until(lambda: self.window.session.ready, "its run")

    def do_step(self):
        step, panel = self.lessons.step, self.panel
        for place, check in enumerate(step.checks):
            if not self.lessons.fulfilled(place):
                self.fulfil(check)
            self.desk.until(lambda place=place: self.lessons.fulfilled(place), check.sentence)
        self.desk.until(lambda: self.window.session.goal is None or not step.checks, "a pause")
        if isinstance(step.question, MultipleChoice):
            panel.question.options[step.question.answer].click()
        elif step.question is not None:
            write(panel.question.field, number_text(step.question.answer))
        settle()
        assert panel.next.isEnabled(), (step.title, self.lessons.missing())

    def fulfil(self, check):
        if check.kind in ("steps", "weight"):
            for _ in range(getattr(check, "least", 1)):
                done = self.desk.frame.step
                self.desk.do("step_batch")
                self.desk.until(lambda done=done: self.desk.frame.step > done, "a step")
        elif check.kind in ("epochs", "loss_below", "loss_above"):
            self.desk.until(lambda: self.window.session.ready, "a run")
            if check.kind == "loss_above":
                self.desk.do("reset")
                self.desk.until(lambda: self.window.session.ready, "a run from its beginning")
            self.desk.do("speed_full")
            place = self.lessons.step.checks.index(check)
            self.desk.do("train")
            longer = self.trains_on_until_fulfilled if check.kind == "epochs" else self.lessons.fulfilled
            self.desk.until(lambda: longer(place), check.sentence)
            if self.window.session.goal is not None:
                self.desk.do("train")
                self.desk.until(lambda: self.desk.frame.status != "training", "pause")
        else:
            document = self.window.document
            document.edit(changed(document.experiment, check), "What the lesson asks for")
            self.desk.until(lambda: self.window.session.ready, "a run")

    def trains_on_until_fulfilled(self, place):
        """At full speed a run may have come to its end in the step before: Train then trains it longer."""
        fulfilled = self.lessons.fulfilled(place)
        if not fulfilled and self.window.session.goal is None:
            self.desk.do("train")
        return fulfilled


@pytest.mark.parametrize("name", built_in())
def test_it_is_completed_by_clicking_through(desk, name):
    before = desk.window.document.experiment
    pupil = Pupil(desk, name)
    panel, lesson = pupil.panel, built_in()[name]
    assert panel.isVisible()
    for number, step in enumerate(lesson.steps):
        assert panel.header.caption() == f"{number + 1} of {len(lesson.steps)}"
        pupil.do_step()
        if step.question is not None:
            assert panel.question.verdict.text().startswith("✓ right")
        if number < len(lesson.steps) - 1:
            panel.next.click()
    assert panel.done.text()
    assert preferences().flag(f"lessons/finished/{name}", False)
    panel.next.click()
    assert not panel.isVisible()
    assert desk.window.document.experiment == before
