"""At every instant the old file or the new one is whole, whatever ends the writing."""

import contextlib
import errno
import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from engine.errors import UserError
from engine.files import atomic
from engine.files.atomic import check_writable, write_atomically
from engine.files.run_file import load
from tests.engine.files.archives import open_and_resume, write_run

ROOT = Path(__file__).parents[3]

as_root = hasattr(os, "geteuid") and os.geteuid() == 0


def write(path: Path, data: bytes = b"new") -> None:
    write_atomically(path, lambda stream: stream.write(data) and None)


def refused(path: Path, deed=write) -> str:
    """Refused in a sentence that names the place; nothing is left beside it."""
    before = sorted(path.parent.iterdir()) if path.parent.is_dir() else []
    with pytest.raises(UserError) as caught:
        deed(path)
    assert caught.value.help.startswith("Nothing was changed.")
    assert str(path) in str(caught.value)
    assert (sorted(path.parent.iterdir()) if path.parent.is_dir() else []) == before
    return caught.value.got


@pytest.fixture
def old(tmp_path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    return path


def test_writes_and_overwrites(old):
    write(old)
    assert old.read_bytes() == b"new"
    write(old.with_name("another"), b"")
    assert old.with_name("another").read_bytes() == b""
    assert sorted(path.name for path in old.parent.iterdir()) == ["another", "file"]


def test_permissions_are_those_of_the_old_file_or_the_usual_ones(old):
    old.chmod(0o640)
    write(old)
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    mask = os.umask(0o027)
    try:
        write(old.with_name("another"))
    finally:
        os.umask(mask)
    assert stat.S_IMODE(old.with_name("another").stat().st_mode) == 0o640


def test_a_link_stays_a_link(old):
    (old.parent / "elsewhere").mkdir()
    real = old.rename(old.parent / "elsewhere" / "real")
    old.symlink_to(real)
    write(old)
    assert old.is_symlink()
    assert real.read_bytes() == b"new"


def test_the_longest_names_can_be_written(tmp_path):
    path = tmp_path / ("n" * 255)
    write(path)
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("deed", [write, check_writable])
def test_places_that_cannot_be_written_to(deed, old):
    assert refused(old.parent / "no" / "file", deed) == f"no folder '{old.parent / 'no'}'"
    (old.parent / "folder").mkdir()
    assert refused(old.parent / "folder", deed) == "a folder of that name"
    assert refused(old / "below a file", deed) == f"no folder '{old}'"
    assert refused(old.parent / ("n" * 256), write) == "file name too long"
    assert old.read_bytes() == b"old"


@pytest.mark.parametrize("deed", [write, check_writable])
def test_a_read_only_file_stays_as_it_is(deed, old):
    old.chmod(0o444)
    assert refused(old, deed) == "a read-only file"
    assert old.read_bytes() == b"old"


@pytest.mark.skipif(as_root, reason="root may write everywhere")
@pytest.mark.parametrize("deed", [write, check_writable])
def test_a_folder_without_permission(deed, old):
    old.parent.chmod(0o555)
    try:
        assert refused(old, deed) == "permission denied"
    finally:
        old.parent.chmod(0o755)


def test_the_system_pseudo_files_are_no_place():
    if Path("/proc").is_dir():
        assert refused(Path("/proc/run.gradwright"))


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO, errno.EDQUOT])
def test_a_failure_at_any_step(step, number, old, monkeypatch):
    def fail(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(atomic.os, step, fail)
    assert refused(old) == os.strerror(number).lower()
    assert old.read_bytes() == b"old"


def test_a_failure_of_the_writer(old):
    def fail(stream):
        stream.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(old, fail)
    assert old.read_bytes() == b"old"
    assert list(old.parent.iterdir()) == [old]


def test_a_disk_that_cannot_flush_folders_is_no_failure(old, monkeypatch):
    flushed = os.fsync

    def fsync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        flushed(descriptor)

    monkeypatch.setattr(atomic.os, "fsync", fsync)
    write(old)
    assert old.read_bytes() == b"new"


SAVE_IN_A_SMALL_SPACE = """
import resource, sys
from pathlib import Path
from engine.errors import UserError
from engine.files.run_file import load, save
path = Path(sys.argv[1])
run = load(path)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try:
    save(path, run)
except UserError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of a process")
def test_a_save_that_finds_no_room_leaves_the_old_run(tmp_path):
    """Not a pretended failure: the system itself refuses to let the file grow."""
    path = write_run(tmp_path / "run.gradwright")
    before = path.read_bytes()
    result = run_python(SAVE_IN_A_SMALL_SPACE, path)
    assert "run.gradwright: expected a place that can be written to, found file too large" in result.stdout
    assert result.stderr == ""
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


SAVE_AGAIN_AND_AGAIN = """
import dataclasses, sys
from pathlib import Path
from engine.files.run_file import load, save
path = Path(sys.argv[1])
run = load(path)
count = 0
while True:
    print("before a save", flush=True)
    count += 1
    save(path, dataclasses.replace(run, experiment=run.experiment.replace(name=f"save {count}")))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_killed_in_mid_save_at_random_moments(tmp_path):
    path = write_run(tmp_path / "run.gradwright")
    generator = random.Random(3)
    names, torn = set(), 0
    for number in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", SAVE_AGAIN_AND_AGAIN, path], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        begun = []
        for _ in range(2 + number % 3):
            assert process.stdout.readline() == b"before a save\n"
            begun.append(time.monotonic())
        # Anywhere in the saving that has just begun, however long one takes on this machine.
        time.sleep(generator.random() * (begun[-1] - begun[-2]))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        names.add(load(path).experiment.name)
        assert open_and_resume(path).step == 15
        torn += len(list(tmp_path.glob("*.part"))) + len(list(tmp_path.glob(".*.part")))
        for left in tmp_path.glob(".*.part"):
            left.unlink()
    # The test means something only if it has hit savings under way and finished ones.
    assert len(names) > 1
    assert torn > 0


def run_python(code: str, *arguments) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )


@pytest.mark.parametrize(
    ("error", "deed"),
    [
        (FileNotFoundError(0, "no folder 'a'"), "Make the folder first, or choose another place."),
        (OSError(errno.ENOSPC, "No space left on device"), "Free some space, or choose another place."),
        (PermissionError(0, "a read-only file"), "Choose another name or place."),
    ],
)
def test_what_to_do_suits_what_is_the_matter(error, deed, tmp_path, monkeypatch):
    def fail(_):
        raise error

    monkeypatch.setattr(atomic, "_target", fail)
    with pytest.raises(UserError) as caught:
        write(tmp_path / "file")
    assert caught.value.help == f"Nothing was changed. {deed}"


def test_two_files_written_at_once_leave_the_mask_of_permissions_alone(tmp_path, monkeypatch):
    """Reading the mask means setting it: of two threads, one restored what the other had set."""
    both, change = threading.Barrier(2), os.umask
    allowed = []

    def meet(mask):
        found = change(mask)
        if mask != 0o027:
            # Where another thread can be here too, both have set the mask before either restores it.
            with contextlib.suppress(threading.BrokenBarrierError):
                both.wait(0.5)
        return found

    before = change(0o027)
    try:
        monkeypatch.setattr(os, "umask", meet)
        files = [tmp_path / "one", tmp_path / "another"]
        threads = [threading.Thread(target=write_atomically, args=(file, lambda _: None)) for file in files]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        allowed = [stat.S_IMODE(file.stat().st_mode) for file in files]
    finally:
        left = change(before)
    assert (allowed, left) == ([0o640, 0o640], 0o027)
