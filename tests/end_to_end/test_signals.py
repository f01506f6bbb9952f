"""Requests to end from outside: Ctrl+C in the terminal, the end of a login, a terminal that closes."""

import signal
import sys

import pytest

from engine.files.left_behind import left_behind

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")

REQUESTS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def steps_left_in(folder) -> int:
    """Of the one run that an ended program has left in its journal."""
    (work,) = left_behind(folder / "state" / "journal")
    try:
        return work.step
    finally:
        work.close()


def start_training(start):
    """A program in mid-training, and the step that it has reached."""
    program = start()
    program.until(lambda now: now["status"] == "ready", "ready experiment")
    program.press("space")
    reached = program.until(lambda now: now["status"] == "training" and now["step"] > 20, "training")
    return program, reached["step"]


@pytest.mark.parametrize("request_to_end", REQUESTS)
def test_in_mid_training_the_work_is_kept_and_nothing_is_asked(start, tmp_path, request_to_end):
    program, reached = start_training(start)
    program.process.send_signal(request_to_end)
    assert program.ended() == 128 + request_to_end
    assert steps_left_in(tmp_path) >= reached


def test_a_terminal_that_closes_asks_twice_and_the_work_is_kept_all_the_same(start, tmp_path):
    program, reached = start_training(start)
    program.process.send_signal(signal.SIGHUP)
    program.process.send_signal(signal.SIGHUP)
    assert program.ended() == 128 + signal.SIGHUP
    assert steps_left_in(tmp_path) >= reached


def test_while_a_question_waits_for_an_answer(start, tmp_path):
    program, reached = start_training(start)
    program.press("ctrl+q")
    program.focus("Unsaved work")
    program.process.send_signal(signal.SIGTERM)
    assert program.ended() == 128 + signal.SIGTERM
    assert steps_left_in(tmp_path) >= reached


def test_while_a_large_table_is_read(start, tmp_path):
    table = tmp_path / "large.csv"
    table.write_text(
        "a,b,city,label\n" + "".join(f"{n},{n % 97},c{n % 500},{n % 3}\n" for n in range(9000)) * 60
    )
    program = start(str(table))
    program.until(lambda now: any(name.startswith("Cancel") for name in now["places"]), "a way to cancel")
    program.process.send_signal(signal.SIGTERM)
    assert program.ended() == 128 + signal.SIGTERM


def test_at_rest_there_is_nothing_to_keep(start, tmp_path):
    program = start()
    program.until(lambda now: now["status"] == "ready", "ready experiment")
    program.process.send_signal(signal.SIGHUP)
    assert program.ended() == 128 + signal.SIGHUP
    assert left_behind(tmp_path / "state" / "journal") == []
