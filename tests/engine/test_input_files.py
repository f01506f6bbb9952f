"""Whatever stands at a path that a person names, the answer comes at once, and reading can be cancelled."""

import os
import socket
from pathlib import Path

import pytest

from engine import input_files
from engine.errors import UserError
from engine.files.opening import open_run
from engine.input_files import CHUNK_BYTES, EXPERIMENT_FILE, FileKind, open_input, read_input, size_text
from engine.progress import Cancelled, Progress

SMALL = FileKind("a small file", 1000)

pytestmark = pytest.mark.timeout(20)


def refused(path: Path, kind: FileKind = EXPERIMENT_FILE) -> str:
    with pytest.raises(UserError) as caught:
        read_input(path, kind)
    assert str(path) in str(caught.value)
    assert caught.value.help
    return caught.value.got


def test_a_file_is_read(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(range(256)) * 9000)
    assert read_input(path, EXPERIMENT_FILE) == path.read_bytes()
    with open_input(path, EXPERIMENT_FILE) as stream:
        assert stream.read(3) == b"\0\1\2"
        stream.seek(-2, os.SEEK_END)
        assert stream.read() == b"\xfe\xff"


def test_what_is_no_file(tmp_path):
    assert refused(tmp_path) == "a folder"
    assert refused(tmp_path / "none") == "nothing at this path"
    assert refused(Path("/dev/zero")) == "a device, which is no file"
    assert refused(Path("n" * 300)) == "file name too long"
    with pytest.raises(
        UserError, match=r"^a\\x00b: expected a file that can be read, found embedded null byte"
    ):
        read_input(Path("a\0b"), EXPERIMENT_FILE)
    os.mkfifo(tmp_path / "pipe.json")
    assert refused(tmp_path / "pipe.json") == "a pipe, which is no file"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        assert refused(tmp_path / "socket") == "a socket, which is no file"
    (tmp_path / "link").symlink_to(tmp_path / "pipe.json")
    assert refused(tmp_path / "link") == "a pipe, which is no file"


@pytest.mark.parametrize("suffix", [".json", ".gradwright", ".csv", ""])
def test_a_pipe_opened_as_an_experiment_is_not_waited_for(tmp_path, suffix):
    os.mkfifo(tmp_path / f"pipe{suffix}")
    with pytest.raises(UserError):
        open_run(str(tmp_path / f"pipe{suffix}"))


def test_a_device_opened_as_an_experiment_is_not_read():
    with pytest.raises(UserError, match="/dev/zero: expected an experiment, found a device"):
        open_run("/dev/zero")


def test_a_pipe_put_in_the_place_of_a_file_at_the_last_moment(tmp_path, monkeypatch):
    """It is the opened file that counts, and opening it does not wait either."""
    path, stat = tmp_path / "file", os.stat(__file__)
    os.mkfifo(path)
    monkeypatch.setattr(input_files.os, "stat", lambda _: stat)
    assert refused(path) == "a pipe, which is no file"


def test_a_file_beyond_the_limit_is_not_read(tmp_path):
    path = tmp_path / "sparse.json"
    with path.open("wb") as stream:
        stream.truncate(2**31)
    assert refused(path) == "one of 2 GiB"
    with pytest.raises(UserError, match="an experiment of at most 16 MiB, found one of 2 GiB"):
        open_run(str(path))


def test_a_file_that_grows_beyond_the_limit_while_it_is_read(tmp_path):
    path = tmp_path / "growing"
    path.write_bytes(bytes(900))
    with open_input(path, SMALL) as stream:
        assert len(stream.read(10)) == 10
        with path.open("ab") as more:
            more.write(bytes(5 * CHUNK_BYTES))
        with pytest.raises(UserError, match="expected a small file of at most 1000 bytes, found more"):
            stream.read()


def test_reading_is_cancelled_between_two_chunks(tmp_path):
    class Watched(Progress):
        chunks = 0

        def check(self) -> None:
            self.chunks += 1
            if self.chunks == 3:
                self.cancel()
            super().check()

    path, progress = tmp_path / "file", Watched()
    path.write_bytes(bytes(8 * CHUNK_BYTES))
    with pytest.raises(Cancelled):
        read_input(path, EXPERIMENT_FILE, progress)
    assert progress.chunks == 3


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (2**30, "1 GiB")]
)
def test_sizes_as_people_write_them(size, text):
    assert size_text(size) == text
