"""A file that is damaged, foreign or made to do harm gives a sentence that names it, and nothing else."""

import io
import os
import random
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import UserError
from engine.files import archive as archives
from engine.files.run_file import load
from tests.engine.files.archives import npz, open_and_resume, parts_of, refused, write_parts, write_run

PARTS = (
    "experiment.json",
    "parameters.safetensors",
    "state.safetensors",
    "history.npz",
    "preparation.json",
    "manifest.json",
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> bytes:
    return write_run(tmp_path_factory.mktemp("whole") / "run.gradwright").read_bytes()


def only_a_sentence(data: bytes, path: Path) -> bool:
    """True where the file opens all the same; anything raised but a UserError fails the test."""
    path.write_bytes(data)
    sentence = ""
    try:
        open_and_resume(path)
    except UserError as error:
        sentence = str(error)
    assert not sentence or path.name in sentence
    return not sentence


def test_truncated_at_every_length(whole, tmp_path):
    lengths = {*range(0, 64), *range(0, len(whole), 37), *range(len(whole) - 64, len(whole))}
    for length in lengths:
        assert not only_a_sentence(whole[:length], tmp_path / "cut.gradwright"), length


def test_every_region_flipped(whole, tmp_path):
    generator = random.Random(1)
    opened = 0
    for position in range(0, len(whole), 29):
        data = bytearray(whole)
        data[position] ^= 1 << generator.randrange(8)
        opened += only_a_sentence(bytes(data), tmp_path / "flipped.gradwright")
    # What may be flipped unseen is what no reader looks at: times and attributes of the parts.
    assert opened < len(whole) / 29 / 10


@settings(max_examples=150)
@given(data=st.data())
def test_many_bytes_changed(whole, tmp_path_factory, data):
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(changed) - 1))
        changed[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    only_a_sentence(bytes(changed), tmp_path_factory.getbasetemp() / "changed.gradwright")


@settings(max_examples=300)
@given(data=st.data())
def test_parts_changed_behind_an_intact_checksum(whole, tmp_path_factory, data):
    """As above, but inside the parts: every reader gets to see the damage."""
    source = tmp_path_factory.getbasetemp() / "source.gradwright"
    source.write_bytes(whole)
    parts = parts_of(source)
    name = data.draw(st.sampled_from(PARTS))
    changed = bytearray(parts[name])
    for _ in range(data.draw(st.integers(1, 4))):
        # Headers lie in front, and are worth most of the tries.
        last = len(changed) - 1 if data.draw(st.booleans()) else min(300, len(changed) - 1)
        place = data.draw(st.integers(0, max(last, 0)))
        changed[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    target = write_parts(tmp_path_factory.getbasetemp() / "inside.gradwright", parts | {name: bytes(changed)})
    only_a_sentence(target.read_bytes(), target)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "found an empty file"),
        (b"PK\x03\x04 and no more", "found a truncated or damaged archive"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "found a file of another kind"),
        (b'{"schema_version": 1}', "found a file of another kind"),
    ],
)
def test_foreign_bytes(data, found, tmp_path):
    path = tmp_path / "foreign.gradwright"
    path.write_bytes(data)
    assert found in refused(path)


def test_a_zip_of_other_things(tmp_path):
    path = write_parts(tmp_path / "other.gradwright", {"word/document.xml": b"<xml/>"})
    assert "expected a part 'manifest.json', found none" in refused(path)


def test_an_empty_zip(tmp_path):
    assert "expected a part" in refused(write_parts(tmp_path / "none.gradwright", {}))


def test_a_folder_and_nothing(tmp_path):
    (tmp_path / "folder.gradwright").mkdir()
    assert "found a folder" in refused(tmp_path / "folder.gradwright")
    assert "found nothing at this path" in refused(tmp_path / "nothing.gradwright")
    assert "found nothing at this path" in refused(tmp_path / "no" / "folder.gradwright")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.gradwright")
    assert "a pipe, which is no file" in refused(tmp_path / "pipe.gradwright")


@pytest.mark.parametrize("name", PARTS)
def test_a_missing_part(whole, tmp_path, name):
    path = tmp_path / "a.gradwright"
    path.write_bytes(whole)
    parts = parts_of(path)
    del parts[name]
    assert f"a part '{name}'" in refused(write_parts(path, parts))


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("content", [b"", b"\0" * 50, b"[]", b"{}", b"null", b"\xff\xfe\xfa"])
def test_a_part_of_something_else(whole, tmp_path, name, content):
    path = tmp_path / "a.gradwright"
    path.write_bytes(whole)
    sentence = refused(write_parts(path, parts_of(path) | {name: content}))
    # An empty group of fields is an Experiment, if not the one that these parameters are of.
    assert ("parameters" if (name, content) == ("experiment.json", b"{}") else name) in sentence


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_is_there_twice(whole, tmp_path, name):
    path = tmp_path / "a.gradwright"
    path.write_bytes(whole)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, parts_of(path)[name])
    assert f"expected one part '{name}', found two" in refused(path)


