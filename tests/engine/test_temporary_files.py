"""What a killed process leaves behind is removed when the next one writes; what is in use never is."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from engine import temporary_files
from engine.data.sources.csv_file import CSVFile
from engine.files.atomic import check_writable, write_atomically
from engine.temporary_files import MACHINE, remove_left_over_files, temporary_file, temporary_folder

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs locks and SIGKILL")

HOLD_A_FILE = """
import sys
from pathlib import Path
from engine.temporary_files import temporary_file
with temporary_file(Path(sys.argv[1])) as (path, stream):
    stream.write(b"half of it")
    stream.flush()
    print(path, flush=True)
    sys.stdin.read()
"""

HOLD_A_FOLDER = """
import sys
from engine.temporary_files import temporary_folder
with temporary_folder() as path:
    (path / "rows.csv").write_text("1,2")
    print(path, flush=True)
    sys.stdin.read()
"""


class Holder:
    """Another process that uses a temporary file or folder."""

    def __init__(self, code: str, place: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, place],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": str(place)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.path = Path(self._process.stdout.readline().strip())

    def end(self, number: int) -> None:
        self._process.send_signal(number)
        self._process.communicate()


@pytest.fixture
def left_over(tmp_path) -> Path:
    """A temporary file whose process was killed."""
    holder = Holder(HOLD_A_FILE, tmp_path)
    holder.end(signal.SIGKILL)
    assert holder.path.exists()
    return holder.path


@pytest.mark.parametrize(
    "use", [lambda path: write_atomically(path, lambda stream: stream.write(b"new") and None), check_writable]
)
def test_the_next_save_into_the_folder_removes_it(left_over, use):
    use(left_over.parent / "file")
    assert not left_over.exists()
    assert {path.name for path in left_over.parent.iterdir()} <= {"file"}


def test_one_that_is_in_use_stays(tmp_path):
    holder = Holder(HOLD_A_FILE, tmp_path)
    try:
        for number in range(3):
            write_atomically(tmp_path / f"file {number}", lambda stream: None)
            assert holder.path.read_bytes() == b"half of it"
    finally:
        holder.end(signal.SIGTERM)


def test_one_that_this_process_uses_stays(tmp_path):
    with temporary_file(tmp_path) as (path, stream):
        write_atomically(tmp_path / "file", lambda stream: None)
        stream.write(b"more")
        assert path.exists()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file"]


def test_one_of_another_machine_stays_until_it_is_old(left_over, monkeypatch):
    monkeypatch.setattr(temporary_files, "MACHINE", "0" * 8)
    remove_left_over_files(left_over.parent)
    assert left_over.exists()
    long_ago = time.time() - 2 * temporary_files.UNTOUCHED_SECONDS
    os.utime(left_over, (long_ago, long_ago))
    remove_left_over_files(left_over.parent)
    assert not left_over.exists()


def test_one_of_an_early_version_is_as_one_of_another_machine(tmp_path):
    path = tmp_path / ".gradwright-a1b2_3c4.part"
    path.write_bytes(b"half")
    remove_left_over_files(tmp_path)
    assert path.exists()
    os.utime(path, (0, 0))
    remove_left_over_files(tmp_path)
    assert not path.exists()


def test_files_of_other_names_and_kinds_stay(tmp_path):
    name = f".gradwright-{MACHINE}-abcdefgh.part"
    (tmp_path / "elsewhere").write_bytes(b"mine")
    (tmp_path / name).symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / name.replace("abcdefgh", "abcdefgi"))
    (tmp_path / name.replace("abcdefgh", "abcdefgj")).mkdir()
    for other in ("file.part", f"{name}.old", f"x{name}", ".gradwright-notes.part.txt"):
        (tmp_path / other).write_bytes(b"mine")
    before = sorted(path.name for path in tmp_path.iterdir() if path.is_file())
    remove_left_over_files(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == before


def test_a_folder_that_cannot_be_looked_through_is_no_failure(tmp_path):
    remove_left_over_files(tmp_path / "none")


def test_a_file_taken_away_before_it_was_locked_is_made_again(tmp_path, monkeypatch):
    """Another process may find it in the moment between the two."""
    real, made = tempfile.mkstemp, []

    def mkstemp(**named):
        descriptor, path = real(**named)
        made.append(path)
        if len(made) == 1:
            os.unlink(path)
        return descriptor, path

    monkeypatch.setattr(temporary_files.tempfile, "mkstemp", mkstemp)
    write_atomically(tmp_path / "file", lambda stream: stream.write(b"new") and None)
    assert len(made) == 2
    assert (tmp_path / "file").read_bytes() == b"new"


def test_where_there_are_no_locks_nothing_is_removed(left_over, monkeypatch):
    def refuse(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(temporary_files.fcntl, "flock", refuse)
    write_atomically(left_over.parent / "file", lambda stream: None)
    assert left_over.exists()


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """The folder of temporary files, which is empty."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def test_the_folder_of_a_killed_reader_of_tables_is_removed_by_the_next(temporary, tmp_path):
    killed, used = Holder(HOLD_A_FOLDER, temporary), Holder(HOLD_A_FOLDER, temporary)
    try:
        killed.end(signal.SIGKILL)
        assert (killed.path / "rows.csv").exists()
        (temporary / "gradwright-projects").mkdir()
        (tmp_path / "t.csv").write_text("a,b\n1,2\n3,4\n")
        assert CSVFile(path=str(tmp_path / "t.csv")).load().rows == 2
        assert sorted(temporary.iterdir()) == sorted([used.path, temporary / "gradwright-projects"])
    finally:
        used.end(signal.SIGTERM)


def test_a_temporary_folder_is_removed_whatever_ends_its_use(temporary):
    def use() -> None:
        with temporary_folder() as path:
            (path / "deep" / "er").mkdir(parents=True)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        use()
    assert list(temporary.iterdir()) == []


def test_a_folder_that_another_process_removes_before_it_is_locked_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    make, removed = tempfile.mkdtemp, []

    def made_and_removed(*arguments, **options):
        path = make(*arguments, **options)
        if not removed:
            removed.append(path)
            os.rmdir(path)
        return path

    monkeypatch.setattr(tempfile, "mkdtemp", made_and_removed)
    with temporary_folder() as folder:
        assert folder.is_dir()
        assert str(folder) not in removed
    assert removed
