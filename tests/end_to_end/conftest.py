"""A virtual display for the tests of a file, and programs that end with the test."""

import pytest

from tests.end_to_end.display import virtual_display
from tests.end_to_end.hands import Program


@pytest.fixture(scope="module")
def display():
    with virtual_display() as name:
        yield name


@pytest.fixture
def start(display, tmp_path):
    """Starts programs, and ends those that a failed test leaves behind."""
    started = []

    def begin(*arguments):
        started.append(Program(display, tmp_path, *arguments))
        return started[-1]

    yield begin
    for program in started:
        program.kill()