def test_strange_names_are_neither_read_nor_written(whole, tmp_path):
    path = tmp_path / "a.gradwright"
    path.write_bytes(whole)
    strange = {
        name: b"evil" for name in ("../../evil", "/tmp/evil", "C:\\evil", "résumé\u202e.json", "a" * 900)
    }
    open_and_resume(write_parts(path, parts_of(path) | strange))
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.gradwright"]


@pytest.mark.parametrize("name", PARTS)
def test_a_zip_bomb(whole, tmp_path, name):
    path = tmp_path / "a.gradwright"
    path.write_bytes(whole)
    bomb = bytes(archives.LARGEST_UNPACKED_BYTES + 1)
    write_parts(path, parts_of(path) | {name: bomb}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1_000_000
    assert f"{name}: expected parts of at most 256 MiB, found one that claims" in refused(path)


def test_a_zip_bomb_that_lies_about_its_size(whole, tmp_path):
    path = tmp_path / "a.gradwright"
    path.write_bytes(whole)
    write_parts(path, parts_of(path) | {"manifest.json": bytes(2**26)}, zipfile.ZIP_DEFLATED)
    data = path.read_bytes()
    claimed = struct.pack("<L", 2**26)
    assert data.count(claimed) == 2
    path.write_bytes(data.replace(claimed, struct.pack("<L", 100)))
    assert "manifest.json: expected an intact part" in refused(path)


def test_a_bomb_inside_the_history(whole, tmp_path):
    path = tmp_path / "a.gradwright"
    path.write_bytes(whole)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(8):
            archive.writestr(f"steps/{number}.npy", bytes(2**26))
    write_parts(path, parts_of(path) | {"history.npz": stream.getvalue()})
    assert "history.npz" in refused(path)
    assert "at most 256 MiB" in refused(path)


def test_parts_that_overlap_to_be_read_again_and_again(whole, tmp_path):
    """A hundred entries that all point to the same stored bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.npy", bytes(100_000))
        first = archive.getinfo("a.npy")
        for number in range(100):
            copy = zipfile.ZipInfo(f"{number}.npy")
            for field in ("file_size", "compress_size", "CRC", "header_offset", "compress_type"):
                setattr(copy, field, getattr(first, field))
            archive.filelist.append(copy)
    path = tmp_path / "a.gradwright"
    path.write_bytes(whole)
    write_parts(path, parts_of(path) | {"history.npz": stream.getvalue()})
    assert "one that claims" in refused(path)


@pytest.mark.parametrize("flag", ["encrypted", "unknown method"])
def test_what_zipfile_cannot_read(whole, tmp_path, flag):
    path = tmp_path / "a.gradwright"
    path.write_bytes(whole)
    data = bytearray(write_parts(path, parts_of(path)).read_bytes())
    place = data.index(b"PK\x01\x02")
    if flag == "encrypted":
        data[place + 8] |= 1
    else:
        data[place + 10] = 99
    path.write_bytes(bytes(data))
    assert "expected an intact part" in refused(path)


def test_pickles_are_not_loaded(whole, tmp_path):
    path = tmp_path / "a.gradwright"
    path.write_bytes(whole)
    objects = npz({"steps/epoch": np.array([{}], dtype=object)}, pickled=True)
    assert "steps/epoch.npy: expected an array in NumPy format" in refused(
        write_parts(path, parts_of(path) | {"history.npz": objects})
    )


def test_an_array_that_claims_to_be_huge(whole, tmp_path):
    path = tmp_path / "a.gradwright"
    path.write_bytes(whole)
    header = (
        b"\x93NUMPY\x01\x00v\x00"
        + f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({10**15},), }}".encode()
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("steps/epoch.npy", header.ljust(127) + b"\n")
    assert "expected an array in NumPy format" in refused(
        write_parts(path, parts_of(path) | {"history.npz": stream.getvalue()})
    )


def test_refusing_changes_nothing(whole, tmp_path):
    path = tmp_path / "a.gradwright"
    path.write_bytes(whole[:-30])
    refused(path)
    assert path.read_bytes() == whole[:-30]
    assert list(tmp_path.iterdir()) == [path]


def test_a_compressed_copy_opens_too(whole, tmp_path):
    """Somebody unpacked the file and packed it again with another program."""
    path = tmp_path / "a.gradwright"
    path.write_bytes(whole)
    write_parts(path, dict(reversed(parts_of(path).items())), zipfile.ZIP_DEFLATED)
    assert load(path).state is not None
    assert open_and_resume(path).step == 15
