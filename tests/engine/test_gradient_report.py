"""What is said of a gradient check: the verdict, and where the worst number is."""

from dataclasses import replace

import pytest

from engine.insight.gradient_check import ParameterCheck, location, sentence, worst, worst_number

ONE = ParameterCheck(
    layer=0,
    layer_name="Dense",
    parameter="weight",
    term="data",
    checked=106,
    not_zero=100,
    kinks=0,
    largest_error=1e-9,
    worst_index=(1, 3),
    analytic=0.25,
    numeric=0.125,
)


@pytest.mark.parametrize(
    ("index", "text"),
    [((2,), "entry 3"), ((1, 3), "row 2 → column 4"), ((0, 2, 1), "entry (1, 3, 2)")],
)
def test_places_are_counted_from_1_as_units_are(index, text):
    assert location(replace(ONE, worst_index=index)) == text


def test_the_worst_number_in_words():
    assert worst_number(ONE) == (
        "Dense, weight, row 2 → column 4: 0.25 by backpropagation, 0.125 by central differences."
    )
    assert worst_number(replace(ONE, term="penalty")).startswith("Dense, weight, penalty, row 2 → column 4: ")


def test_what_was_not_tested_is_the_worst_only_where_nothing_was():
    untested = replace(ONE, not_zero=0, largest_error=0.5)
    assert worst([untested, ONE]) is ONE
    assert worst([untested]) is untested
    assert worst([]) is None
    assert sentence([untested]).startswith("Nothing tested: ")
    assert sentence([]) == "Nothing to check: the network has no parameters."


def test_the_verdict_is_that_of_the_worst():
    wrong = replace(ONE, largest_error=0.5, layer_name="Output")
    assert sentence([ONE, wrong]) == (
        "Wrong: of 212 numbers checked, the largest relative error is 5.0e-01, in Output, weight."
    )
