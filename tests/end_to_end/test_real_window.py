"""A first session on a real window, with real mouse and key events: all that the program is for."""

import os

from engine.files.left_behind import left_behind
from tests.end_to_end.display import display_server
from tests.end_to_end.hands import Program


def test_start_page_train_pause_change_save_close_open_continue(start, tmp_path):
    program = start()
    first = program.until(lambda now: now["status"] == "ready", "ready experiment")
    program.click("Spiral")
    program.until(lambda now: now["run"] != first["run"] and now["status"] == "ready", "another run")
    program.click("Train")
    program.until(lambda now: now["status"] == "training" and now["epochs_done"] >= 3, "training")
    program.press("space")
    paused = program.until(lambda now: now["status"] == "paused", "pause")
    assert paused["step"] > 0
    assert paused["modified"]

    program.click("Learning rate")
    program.press("ctrl+a")
    program.write("3e-3")
    program.press("Return")
    changed = program.until(lambda now: now["marks"], "mark on the plots")
    assert changed["learning_rate"] == 0.003
    assert changed["marks"] == ["learning rate 0.02 → 0.003"]

    path = tmp_path / "first.gradwright"
    program.press("ctrl+s")
    program.focus("Save as")
    program.press("ctrl+a")
    program.write(str(path))
    program.press("Return")
    program.until(lambda now: now["path"] == str(path) and not now["modified"], "saved file")
    saved_step = program.look()["step"]
    program.focus()
    program.press("ctrl+q")
    assert program.ended() == 0
    assert path.stat().st_size > 0

    program = start()
    program.until(lambda now: now["status"] == "ready", "ready experiment")
    program.press("ctrl+o")
    program.focus("Open")
    program.write(str(path))
    program.press("Return")
    opened = program.until(lambda now: now["path"] == str(path) and now["status"] == "paused", "open run")
    assert opened["step"] == opened["history"] == saved_step
    assert opened["learning_rate"] == 0.003
    program.focus()
    program.click("Train")
    program.until(lambda now: now["step"] > saved_step, "continuation")
    program.press("space")
    program.until(lambda now: now["status"] == "paused", "pause")
    program.press("ctrl+s")
    program.until(lambda now: not now["modified"], "saved file")
    program.press("ctrl+q")
    assert program.ended() == 0


def test_closing_in_mid_training_asks_once_and_exits_cleanly(start):
    program = start()
    program.until(lambda now: now["status"] == "ready", "ready experiment")
    program.press("space")
    program.until(lambda now: now["status"] == "training" and now["step"] > 20, "training")
    program.press("ctrl+q")
    program.focus("Unsaved work")
    program.press("Escape")
    program.until(lambda now: len(now["windows"]) == 1, "closed question")
    program.focus()
    program.press("ctrl+q")
    program.focus("Unsaved work")
    program.click("Discard")
    assert program.ended() == 0


def test_a_damaged_file_gets_a_sentence_and_loses_nothing(start, tmp_path):
    broken = tmp_path / "broken.gradwright"
    broken.write_bytes(os.urandom(500))
    program = start(str(broken))
    program.until(lambda now: "Open" in now["windows"], "message")
    program.focus("Open")
    program.press("Escape")
    program.until(lambda now: now["status"] == "ready", "ready experiment")
    program.focus()
    program.press("space")
    program.until(lambda now: now["status"] == "training", "training")
    program.press("ctrl+q")
    program.focus("Unsaved work")
    program.click("Discard")
    assert program.ended() == 0


def test_after_a_kill_the_next_start_offers_the_work_and_goes_on(start, tmp_path):
    program = start()
    program.until(lambda now: now["status"] == "ready", "ready experiment")
    program.press("space")
    program.until(lambda now: list((tmp_path / "state" / "journal").glob("*/run.json")) != [], "kept work")
    killed = program.look()
    program.kill()

    program = start()
    program.focus("Unsaved work")
    program.click("Restore Spiral")
    restored = program.until(lambda now: now["status"] == "paused" and now["step"] > 0, "restored work")
    assert restored["step"] == restored["history"]
    assert restored["modified"]
    assert restored["step"] <= killed["step"] + 1000
    program.focus()
    program.press("space")
    program.until(lambda now: now["step"] > restored["step"], "continuation")
    program.press("ctrl+q")
    program.focus("Unsaved work")
    program.click("Discard")
    assert program.ended() == 0
    assert list((tmp_path / "state" / "journal").iterdir()) == []


def test_a_dead_display_server_loses_no_work(tmp_path):
    """Qt ends the program then without closing the window, as if a person had wanted to discard it."""
    with display_server() as (display, server):
        program = Program(display, tmp_path)
        try:
            program.until(lambda now: now["status"] == "ready", "ready experiment")
            program.press("space")
            program.until(lambda now: list((tmp_path / "state" / "journal").glob("*/run.json")) != [], "note")
            server.kill()
            assert program.process.wait(timeout=60) != 0
        finally:
            program.kill()
    (work,) = left_behind(tmp_path / "state" / "journal")
    assert work.step > 0
    work.close()
