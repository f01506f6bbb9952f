"""Lesson files: the schema holds for all of them, damage gets a sentence, and their numbers are right."""

import json
import math
from dataclasses import replace
from importlib.resources import files

import pytest

from engine.errors import UserError
from engine.insight.query import Query
from engine.lessons import CHECKS, Lesson, LessonState, NumberQuestion, built_in, typed_number
from engine.lessons.files import from_json, json_schema, read_lesson, to_json, write_lesson
from engine.settings import kind_of
from tests.engine.golden import golden
from tests.engine.training.runs import finish, trainer

LESSONS = built_in()
of_every_lesson = pytest.mark.parametrize("name", LESSONS)
TEXTS = [
    ("0.25", 0.25),
    ("1/4", 0.25),
    ("−1/3", -1 / 3),
    ("3,5", 3.5),
    ("1e-3", 1e-3),
    ("", None),
    ("1/0", None),
    ("two", None),
    ("__import__('os')", None),
    ("1e999", None),
]


@pytest.mark.parametrize(("text", "value"), TEXTS)
def test_numbers_are_typed_as_decimals_or_fractions(text, value):
    assert typed_number(text) == (pytest.approx(value, rel=1e-15) if value is not None else None)


def test_there_are_twelve_at_least_in_order():
    orders = [lesson.order for lesson in LESSONS.values()]
    assert len(LESSONS) >= 12
    assert orders == sorted(set(orders))


@of_every_lesson
def test_it_has_four_to_eight_steps_and_comes_back_equal(name):
    lesson = LESSONS[name]
    assert 4 <= len(lesson.steps) <= 8
    assert lesson.summary.endswith(".")
    assert from_json(to_json(lesson), name) == lesson
    assert all(step.question or step.checks for step in lesson.steps)


def test_the_schema_names_what_a_lesson_has():
    assert set(json_schema()["properties"]) == set(Lesson.model_fields)
    stored = json.loads((files("resources") / "lessons" / "mazur.json").read_text(encoding="utf-8"))
    assert set(stored) <= set(json_schema()["properties"])


def test_every_check_says_what_is_to_be_done():
    kinds = {kind_of(check) for check in CHECKS}
    assert len(kinds) == len(CHECKS)
    for lesson in LESSONS.values():
        for step in lesson.steps:
            assert all(check.sentence.endswith(".") for check in step.checks)


def test_a_run_that_has_not_begun_fulfils_no_check_of_the_run():
    state = LessonState(LESSONS["mazur"].experiment)
    for lesson in LESSONS.values():
        for step in lesson.steps:
            for check in step.checks:
                if check.kind in ("loss_below", "loss_above", "steps", "epochs", "weight", "panel"):
                    assert not check.holds(state)
    assert not issubclass(LessonState, Query)


def broken(**changes):
    values = LESSONS["neuron"].model_dump(mode="json")
    return json.dumps(values | changes)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{", "line 1"),
        ("[]", "something else"),
        ("{}", "something else"),
        (broken(lesson_version=2), "newer"),
        (broken(lesson_version="x"), "version"),
        (broken(steps=[]), "steps"),
        (broken(surprise=1), "surprise"),
        (broken(weights={"Output": {"weight": [[1], [1, 2]]}}), "numbers in lists"),
        (broken(weights={"Output": {"weight": ["a"]}}), "numbers in lists"),
        (broken(steps=[{"text": "?", "checks": [{"kind": "python"}]}]), "checks"),
        (broken(experiment={"schema_version": 99}), "newer"),
    ],
)
def test_a_damaged_or_newer_file_gets_a_sentence(text, word):
    with pytest.raises(UserError) as caught:
        from_json(text, "lesson.json")
    assert word.lower() in str(caught.value).lower()


def test_a_file_is_written_and_read(tmp_path):
    path = tmp_path / "mine.gradwright-lesson"
    write_lesson(LESSONS["mazur"], path)
    assert read_lesson(path) == LESSONS["mazur"]


