"""What a file is at one moment, told from its manifest alone."""

import os
import shutil
from dataclasses import replace

import pytest

from engine.files import atomic as module
from engine.files.atomic import FileState, file_state
from engine.files.run_file import SavedRun, load, save, saved_run
from engine.progress import Cancelled, Progress
from tests.engine.files.archives import SETTINGS, edit_json, parts_of, write_parts, write_run
from tests.engine.training.runs import take, trainer


def test_no_file(tmp_path):
    for path in (tmp_path / "none", tmp_path / "no" / "folder", tmp_path / ("n" * 300), tmp_path / "a\0b"):
        assert file_state(path) is None


def test_what_it_holds(tmp_path):
    state = file_state(write_run(tmp_path / "run.gradwright", steps=15))
    assert (state.content, state.step) == ("run", 15)
    save(tmp_path / "alone.gradwright", SavedRun(SETTINGS))
    state = file_state(tmp_path / "alone.gradwright")
    assert (state.content, state.step) == ("experiment", None)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 and no more", b"{}", bytes(1000), b"PK\x05\x06" + b"\xff" * 18]
)
def test_foreign_and_damaged_files(tmp_path, content):
    path = tmp_path / "foreign.gradwright"
    path.write_bytes(content)
    state = file_state(path)
    assert (state.content, state.step, state.size) == ("foreign", None, len(content))


def test_a_damaged_manifest(tmp_path):
    path = write_run(tmp_path / "run.gradwright")
    parts = parts_of(path)
    for manifest in (b"[" * 5000, edit_json(parts["manifest.json"], state__step=10**30)):
        write_parts(path, parts | {"manifest.json": manifest})
        assert file_state(path).content == "foreign"


def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.gradwright")
    for path in (tmp_path, tmp_path / "pipe.gradwright"):
        assert file_state(path).content == "foreign"


def test_the_other_parts_are_not_unpacked(tmp_path, monkeypatch):
    asked = []
    read = module.read_zip

    def note(stream, where, wanted):
        asked.append(wanted)
        return read(stream, where, wanted)

    monkeypatch.setattr(module, "read_zip", note)
    file_state(write_run(tmp_path / "run.gradwright"))
    assert asked == [("manifest.json",)]


def test_a_save_says_what_it_has_written(tmp_path):
    path = tmp_path / "run.gradwright"
    run = take(trainer(SETTINGS), 15)
    first = save(path, saved_run(run))
    assert first == file_state(path)
    assert first.step == 15
    again = save(path, saved_run(run))
    assert again == file_state(path)
    assert again != first
    assert save(path, SavedRun(SETTINGS)) == file_state(path)


def test_every_change_by_others_is_seen(tmp_path):
    path = write_run(tmp_path / "run.gradwright")
    before = file_state(path)
    assert file_state(path) == before
    copy = shutil.copy2(path, tmp_path / "copy.gradwright")
    os.replace(copy, path)
    assert file_state(path) != before
    before = file_state(path)
    with path.open("r+b") as stream:
        stream.write(b"PK")
    os.utime(path, ns=(before.modified_ns + 1000, before.modified_ns + 1000))
    assert file_state(path) != before


def test_whether_steps_would_be_lost(tmp_path):
    state = FileState(1, 2, 3, 4, "run", 15)
    assert state.holds_more_than(14)
    assert state.holds_more_than(None)
    assert not state.holds_more_than(15)
    assert not replace(state, content="foreign", step=None).holds_more_than(None)


def test_it_can_be_cancelled(tmp_path):
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        file_state(write_run(tmp_path / "run.gradwright"), progress)
    with pytest.raises(Cancelled):
        load(tmp_path / "run.gradwright", progress)
