"""Parts that claim what they do not hold: refused before memory or time goes into them."""

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from engine.files import archive as archives
from engine.files.run_file import load
from tests.engine.files.archives import edit_json, npz, parts_of, refused, write_parts, write_run


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> bytes:
    return write_run(tmp_path_factory.mktemp("whole") / "run.gradwright").read_bytes()


def with_columns(path: Path, header: bytes, numbers: bytes = b"") -> Path:
    """The file, with another array of that header in its history."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(parts_of(path)["history.npz"])) as old,
        zipfile.ZipFile(stream, "w") as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("steps/more.npy", b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header + numbers)
    return write_parts(path, parts_of(path) | {"history.npz": stream.getvalue()})


@pytest.mark.parametrize(
    "header",
    [
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }\n",
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000000000000,), }\n",
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (" + b"1, " * 100 + b"), }\n",
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }\n",
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (0, 1000000000000, 1000000000000), }\n",
        b"{'descr': '<U900000000', 'fortran_order': False, 'shape': (1,), }\n",
        b"{'descr': '|V0', 'fortran_order': False, 'shape': (10000000000,), }\n",
        b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n",
        b"nonsense\n",
    ],
)
def test_an_array_that_claims_more_than_is_there_is_damaged_and_takes_no_memory(whole, tmp_path, header):
    path = tmp_path / "a.gradwright"
    path.write_bytes(whole)
    refused(with_columns(path, header))


def test_arrays_come_back_as_they_were():
    arrays = {
        "plain": np.arange(6.0).reshape(2, 3),
        "turned": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "none": np.empty((0, 3)),
        "single": np.array(3, np.int8),
        "texts": np.array(["a", "größer"]),
        "no texts": np.array([], dtype=np.str_),
    }
    found = archives.unpack_columns(npz(arrays), "here")
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype
        found[name][...] = array  # they can be written to


@pytest.mark.parametrize("step", [10**30, 2**62, 10**400], ids=str)
@pytest.mark.parametrize("place", ["step", "epoch", "position", "optimizer_steps"])
def test_a_count_beyond_all_that_can_be(whole, tmp_path, place, step):
    """A shape of so many rows cannot even be described by NumPy."""
    path = tmp_path / "a.gradwright"
    path.write_bytes(whole)
    parts = parts_of(path)
    changed = edit_json(parts["manifest.json"], **{f"state__{place}": step})
    assert len(refused(write_parts(path, parts | {"manifest.json": changed}))) < 500


def test_a_version_that_is_an_integer_of_four_hundred_digits(whole, tmp_path):
    path = tmp_path / "a.gradwright"
    path.write_bytes(whole)
    parts = parts_of(path)
    for changes in ({"program_version": 10**400}, {"schema_version": 10**400}):
        changed = edit_json(parts["manifest.json"], **changes)
        assert "about 1e400" in refused(write_parts(path, parts | {"manifest.json": changed}))


def test_a_list_of_parts_that_claims_to_be_endless(whole, tmp_path):
    place = whole.rindex(b"PK\x05\x06") + 12
    path = tmp_path / "a.gradwright"
    path.write_bytes(whole[:place] + struct.pack("<L", 2**30) + whole[place + 4 :])
    assert "a list of parts of at most 1 MiB" in refused(path)


@pytest.mark.parametrize("raised", [MemoryError, np._core._exceptions._ArrayMemoryError])
@pytest.mark.parametrize("reader", ["load_tensors", "_read_array", "zipfile.ZipFile", "zipfile.ZipFile.open"])
def test_too_little_memory_is_not_called_damage(whole, tmp_path, monkeypatch, reader, raised):
    def exhausted(*_, **named):
        raise MemoryError if raised is MemoryError else raised((10**9,), np.dtype(float))

    path = tmp_path / "a.gradwright"
    path.write_bytes(whole)
    place, name = archives, reader
    while "." in name:
        first, _, name = name.partition(".")
        place = getattr(place, first)
    monkeypatch.setattr(place, name, exhausted)
    with pytest.raises(MemoryError):
        load(path)


def test_a_name_of_a_part_is_quoted_in_part(whole, tmp_path):
    path = tmp_path / "a.gradwright"
    path.write_bytes(whole)
    history = npz({"x" * 60_000: np.zeros(3)})
    assert len(refused(write_parts(path, parts_of(path) | {"history.npz": history}))) < 500