def answers(name):
    """The right numbers of a lesson's questions, in order."""
    return [step.question.answer for step in LESSONS[name].steps if isinstance(step.question, NumberQuestion)]


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def test_numbers_of_the_neuron():
    a = sigmoid(0.5 * 1 + 0.25 * 2)
    gradient = a * a * (1 - a) * 1
    expected = [1, a, a * a / 2, gradient, 0.5 - 0.5 * gradient]
    assert answers("neuron") == pytest.approx(expected, abs=1e-8)


def test_numbers_of_the_chain_are_central_differences():
    def loss(w1, w2):
        return (sigmoid(w2 * sigmoid(w1)) - 1) ** 2 / 2

    h = 1e-5
    first = (loss(0.6 + h, 0.9) - loss(0.6 - h, 0.9)) / (2 * h)
    second = (loss(0.6, 0.9 + h) - loss(0.6, 0.9 - h)) / (2 * h)
    a1 = sigmoid(0.6)
    assert answers("chain") == pytest.approx([a1, sigmoid(0.9 * a1), second, first], abs=1e-8)


def test_numbers_of_the_worked_example_are_the_published_ones():
    """M. Mazur, "A step by step backpropagation example"."""
    published = [0.3775, 0.751365070, 0.298371109, 0.082167041, 0.358916480, 0.149780716]
    assert answers("mazur") == pytest.approx(published, abs=1e-9)
    weights = LESSONS["mazur"].arrays
    # w1, w2 lead into h1 and w3, w4 into h2, so they are columns.
    assert weights["Dense", "weight"].T.ravel().tolist() == [0.15, 0.20, 0.25, 0.30]
    assert weights["Output", "weight"].T.ravel().tolist() == [0.40, 0.45, 0.50, 0.55]


def test_numbers_of_the_simple_network_are_those_of_pytorch():
    case = next(case for case in golden("networks")["cases"] if case["name"] == "first_example")
    assert answers("simple-network") == pytest.approx([10 * 5 + 5 + 5 + 1, case["losses"][9]], abs=1e-9)
    assert LESSONS["simple-network"].arrays["Dense", "weight"].T.tolist() == case["parameters"][0][0]


def test_numbers_of_valley_and_ravine():
    w = 0 - 0.1 * 2 * (0 - 2)
    assert answers("learning-rate") == pytest.approx([4, w, (2 - w) / 2, 0.5, 1])
    steep, flat = 2 * (9 + 9) / 4, 2 * (0.09 + 0.09) / 4
    assert answers("ravine") == pytest.approx([flat, 2 / steep, 1 - 0.2 * flat])


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("vanishing", [0.25**6, math.sqrt(2 / 8)]),
        ("overfitting", [(2 + 1) * 32 + (32 + 1) * 32, 0.01 * 3, 1 / 0.8]),
        ("batch-size", [5, 160 / 4, math.sqrt(16)]),
        ("batch-normalization", [0, math.sqrt(8 / 3), 16]),
        ("convolution", [8 - 3 + 1, 4 * (9 + 1), (64 + 1) * 144, 36]),
        ("autoencoder", [8]),
    ],
)
def test_numbers_of_the_other_lessons(name, numbers):
    assert answers(name) == pytest.approx(numbers, abs=1e-8)


def test_the_ravine_shows_the_loss_over_its_two_weights_and_checks_that_it_is_open():
    steps = LESSONS["ravine"].steps
    assert all("loss_surface" in step.panels for step in (steps[0], *steps[2:]))
    (check,) = steps[0].checks
    state = LessonState(LESSONS["ravine"].experiment)
    assert not check.holds(state)
    assert check.holds(replace(state, panels=frozenset({"loss_surface"})))


def test_a_small_network_overfits_less_than_the_large_one_of_the_lesson():
    lesson = LESSONS["overfitting"]
    units, _, below = lesson.steps[-1].checks
    experiment = lesson.experiment
    assert not units.holds(LessonState(experiment))
    assert finish(trainer(experiment)).evaluate("test").loss > below.value
    for count in (1, 2, 4):
        small = experiment.replace(layers=(experiment.layers[0].replace(units=count),))
        assert units.holds(LessonState(small))
        assert finish(trainer(small)).evaluate("test").loss < below.value
